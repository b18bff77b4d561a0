"""DG-Font's losses (section 3.4 of the paper) and their weights."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class LossWeights:
    """How much each term counts; every default is the paper's or its code's.

    Attributes:
        adversarial: That a drawn glyph passes for one of its font.
        image: That a glyph drawn in its own style is itself.
        content: That what is drawn has the content's features.
        offset: That skips bend no more than they must.
        penalty: Of the discriminator's gradient at real glyphs.
    """

    adversarial: float = 1.0
    image: float = 0.1
    content: float = 0.1
    offset: float = 0.5
    penalty: float = 10.0


def discriminator_hinge(real: Tensor, drawn: Tensor) -> Tensor:
    """What the discriminator lowers: 0 where real is above 1 and drawn below -1.

    Args:
        real: (N,) what it says of real glyphs.
        drawn: (N,) what it says of drawn ones.
    """
    return functional.relu(1 - real).mean() + functional.relu(1 + drawn).mean()


def generator_hinge(drawn: Tensor) -> Tensor:
    """What the generator lowers: it falls as (N,) judgements of drawn glyphs rise."""
    return -drawn.mean()


def image_loss(drawn: Tensor, truth: Tensor) -> Tensor:
    """Mean absolute difference of (N, 1, H, W) glyphs; 0 where they are equal."""
    return (drawn - truth).abs().mean()


def content_loss(drawn: Tensor, given: Tensor) -> Tensor:
    """Mean absolute difference of (N, C, H, W) content features; 0 where they are equal."""
    return (drawn - given).abs().mean()


def offset_loss(offsets: Sequence[Tensor]) -> Tensor:
    """Mean absolute offset over all skips, in pixels of their features; 0 where nothing moves.

    Args:
        offsets: (N, 2 K, H, W) of each skip.
    """
    return torch.stack([offset.abs().mean() for offset in offsets]).mean()
