"""Other pages and other names for this computer are refused; answers forbid what is elsewhere."""

import pytest

from support.app_server import User, make_context, picture, running, upload


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with running(make_context(), tmp_path_factory.mktemp("root")) as address:
        yield address


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
def test_another_name_for_this_computer_is_refused(address, host):
    status, _, content = User(address).ask("GET", "/api/state", Host=host or "x")
    assert status == 400
    assert content["error"]["reason"] == "refused"


def test_localhost_is_this_computer(address):
    host = address.removeprefix("http://").replace("127.0.0.1", "localhost")
    assert User(address).ask("GET", "/", Host=host)[0] == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://127.0.0.1:1"])
def test_a_change_asked_for_by_another_page_is_refused(address, origin):
    user = User(address)
    for method, path in [("POST", upload("한")), ("DELETE", "/api/session")]:
        status, headers, _ = user.ask(method, path, picture(), Origin=origin)
        assert status == 403
        assert "Set-Cookie" not in headers


def test_every_answer_forbids_what_comes_from_elsewhere(address):
    user = User(address)
    for path in ("/", "/page/main.js", "/api/state", "/nothing", "/api/references/1.png"):
        _, headers, _ = user.ask("GET", path)
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy and "http" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_the_cookie_is_for_this_page_alone(address):
    _, headers, _ = User(address).ask("POST", upload("한"), picture())
    cookie = headers["Set-Cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie
