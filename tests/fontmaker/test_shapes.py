"""Shapes become bolder by the units asked for, and keep no point twice."""

import numpy as np

from fontmaker.outline import TOP, UNITS, Outline
from fontmaker.shapes import Shape, from_outline, rectangles, transformed

FRAME = rectangles(800, ((100, 0, 700, 600), (200, 100, 600, 500)))


def test_scaling_keeps_the_proportions():
    half = transformed(FRAME, scale=0.5, bolder=0)
    assert half.advance == 400
    assert half.box == (50, 0, 350, 300)
    assert half.ends == FRAME.ends


def test_bolder_strokes_grow_on_both_sides():
    bold = transformed(FRAME, scale=1.0, bolder=20)
    outer, inner = bold.points[:4], bold.points[4:]
    assert outer[:, 1].max() - outer[:, 1].min() == 620
    assert inner[:, 1].max() - inner[:, 1].min() == 380
    assert bold.advance == 820
    left, right = bold.box[0], bold.advance - bold.box[2]
    assert (left, right) == (100, 100)  # the side bearings stay


def test_lighter_strokes_shrink():
    light = transformed(FRAME, scale=1.0, bolder=-20)
    assert light.points[4:, 0].max() - light.points[4:, 0].min() == 420


def test_points_that_rounding_joins_are_kept_once():
    points = np.array([(0, 0), (0, 10.0), (0.01, 10.0), (10.0, 10.0), (10.0, 0)])
    outline = Outline(points, np.ones(5, bool), (4,))
    shape = from_outline(outline, 7, 500)
    assert len(shape.points) == 4
    assert shape.box == (7, TOP - 10 * UNITS, 7 + 10 * UNITS, TOP)


def test_a_contour_that_rounding_makes_a_line_is_left_out():
    points = np.array([(0, 0), (0.01, 0), (0, 0.01), (50, 50), (60, 50), (60, 60), (50, 60.0)])
    shape = from_outline(Outline(points, np.ones(7, bool), (2, 6)), 0, 500)
    assert shape.ends == (3,)


def test_a_shape_without_ink_has_an_empty_box():
    empty = Shape(300, np.empty((0, 2), np.int64), np.empty(0, bool), ())
    assert empty.box == (0, 0, 0, 0)
    assert transformed(empty, scale=0.5, bolder=9).ends == ()
