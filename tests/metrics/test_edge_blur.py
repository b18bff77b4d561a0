"""Outlines that are softer than the truth's are told from sharp ones, however thick a stroke is."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter

from hangeul_bench.metrics import EdgeBlur


def bar(width, *, ink=0):
    page = torch.full((1, 128, 128), 255, dtype=torch.uint8)
    page[:, 30:90, 40 : 40 + width] = ink
    return page


def blurred(page, radius):
    image = Image.fromarray(page[0].numpy()).filter(ImageFilter.GaussianBlur(radius))
    return torch.from_numpy(np.asarray(image).copy())[None]


def test_golden_width() -> None:
    # 60 grey pixels on one side of a bar whose outline has 2 x (60 + 21) sides.
    page = bar(20)
    page[:, 30:90, 60] = 127
    assert float(EdgeBlur().scores(page, bar(20))) == pytest.approx(60 / (2 * (60 + 21)))


def test_a_blur_is_seen_on_thin_and_on_thick_strokes_alike() -> None:
    values = [float(EdgeBlur().scores(blurred(bar(w), 1.0), bar(w))) for w in (8, 16, 40)]
    assert values == pytest.approx([values[0]] * 3, rel=0.1) and values[0] > 0.8
    harder = float(EdgeBlur().scores(blurred(bar(16), 2.0), bar(16)))
    assert harder > 1.5 * values[1]


def test_a_sharp_glyph_of_any_weight_or_place_has_none() -> None:
    assert float(EdgeBlur().scores(bar(3), bar(30))) == 0
    assert float(EdgeBlur().scores(bar(30), blurred(bar(30), 1.0))) == 0  # sharper than the truth
    assert float(EdgeBlur().scores(bar(0), bar(30))) == 0  # blank: legibility's matter


def test_grey_without_an_outline_is_the_widest() -> None:
    assert float(EdgeBlur().scores(bar(20, ink=160), bar(20))) == 16
