"""A stand-in for the Hugging Face Hub on this machine: it takes commits and keeps their files."""

import base64
import json
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from support.servers import running

TOKEN = "hf_stand_in"


class Hub(ThreadingHTTPServer):
    """Dataset repositories in memory.

    Attributes:
        repos: Name -> path -> bytes.
        private: Names of private ones.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repos: dict[str, dict[str, bytes]] = {}
        self.private: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


def running_hub() -> AbstractContextManager[Hub]:
    """A hub that answers until the block ends."""
    return running(Hub())


class _Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = unquote(urlsplit(self.path).path)
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._answer({"error": "Invalid credentials"}, status=401)
        elif path == "/api/repos/create":
            self._create(json.loads(body))
        elif path == "/api/validate-yaml":
            self._answer({"errors": [], "warnings": []})
        elif "/preupload/" in path:
            asked = json.loads(body)["files"]
            modes = [{"uploadMode": "regular", "shouldIgnore": False} for _ in asked]
            files = [{"path": file["path"]} | m for file, m in zip(asked, modes, strict=True)]
            self._answer({"files": files})
        elif "/commit/" in path:
            self._commit(_repo(path), body)
        else:
            self._answer({"error": f"no {path}"}, status=404)

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        files = self.server.repos.get(_repo(path))
        if files is None:
            self._answer({"error": "Repository not found"}, status=404)
        elif "/tree/" in path:
            tree = [{"type": "file", "path": p, "size": 1, "oid": "0" * 40} for p in files]
            self._answer(tree)
        else:
            siblings = [{"rfilename": name} for name in files]
            self._answer({"id": _repo(path), "sha": "0" * 40, "siblings": siblings})

    def _create(self, asked: dict) -> None:
        name = f"{asked['organization']}/{asked['name']}"
        assert asked["type"] == "dataset"
        if name in self.server.repos:
            self._answer({"error": "exists", "url": f"{self.server.url}/{name}"}, status=409)
            return
        self.server.repos[name] = {".gitattributes": b""}
        if asked.get("private") or asked.get("visibility") == "private":
            self.server.private.add(name)
        self._answer({"url": f"{self.server.url}/datasets/{name}"})

    def _commit(self, repo: str, body: bytes) -> None:
        files = self.server.repos[repo]
        for line in body.splitlines():
            step = json.loads(line)
            if step["key"] == "file":
                files[step["value"]["path"]] = base64.b64decode(step["value"]["content"])
            elif step["key"] == "deletedFile":
                files.pop(step["value"]["path"])
        url = f"{self.server.url}/datasets/{repo}/commit/{'1' * 40}"
        self._answer({"commitUrl": url, "commitOid": "1" * 40, "hookOutput": ""})

    def _answer(self, content: object, *, status: int = 200) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments: object) -> None:
        pass


def _repo(path: str) -> str:
    return "/".join(path.removeprefix("/api/datasets/").split("/")[:2])
