"""An npm registry on this machine, for the real npm client; it knows the given packages alone."""

import base64
import hashlib
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from support.packages import tarball
from support.servers import running


class Registry(ThreadingHTTPServer):
    """Packages by name, each in one version.

    Attributes:
        packages: Name -> version and tarball.
        asked: Paths that were asked for.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.packages: dict[str, tuple[str, bytes]] = {}
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def add(self, name: str, version: str, files: Mapping[str, bytes]) -> str:
        """Publish a package; returns the hash of its tarball."""
        manifest = json.dumps({"name": name, "version": version}).encode()
        data = tarball({"package/package.json": manifest, **files})
        self.packages[name] = version, data
        return hashlib.sha256(data).hexdigest()


def running_registry() -> AbstractContextManager[Registry]:
    """A registry that answers until the block ends."""
    return running(Registry())


class _Handler(BaseHTTPRequestHandler):
    server: Registry

    def do_GET(self) -> None:
        path = unquote(self.path).lstrip("/")
        self.server.asked.append(path)
        name, _, file = path.partition("/-/")
        if name not in self.server.packages:
            self._answer(b'{"error": "Not found"}', "application/json", status=404)
        elif file:
            self._answer(self.server.packages[name][1], "application/octet-stream")
        else:
            self._answer(self._document(name), "application/json")

    def _document(self, name: str) -> bytes:
        version, data = self.server.packages[name]
        sha512 = base64.b64encode(hashlib.sha512(data).digest()).decode()
        dist = {
            "tarball": f"{self.server.url}{name}/-/package-{version}.tgz",
            "integrity": f"sha512-{sha512}",
        }
        entry = {"name": name, "version": version, "dist": dist}
        tags = {"latest": version}
        return json.dumps({"name": name, "dist-tags": tags, "versions": {version: entry}}).encode()

    def _answer(self, data: bytes, kind: str, *, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments: object) -> None:
        pass
