import re
from dataclasses import replace

import pytest
from click.testing import CliRunner

from hangeul_bench.cli import cli
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.dataset.info import describe, licence_lines, table_one
from support.small_fonts import build_small


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return build_small(tmp_path_factory.mktemp("dataset"))


def test_info_prints_table_one(dataset):
    rows = table_one(GlyphDataset.open(dataset).contents)
    assert [(r.category, r.characters, r.fonts, dict(r.splits)) for r in rows] == [
        ("Handwritten", 12, 3, {"train": 2, "unseen": 1}),
        ("Printed", 12, 4, {"train": 2, "unseen": 2}),
        ("Total", 12, 7, {"train": 4, "unseen": 3}),
    ]
    result = CliRunner().invoke(cli, ["info", str(dataset)])
    assert result.exit_code == 0
    assert "| Total       |         12 |     7 |        4 |       3 |" in result.output
    assert GlyphDataset.open(dataset).fingerprint in result.output


def test_fonts_of_any_other_split_are_counted(dataset):
    contents = GlyphDataset.open(dataset).contents
    first, *others = contents.fonts
    fonts = replace(first, split="wide", licence="OFL-1.1"), *others
    contents = replace(contents, fonts=fonts)
    told = describe(contents)
    assert "| Category    | Characters | Fonts | Training | Testing | Wide |" in told
    assert "| Total       |         12 |     7 |" in told and "|    1 |\n" in told
    assert re.search(
        r"^Evaluated   \d unseen fonts, \d seen ones, 1 wide ones$", told, re.MULTILINE
    )
    assert "Licences    6 unknown, 1 OFL-1.1" in told
    assert licence_lines(contents) == [
        "| Licence | Handwritten | Printed | Fonts |",
        "| ------- | ----------: | ------: | ----: |",
        "| unknown |           2 |       4 |     6 |",
        "| OFL-1.1 |           1 |       0 |     1 |",
    ]
