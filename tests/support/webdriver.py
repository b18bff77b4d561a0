"""A browser for tests: chromedriver spoken to in plain WebDriver requests, nothing installed."""

import base64
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

REQUIRED = "HANGEUL_BENCH_REQUIRE_BROWSER"  # set where tests without a browser are to fail
WHY_NOT = "needs chromium and chromedriver (Debian: chromium, chromium-driver)"
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # what WebDriver calls an element in JSON


def find_browser() -> tuple[str, str] | None:
    """The paths of chromedriver and chromium, or None if one is absent."""
    driver = shutil.which("chromedriver")
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next((path for name in names if (path := shutil.which(name))), None)
    return (driver, chromium) if driver and chromium else None


needs_browser = pytest.mark.skipif(
    find_browser() is None and not os.environ.get(REQUIRED), reason=WHY_NOT
)


class Browser:
    """One browser window of a fixed size; a context manager.

    What it downloads lies in ``downloads``.
    """

    def __init__(
        self,
        profile: Path,
        *,
        width: int,
        height: int = 900,
        dark: bool = False,
        language: str = "en",
    ) -> None:
        self.profile, self.width, self.height, self.dark = profile, width, height, dark
        self.language, self.downloads = language, profile / "downloads"

    def __enter__(self) -> "Browser":
        found = find_browser()
        assert found, WHY_NOT
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._driver = subprocess.Popen(
            [found[0], f"--port={port}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"HOME": str(self.profile)},
        )
        self._base = f"http://127.0.0.1:{port}"
        try:
            self._wait_until_ready()
            session = self._send("POST", "/session", self._capabilities(found[1]))
        except BaseException:
            self._stop()
            raise
        self._base += f"/session/{session['sessionId']}"
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            self._send("DELETE", "")
        finally:
            self._stop()

    def open(self, page: Path) -> None:
        """Load a file."""
        self.visit(page.resolve().as_uri())

    def visit(self, url: str) -> None:
        """Load an address."""
        self._send("POST", "/url", {"url": url})

    def run(self, script: str, *arguments: Any) -> Any:
        """Run JavaScript in the page and return what it returns."""
        return self._send("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, condition: str, *arguments: Any) -> Any:
        """Wait until a JavaScript expression is true, and return its value."""
        for _ in range(600):
            if value := self.run(f"return ({condition});", *arguments):
                return value
            time.sleep(0.1)
        shown = self.run("return document.body.innerText")
        raise TimeoutError(f"never true: {condition} {arguments}; the page shows:\n{shown}")

    def errors(self) -> list[str]:
        """What the console holds of warnings and errors since the last call."""
        entries = self._send("POST", "/se/log", {"type": "browser"})
        return [e["message"] for e in entries if e["level"] in ("WARNING", "SEVERE")]

    def requested(self) -> list[str]:
        """The addresses that were asked for since the last call."""
        entries = self._send("POST", "/se/log", {"type": "performance"})
        messages = (json.loads(entry["message"])["message"] for entry in entries)
        sent = (m["params"] for m in messages if m["method"] == "Network.requestWillBeSent")
        return [params["request"]["url"] for params in sent]

    def label(self, selector: str) -> str:
        """What a screen reader calls an element."""
        return str(self._send("GET", f"/element/{self._element(selector)}/computedlabel"))

    def click(self, selector: str) -> None:
        """Click the middle of the element that a CSS selector finds."""
        self._send("POST", f"/element/{self._element(selector)}/click")

    def type(self, selector: str, text: str) -> None:
        """Press the keys of a text in an element; paths, a line each, in a file input."""
        self._send("POST", f"/element/{self._element(selector)}/value", {"text": text})

    def clear(self, selector: str) -> None:
        """Empty a text field."""
        self._send("POST", f"/element/{self._element(selector)}/clear")

    def write(self, selector: str, *strokes: list[tuple[float, float]]) -> None:
        """Draw lines with a pen in an element, in parts of its width and height."""
        element = self._element(selector)
        self.run("arguments[0].scrollIntoView({block: 'center'})", {_ELEMENT: element})
        left, top, width, height = self.run(
            "const box = arguments[0].getBoundingClientRect();"
            "return [box.left, box.top, box.width, box.height]",
            {_ELEMENT: element},
        )
        for stroke in strokes:
            moves = [
                {
                    "type": "pointerMove",
                    "duration": 0,
                    "x": round(left + x * width),
                    "y": round(top + y * height),
                }
                for x, y in stroke
            ]
            down, up = {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}
            actions = [moves[0], down, *moves[1:], up]
            pen = {"type": "pointer", "id": "pen", "parameters": {"pointerType": "pen"}}
            self._send("POST", "/actions", {"actions": [pen | {"actions": actions}]})

    def press(self, key: str) -> None:
        """Press one key in the focused element."""
        keys = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        action = {"type": "key", "id": "keyboard", "actions": keys}
        self._send("POST", "/actions", {"actions": [action]})

    def screenshot(self, path: Path) -> None:
        """Save what the window shows as PNG."""
        path.write_bytes(base64.b64decode(self._send("GET", "/screenshot")))

    def _capabilities(self, chromium: str) -> dict[str, Any]:
        metrics = {"width": self.width, "height": self.height, "pixelRatio": 1, "touch": False}
        flags = [*_FLAGS, f"--user-data-dir={self.profile}"]
        flags += ["--blink-settings=preferredColorScheme=0"] if self.dark else []
        options = {
            "binary": chromium,
            "args": flags,
            "mobileEmulation": {"deviceMetrics": metrics},
            "prefs": {
                "intl.accept_languages": self.language,
                "download.default_directory": str(self.downloads),
            },
        }
        wanted = {"browserName": "chrome", "goog:chromeOptions": options}
        wanted |= {"goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        return {"capabilities": {"alwaysMatch": wanted}}

    def _element(self, selector: str) -> str:
        found = self._send("POST", "/element", {"using": "css selector", "value": selector})
        return str(found[_ELEMENT])

    def _wait_until_ready(self) -> None:
        for _ in range(300):
            try:
                if self._send("GET", "/status")["ready"]:
                    return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        raise RuntimeError("chromedriver did not start")

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if method != "POST" else json.dumps(body or {}).encode()
        request = urllib.request.Request(self._base + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from None

    def _stop(self) -> None:
        self._driver.terminate()
        self._driver.wait(timeout=30)
