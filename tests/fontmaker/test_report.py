"""A specimen page is one file that shows the font, marks what is doubtful and asks for nothing."""

import base64
import re
from io import BytesIO

import numpy as np
import pytest
from fontTools.ttLib import TTFont

from fontmaker import FontOrder, make_font, write_specimen
from fontmaker.naming import family_name
from fontmaker.reference import Advance
from fontmaker.report import sample_texts
from support.fontmaker_stubs import Stages, StubModel, StubReader, generator

SYLLABLES = tuple("가각간갇갈갉한")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("specimen")
    order = FontOrder(
        family=family_name("한 각"),
        syllables=SYLLABLES,
        generator=generator(StubModel(lambda s, seed: s == "갈"), name="<b>&stub"),
        advance=Advance("fixed", 900, "as asked"),
    )
    made = make_font(order, work=folder, reader=StubReader(SYLLABLES), stages=Stages())
    write_specimen(folder / "a.html", made, order)
    return (folder / "a.html").read_text(encoding="utf-8"), made


def test_nothing_is_asked_from_elsewhere_and_no_script_runs(page):
    html, _ = page
    assert not re.findall(r"""(?:src|href)\s*=(?!["']?data:)""", html)
    assert re.findall(r"url\((?!data:)", html) == []
    assert "<script" not in html
    assert "default-src 'none'" in html


def test_the_font_inside_is_the_font(page):
    html, made = page
    (packed,) = re.findall(r"data:font/woff2;base64,([A-Za-z0-9+/=]+)", html)
    font = TTFont(BytesIO(base64.b64decode(packed)))
    assert font.getBestCmap() == TTFont(BytesIO(made.font)).getBestCmap()


def test_all_syllables_are_there_and_the_doubtful_ones_marked(page):
    html, made = page
    (grid,) = re.findall(r'<ul class="grid".*?</ul>', html, flags=re.DOTALL)
    assert re.findall(r"<li>(?:<mark[^>]*>)?(.)", grid) == list(SYLLABLES)
    marked = re.findall(r"<mark[^>]*>(.)</mark>", grid)
    assert "갈" in marked
    assert tuple(marked) == made.doubtful


def test_names_are_escaped(page):
    html, _ = page
    assert "<b>&stub" not in html
    assert "&lt;b&gt;&amp;stub" in html


def test_references_and_hashes_are_shown(page):
    html, made = page
    assert 'alt="한"' in html
    assert made.record["font"]["sha256"] in html
    assert "한.png" in html


def test_the_page_says_how_weight_was_corrected(page, tmp_path):
    html, made = page
    assert "Weight and size" in html
    units = round(18 * made.record["drawing"]["correction"]["wanted"])  # two halves, 9 a pixel
    assert f"strokes of {units} units in the references and {units} in drawings" in html
    order = FontOrder(
        family=family_name("My Hand"),
        syllables=SYLLABLES,
        generator=generator(StubModel()),
        advance=Advance("fixed", 900, "as asked"),
        correct=False,
    )
    made = make_font(order, work=tmp_path, reader=StubReader(SYLLABLES), stages=Stages())
    write_specimen(tmp_path / "a.html", made, order)
    assert "as drawn" in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_what_the_font_lacks_is_shown_as_code_points(tmp_path):
    """No empty box where no other Korean font is installed."""
    few = tuple("가각")
    reader = StubReader(few)
    order = FontOrder(
        family=family_name("My Hand"),
        syllables=few,
        generator=generator(StubModel(lambda s, seed: s == "각")),
        advance=Advance("fixed", 900, "as asked"),
    )
    write_specimen(
        tmp_path / "a.html",
        make_font(order, work=tmp_path, reader=reader, stages=Stages()),
        order,
    )
    html = (tmp_path / "a.html").read_text(encoding="utf-8")
    body = html[html.index("<body>") :]
    assert "U+D55C · U+D55C.png" in body  # the reference 한 is not in the font
    assert set(re.findall("[가-힣]", body)) == set(few)
    fonts = re.findall(r"font(?:-family)?: [^;]*sans-serif", html)
    assert fonts and all("specimen" in font for font in fonts)


def heading_words(tmp_path, syllables, family):
    order = FontOrder(
        family=family_name(family),
        syllables=syllables,
        generator=generator(StubModel()),
        advance=Advance("fixed", 900, "as asked"),
    )
    reader = StubReader(syllables)
    made = make_font(order, work=tmp_path, reader=reader, stages=Stages())
    write_specimen(tmp_path / "a.html", made, order)
    html = (tmp_path / "a.html").read_text(encoding="utf-8")
    return [re.findall(f"<{tag}[^>]*>(.*?)</{tag}>", html) for tag in ("title", "h1", "h2")]


def test_a_page_is_titled_with_the_korean_name_and_the_english_one(tmp_path):
    title, heading, _ = heading_words(tmp_path, SYLLABLES, "한 각")
    assert (title, heading) == (["한 각 · Han Gak"], ["한 각"])
    title, heading, _ = heading_words(tmp_path, SYLLABLES, "My Hand")
    assert (title, heading) == (["My Hand"], ["My Hand"])


def test_headings_are_korean_where_the_font_has_their_syllables(tmp_path):
    """Otherwise a machine without a Korean font would show empty boxes."""
    *_, words = heading_words(tmp_path, tuple("견모본자"), "My Hand")
    assert [w.split(" <")[0] for w in words] == [
        "Text",
        "견본 · References",
        "All syllables",
        "How it was made",
    ]


def test_sample_texts_hold_only_what_the_font_draws():
    text = sample_texts(tuple("다람쥐헌쳇바퀴에타고파"))
    assert text == ["다람쥐 헌 쳇바퀴에 타고파"]
    rows = sample_texts(SYLLABLES)
    assert set("".join(rows)) <= set(SYLLABLES)
    assert rows
    every = sample_texts(tuple(chr(c) for c in range(0xAC00, 0xD7A4)))
    assert len(every) >= 3
    assert np.all([len(t) > 10 for t in every])
