"""Which fonts of a dataset train a model, which validate it, and how often each one comes."""

import hashlib
from collections import Counter
from dataclasses import dataclass

import torch
from torch import Tensor

from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset import CATEGORIES, Font, GlyphDataset

_HELD_OUT = 10  # lineages a category at most, a fifth of them where there are fewer than fifty


@dataclass(frozen=True)
class TrainingFonts:
    """Training fonts, and training *families* held out to validate on.

    The benchmark's unseen fonts are in neither.
    """

    train: tuple[Font, ...]
    validation: tuple[Font, ...]

    @property
    def font_ids(self) -> tuple[str, ...]:
        """The ids of the fonts to train on, sorted."""
        return tuple(font.font_id for font in self.train)

    @property
    def lineages(self) -> tuple[str, ...]:
        """The families of the fonts to train on, sorted."""
        return tuple(sorted({font.lineage for font in self.train}))

    def weights(self) -> Tensor:
        """(F,) float32: how often a font is drawn, one over the square root of its family's size.

        A quarter of the open corpus' printed styles descend from one source; drawn evenly they
        would be most of what a model sees, and a family each would be as lopsided.
        """
        sizes = Counter(font.lineage for font in self.train)
        weights = [sizes[font.lineage] ** -0.5 for font in self.train]
        return torch.tensor(weights, dtype=torch.float32)


def training_fonts(dataset: GlyphDataset, *, category: str = "both") -> TrainingFonts:
    """Divide the dataset's training fonts into those to train on and those to validate on.

    Held out are the families with the least SHA-256 of their name, among those that hold neither
    an evaluation font nor the content font. A dataset with few families holds out fewer.

    Args:
        dataset: Its ``splits.train_fonts`` are divided.
        category: ``handwritten``, ``printed`` or ``both``.

    Raises:
        UserError: The dataset has no training font of this category.
    """
    fonts = [dataset.font(font_id) for font_id in sorted(dataset.splits.train_fonts)]
    fonts = [font for font in fonts if category in ("both", font.category)]
    if not fonts:
        raise UserError(
            f"Expected training fonts of category {category} in {dataset.path}, but found none; "
            "build the dataset from more fonts."
        )
    kept = set(dataset.splits.seen_fonts) | {dataset.splits.content_font}
    fixed = {font.lineage for font in fonts if font.font_id in kept}
    held_out = {name for c in CATEGORIES for name in _held_out_lineages(fonts, c, fixed)}
    return TrainingFonts(
        tuple(font for font in fonts if font.lineage not in held_out),
        tuple(font for font in fonts if font.lineage in held_out),
    )


def _held_out_lineages(fonts: list[Font], category: str, fixed: set[str]) -> list[str]:
    lineages = {font.lineage for font in fonts if font.category == category}
    count = min(_HELD_OUT, len(lineages) // 5)
    free = sorted(lineages - fixed, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    return free[:count]
