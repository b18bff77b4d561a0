"""The page and its requests: small handlers over sessions, each answered with the whole state."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from fontmaker.app.export import KINDS
from fontmaker.app.guard import Guard
from fontmaker.app.jobs import as_user_error
from fontmaker.app.session import Session, Sessions
from fontmaker.app.state import error_of, state_of
from hangeul_bench.base.documents import Schema, parse_json
from hangeul_bench.base.errors import UserError

COOKIE = "hangeul-bench"
MAX_UPLOAD = 12 << 20  # bytes; a camera's JPEG has 3 to 8 MB
_MAX_JSON = 16 << 10  # bytes
_SECONDS_BETWEEN_SWEEPS = 60
_PAGE = Path(__file__).parent / "page"
_TEXT = Schema({"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}})
_FONT = Schema(
    {
        "type": "object",
        "required": ["family", "syllables"],
        "properties": {
            "family": {"type": "string"},
            "syllables": {"enum": ["ksx1001", "all", "text"]},
        },
    }
)


def make_server(sessions: Sessions) -> Starlette:
    """The application that answers the page.

    Args:
        sessions: Where users are found.
    """
    handlers = _Handlers(sessions)

    @asynccontextmanager
    async def swept(app: Starlette) -> AsyncIterator[None]:
        del app
        task = asyncio.create_task(_sweep(sessions))
        yield
        task.cancel()

    return Starlette(
        routes=[
            Route("/", handlers.page),
            Route("/api/state", handlers.state),
            Route("/api/references", handlers.add, methods=["POST"]),
            Route("/api/references/{number:int}", handlers.rename, methods=["POST"]),
            Route("/api/references/{number:int}", handlers.remove, methods=["DELETE"]),
            Route("/api/references/{number:int}.png", handlers.picture),
            Route("/api/text", handlers.text, methods=["POST"]),
            Route("/api/preview.ttf", handlers.preview),
            Route("/api/font", handlers.font, methods=["POST"]),
            Route("/api/font", handlers.cancel, methods=["DELETE"]),
            Route("/api/font/{kind}", handlers.file),
            Route("/api/template.pdf", handlers.template),
            Route("/api/session", handlers.forget, methods=["DELETE"]),
            Mount("/page", StaticFiles(directory=_PAGE)),
        ],
        middleware=[Middleware(Guard)],
        exception_handlers={UserError: _refused, OSError: _failed, MemoryError: _failed},
        lifespan=swept,
    )


class _Handlers:
    """One method a request."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def page(self, request: Request) -> Response:
        del request
        return FileResponse(_PAGE / "index.html")

    async def state(self, request: Request) -> Response:
        return JSONResponse(state_of(self._find(request)))

    async def add(self, request: Request) -> Response:
        data = await _body(request, MAX_UPLOAD)
        asked = request.query_params
        token, session = self._open(request)
        await run_in_threadpool(session.add, data, asked.get("name", ""), asked.get("syllable", ""))
        response = JSONResponse(state_of(session))
        response.set_cookie(COOKIE, token, httponly=True, samesite="strict")
        return response

    async def rename(self, request: Request) -> Response:
        number, syllable = request.path_params["number"], request.query_params.get("syllable", "")
        return await self._change(request, lambda session: session.rename(number, syllable))

    async def remove(self, request: Request) -> Response:
        number = request.path_params["number"]
        return await self._change(request, lambda session: session.remove(number))

    async def text(self, request: Request) -> Response:
        asked = parse_json(await _body(request, _MAX_JSON), _TEXT, expected="a text")
        return await self._change(request, lambda session: session.set_text(asked["text"]))

    async def font(self, request: Request) -> Response:
        asked = parse_json(await _body(request, _MAX_JSON), _FONT, expected="what to make")
        return await self._change(
            request, lambda session: session.make_font(asked["family"], asked["syllables"])
        )

    async def cancel(self, request: Request) -> Response:
        return await self._change(request, Session.cancel_font)

    async def forget(self, request: Request) -> Response:
        self._sessions.end(request.cookies.get(COOKIE, ""))
        response = JSONResponse(state_of(None))
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return response

    async def picture(self, request: Request) -> Response:
        session, number = self._find(request), request.path_params["number"]
        if session is None or number not in session.references:
            return _absent()
        png = await run_in_threadpool(session.png, number)
        return Response(png, media_type="image/png")

    async def preview(self, request: Request) -> Response:
        session = self._find(request)
        if session is None or session.style is None or not session.style.font:
            return _absent()
        return Response(session.style.font, media_type=KINDS["ttf"])

    async def file(self, request: Request) -> Response:
        session, kind = self._find(request), request.path_params["kind"]
        made = session.export.result if session and session.export else None
        if made is None or kind not in KINDS:
            return _absent()
        path = made.files[kind]
        return FileResponse(path, media_type=KINDS[kind], filename=path.name)

    async def template(self, request: Request) -> Response:
        del request
        pdf = await run_in_threadpool(self._sessions.template)
        named = {"Content-Disposition": 'attachment; filename="hangeul-sheet.pdf"'}
        return Response(pdf, media_type="application/pdf", headers=named)

    async def _change(self, request: Request, change: Callable[[Session], None]) -> Response:
        session = self._find(request)
        if session is None:
            raise UserError("Expected a reference first, but there is none.", reason="no-reference")
        await run_in_threadpool(change, session)
        return JSONResponse(state_of(session))

    def _find(self, request: Request) -> Session | None:
        return self._sessions.find(request.cookies.get(COOKIE, ""))

    def _open(self, request: Request) -> tuple[str, Session]:
        token = request.cookies.get(COOKIE, "")
        session = self._sessions.find(token)
        return (token, session) if session else self._sessions.open()


async def _body(request: Request, most: int) -> bytes:
    """The body, read no further than it may be long."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise UserError(
                f"Expected at most {most / (1 << 20):.3g} MB, but got more; send less.",
                reason="heavy",
            )
    return bytes(body)


async def _refused(request: Request, error: Exception) -> Response:
    del request
    return _answer(error, 400)


async def _failed(request: Request, error: Exception) -> Response:
    del request
    return _answer(error, 500)


def _answer(error: Exception, status: int) -> Response:
    refusal: dict[str, Any] = {"error": error_of(as_user_error(error))}
    return JSONResponse(refusal, status)


def _absent() -> Response:
    return JSONResponse({"error": {"reason": "gone", "message": "There is none here."}}, 404)


async def _sweep(sessions: Sessions) -> None:
    while True:
        await asyncio.sleep(_SECONDS_BETWEEN_SWEEPS)
        await run_in_threadpool(sessions.sweep)
