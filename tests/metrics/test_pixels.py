"""SSIM, RMSE, L1 and ink overlap against independent libraries and sums by hand."""

import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity

from hangeul_bench.base.errors import UserError
from hangeul_bench.metrics import L1, RMSE, SSIM, InkIoU
from support.metric_glyphs import bar, blank, pages, shifted


def _pairs() -> tuple[torch.Tensor, torch.Tensor]:
    target = pages(9)
    pred = torch.cat([target[:3], pages(3, seed=1), blank(1), shifted(target[7:], 3, -2)])
    noise = torch.randint(0, 256, (1, 128, 128), dtype=torch.uint8, generator=_generator())
    return torch.cat([pred, noise]), torch.cat([target, target[:1]])


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def test_ssim_equals_scikit_image() -> None:
    pred, target = _pairs()
    expected = [
        structural_similarity(
            a.numpy() / 255,
            b.numpy() / 255,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            data_range=1,
        )
        for a, b in zip(pred, target, strict=True)
    ]
    np.testing.assert_allclose(SSIM().scores(pred, target), expected, rtol=0, atol=1e-12)


def test_ssim_equals_the_valid_part_of_torchmetrics_map() -> None:
    from torchmetrics.functional.image import structural_similarity_index_measure

    pred, target = _pairs()
    a, b = (x[:, None].double() / 255 for x in (pred, target))
    _, full = structural_similarity_index_measure(a, b, data_range=1.0, return_full_image=True)
    expected = full[:, 0, 5:-5, 5:-5].mean((1, 2))
    torch.testing.assert_close(SSIM().scores(pred, target), expected, rtol=0, atol=1e-12)


def test_ssim_of_other_shapes_equals_scikit_image() -> None:
    a, b = pages(1, size=64)[0, :, :45].numpy(), pages(1, seed=5, size=64)[0, :, :45].numpy()
    expected = structural_similarity(
        a / 255,
        b / 255,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=1,
    )
    score = SSIM().scores(torch.from_numpy(a)[None], torch.from_numpy(b)[None])
    assert float(score) == pytest.approx(expected, abs=1e-12)


def test_ssim_refuses_a_glyph_smaller_than_its_window() -> None:
    with pytest.raises(UserError, match="at least 11 x 11 pixels for ssim, but got 10 x 128"):
        SSIM().scores(blank(2)[:, :10], blank(2)[:, :10])


def test_rmse_is_the_mean_over_glyphs_of_each_root() -> None:
    pred, target = _pairs()
    difference = (pred.numpy().astype(float) - target.numpy()) / 255
    roots = np.sqrt((difference**2).mean((1, 2)))
    metric = RMSE()
    metric.update(pred, target)
    np.testing.assert_allclose(metric.scores(pred, target), roots, rtol=1e-14)
    assert float(metric.compute()) == pytest.approx(roots.mean(), rel=1e-14)
    assert float(metric.compute()) < np.sqrt((difference**2).mean())


def test_rmse_by_hand() -> None:
    # A quarter of the page differs by everything: the root of 1/4.
    pred = blank(1)
    pred[:, :64, :64] = 0
    assert float(RMSE().scores(pred, blank(1))) == 0.5
    assert float(L1().scores(pred, blank(1))) == 0.25


def test_l1_equals_numpy() -> None:
    pred, target = _pairs()
    expected = np.abs(pred.numpy().astype(float) - target.numpy()).mean((1, 2)) / 255
    np.testing.assert_allclose(L1().scores(pred, target), expected, rtol=1e-14)


def test_ink_iou_counts_pixels_below_128() -> None:
    pred, target = blank(1), blank(1)
    pred[0, 0, :3], target[0, 0, 1:5] = 127, 127
    target[0, 5] = 128  # paper
    assert float(InkIoU().scores(pred, target)) == 2 / 5


def test_two_pages_without_ink_overlap_fully_and_one_without_not_at_all() -> None:
    assert InkIoU().scores(blank(1), blank(1)).tolist() == [1.0]
    assert InkIoU().scores(blank(1), bar(8)).tolist() == [0.0]


@pytest.mark.parametrize("metric", [SSIM, RMSE, L1, InkIoU])
def test_the_truth_scores_perfectly(metric: type) -> None:
    best = 1.0 if metric.higher_is_better else 0.0
    assert metric().scores(pages(5), pages(5)).tolist() == pytest.approx([best] * 5, abs=1e-14)
