"""A server of files on this machine that can misbehave in the ways of real ones."""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


class FileServer(ThreadingHTTPServer):
    """Files by path, and how it gives them.

    Attributes:
        files: Path to content.
        cut: After how many bytes of an answer the connection breaks; None for never.
        ranges: Whether it knows Range requests.
        length: Whether it says how long an answer is.
        pause: Seconds of silence after the first byte.
        status: What it answers in place of a file; 0 for the file.
        asked: Path and Range header of each request.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.cut: int | None = None
        self.ranges = self.length = True
        self.pause, self.status = 0.0, 0
        self.asked: list[tuple[str, str]] = []

    @property
    def template(self) -> str:
        """Address of a file, as the services of repositories have it."""
        return f"http://127.0.0.1:{self.server_port}/{{repository}}/{{commit}}/{{path}}"


class _Handler(BaseHTTPRequestHandler):
    server: FileServer

    def do_GET(self) -> None:
        server, path = self.server, unquote(self.path)
        said = self.headers.get("Range", "")
        server.asked.append((self.path, said))
        data = server.files.get(path)
        if server.status or data is None:
            self.send_error(server.status or 404)
            return
        first = int(said.removeprefix("bytes=").rstrip("-")) if said and server.ranges else 0
        if first and first >= len(data):
            self.send_error(416)
            return
        self.send_response(206 if first else 200)
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        if server.length:
            self.send_header("Content-Length", str(len(data) - first))
        self.end_headers()
        self._give(data[first:])

    def _give(self, data: bytes) -> None:
        data = data if self.server.cut is None else data[: self.server.cut]
        if self.server.pause:
            self.wfile.write(data[:1])
            self.wfile.flush()
            time.sleep(self.server.pause)
            data = data[1:]
        self.wfile.write(data)

    def log_message(self, *arguments: object) -> None:
        pass
