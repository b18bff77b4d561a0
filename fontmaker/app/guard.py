"""What keeps other pages and other computers away from a page that serves one computer alone."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS = ("127.0.0.1", "localhost")
_SAFE_METHODS = ("GET", "HEAD")
# Nothing from elsewhere, no script in the page itself, no page around it.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "font-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Refuses requests for another host or from another page, and marks all answers.

    A page elsewhere can make a browser send requests here. Under a name of its own that it points
    to this computer (DNS rebinding) the ``Host`` header gives it away; under ours the ``Origin``
    header, which browsers send with every request that could change something.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        refusal = _refusal(scope["method"], Headers(scope=scope))
        answer = self._app if refusal is None else refusal
        await answer(scope, receive, marked)


def _refusal(method: str, headers: Headers) -> JSONResponse | None:
    host = headers.get("host", "")
    if host.partition(":")[0] not in HOSTS:
        return _no(400, "This page is there for its own computer alone, at 127.0.0.1.")
    if method not in _SAFE_METHODS and headers.get("origin") != f"http://{host}":
        return _no(403, "Only the page itself may change something here.")
    return None


def _no(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": {"reason": "refused", "message": message}}, status)
