"""The jamo error rate and the distances on the reader's features, with a stand-in reader."""

import pytest
import torch

from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul.phonetics import decompose
from hangeul_bench.metrics import GlyphFID, GlyphLPIPS, JamoErrorRate
from hangeul_bench.metrics.base import GlyphPair
from support.metric_glyphs import TableReader, blank, pages, shifted


def _marked(*values: int) -> torch.Tensor:
    """Pages with ink whose first pixel says what the stand-in reads."""
    images = blank(len(values))
    images[:, 60:70, 60:70] = 0
    images[:, 0, 0] = torch.tensor(values, dtype=torch.uint8)
    return images


READER = TableReader({i: tuple(decompose(s)) for i, s in enumerate("각간갂뷁갏", start=1)})


def test_each_slot_counts_one_third() -> None:
    # Asked for 각, 각, 나: read as 각 (right), 간 (final wrong), 각 (initial and final wrong).
    metric = JamoErrorRate(reader=READER)
    scores = metric.score(GlyphPair(_marked(1, 2, 1), blank(3), "각각나"))
    assert scores["jer"].tolist() == [0, pytest.approx(1 / 3), pytest.approx(2 / 3)]
    assert scores["jer_initial"].tolist() == [0, 0, 1]
    assert scores["jer_medial"].tolist() == [0, 0, 0]  # ㅏ in all of them
    assert scores["jer_final"].tolist() == [0, 1, 1]
    own = metric.scores(_marked(1, 2, 1), syllables=list("각각나"))
    assert torch.equal(own, scores["jer"])


def test_shuffle_is_reading_another_syllable_of_the_2350() -> None:
    from hangeul_bench.hangeul.charset import ksx1001

    assert "간" in ksx1001() and "갏" not in ksx1001()
    pair = GlyphPair(_marked(1, 2, 5), blank(3), "각각각")
    scores = JamoErrorRate(reader=READER).score(pair)
    assert scores["shuffle_rate"].tolist() == [0, 1, 0]
    assert scores["syllable_error"].tolist() == [0, 1, 1]
    assert pair.read == ("각", "간", "갏")


def test_a_page_without_ink_has_three_wrong_slots_and_is_no_shuffle() -> None:
    pair = GlyphPair(blank(1), blank(1), "가")
    scores = JamoErrorRate(reader=READER).score(pair)
    assert [float(scores[k]) for k in ("jer", "syllable_error", "shuffle_rate")] == [1, 1, 0]
    # 가 has no final: nothing read is not "none read right".
    assert float(scores["jer_final"]) == 1
    assert pair.read == ("",)


def test_compute_is_the_share_of_all_slots() -> None:
    metric = JamoErrorRate(reader=READER)
    metric.update(_marked(1, 2), blank(2), syllables=list("각각"))
    metric.update(_marked(2), syllables=["각"])
    found = {name: float(value) for name, value in metric.compute().items()}
    assert found["jer"] == pytest.approx(2 / 9)
    assert found["jer_final"] == pytest.approx(2 / 3)
    assert found["syllable_error"] == pytest.approx(2 / 3)


def test_syllables_must_be_as_many_as_glyphs_and_be_syllables() -> None:
    metric = JamoErrorRate(reader=READER)
    with pytest.raises(UserError, match="for each of the 2 glyphs, but got 1"):
        metric.scores(_marked(1, 1), syllables=["각"])
    with pytest.raises(UserError, match="Hangeul syllable, but found 'x'"):
        metric.scores(_marked(1), syllables=["x"])


def test_glyph_lpips_is_zero_for_the_truth_and_grows_with_the_shift() -> None:
    metric, truth = GlyphLPIPS(reader=READER), pages(3)
    far, near = (metric.scores(shifted(truth, d, d), truth).mean() for d in (8, 2))
    assert metric.scores(truth, truth).tolist() == [0, 0, 0]
    assert 0 < near < far < 2


def test_glyph_lpips_by_hand() -> None:
    class Fixed(TableReader):
        def features(self, images: torch.Tensor) -> list[torch.Tensor]:
            black = (images[:, 0, 0] == 0).float()
            # One place of two channels: (0, 2) for black, (3, 0) for white: unit vectors at right
            # angles, squared distance 2. The second map has no activation at all.
            first = torch.stack([3 * (1 - black), 2 * black], 1)[:, :, None, None]
            return [first, torch.zeros(len(images), 4, 2, 2)]

    black = torch.zeros(1, 128, 128, dtype=torch.uint8)
    assert float(GlyphLPIPS(reader=Fixed({})).scores(black, blank(1))) == pytest.approx(1)


def test_glyph_fid_is_zero_for_the_truth_and_orders_glyphs() -> None:
    metric, truth = GlyphFID(reader=READER), pages(40)
    features = metric.features(truth)
    near = metric.distance(metric.features(shifted(truth, 2, 2)), features)
    far = metric.distance(metric.features(shifted(truth, 10, 10)), features)
    assert metric.distance(features, features) == pytest.approx(0, abs=1e-12)
    assert 0 < near < far


def test_glyph_fid_of_sums_equals_that_of_features() -> None:
    metric = GlyphFID(reader=READER)
    for seed in range(4):
        metric.update(pages(7, seed=seed), pages(5, seed=seed + 20))
    pred = metric.features(torch.cat([pages(7, seed=s) for s in range(4)]))
    target = metric.features(torch.cat([pages(5, seed=s + 20) for s in range(4)]))
    assert float(metric.compute()) == pytest.approx(metric.distance(pred, target), rel=1e-9)


@pytest.mark.parametrize("metric", [JamoErrorRate, GlyphLPIPS, GlyphFID])
def test_the_signature_names_the_reader(metric: type) -> None:
    assert "w:55555555" in metric(reader=READER).signature()
