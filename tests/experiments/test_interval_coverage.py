"""The simulation of coverage draws what it says, and its methods are the project's own."""

import csv
from pathlib import Path

import numpy as np
import pytest

from experiments.interval_coverage import (
    EFFECTS,
    FONTS,
    METHODS,
    coverage_rows,
    flips_cover,
    simulate,
)

TABLE = Path(__file__).parents[2] / "leaderboards" / "interval-coverage.csv"


@pytest.mark.parametrize("name", EFFECTS)
def test_effects_have_mean_0_and_deviation_1(name):
    drawn = EFFECTS[name](np.random.default_rng(0), 400_000)
    assert (drawn.mean(), drawn.std()) == pytest.approx((0, 1), abs=0.03)


def test_syllables_are_shared_by_the_fonts():
    random = np.random.default_rng(0)
    shared = simulate(random, EFFECTS["normal"], 400, 1.0).mean(axis=0).var()
    apart = simulate(random, EFFECTS["normal"], 400, 0.0).mean(axis=0).var()
    assert shared == pytest.approx(1, abs=0.5) and apart < 0.01


def test_few_fonts_can_never_be_told_apart_by_flips():
    # Two of 32 flips leave every sign alike: a least p of .0625.
    assert flips_cover(np.full((5, 60), 3.0), np.random.default_rng(0))
    assert not flips_cover(np.full((6, 60), 3.0), np.random.default_rng(0))


def test_the_committed_table_has_every_case_and_says_that_t_holds():
    rows = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
    assert len(rows) == len(FONTS) * len(EFFECTS) * 2 * len(METHODS)
    found = {(r["fonts"], r["effects"], r["syllables"], r["method"]): r for r in rows}
    ours = "t over fonts and syllables"
    for fonts in ("5", "10", "40"):
        for syllables in ("alike", "vary"):
            held = float(found[fonts, "normal", syllables, ours]["coverage"])
            assert held >= 0.93
            before = found[fonts, "normal", syllables, "percentile bootstrap (before)"]
            assert held > float(before["coverage"])


def test_a_simulation_gives_a_row_a_method():
    rows = coverage_rows(2)
    assert [next(rows)[3] for _ in METHODS] == list(METHODS)
