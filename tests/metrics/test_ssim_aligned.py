"""Aligned SSIM against brute force over the 81 shifts."""

import torch

from hangeul_bench.metrics import SSIM, SSIMAligned
from hangeul_bench.metrics.base import GlyphPair
from hangeul_bench.metrics.ssim import REACH, align, best_shifts
from support.metric_glyphs import bar, blank, pages, shifted


def _brute_force(pred: torch.Tensor, target: torch.Tensor) -> tuple[int, int]:
    """The shift of greatest ink correlation, the nearest of equal ones."""
    reach = range(-REACH, REACH + 1)
    found = []
    for down in reach:
        for right in reach:
            moved = 255 - shifted(pred[None], down, right)[0].long()
            correlation = int((moved * (255 - target.long())).sum())
            found.append((-correlation, down**2 + right**2, (down, right)))
    return min(found)[2]


def test_the_shift_is_the_one_brute_force_finds() -> None:
    target = pages(8)
    pred = torch.cat([pages(4, seed=9), shifted(target[4:], -3, 2)])
    expected = [_brute_force(a, b) for a, b in zip(pred, target, strict=True)]
    assert [tuple(x) for x in best_shifts(pred, target).tolist()] == expected


def test_of_equally_good_shifts_the_nearest_is_taken() -> None:
    # A full-width stroke correlates the same wherever it slides along itself.
    page = blank(1)
    page[:, 60:64] = 0
    stroke = blank(1)
    stroke[:, 60:64, 40:80] = 0
    assert best_shifts(stroke, page).tolist() == [[0, 0]]
    assert best_shifts(blank(1), page).tolist() == [[0, 0]]


def test_a_glyph_moved_within_reach_is_moved_back() -> None:
    target = pages(3)
    assert torch.equal(align(shifted(target, 4, -4), target), target)
    assert SSIMAligned().scores(shifted(target, 3, 3), target).min() > 1 - 1e-12
    assert SSIM().scores(shifted(target, 3, 3), target).max() < 0.95


def test_beyond_its_reach_it_is_not_moved_back() -> None:
    target = bar(6)
    assert best_shifts(shifted(target, 0, 9), target).abs().max() <= REACH
    assert SSIMAligned().scores(shifted(target, 0, 9), target).item() < 0.99


def test_the_score_is_ssim_after_the_brute_force_shift() -> None:
    target, pred = pages(3), pages(3, seed=9)
    moved = torch.cat(
        [shifted(a[None], *_brute_force(a, b)) for a, b in zip(pred, target, strict=True)]
    )
    torch.testing.assert_close(
        SSIMAligned().scores(pred, target), SSIM().scores(moved, target), rtol=0, atol=1e-14
    )


def test_a_raw_score_that_is_known_serves_where_there_is_no_shift() -> None:
    target = pages(6)
    pred = torch.cat([target[:3], shifted(target[3:], 1, -2)])
    metric, raw = SSIMAligned(), SSIM().scores(pred, target)
    pair = GlyphPair(pred, target)
    SSIM().score(pair)
    expected = metric.scores(pred, target)
    assert torch.equal(metric.score(pair)["ssim_aligned"], expected)
    pair.known["ssim"] = raw + 5
    marked = metric.score(pair)["ssim_aligned"]
    assert (marked > 4).tolist() == [True] * 3 + [False] * 3
