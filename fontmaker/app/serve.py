"""Serve the page on this computer alone until somebody ends it; nothing is left behind."""

import errno
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fontmaker.app.context import AppContext
from fontmaker.app.session import Sessions
from hangeul_bench.base.errors import UserError

if TYPE_CHECKING:
    import uvicorn

HOST = "127.0.0.1"
_SECONDS_TO_END = 2  # for requests that are being answered


def check_installed() -> None:
    """Raise UserError if the libraries of the extra ``app`` are not there."""
    try:
        import starlette
        import uvicorn
    except ImportError as error:
        raise UserError(
            f"Expected what the page is served with, but {error.name} is not installed; "
            "pip install 'hangeul-bench[app]' brings it."
        ) from None
    del starlette, uvicorn


def listen(port: int) -> socket.socket:
    """A socket of this computer alone.

    Args:
        port: 0 for any that is free.

    Raises:
        UserError: Another program has the port, or only an administrator may use it.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise UserError(
                f"Expected a free port, but another program uses {port}; name one with --port."
            ) from None
        if error.errno == errno.EACCES:
            raise UserError(
                f"No permission for port {port}; name one above 1023 with --port."
            ) from None
        raise
    return listener


def serve(context: AppContext, listener: socket.socket, *, started: Callable[[str], None]) -> None:
    """Serve until Ctrl-C or SIGTERM, then end all work and remove what users left.

    Args:
        context: Who draws and reads.
        listener: See :func:`listen`.
        started: Called with the page's address.
    """
    with tempfile.TemporaryDirectory(prefix="hangeul-bench-app-") as root, _ended_by_sigterm():
        sessions = Sessions(context, Path(root))
        started(f"http://{HOST}:{listener.getsockname()[1]}/")
        try:
            uvicorn_server(sessions).run(sockets=[listener])
        except KeyboardInterrupt:
            pass  # uvicorn raises again, at its end, what ended it
        finally:
            sessions.close()


def uvicorn_server(sessions: Sessions) -> "uvicorn.Server":
    """What answers requests; its ``run(sockets=[...])`` does until it is told to end."""
    import uvicorn

    from fontmaker.app.server import make_server

    return uvicorn.Server(
        uvicorn.Config(
            make_server(sessions),
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws="none",
            timeout_graceful_shutdown=_SECONDS_TO_END,
        )
    )


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """SIGTERM as Ctrl-C; only the main thread may say so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
