"""Hangeul in the report's text can be read in a browser without a Korean font."""

import re
from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from hangeul_bench.results.file import read_result
from hangeul_bench.results.report import confusion
from hangeul_bench.results.report.letters import letter_shapes
from hangeul_bench.results.report.runs import arrange
from hangeul_bench.results.report.specimens import worst_glyphs
from hangeul_bench.results.report.sprites import write_syllables
from hangeul_bench.results.report.write import write_report
from support.report_results import REFERENCES, SIZE, FakeDataset, make_result
from support.webdriver import Browser, needs_browser


@pytest.fixture
def dataset():
    return FakeDataset()


def page_of(paths, out, dataset):
    write_report(paths, out, dataset=dataset)
    return out.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    """A page about two models whose glyphs are misread within the dataset's syllables, or blank."""
    folder, dataset = tmp_path_factory.mktemp("results"), FakeDataset()
    blank = make_result(folder, dataset, "blank", jer=1.0)
    perfect = make_result(folder, dataset, "perfect", jer=0.0)
    page_of([blank, perfect], folder / "report.html", dataset)
    return folder / "report.html"


def texts_of(page):
    """What a browser would set in a font, without scripts and styles."""
    body = re.sub(r"<(style|script)>.*?</\1>", "", page.partition("<body>")[2], flags=re.DOTALL)
    return re.sub(r"<[^>]*>", " ", body)


def test_no_syllable_of_the_dataset_needs_a_korean_font(page_file, dataset):
    page = page_file.read_text(encoding="utf-8")
    assert not set(texts_of(page)) & set(dataset.characters)
    assert not set(texts_of(page)) & {
        letter for row in confusion.POSITIONS.values() for letter in row
    } - {"–"}
    assert set(re.findall(r'class="syllable" role="img" aria-label="(.)"', page)) >= {REFERENCES[0]}


def test_every_jamo_has_a_drawing_and_every_use_of_one_finds_it(page_file):
    page = page_file.read_text(encoding="utf-8")
    letters_asked = {letter for row in confusion.POSITIONS.values() for letter in row}
    assert set(letter_shapes()) == letters_asked - {confusion.NO_FINAL}
    assert len(set(letter_shapes().values())) == len(letter_shapes())
    used = set(re.findall(r'<use href="#([^"]+)"', page))
    assert used
    assert used <= set(re.findall(r' id="([^"]+)"', page))


def test_a_syllable_stays_text_where_no_picture_of_it_is_at_hand(tmp_path, dataset):
    path = make_result(tmp_path, dataset, jer=0.3)
    with_pictures, bare = (
        page_of([path], tmp_path / f"{given is None}.html", given) for given in (dataset, None)
    )
    assert 'class="syllable"' not in bare
    assert set(texts_of(bare)) & set(dataset.characters)
    elsewhere = {glyph.read for glyph in worst_glyphs(arrange([(path, read_result(path))])[0], 50)}
    elsewhere -= {*dataset.characters, "", None}
    assert elsewhere
    assert elsewhere <= set(texts_of(with_pictures))


def test_a_written_syllable_is_the_ink_of_the_content_font(dataset):
    picture = write_syllables("나가X", dataset)
    assert sorted(picture.sprites) == ["가", "나"]
    sheet = Image.open(BytesIO(b64decode(picture.uri.split(",")[1]))).convert("RGBA")
    alpha = np.asarray(sheet.getchannel("A"))
    for syllable, sprite in picture.sprites.items():
        cut = alpha[48 * sprite.y : 48 * sprite.y + 48, 48 * sprite.x : 48 * sprite.x + 48]
        shown = Image.fromarray(255 - cut).resize((SIZE, SIZE), Image.Resampling.BOX)
        truth = dataset.images(dataset.splits.content_font, [syllable])[0]
        assert np.abs(np.asarray(shown).astype(int) - truth).mean() < 12, syllable


@needs_browser
def test_a_browser_draws_the_pictures(page_file, tmp_path):
    with Browser(tmp_path / "profile", width=1280) as browser:
        browser.open(page_file)
        mask, width = browser.run(
            "const shown = document.querySelector('.syllable');"
            "return [getComputedStyle(shown).webkitMaskImage, shown.getBoundingClientRect().width]"
        )
        assert mask.startswith('url("data:image/png')
        assert width > 10
        for place in (".jamo svg use", ".matrix use"):
            box = browser.run(
                "const box = document.querySelector(arguments[0]).getBoundingClientRect();"
                "return [box.width, box.height]",
                place,
            )
            assert min(box) > 0 and max(box) > 4, place
        assert browser.errors() == []
