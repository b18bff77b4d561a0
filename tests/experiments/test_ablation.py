from pathlib import Path

import pandas as pd
import pytest

from experiments.ablation import BASE, VARIANTS, difference_rows, table_rows
from experiments.sharing import jer_by_sharing, sharing_rows
from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul.charset import ksx1001
from hangeul_bench.results.file import read_result


def scores(**jer):
    """One glyph a syllable, with the given jamo error rates, in cell UFSC."""
    names = ("syllable_error", "shuffle_rate", "ssim", "rmse", "glyph_lpips")
    rows = [
        {"codepoint": ord(c), "jer": value, "cell": "ufsc", **dict.fromkeys(names, 0.5)}
        for c, value in jer.items()
    ]
    return pd.DataFrame(rows)


def test_syllables_of_one_component_vector_are_counted_apart_from_the_rest():
    found = jer_by_sharing(scores(각=1.0, 까=0.5, 하=0.25), ksx1001())
    assert found == {"shared": 0.75, "own": 0.25}


def test_844_of_the_2350_share_their_vector():
    every = scores(**dict.fromkeys(ksx1001(), 0.0))
    every.loc[every["codepoint"] == ord("각"), "jer"] = 844.0
    assert jer_by_sharing(every, ksx1001()) == {"shared": 1.0, "own": 0.0}
    every["jer"] = 0.0
    every.loc[every["codepoint"] == ord("하"), "jer"] = 1506.0
    assert jer_by_sharing(every, ksx1001()) == {"shared": 0.0, "own": 1.0}


def test_table_holds_each_cell_and_the_two_of_unseen_fonts_together():
    ufuc = scores(하=1.0)
    ufuc["cell"] = "ufuc"
    rows = table_rows("x", 32, pd.concat([scores(각=0.0, 하=0.0), ufuc]), ksx1001())
    assert [(row["cell"], row["glyphs"], row["jer"]) for row in rows] == [
        ("ufsc", 2, 0.0),
        ("ufuc", 1, 1.0),
        ("paper", 3, 0.3333),
    ]


def test_each_variant_changes_one_thing_of_dkfont():
    others = ("diff-font", "font-diffuser", "retrieval-font")
    changed = [options for name, options in VARIANTS.items() if name not in others]
    assert list(VARIANTS)[0] == BASE and changed[0] == ()
    assert all(len(options) == 2 for options in changed[1:])
    assert len(set(changed)) == len(changed)


def test_differences_are_paired_over_fonts_and_keep_their_sign():
    lite = Path(__file__).parents[2] / "leaderboards" / "results"
    names = {"dkfont": "dkfont", "diff-font": "diff-font"}
    results = {k: read_result(lite / f"{v}-lite.json") for k, v in names.items()}
    rows = {
        (row["category"], row["metric"]): row
        for row in difference_rows(results)
        if row["variant"] == "diff-font"
    }
    jer = rows["all", "jer"]
    metrics = {metric for _, metric in rows}  # style_distance where the results were scored for it
    assert {"jer", "syllable_error", "ssim", "rmse", "glyph_lpips"} <= metrics
    assert jer["fonts"] == 10 and len(rows) == 3 * len(metrics)
    assert jer["difference"] == pytest.approx(jer["variant_mean"] - jer["dkfont_mean"], abs=2e-4)
    assert jer["low"] < jer["difference"] < jer["high"]


def test_sharing_needs_the_scores_beside_the_result(tmp_path):
    with pytest.raises(UserError, match="scores a glyph"):
        sharing_rows(tmp_path / "x-lite.json", ksx1001())
    table = pd.concat([scores(각=1.0), scores(하=0.0).assign(cell="sfuc")])
    table.to_parquet(tmp_path / "x-lite.parquet")
    rows = {row["cell"]: row for row in sharing_rows(tmp_path / "x-lite.json", ksx1001())}
    assert (rows["paper"]["jer_shared"], rows["sfuc"]["jer_own"]) == (1.0, 0.0)
    assert rows["paper"]["glyphs"] == 1
