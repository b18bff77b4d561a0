"""The page's program in a thread, a model that draws boxes, and a user without a browser."""

import io
import json
import threading
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import quote

import numpy as np
from PIL import Image

from fontmaker.app.context import AppContext
from fontmaker.app.serve import listen, uvicorn_server
from fontmaker.app.session import Sessions
from support.fontmaker_stubs import StubModel, StubReader
from support.photos import photograph

SYLLABLES = tuple("다람쥐헌쳇바퀴타파가")  # whose boxes differ


def make_context(model=None, **changes):
    """Whatever is no box of the model's reads as 한."""

    def content(syllables):
        return np.full((len(syllables), 128, 128), 255, np.uint8)

    reader = StubReader(SYLLABLES, otherwise="한")
    return AppContext(
        **{"model": model or StubModel(), "name": "stub"} | changes, reader=reader, content=content
    )


def png(page):
    """A page as PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(page).save(buffer, "PNG")
    return buffer.getvalue()


def picture():
    """A photograph of 한, as PNG file."""
    return png(photograph())


def two_syllables():
    """A picture of two heavy boxes beside each other, as PNG file."""
    page = np.full((200, 400), 255, np.uint8)
    page[40:160, 40:160] = page[40:160, 240:360] = 0
    page[70:130, 70:130] = page[70:130, 270:330] = 255
    return png(page)


@contextmanager
def running(context, root):
    """Serve in a thread; the address, without a slash at its end."""
    sessions = Sessions(context, root)
    server = uvicorn_server(sessions)
    with listen(0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
            sessions.close()


class User:
    """A browser's requests: it keeps the cookie and says where they come from."""

    def __init__(self, address):
        self.address, self.cookie = address, ""

    def ask(self, method, path, body=None, **headers):
        """Status, headers and content of an answer, which is JSON where it says so."""
        connection = HTTPConnection(self.address.removeprefix("http://"), timeout=60)
        given = {"Origin": self.address, "Cookie": self.cookie} | headers
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        connection.request(method, path, data, {k: v for k, v in given.items() if v})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if cookie := answer.headers["Set-Cookie"]:
            self.cookie = cookie.partition(";")[0]
        if answer.headers["Content-Type"] == "application/json":
            content = json.loads(content)
        return answer.status, answer.headers, content

    def get(self, path):
        """The content of a page that is there."""
        status, _, content = self.ask("GET", path)
        assert status == 200, content
        return content

    def change(self, method, path, body=None):
        """The state after a change that is taken."""
        status, _, content = self.ask(method, path, body)
        assert status == 200, content
        return content

    def refused(self, method, path, body=None):
        """The reason for which a change is not taken."""
        status, _, content = self.ask(method, path, body)
        assert status == 400, content
        assert content["error"]["message"]
        return content["error"]["reason"]

    def add(self, data=None, syllable="한", name="photo.png"):
        """The state with one reference more."""
        return self.change("POST", upload(syllable, name), data or picture())

    def wait(self, what):
        """The state once the text or the font is not being drawn any more."""
        for _ in range(1200):
            state = self.get("/api/state")
            if state[what]["state"] not in ("waiting", "running"):
                return state
            time.sleep(0.05)
        raise TimeoutError(state)


def upload(syllable, name="photo.png"):
    """The address for a reference."""
    return f"/api/references?syllable={quote(syllable)}&name={quote(name)}"
