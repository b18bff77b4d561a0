"""A dataset says which set it is of and what it lacks; the paper's set gives Table I exactly."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from hangeul_bench.base.files import sha256_of
from hangeul_bench.builder.hub import publishable
from hangeul_bench.builder.run import BuildOptions, build
from hangeul_bench.builder.verification import verify
from hangeul_bench.cli import cli
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.dataset.splits.lists import evaluation_fonts
from hangeul_bench.fonts.corpus import corpus_fonts
from hangeul_bench.fonts.table import FontsLock
from support.fontmaker import make_font
from support.small_fonts import SYLLABLES, write_charset

# Table I of the DK-Font paper, but for the syllables, which are few here.
TABLE_ONE = """\
| Category    | Characters | Fonts | Training | Testing |
| ----------- | ---------: | ----: | -------: | ------: |
| Handwritten |         12 |   105 |      100 |       5 |
| Printed     |         12 |   105 |      100 |       5 |
| Total       |         12 |   210 |      200 |      10 |
"""


@pytest.fixture(scope="module")
def paper_fonts(tmp_path_factory):
    """Every font of the paper's set by its name, category and lineage; the shapes are boxes."""
    folder = tmp_path_factory.mktemp("fonts")
    lock = FontsLock(folder)
    for number, font in enumerate(corpus_fonts("paper")):
        glyphs = {syllable: a_box(number, syllable) for syllable in SYLLABLES}
        path = make_font(folder / font.category / f"{font.font_id}.ttf", glyphs)
        lock.fonts[font.font_id] = {
            **font.lock_fields,
            "style": "Regular",
            "file": path.relative_to(folder).as_posix(),
            "sha256": sha256_of(path.read_bytes()),
        }
    lock.name_set("paper", lock.fonts)
    lock.write()
    return folder


def a_box(number, syllable):
    """Another shape for each of 210 fonts, and another width for each syllable."""
    left, height = 50 + 30 * (number % 14), 400 + 40 * (number // 14)
    return [(left, 0, 900 - 20 * SYLLABLES.index(syllable), height)]


def small(tmp_path):
    return BuildOptions(charset=write_charset(tmp_path / "charset.txt"), size=32, name="paper")


def test_the_paper_s_set_gives_table_one(paper_fonts, tmp_path):
    build(paper_fonts, tmp_path / "out", small(tmp_path))
    result = CliRunner().invoke(cli, ["info", str(tmp_path / "out")])
    assert TABLE_ONE in result.output
    assert "Font set    paper: 210 of 210 fonts\n" in result.output
    assert "Lacks" not in result.output
    splits = GlyphDataset.open(tmp_path / "out").splits
    tested = {font.font_id for font in evaluation_fonts() if font.role == "unseen"}
    assert set(splits.unseen_fonts) == tested  # as in core: one board for both


def test_a_dataset_names_the_fonts_that_were_not_to_be_had(paper_fonts, tmp_path):
    handwritten = [font for font in corpus_fonts("paper") if font.category == "handwritten"]
    gone = [font.font_id for font in handwritten if font.source == "github"][-2:]
    paths = [paper_fonts / "handwritten" / f"{font_id}.ttf" for font_id in gone]
    kept = [path.rename(path.with_suffix(".away")) for path in paths]
    try:
        build(paper_fonts, tmp_path / "out", small(tmp_path))
    finally:
        for path in kept:
            path.rename(path.with_suffix(".ttf"))
    dataset = GlyphDataset.open(tmp_path / "out")
    assert dataset.contents.font_set.lacks == tuple(sorted(gone))
    said = CliRunner().invoke(cli, ["info", str(dataset.path)]).output
    assert "Font set    paper: 208 of 210 fonts\n" in said
    assert f"Lacks       {', '.join(sorted(gone))}\n" in said
    card = (dataset.path / "README.md").read_text(encoding="utf-8")
    assert "2 of its 210 fonts are not here" in card and f"`{gone[0]}`" in card
    assert verify(dataset.path) == []
    first, *others = dataset.contents.fonts
    published = publishable(
        replace(dataset.contents, fonts=(replace(first, licence="GPL-2"), *others))
    )
    assert set(published.font_set.lacks) == {*gone, first.font_id}  # the one not under the OFL too


def test_fonts_of_no_set_lack_nothing(paper_fonts, tmp_path):
    lock = json.loads((paper_fonts / "fonts.lock.json").read_text())
    (tmp_path / "fonts" / "printed").mkdir(parents=True)
    entry = next(entry for entry in lock["fonts"] if entry["category"] == "printed")
    (tmp_path / "fonts" / entry["file"]).write_bytes((paper_fonts / entry["file"]).read_bytes())
    build(tmp_path / "fonts", tmp_path / "out", replace(small(tmp_path), name="mine"))
    state = json.loads((tmp_path / "out" / "dataset.json").read_text())
    assert "font_set" not in state
