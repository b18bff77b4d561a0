import pytest
import torch
from scipy.ndimage import label

from hangeul_bench.hangeul.phonetics import decompose
from hangeul_bench.reader.training.skeletons import drawn_pages


def pages(text, seed=0, size=64):
    labels = torch.tensor([decompose(c) for c in text])
    return drawn_pages(labels, size, torch.Generator().manual_seed(seed))


def test_pages_are_white_with_ink_in_every_one():
    drawn = pages("가각고곡과곽")
    assert drawn.shape == (6, 64, 64)
    assert drawn.dtype == torch.uint8
    ink = (drawn < 128).float().mean((1, 2))
    assert ((ink > 0.03) & (ink < 0.6)).all()


def test_every_jamo_can_be_drawn():
    initials = "".join(chr(0xAC00 + 588 * i) for i in range(19))
    medials = "".join(chr(0xAC00 + 28 * m) for m in range(21))
    finals = "".join(chr(0xAC00 + f) for f in range(28))
    assert (pages(initials + medials + finals) < 128).any((1, 2)).all()


def test_the_generator_alone_decides_what_is_drawn():
    assert torch.equal(pages("한글", seed=1), pages("한글", seed=1))
    assert not torch.equal(pages("한글", seed=1), pages("한글", seed=2))


@pytest.mark.parametrize(("fewer", "more"), [("거", "겨"), ("니", "너"), ("사", "싸")])
def test_a_stroke_more_is_more_ink_over_many_drawings(fewer, more):
    assert (pages(more * 40) < 128).sum() > (pages(fewer * 40) < 128).sum()


def test_a_final_stands_in_the_lower_third():
    assert (pages("각" * 40)[:, 44:] < 128).any((1, 2)).all()


def test_some_drawings_have_dots_for_short_strokes():
    # A circle, a stem, and between them paper; a dot beside the stem is a third island.
    islands = [label(page.numpy() < 128)[1] for page in pages("아" * 60)]
    assert 2 in islands
    assert 3 in islands
