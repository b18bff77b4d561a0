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


def find_browser() -> tuple[str, str] | None:
    """The paths of chromedriver and chromium, or None if one is absent."""
    driver = shutil.which("chromedriver")
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next((path for name in names if (path := shutil.which(name))), None)
    return (driver, chromium) if driver and chromium else None


class Browser:
    """One browser window of a fixed size; a context manager."""

    def __init__(self, profile: Path, *, width: int, height: int = 900, dark: bool = False) -> None:
        self.profile, self.width, self.height, self.dark = profile, width, height, dark

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
        self._send("POST", "/url", {"url": page.resolve().as_uri()})

    def run(self, script: str, *arguments: Any) -> Any:
        """Run JavaScript in the page and return what it returns."""
        return self._send("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def errors(self) -> list[str]:
        """What the console holds of warnings and errors since the last call."""
        entries = self._send("POST", "/se/log", {"type": "browser"})
        return [e["message"] for e in entries if e["level"] in ("WARNING", "SEVERE")]

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
        }
        wanted = {"browserName": "chrome", "goog:chromeOptions": options}
        wanted |= {"goog:loggingPrefs": {"browser": "ALL"}}
        return {"capabilities": {"alwaysMatch": wanted}}

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
