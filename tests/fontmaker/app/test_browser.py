"""The page in a browser: upload, draw, type, what is doubtful, the font, its files."""

import base64
import io
import time

import numpy as np
from fontTools.ttLib import TTFont

from support.app_page import STATE, TEXT_IS, add, check_quiet, opened, set_text, shown
from support.app_server import picture
from support.webdriver import needs_browser

pytestmark = needs_browser

HAND = [
    [(0.30, 0.14), (0.45, 0.14)],
    [(0.22, 0.26), (0.56, 0.26)],
    [(0.38, 0.34), (0.47, 0.42), (0.38, 0.5), (0.29, 0.42), (0.38, 0.34)],
    [(0.68, 0.12), (0.68, 0.58)],
    [(0.68, 0.34), (0.8, 0.34)],
    [(0.32, 0.66), (0.32, 0.86), (0.8, 0.86)],
]


def test_a_photograph_and_a_text_in_its_style_with_what_is_doubtful(address, tmp_path, files):
    with opened(address, tmp_path) as browser:
        add(browser, files("한.png", picture()))
        set_text(browser, "다람쥐 쳇 abc")
        browser.wait(TEXT_IS, STATE, "4 syllables, 1 in doubt")
        browser.wait("[...document.fonts].some((face) => face.family === 'specimen')")
        assert browser.run("return [...document.fonts].map((face) => face.status)") == ["loaded"]
        assert shown(browser, "#shown span") == ["다", "람", "쥐"]
        assert shown(browser, "#shown mark") == ["쳇"]
        assert shown(browser, "#doubt-list li") == ["쳇쳇 reads as 한"]
        assert "1 of 4" in shown(browser, "#doubts-title")[0]
        assert "a b c" in shown(browser, "#left-out")[0]
        check_quiet(browser)


def test_what_is_typed_lies_on_what_is_shown(address, tmp_path, files):
    with opened(address, tmp_path, width=390) as browser:
        add(browser, files("한.png", picture()))
        set_text(browser, "다람쥐 헌 쳇바퀴 타파 다람쥐 헌 쳇바퀴 타파\n가")
        browser.wait(TEXT_IS, STATE, "10 syllables")
        boxes = browser.run(
            "return ['#text', '#shown'].map((id) => document.querySelector(id))"
            ".map((node) => [node.clientWidth, node.clientHeight, node.scrollHeight])"
        )
        assert boxes[0] == boxes[1]
        assert boxes[0][1] == boxes[0][2]


def test_a_syllable_is_drawn_with_a_pen(address, tmp_path):
    with opened(address, tmp_path) as browser:
        disabled = (
            "return ['undo', 'clear', 'use'].map((id) => document.getElementById(id).disabled)"
        )
        assert browser.run(disabled) == [True] * 3
        browser.write("#pad", *HAND)
        assert browser.run(disabled) == [False] * 3
        browser.click("#clear")
        assert browser.run(disabled) == [True] * 3
        browser.write("#pad", *HAND, [(0.1, 0.1), (0.9, 0.9)])
        browser.click("#undo")
        browser.click("#use")
        browser.wait("document.querySelectorAll('.tile img').length === 1")
        browser.wait("document.querySelector('.tile img').complete")
        data = browser.run(
            "const picture = document.querySelector('.tile img');"
            "const canvas = document.createElement('canvas');"
            "[canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];"
            "const context = canvas.getContext('2d');"
            "context.drawImage(picture, 0, 0);"
            "return [...context.getImageData(0, 0, 128, 128).data].filter((_, i) => i % 4 === 0)"
        )
        page = np.array(data).reshape(128, 128)
        assert 0.04 < (page < 128).mean() < 0.4
        assert browser.run("return document.querySelector('#syllable').value") == "글"
        assert browser.run(disabled) == [True] * 3
        check_quiet(browser)


def test_pictures_are_dropped_on_the_page(address, tmp_path):
    drop = """
        const bytes = Uint8Array.from(atob(arguments[0]), (c) => c.charCodeAt(0));
        const data = new DataTransfer();
        for (const name of ["한.png", "빛.png"]) data.items.add(new File([bytes], name));
        const options = {dataTransfer: data, bubbles: true, cancelable: true};
        document.body.dispatchEvent(new DragEvent("dragover", options));
        const seen = document.querySelector("#dropping").hidden;
        document.body.dispatchEvent(new DragEvent("drop", options));
        return seen;
    """
    with opened(address, tmp_path) as browser:
        assert browser.run(drop, base64.b64encode(picture()).decode()) is False
        browser.wait("document.querySelectorAll('.tile').length === 2")
        assert shown(browser, ".tile [lang=ko]") == ["한", "빛"]
        assert browser.run("return document.querySelector('#dropping').hidden")
        check_quiet(browser)


def test_of_several_files_the_good_ones_are_taken_and_the_others_named(address, tmp_path, files):
    names = files("한.png", picture()), files("글.png", b"no picture"), files("빛.png", picture())
    with opened(address, tmp_path) as browser:
        add(browser, "\n".join(names), tiles=2)
        assert shown(browser, ".tile [lang=ko]") == ["한", "빛"]
        browser.wait(TEXT_IS, "#add-error", "글.png: ")
        check_quiet(browser, refusals=1)


def test_a_font_is_made_with_its_progress_and_downloaded(address, model, tmp_path, files):
    with opened(address, tmp_path) as browser:
        add(browser, files("한.png", picture()))
        set_text(browser, "다람쥐 쳇")
        browser.wait(TEXT_IS, STATE, "4 syllables, 1 in doubt")
        model.open.clear()
        set_text(browser, "다람쥐 쳇가")
        browser.wait(TEXT_IS, STATE, "4 of 5")
        browser.click("#order [value=text]")
        browser.clear("#family")
        browser.type("#family", "내 손")
        browser.click("#make")
        browser.wait("!document.querySelector('#progress').hidden")
        assert browser.run("return document.activeElement.id") == "cancel"
        assert browser.run("return document.querySelector('#bar').matches(':indeterminate')")
        model.open.set()
        browser.wait("!document.querySelector('#made').hidden")
        assert browser.run("return document.querySelector('#progress').hidden")
        assert shown(browser, "#made-title") == ["내 손 is ready"]
        assert "5 syllables, 1 in doubt" in shown(browser, "#made-facts")[0]
        assert shown(browser, "#made-doubt-list li") == ["쳇 reads as 한"]
        browser.click("#files a[href$=ttf]")
        font = downloaded(browser, "NaeSon.ttf")
        assert set(map(ord, "다람쥐쳇가")) <= set(TTFont(io.BytesIO(font)).getBestCmap())
        browser.click("#files a[href$=woff2]")
        assert downloaded(browser, "NaeSon.woff2")[:4] == b"wOF2"
        check_quiet(browser)


def downloaded(browser, name):
    for _ in range(300):
        if (browser.downloads / name).is_file():
            return (browser.downloads / name).read_bytes()
        time.sleep(0.1)
    raise TimeoutError(sorted(browser.downloads.glob("*")))


def test_a_font_is_cancelled(address, model, tmp_path, files):
    with opened(address, tmp_path) as browser:
        add(browser, files("한.png", picture()))
        browser.wait(TEXT_IS, STATE, "in doubt")
        model.open.clear()
        browser.click("#make")
        browser.wait(TEXT_IS, "#pace", "of 2,349")
        assert "%" in browser.run("return document.title")
        browser.click("#cancel")
        model.open.set()
        browser.wait(TEXT_IS, "#export-error", "Cancelled")
        assert browser.run("return document.querySelector('#made').hidden")
        assert browser.run("return document.activeElement.id") == "make"
        check_quiet(browser)


def test_the_sample_is_drawn_as_soon_as_there_is_a_reference(address, tmp_path, files):
    with opened(address, tmp_path) as browser:
        assert browser.run("return document.querySelector('#text').value") == (
            "다람쥐 헌 쳇바퀴에 타고파"
        )
        add(browser, files("한.png", picture()))
        browser.wait(TEXT_IS, STATE, "11 syllables")
        check_quiet(browser)
