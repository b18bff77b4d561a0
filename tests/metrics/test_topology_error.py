"""Parts and holes of drawn strokes, and the order of the controls on real glyphs."""

from pathlib import Path

import numpy as np
import pytest
import scipy.ndimage
import torch
from scipy.ndimage import gaussian_filter
from skimage.measure import euler_number, label

from baselines.controls import swap_jamo
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.metrics import TopologyError
from hangeul_bench.metrics.topology_error import count
from support.metric_glyphs import bar, blank, pages, shifted


def error(pred: torch.Tensor, target: torch.Tensor) -> float:
    return float(TopologyError().scores(pred, target)[0])


def counts(page: torch.Tensor) -> tuple[int, ...]:
    return tuple(count(page.numpy())[0].tolist())


def ring(*, left: int = 40, gap: int = 0) -> torch.Tensor:
    """(1, 128, 128) uint8: a square ring of 8 pixels, opened by ``gap`` pixels of paper."""
    page = blank(1)
    page[:, 30:90, left : left + 60] = 0
    page[:, 38:82, left + 8 : left + 52] = 255
    if gap:
        page[:, 30:38, left + 30 : left + 30 + gap] = 255
    return page


def blurred(images: torch.Tensor, sigma: float = 2) -> torch.Tensor:
    soft = gaussian_filter(images.numpy().astype(float), (0, sigma, sigma), mode="nearest")
    return torch.from_numpy(np.uint8(np.rint(soft)))


def test_parts_and_holes_of_drawn_strokes() -> None:
    two = torch.minimum(bar(8), bar(8, left=80))
    assert counts(blank(1)) == (0, 0)
    assert counts(bar(8)) == (1, 0)
    assert counts(two) == (2, 0)
    assert counts(ring()) == (1, 1)
    assert counts(ring(gap=6)) == (1, 0)
    assert counts(torch.minimum(ring(), bar(6, left=14))) == (2, 1)


def test_a_page_of_ink_has_one_part_and_no_hole() -> None:
    assert counts(torch.zeros(1, 128, 128, dtype=torch.uint8)) == (1, 0)


def test_paper_shut_off_by_the_edge_of_the_page_is_no_hole() -> None:
    page = blank(1)
    page[:, :40, 40:48] = 0
    page[:, 40:48, :48] = 0  # an angle that cuts a corner off
    assert counts(page) == (1, 0)


def test_a_diagonal_joins_ink_and_shuts_paper_off() -> None:
    page = blank(1)
    page[:, 20:40, 20:40] = page[:, 40:60, 40:60] = 0
    assert counts(page) == (1, 0)
    page[:, 20:40, 60:80] = 0  # three squares of a board, and a fourth that closes the ring
    page[:, 0:20, 40:60] = 0
    assert counts(page) == (1, 1)


def test_counts_agree_with_scikit_image_where_nothing_is_small() -> None:
    page = 255 - pages(12).numpy()  # ink with holes
    page[:, :4] = page[:, -4:] = page[:, :, :4] = page[:, :, -4:] = 255
    found = count(page)
    for image, (parts, holes) in zip(page, found.tolist(), strict=True):
        ink = image < 128
        sizes = [
            np.bincount(label(mask, connectivity=c).ravel())[1:]
            for mask, c in ((ink, 2), (~ink, 1))
        ]
        if min(map(np.min, sizes)) >= 8:
            assert parts - holes == euler_number(ink, connectivity=2)
        assert parts == (sizes[0] >= 8).sum()
        assert holes == (sizes[1] >= 8).sum() - 1  # the outside
    assert found[:, 1].sum() > 0


def test_counts_of_noise_agree_with_scipy_and_no_page_minds_its_neighbours() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (5, 30, 40)).astype(np.uint8)
    noise[2] = 255
    found = count(np.kron(noise, np.ones((1, 3, 3), np.uint8)), 100)  # 9 pixels: none is a speck
    for page, (parts, holes) in zip(
        np.pad(noise < 100, ((0, 0), (1, 1), (1, 1))), found, strict=True
    ):
        assert parts == scipy.ndimage.label(page, np.ones((3, 3)))[1]
        assert holes == scipy.ndimage.label(~page)[1] - 1
    assert count(np.zeros((0, 128, 128), np.uint8)).shape == (0, 2)


def test_specks_count_for_nothing_and_larger_dots_do() -> None:
    page = bar(8)
    page[:, 5:7, 5:8] = 0  # 6 pixels
    page[:, 40:42, 43:45] = 255  # a pinhole of 4
    assert error(page, bar(8)) == 0
    page[:, 5:9, 5:8] = 0  # 12 pixels
    assert error(page, bar(8)) == pytest.approx(1 / 2)
    page[:, 40:44, 42:46] = 255
    assert error(page, bar(8)) == pytest.approx(2 / 3)


def test_a_broken_and_an_extra_stroke_by_hand() -> None:
    two = torch.minimum(bar(8), bar(8, left=80))
    broken = bar(8)
    broken[:, 50:56] = 255
    assert error(broken, bar(8)) == pytest.approx(1 / 2)
    assert error(bar(8), two) == pytest.approx(1 / 2)
    assert error(ring(gap=6), ring()) == pytest.approx(1 / 2)  # a hole less, of a part and a hole
    assert error(two, ring()) == pytest.approx(2 / 3)  # one too many, one too few


def test_the_error_is_symmetric() -> None:
    metric = TopologyError()
    assert torch.equal(
        metric.scores(pages(6), pages(6, seed=1)), metric.scores(pages(6, seed=1), pages(6))
    )


def test_a_blank_page_is_as_wrong_as_can_be() -> None:
    assert TopologyError().scores(blank(6), pages(6)).tolist() == [1.0] * 6
    assert TopologyError().scores(pages(6), blank(6)).tolist() == [1.0] * 6
    assert error(blank(1), blank(1)) == 0


def test_no_error_is_out_of_range() -> None:
    noise = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (4, 128, 128), np.uint8))
    for pred in (noise, 255 - pages(4), pages(4, seed=2)):
        scores = TopologyError().scores(pred, pages(4))
        assert (scores >= 0).all() and (scores <= 1).all()
    assert (TopologyError().scores(noise, pages(4)) > 0.8).all()


def test_place_weight_and_softness_make_no_difference() -> None:
    assert error(ring(left=20), ring()) == 0
    assert error(shifted(ring(), 3, 5), ring()) == 0
    assert error(blurred(ring()), ring()) == 0
    # Two pixels wide under a blur of two: at 128 alone it would be gone.
    thin = bar(2)
    assert counts(blurred(thin)) == (0, 0)
    assert error(blurred(thin), thin) == 0


def test_a_grey_bridge_is_read_either_way() -> None:
    two, bridged = (torch.minimum(bar(8), bar(8, left=80)) for _ in range(2))
    bridged[:, 50:54, 48:80] = 150  # grey: at 192 one part, at 128 two
    joined = bridged.clone()
    joined[:, 50:54, 48:80] = 0
    assert error(bridged, two) == 0 == error(bridged, joined)
    assert error(joined, two) == pytest.approx(1 / 2)


def test_controls_stand_in_the_right_order_on_real_glyphs(eval_dataset: Path) -> None:
    dataset = GlyphDataset.open(eval_dataset)
    characters = dataset.splits.lite_characters[::4]
    available = frozenset(dataset.characters)
    metric = TopologyError()

    def mean(pred: torch.Tensor, target: torch.Tensor) -> float:
        return float(metric.scores(pred, target).mean())

    soft, wrong = [], []
    for font_id in ("do-hyeon-regular", "gamja-flower-regular", "song-myung-regular"):
        others = [swap_jamo(c, available - dataset.missing(font_id)) for c in characters]
        truth, swapped = (
            torch.from_numpy(dataset.images(font_id, asked)) for asked in (characters, others)
        )
        assert mean(truth, truth) == mean(shifted(truth, 0, 3), truth) == 0
        assert mean(torch.full_like(truth, 255), truth) == 1
        soft.append(mean(blurred(truth), truth))
        wrong.append(mean(swapped, truth))
        assert soft[-1] < wrong[-1]
    # Song Myung's hairlines are two pixels and less: such a blur takes some of them away.
    assert np.mean(soft) < 0.05 < 0.12 < np.mean(wrong)
