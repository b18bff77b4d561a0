"""All visitors: told apart by a secret in a cookie, few at a time, each forgotten after a while."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fontmaker.app.context import Workshop
from fontmaker.app.session import Session
from hangeul_bench.base.errors import UserError

MOST = 16
MAX_IDLE = 2 * 3600.0  # seconds


@dataclass
class _Visit:
    session: Session
    seen: float  # seconds


class Sessions:
    """Finds, opens and ends sessions.

    Args:
        workshop: What all share.
        root: A folder in which each gets one of its own.
        clock: Seconds; another one for tests.
    """

    def __init__(
        self, workshop: Workshop, root: Path, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._workshop, self._root, self._clock = workshop, root, clock
        self._visits: dict[str, _Visit] = {}
        self._closing: list[threading.Thread] = []
        self._lock = threading.Lock()

    def find(self, token: str) -> Session | None:
        """The session of a token, which counts as seen now; None if there is none."""
        with self._lock:
            visit = self._visits.get(token)
            if visit is None:
                return None
            visit.seen = self._clock()
            return visit.session

    def open(self) -> tuple[str, Session]:
        """A new session and its token.

        Raises:
            UserError: There are as many as there may be, and all are drawing.
        """
        with self._lock:
            if len(self._visits) >= MOST:
                self._make_room()
            token = secrets.token_urlsafe(32)
            session = Session(self._workshop, self._root / secrets.token_hex(8))
            self._visits[token] = _Visit(session, self._clock())
            return token, session

    def end(self, token: str) -> None:
        """Forget a session and all that it had."""
        with self._lock:
            visit = self._visits.pop(token, None)
            if visit:
                self._close(visit.session)

    def sweep(self) -> None:
        """Forget those that nobody has asked for in two hours and that draw nothing."""
        with self._lock:
            now = self._clock()
            for token, visit in list(self._visits.items()):
                if now - visit.seen > MAX_IDLE and not visit.session.active:
                    self._close(self._visits.pop(token).session)
            self._closing = [thread for thread in self._closing if thread.is_alive()]

    def close(self) -> None:
        """End all, and wait until nothing draws any more."""
        with self._lock:
            sessions = [visit.session for visit in self._visits.values()]
            self._visits.clear()
        for session in sessions:
            session.cancel()
        for session in sessions:
            session.close()
        for thread in self._closing:
            thread.join()

    def _make_room(self) -> None:
        idle = {t: v.seen for t, v in self._visits.items() if not v.session.active}
        if not idle:
            raise UserError(
                f"Expected at most {MOST} visitors at a time, but all are drawing; try later.",
                reason="busy",
            )
        self._close(self._visits.pop(min(idle, key=lambda token: idle[token])).session)

    def _close(self, session: Session) -> None:
        # A job ends after its step, for which nobody should wait.
        thread = threading.Thread(target=session.close)
        thread.start()
        self._closing.append(thread)
