"""Finder marks are found where they are, and give the way from millimetres to pixels."""

import numpy as np
import pytest

from fontmaker.sheet.layout import marks
from fontmaker.sheet.marks import corners, find_marks, homography, paper_share, to_pixels


def page_with(centres, module=6, shape=(700, 500)):
    page = np.full(shape, 230, np.float32)
    for x, y in centres:
        for modules, level in ((7, 20), (5, 230), (3, 20)):
            half = modules * module // 2
            page[y - half : y + half, x - half : x + half] = level
    return page


FOUR = [(60, 60), (440, 70), (430, 640), (70, 630)]


def test_marks_are_found_to_a_part_of_a_pixel():
    found = find_marks(paper_share(page_with(FOUR)))
    assert len(found) == 4
    for x, y in FOUR:
        assert np.abs(found - (x, y)).sum(axis=1).min() < 0.6


def test_squares_and_rings_alone_are_no_marks():
    page = page_with(FOUR[:2])
    page[300:340, 200:240] = 20
    page[400:442, 200:242] = 20
    page[406:436, 206:236] = 230
    assert len(find_marks(paper_share(page))) == 2
    assert corners(find_marks(paper_share(page))) is None


def test_of_five_the_outermost_four_are_taken_clockwise():
    found = find_marks(paper_share(page_with([*FOUR, (250, 300)])))
    assert len(found) == 5
    assert np.abs(corners(found) - np.array(FOUR)).max() < 1


def test_blank_paper_has_none():
    assert find_marks(paper_share(np.full((200, 200), 240, np.float32))).shape == (0, 2)


def test_a_shadow_with_an_edge_stays_paper():
    page = page_with(FOUR)
    page[:, 250:] *= 0.5
    share = paper_share(page)
    assert share[300, 100:200].min() > 0.9
    assert share[300, 300:400].min() > 0.9
    assert len(find_marks(share)) == 4


def test_the_marks_go_where_they_are_and_what_is_between_them_between():
    there = np.array(FOUR, float)
    matrix = homography(there)
    assert to_pixels(matrix, np.array(marks())) == pytest.approx(there, abs=1e-6)
    square = np.array([(100, 100), (900, 100), (900, 1388), (100, 1388)], float)
    middle = to_pixels(homography(square), np.array([105.0, 148.5]))
    assert middle == pytest.approx([500, 744], abs=1e-6)
