"""The page says everything in both languages and holds nothing that its policy forbids."""

import json
import re
import tomllib
from importlib.resources import files
from mimetypes import guess_type
from pathlib import Path

import pytest

from fontmaker import FontOrder, family_name, make_font
from fontmaker.reference import Advance
from hangeul_bench.base.pictures import SUFFIXES
from support.fontmaker_stubs import Stages, StubModel, StubReader, generator

PAGE = files("fontmaker.app") / "page"
TEXTS = json.loads((PAGE / "texts.json").read_text("utf-8"))
HTML = (PAGE / "index.html").read_text("utf-8")
SCRIPTS = {p.name: p.read_text("utf-8") for p in PAGE.iterdir() if p.name.endswith(".js")}
PLACES = ("fontmaker", "hangeul_bench.base", "hangeul_bench.hangeul")


def test_the_page_takes_every_kind_of_picture_that_is_read():
    (taken,) = re.findall(r'accept="([^"]+)"', HTML)
    kinds = set(taken.split(","))
    assert not [s for s in SUFFIXES if s not in kinds and guess_type(f"a{s}")[0] not in kinds]


def used_keys():
    yield from re.findall(r'data-t(?:-label)?="([^"]+)"', HTML)
    for script in SCRIPTS.values():
        yield from re.findall(r'\bt\("([^"]+)"', script)
    yield from ("text_drawing", "text_again", "doubt", "doubt_blank", "made_latin")


def reasons():
    for place in PLACES:
        for path in files(place).rglob("*.py"):
            for words in re.findall(r"reason=(.+)", path.read_text("utf-8")):
                yield from re.findall(r'"([a-z-]+)"', words)


def test_both_languages_have_the_same_words_with_the_same_gaps():
    assert TEXTS["en"].keys() == TEXTS["ko"].keys()
    for key, text in TEXTS["en"].items():
        gaps = [sorted(re.findall(r"\{(\w+)\}", t)) for t in (text, TEXTS["ko"][key])]
        assert gaps[0] == gaps[1], key


@pytest.mark.parametrize("key", sorted({*used_keys()}))
def test_every_word_that_is_asked_for_is_there(key):
    assert TEXTS["en"][key]


def test_every_mistake_has_its_sentence():
    named = {*reasons()}
    assert {"no-ink", "several", "heavy", "family-taken"} <= named
    without = {reason for reason in named if f"error_{reason}" not in TEXTS["en"]}
    # The system's own sentence is shown; what is no sheet is a picture of one syllable there.
    assert without == {"system", "no-sheet"}


def test_every_stage_of_an_export_has_its_words(tmp_path):
    first = generator(StubModel()).seed_of(0)
    stages, reader = Stages(), StubReader("가각한")
    # 각 reads wrong on its first page, and 가 on every one.
    model = StubModel(lambda s, seed: s == "가" or (s == "각" and seed == first))
    model.generate = _never_the_same(model.generate)
    order = FontOrder(
        family_name("Hand"), tuple("가각한"), generator(model), Advance("fixed", 900, "")
    )
    make_font(order, work=tmp_path, reader=reader, stages=stages)
    titles = {re.sub(r" \(\d+\)$", "", title) for title in stages.seen}
    assert {"Drawing again", "Redrawing"} <= titles
    assert {f"stage_{title}" for title in titles} <= TEXTS["en"].keys()


def _never_the_same(generate):
    """Drawings that are others each time in a corner at which the stub's reader does not look."""
    count = iter(range(1, 200))

    def drawn(request):
        pages = generate(request)
        pages[:, 0, : next(count)] = 0
        return pages

    return drawn


def test_no_sentence_is_for_a_mistake_that_nobody_makes():
    said = {k.removeprefix("error_") for k in TEXTS["en"] if k.startswith("error_")}
    assert said - {*reasons()} == {"cancelled", "offline", "refused"}  # those of the page's own


def test_the_page_holds_no_script_and_no_style_and_nothing_from_elsewhere():
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]* src=)", HTML)
    for text in (HTML, *SCRIPTS.values(), (PAGE / "page.css").read_text("utf-8")):
        assert not re.search(r"https?:|\beval\(|innerHTML|document\.write", text)


def test_every_element_that_a_script_looks_for_is_there():
    wanted = {i for s in SCRIPTS.values() for i in re.findall(r'find\("#([a-z-]+)', s)}
    assert wanted
    assert wanted <= {*re.findall(r'id="([^"]+)"', HTML)}


def test_every_file_of_the_page_is_part_of_the_package():
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))
    taken = project["tool"]["setuptools"]["package-data"]["*"]
    assert {f"*{Path(file.name).suffix}" for file in PAGE.iterdir()} <= {*taken}
