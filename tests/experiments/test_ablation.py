import pandas as pd
import pytest

from experiments.ablation import VARIANTS, table_rows
from experiments.sharing import jer_by_sharing, sharing_rows
from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul.charset import ksx1001


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
    changed = [options for module, options in VARIANTS.values() if module == "dkfont.train"]
    assert changed[0] == ()
    assert all(len(options) == 2 for options in changed[1:])
    assert len(set(changed)) == len(changed)


def test_sharing_needs_the_scores_beside_the_result(tmp_path):
    with pytest.raises(UserError, match="scores a glyph"):
        sharing_rows(tmp_path / "x-lite.json", ksx1001())
    table = pd.concat([scores(각=1.0), scores(하=0.0).assign(cell="sfuc")])
    table.to_parquet(tmp_path / "x-lite.parquet")
    rows = {row["cell"]: row for row in sharing_rows(tmp_path / "x-lite.json", ksx1001())}
    assert (rows["paper"]["jer_shared"], rows["sfuc"]["jer_own"]) == (1.0, 0.0)
    assert rows["paper"]["glyphs"] == 1
