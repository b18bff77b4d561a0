"""Scales of the style metric: lineages weigh the same, and a command writes what it measured."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner

from experiments import style_scales
from hangeul_bench.base.errors import UserError
from hangeul_bench.metrics.style.glyph import HISTOGRAMS, glyph_row
from hangeul_bench.metrics.style_distance import StyleDistance
from support.metric_glyphs import bar

WIDTHS = {"thin": 4, "middle": 8, "wide": 16, "wider": 16}
LINEAGES = {"thin": "a", "middle": "b", "wide": "c", "wider": "c"}


def cross(width):
    """(1, 128, 128): an upright stroke and a level one across it."""
    page = bar(width, left=64 - width // 2)
    page[:, 60 - width // 2 : 60 + width // 2, 24:104] = 0
    return page.numpy()


class Crosses:
    """A dataset whose fonts draw every syllable as one cross, each in its own width."""

    size = 128
    splits = SimpleNamespace(
        train_fonts=tuple(WIDTHS),
        lite_characters=("가", "나", "힣"),
        seen_characters=("가", "나"),
    )

    def font(self, font_id):
        return SimpleNamespace(lineage=LINEAGES[font_id])

    def images(self, font_id, characters):
        return np.concatenate([cross(WIDTHS[font_id]) for _ in characters])


def test_a_lineage_weighs_the_same_however_many_fonts_it_has():
    weights = style_scales.pair_weights(list(LINEAGES.values()))
    assert weights.sum() == 3 and weights[2, 3] == 0  # three pairs of lineages
    assert weights[0, 1] == 1 and weights[0, 2] == weights[0, 3] == 0.5


def test_a_scale_is_the_mean_distance_of_two_lineages(tmp_path, monkeypatch):
    monkeypatch.setattr(style_scales.GlyphDataset, "open", lambda path: Crosses())
    out = tmp_path / "scales.json"
    done = CliRunner().invoke(style_scales.main, ["--out", str(out)])
    assert done.exit_code == 0, done.output
    table = json.loads(out.read_text(encoding="utf-8"))
    assert table["scales"].keys() == HISTOGRAMS.keys()
    # Thin to middle and middle to wide are a step of one in log2, thin to wide of two.
    assert table["scales"]["radius"] == pytest.approx(4 / 3, abs=0.15)
    assert (table["n_fonts"], table["n_lineages"], table["n_syllables"]) == (4, 3, 2)
    assert table["fonts"] == list(WIDTHS) and table["skeleton"] in StyleDistance().signature()


def test_a_font_without_ends_of_strokes_has_no_distance_of_theirs():
    rows = np.stack([glyph_row(cross(w)[0])[None] for w in (4, 8, 16)])
    whole = style_scales.scales(rows, ["a", "b", "c"])
    names = list(HISTOGRAMS)
    sizes = [axis.bins * groups for axis, groups in HISTOGRAMS.values()]
    start = sum(sizes[: names.index("width_tip")])
    rows[2, :, start : start + sizes[names.index("width_tip")]] = 0
    lacking = style_scales.scales(rows, ["a", "b", "c"])
    assert np.isfinite(lacking["width_tip"]) and lacking["radius"] == whole["radius"]


def test_fonts_of_one_lineage_or_without_a_trait_have_no_scale():
    rows = np.stack([glyph_row(bar(w)[0].numpy())[None] for w in (4, 8)])
    with pytest.raises(UserError, match="that have ratio_level, but found none"):
        style_scales.scales(rows, ["a", "b"])
    with pytest.raises(UserError, match="Expected training fonts of two lineages, but found one"):
        style_scales.scales(rows, ["a", "a"])
