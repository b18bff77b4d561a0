"""The requests of the page: from a picture to a font's files, each user alone, all bounded."""

import io
import json

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from fontmaker.app.server import MAX_UPLOAD
from support.app_server import SYLLABLES, User, make_context, picture, png, running, upload
from support.fontmaker_stubs import StubModel


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    model = StubModel(lambda syllable, seed: syllable == "람")
    with running(make_context(model), tmp_path_factory.mktemp("root")) as address:
        yield address


@pytest.fixture()
def user(address):
    return User(address)


def syllables_of(font):
    return {chr(c) for c in TTFont(io.BytesIO(font)).getBestCmap() if c >= 0xAC00}


def test_who_has_given_nothing_has_nothing(user):
    assert user.get("/api/state") == {"references": [], "sheet": [], "text": None, "font": None}
    assert user.refused("POST", "/api/text", {"text": "다람쥐"}) == "no-reference"
    assert user.cookie == ""
    for path in ("/api/references/1.png", "/api/preview.ttf", "/api/font/ttf", "/api/font/x"):
        assert user.ask("GET", path)[0] == 404


def test_a_picture_is_a_reference_and_is_shown_as_it_is_drawn_from(user):
    (reference,) = user.add(name="내 한.jpg")["references"]
    assert reference == {
        "number": reference["number"],
        "syllable": "한",
        "name": "내 한.jpg",
        "seen": "",
    }
    shown = user.get(f"/api/references/{reference['number']}.png")
    assert Image.open(io.BytesIO(shown)).size == (128, 128)


def test_a_text_is_drawn_and_what_is_doubtful_in_it_is_named(user):
    user.add()
    assert user.change("POST", "/api/text", {"text": "다람쥐, A"})["text"]["text"] == "다람쥐, A"
    text = user.wait("text")["text"]
    assert (text["state"], text["error"]) == ("done", None)
    assert text["drawn"] == sorted("다람쥐")
    assert text["doubtful"] == {"람": "한"}
    assert text["left_out"] == [",", "A"]
    assert syllables_of(user.get("/api/preview.ttf")) == set("다람쥐")


def test_a_reference_can_be_put_right_and_taken_away(user):
    (reference,) = user.add(syllable="글")["references"]
    assert (reference["syllable"], reference["seen"]) == ("글", "한")
    path = f"/api/references/{reference['number']}"
    state = user.change("POST", f"{path}?syllable=%ED%95%9C")
    assert [(r["syllable"], r["seen"]) for r in state["references"]] == [("한", "")]
    assert user.change("DELETE", path)["references"] == []
    assert user.refused("DELETE", path) == "gone"


def test_a_font_is_made_and_its_files_are_handed_out(user):
    user.add()
    user.change("POST", "/api/text", {"text": "".join(SYLLABLES)})
    user.change("POST", "/api/font", {"family": "내 손", "syllables": "text"})
    font = user.wait("font")["font"]
    assert (font["state"], font["error"]) == ("done", None)
    assert (font["family"], font["syllables"]) == ("내 손", len(SYLLABLES))
    assert font["doubtful"] == {"람": "한"}
    files = {}
    for kind, size in font["files"].items():
        status, headers, files[kind] = user.ask("GET", f"/api/font/{kind}")
        assert status == 200
        assert headers["Content-Disposition"] == f'attachment; filename="NaeSon.{kind}"'
        content = files[kind]
        assert kind == "json" or len(content) == size
    assert syllables_of(files["ttf"]) == syllables_of(files["woff2"]) == set(SYLLABLES)
    assert files["json"]["font"]["family_korean"] == "내 손"
    assert b"<script" not in files["html"]
    assert "람" in files["html"].decode()


def test_a_font_can_be_cancelled_and_goes_on_from_there(tmp_path):
    model = StubModel(batch_size=1)
    with running(make_context(model), tmp_path) as address:
        user = User(address)
        user.add()
        order = {"family": "My Hand", "syllables": "ksx1001"}
        user.change("POST", "/api/font", order)
        while not model.asked:
            state = user.get("/api/state")
        user.change("DELETE", "/api/font")
        state = user.wait("font")
        assert (state["font"]["state"], state["font"]["files"]) == ("cancelled", {})
        first = {asked for asked, _ in model.asked}
        user.change("POST", "/api/font", order)
        user.change("DELETE", "/api/font")
        user.wait("font")
        again = [asked for asked, _ in model.asked[len(first) :]]
        assert len(first) < 2350
        assert not first & set(again)


def test_a_text_is_drawn_while_a_font_is_made(tmp_path):
    model = StubModel(batch_size=1)
    with running(make_context(model), tmp_path) as address:
        one, other = User(address), User(address)
        one.add()
        other.add()
        one.change("POST", "/api/font", {"family": "My Hand", "syllables": "all"})
        other.change("POST", "/api/text", {"text": "다람쥐"})
        assert other.wait("text")["text"]["drawn"] == sorted("다람쥐")
        assert one.get("/api/state")["font"]["state"] == "running"
        one.change("DELETE", "/api/font")


def test_two_users_do_not_mix(user, address):
    other = User(address)
    user.add(name="mine.png")
    user.change("POST", "/api/text", {"text": "다"})
    user.wait("text")
    assert other.get("/api/state") == {"references": [], "sheet": [], "text": None, "font": None}
    assert [r["name"] for r in other.add(name="hers.png")["references"]] == ["hers.png"]
    other.change("POST", "/api/text", {"text": "쥐"})
    other.wait("text")
    assert syllables_of(user.get("/api/preview.ttf")) == {"다"}
    assert syllables_of(other.get("/api/preview.ttf")) == {"쥐"}
    other.change("DELETE", "/api/session")
    assert other.get("/api/state")["references"] == []
    assert [r["name"] for r in user.get("/api/state")["references"]] == ["mine.png"]


def test_a_made_up_token_opens_nothing(user):
    user.add()
    guess = User(user.address)
    guess.cookie = "hangeul-bench=" + "A" * 43
    assert guess.get("/api/state")["references"] == []


@pytest.mark.parametrize(
    ("data", "syllable", "reason"),
    [
        (b"", "한", "no-picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "한", "no-picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "한", "no-picture"),
        (b"\0" * (MAX_UPLOAD + 1), "한", "heavy"),
        (png(np.full((300, 300), 255, np.uint8)), "한", "no-ink"),
        (png(np.full((7000, 7000), 255, np.uint8)), "한", "large"),
        (picture(), "han", "no-syllable"),
    ],
)
def test_what_is_no_picture_of_a_syllable_is_refused_in_one_sentence(user, data, syllable, reason):
    assert user.refused("POST", upload(syllable), data) == reason
    assert user.get("/api/state")["references"] == []


def test_a_font_file_is_no_picture(user):
    user.add()
    user.change("POST", "/api/text", {"text": "다"})
    user.wait("text")
    font = user.get("/api/preview.ttf")
    assert user.refused("POST", upload("다", "font.ttf"), font) == "no-picture"


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"[]", b'{"text": 3}', b'{"text": "' + b"a" * 20_000 + b'"}']
)
def test_a_request_of_another_shape_is_refused(user, body):
    user.add()
    assert user.ask("POST", "/api/text", body)[0] == 400
    assert user.ask("POST", "/api/font", body)[0] == 400
    unknown = json.dumps({"family": "My Hand", "syllables": "/etc/passwd"}).encode()
    assert user.ask("POST", "/api/font", unknown)[0] == 400
    assert user.get("/api/state")["font"] is None


@pytest.mark.parametrize("path", ["/page/../server.py", "/page/%2e%2e/server.py", "/page/"])
def test_only_the_page_itself_is_handed_out(user, path):
    assert user.ask("GET", path)[0] == 404


def test_what_fails_while_a_text_is_drawn_is_told(tmp_path):
    model = StubModel()
    model.generate = lambda request: 1 / 0
    with running(make_context(model), tmp_path) as address:
        user = User(address)
        user.add()
        user.change("POST", "/api/text", {"text": "다"})
        text = user.wait("text")["text"]
        assert text["state"] == "failed"
        assert "ZeroDivisionError" in text["error"]["message"]
