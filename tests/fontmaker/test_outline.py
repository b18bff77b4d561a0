"""Traced outlines lie on the ink's edge: corners sharp, circles round, holes turned, no specks.

Soft edges become as sharp as a font's, where they were half ink; sharp ones stay.
"""

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch.nn import functional

from fontmaker.outline import Outline, crisp, doubled, trace
from hangeul_bench.fonts.raster import Rasterizer
from hangeul_bench.hangeul.charset import ksx1001
from hangeul_bench.metrics.ssim import ssim_scores


def page_of(inside, size=128, fine=8):
    """(size, size) uint8 with ink where ``inside(x, y)`` holds, by the share of each pixel."""
    at = (np.arange(size * fine) + 0.5) / fine
    ink = inside(*np.meshgrid(at, at))
    share = ink.reshape(size, fine, size, fine).mean(axis=(1, 3))
    return np.rint(255 * (1 - share)).astype(np.uint8)


def outline_of(page) -> Outline:
    (outline,) = trace(page[None])
    return outline


def contours(outline):
    starts = (0, *(end + 1 for end in outline.ends[:-1]))
    for start, end in zip(starts, outline.ends, strict=True):
        yield outline.points[start : end + 1], outline.on_curve[start : end + 1]


def curve(points, on_curve, steps=8):
    """Points along a TrueType contour."""
    full = []
    for i in range(len(points)):
        full.append((points[i], on_curve[i]))
        j = (i + 1) % len(points)
        if not on_curve[i] and not on_curve[j]:
            full.append(((points[i] + points[j]) / 2, True))
    drawn, n = [], len(full)
    for i, (point, on) in enumerate(full):
        if on:
            drawn.append(point)
        else:
            a, b = full[i - 1][0], full[(i + 1) % n][0]
            for t in np.arange(1, steps) / steps:
                drawn.append((1 - t) ** 2 * a + 2 * t * (1 - t) * point + t**2 * b)
    return np.array(drawn)


def area(points):
    x, y = points.T
    return 0.5 * float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def disc(x, y):
    return np.hypot(x - 60.3, y - 64.8) < 30


def test_a_square_has_four_sharp_corners():
    outline = outline_of(page_of(lambda x, y: (x > 30) & (x < 90) & (y > 40) & (y < 80)))
    assert outline.on_curve.all()
    assert len(outline.points) == 4
    corners = sorted((round(x), round(y)) for x, y in outline.points)
    assert corners == [(30, 40), (30, 80), (90, 40), (90, 80)]
    assert np.abs(outline.points - np.rint(outline.points)).max() < 0.06


@pytest.mark.parametrize("shift", [0.2, 0.35, 0.5, 0.8])
def test_a_square_between_pixels_has_four_sharp_corners_too(shift):
    left, right, top, bottom = 30 + shift, 90 - shift, 40 + shift / 2, 80 + shift
    outline = outline_of(
        page_of(lambda x, y: (x > left) & (x < right) & (y > top) & (y < bottom), fine=20)
    )
    assert len(outline.points) == 4
    for corner in ((left, top), (right, top), (right, bottom), (left, bottom)):
        assert np.hypot(*(outline.points - corner).T).min() < 0.2


def test_a_disc_is_round_and_has_no_corner():
    (points, on_curve), *others = contours(outline_of(page_of(disc)))
    assert others == []
    assert on_curve.sum() == 1  # the point it starts from
    radii = np.hypot(*(curve(points, on_curve) - (60.3, 64.8)).T)
    assert abs(radii.mean() - 30) < 0.05
    assert np.abs(radii - 30).max() < 0.15


def test_an_oblique_bar_keeps_straight_sides():
    def bar(x, y):
        along, across = 0.8 * x + 0.6 * y, 0.8 * y - 0.6 * x
        return (np.abs(across) < 5) & (along > 40) & (along < 120)

    (points, on_curve), *_ = contours(outline_of(page_of(bar)))
    drawn = curve(points, on_curve)
    across = 0.8 * drawn[:, 1] - 0.6 * drawn[:, 0]
    middle = (0.8 * drawn[:, 0] + 0.6 * drawn[:, 1] > 45) & (
        0.8 * drawn[:, 0] + 0.6 * drawn[:, 1] < 115
    )
    assert np.abs(np.abs(across[middle]) - 5).max(initial=0) < 0.1


def test_ink_runs_clockwise_and_holes_the_other_way():
    ring = outline_of(page_of(lambda x, y: disc(x, y) & (np.hypot(x - 60, y - 65) > 12)))
    areas = sorted(area(points) for points, _ in contours(ring))
    assert areas[0] == pytest.approx(-np.pi * 12**2, rel=0.02)  # y points downwards
    assert areas[1] == pytest.approx(np.pi * 30**2, rel=0.02)


def test_every_contour_starts_on_its_curve():
    outline = outline_of(page_of(lambda x, y: disc(x, y) | (x > 100)))
    assert all(on_curve[0] for _, on_curve in contours(outline))


def test_blank_paper_draws_nothing_and_specks_are_left_out():
    page = np.full((128, 128), 255, np.uint8)
    assert outline_of(page).ends == ()
    page[10, 10] = 100  # two thirds of a pixel
    page[64:80, 64:80] = 0
    assert len(outline_of(page).ends) == 1


def test_ink_at_the_page_edge_is_closed():
    outline = outline_of(page_of(lambda x, y: y < 20))
    ((points, _),) = contours(outline)
    assert points.min() >= -0.5
    assert area(points) == pytest.approx(128 * 20, rel=0.01)


def test_a_page_is_traced_the_same_alone_and_among_others():
    random = np.random.default_rng(0)
    noise = ndimage.gaussian_filter(random.normal(size=(70, 128, 128)), (0, 4, 4))
    pages = np.where(noise > 0.02, 0, 255).astype(np.uint8)
    together = list(trace(pages))
    for index in (0, 1, 63, 64, 69):
        alone = outline_of(pages[index])
        assert alone.ends == together[index].ends
        assert np.array_equal(alone.points, together[index].points)
        assert np.array_equal(alone.on_curve, together[index].on_curve)


def ramp_page(width, middle=64.25):
    """(1, 128, 128) uint8 with ink left of ``middle``, its edge ``width`` pixels wide."""
    x = np.arange(128) + 0.5
    grey = ((x - middle) / width + 0.5).clip(0, 1) * 255
    return np.broadcast_to(np.rint(grey).astype(np.uint8), (1, 128, 128)).copy()


@pytest.mark.parametrize("width", [2.0, 4.0, 7.0])
def test_a_soft_edge_becomes_one_pixel_wide_and_stays_in_its_place(width):
    (row,) = {tuple(row) for row in crisp(ramp_page(width))[0, 2:-2].tolist()}
    assert np.count_nonzero((np.array(row) > 0) & (np.array(row) < 255)) == 1
    assert row[63] == 0
    assert row[65] == 255
    assert row[64] == pytest.approx(255 * 0.75, abs=255 / 12)


def test_black_and_white_pages_stay_as_they_are():
    page = np.random.default_rng(0).choice([0, 255], (3, 20, 30)).astype(np.uint8)
    assert np.array_equal(crisp(page), page)


def test_paper_that_is_not_quite_white_becomes_white_and_faint_ink_black():
    page = np.full((1, 40, 40), 250, np.uint8)
    page[0, 10:30, 10:30] = 6
    sharp = crisp(page)
    assert (sharp[0, :9] == 255).all()
    assert (sharp[0, 12:28, 12:28] == 0).all()


def test_a_rasterised_font_stays_nearly_as_it_is(real_fonts):
    with Rasterizer(next(real_fonts.rglob("gamja-flower-regular.*"))) as rasterizer:
        pages = rasterizer.render_many(ksx1001()[::117])
    again = ssim_scores(torch.from_numpy(crisp(pages)), torch.from_numpy(pages))
    assert again.min() > 0.99


def test_doubling_is_bicubic_interpolation_to_the_last_bit():
    pages = np.random.default_rng(1).integers(0, 256, (2, 12, 17)).astype(np.uint8)
    padded = np.pad(pages, ((0, 0), (4, 4), (4, 4)), constant_values=255).astype(np.float64)
    wanted = functional.interpolate(
        torch.from_numpy(padded)[:, None], scale_factor=2, mode="bicubic", align_corners=False
    )[:, 0, 4:-4, 4:-4]
    assert doubled(pages).shape == (2, 32, 42)
    assert np.array_equal(doubled(pages), wanted.numpy())


def test_a_page_does_not_depend_on_the_others():
    pages = np.random.default_rng(2).integers(0, 256, (4, 30, 30)).astype(np.uint8)
    assert np.array_equal(crisp(pages)[2:3], crisp(pages[2:3]))
    assert np.array_equal(doubled(pages)[2:3], doubled(pages[2:3]))
