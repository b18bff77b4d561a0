import pytest
from click.testing import CliRunner

from hangeul_bench.cli import cli
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.dataset.info import table_one
from support.small_fonts import build_small


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return build_small(tmp_path_factory.mktemp("dataset"))


def test_info_prints_table_one(dataset):
    rows = table_one(GlyphDataset.open(dataset).contents)
    assert [(r.category, r.characters, r.fonts, r.training, r.testing) for r in rows] == [
        ("Handwritten", 12, 3, 2, 1),
        ("Printed", 12, 4, 2, 2),
        ("Total", 12, 7, 4, 3),
    ]
    result = CliRunner().invoke(cli, ["info", str(dataset)])
    assert result.exit_code == 0
    assert "| Total       |         12 |     7 |        4 |       3 |" in result.output
    assert GlyphDataset.open(dataset).fingerprint in result.output
