"""The page in a browser: mistakes, any width, keys alone, names, two languages, forgetting."""

import re

import numpy as np
import pytest

from support.app_page import STATE, TEXT_IS, add, check_quiet, opened, set_text, shown
from support.app_server import picture, png, two_syllables
from support.webdriver import needs_browser

pytestmark = needs_browser

TAB, ENTER, RIGHT = "\ue004", "\ue007", "\ue014"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("한.png", png(np.full((300, 300), 255, np.uint8)), "No ink"),
        ("글.png", two_syllables(), "Several syllables"),
        ("한.txt", b"not a picture", "no picture"),
        ("한.jpg", b"\xff\xd8\xff\xe0" + b"\0" * (12 << 20), "at most 12 MB"),
    ],
)
def test_what_is_no_reference_is_one_sentence(address, tmp_path, files, name, data, words):
    with opened(address, tmp_path) as browser:
        browser.type("#file", files(name, data))
        browser.wait(TEXT_IS, "#add-error", words)
        assert shown(browser, ".tile") == []
        check_quiet(browser, refusals=1)


def test_mistakes_are_told_where_they_are_made_and_put_right_there(address, tmp_path, files):
    with opened(address, tmp_path) as browser:
        browser.clear("#syllable")
        browser.type("#syllable", "A")
        browser.type("#file", files("photo.png", picture()))
        browser.wait(TEXT_IS, "#add-error", "Name the one Korean syllable")
        assert browser.run("return document.activeElement.id") == "syllable"
        add(browser, files("글.png", picture()))
        assert shown(browser, "#add-error") == [""]
        assert shown(browser, ".tile .seen") == ["Reads as 한, not 글."]
        browser.click(".tile .yes")
        browser.wait("document.querySelector('.tile .seen') === null")
        assert shown(browser, ".tile [lang=ko]") == ["한"]
        set_text(browser, "abc")
        browser.wait(TEXT_IS, "#text-error", "no Korean syllable")
        set_text(browser, "다람")
        browser.wait(TEXT_IS, STATE, "2 syllables, 0 in doubt")
        assert shown(browser, "#text-error") == [""]
        browser.clear("#family")
        browser.type("#family", "Nanum Hand")
        browser.click("#make")
        browser.wait(TEXT_IS, "#export-error", "reserved this name")
        assert browser.run("return document.activeElement.id") == "family"
        check_quiet(browser, refusals=3)


@pytest.mark.parametrize("width", [320, 390, 820, 1280])
def test_the_page_never_scrolls_sideways(address, tmp_path, files, width):
    inside = "return [document.documentElement.scrollWidth, innerWidth]"
    with opened(address, tmp_path, width=width, dark=width == 390, language="ko") as browser:
        assert browser.run(inside) == [width, width]
        for tiles, syllable in enumerate("글빛한", 1):
            add(browser, files(f"{syllable}.png", picture()), tiles)
        browser.run("document.querySelector('#size').value = 200")
        browser.run("document.querySelector('#size').dispatchEvent(new Event('input'))")
        set_text(browser, "다람쥐쳇바퀴타파가")
        browser.wait(TEXT_IS, STATE, "9자 가운데")
        browser.click("#order [value=text]")
        browser.click("#make")
        browser.wait("!document.querySelector('#made').hidden")
        browser.run("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        assert browser.run(inside) == [width, width]
        dark = browser.run("return matchMedia('(prefers-color-scheme: dark)').matches")
        paper = browser.run("return getComputedStyle(document.body).backgroundColor")
        assert dark == (width == 390)
        assert (int(re.findall(r"\d+", paper)[0]) < 128) == dark


def test_keys_alone_reach_everything_and_make_a_font(address, tmp_path, files):
    focused = """
        const node = document.activeElement;
        const outlined = node.id === "file" ? document.querySelector(".button") : node;
        const style = getComputedStyle(outlined);
        return [node.id || node.dataset.language || node.className || node.value,
                style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2];
    """
    with opened(address, tmp_path) as browser:
        add(browser, files("한.png", picture()))
        browser.wait(TEXT_IS, STATE, "in doubt")
        browser.run("document.activeElement.blur()")
        order = []
        while not order or order[-1][0] != "forget":
            browser.press(TAB)
            order.append(browser.run(focused))
        names = [name for name, _ in order]
        assert "doubt" in names
        assert [name for name in names if name != "doubt"] == [
            *("skip", "ko", "en", "remove", "syllable", "file", "button"),
            *("size", "text", "family", "ksx1001", "make", "forget"),
        ]
        assert [name for name, seen in order if not seen] == []
        browser.run("document.querySelector('#family').focus()")
        browser.press(TAB)
        browser.press(RIGHT)  # right: the next choice, all
        browser.press(RIGHT)  # only those of the text
        browser.press(TAB)
        browser.press(ENTER)
        browser.wait("!document.querySelector('#made').hidden")
        assert browser.run("return document.activeElement.id") == "made-title"
        browser.press(TAB)
        assert browser.run("return document.activeElement.href").endswith("/api/font/ttf")
        check_quiet(browser)


def test_everything_that_can_be_used_has_a_name(address, tmp_path, files):
    with opened(address, tmp_path) as browser:
        add(browser, files("글.png", picture()))
        browser.wait(TEXT_IS, STATE, "in doubt")
        number = browser.run(
            "const all = document.querySelectorAll('button, input, textarea, a, canvas, progress');"
            "all.forEach((node, i) => { node.dataset.number = i; });"
            "return all.length"
        )
        names = [browser.label(f"[data-number='{i}']") for i in range(number)]
        hidden = browser.run(
            "return [...document.querySelectorAll('[data-number]')]"
            ".filter((node) => node.closest('[hidden]')).map((node) => Number(node.dataset.number))"
        )
        assert [i for i, name in enumerate(names) if not name and i not in hidden] == []
        assert {"Text", "Syllable", "Remove 글", "Field to draw the syllable in"} <= {*names}


def test_korean_and_english_by_the_browser_and_by_choice(address, tmp_path, files):
    with opened(address, tmp_path, language="ko") as browser:
        assert browser.run("return document.documentElement.lang") == "ko"
        assert browser.run("return document.title") == "한 글자로 만드는 한글 글꼴"
        words = browser.run("return document.body.innerText").replace("English", "")
        assert set(re.findall("[A-Za-z]{2,}", words)) == {"PDF"}
        assert browser.run("return document.querySelector('#family').value") == "내 손글씨"
        browser.type("#file", files("한.txt", b"no picture"))
        browser.wait(TEXT_IS, "#add-error", "읽을 수 없는 파일")
        browser.click("[data-language=en]")
        assert browser.run("return document.documentElement.lang") == "en"
        assert "no picture" in shown(browser, "#add-error")[0]
        assert browser.run("return document.querySelector('#family').value") == "My Hand"
        browser.visit(address)
        browser.wait(TEXT_IS, "#references-title", "Reference glyphs")
        check_quiet(browser, refusals=1)


def test_what_was_there_is_there_after_loading_again_until_it_is_forgotten(
    address, tmp_path, files
):
    with opened(address, tmp_path) as browser:
        add(browser, files("한.png", picture()))
        set_text(browser, "다람")
        browser.wait(TEXT_IS, STATE, "2 syllables, 0 in doubt")
        browser.visit(address)
        browser.wait(TEXT_IS, STATE, "2 syllables, 0 in doubt")
        assert browser.run("return document.querySelector('#text').value") == "다람"
        browser.click("#forget")
        assert shown(browser, "#forget") == ["Really forget everything?"]
        assert len(shown(browser, ".tile")) == 1
        browser.click("#forget")
        browser.wait("document.querySelectorAll('.tile').length === 0")
        browser.visit(address)
        browser.wait(TEXT_IS, STATE, "Add a reference")
        assert shown(browser, ".tile") == []
        check_quiet(browser)
