"""Syllables in the content font, for models that look at it: a dataset's, or drawn here."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import SIZE, Glyphs
from hangeul_bench.dataset.splits.lists import CONTENT_FONT

if TYPE_CHECKING:
    from hangeul_bench.dataset import GlyphDataset
    from hangeul_bench.fonts import Rasterizer

Content = Callable[[Sequence[str]], Glyphs]  # (N) syllables => (N, 128, 128) in the content font


def content_images(dataset: "GlyphDataset | None", syllables: Sequence[str]) -> tuple[Glyphs, int]:
    """The syllables in the dataset's content font.

    Args:
        dataset: Where to look; None gives blank paper.
        syllables: Any syllables; those the dataset lacks are blank paper.

    Returns:
        (N, 128, 128) uint8, 0 = ink, 255 = paper, and how many of them are blank.

    Raises:
        UserError: The dataset's images are not 128 pixels wide.
    """
    content = np.full((len(syllables), SIZE, SIZE), 255, np.uint8)
    if dataset is None:
        return content, len(syllables)
    if dataset.size != SIZE:
        raise UserError(
            f"Expected a dataset of {SIZE} x {SIZE} pixels, but {dataset.path} has "
            f"{dataset.size}; give another with --data."
        )
    font = dataset.splits.content_font
    known = set(dataset.characters) - dataset.missing(font)
    rows = [row for row, syllable in enumerate(syllables) if syllable in known]
    if rows:
        content[rows] = dataset.images(font, [syllables[row] for row in rows])
    return content, len(syllables) - len(rows)


@dataclass(frozen=True)
class ContentGlyphs:
    """Looks syllables up in a dataset, and those that it lacks in the content font's own file.

    Attributes:
        dataset: Where to look first; may be None.
        rasterizer: Draws the content font as a dataset of the 2,350 has it; may be None.
        sha256: Hash of both sources, part of what decides a drawing.
    """

    dataset: "GlyphDataset | None"
    rasterizer: "Rasterizer | None"
    sha256: str

    def __call__(self, syllables: Sequence[str]) -> Glyphs:
        """(N, 128, 128) uint8, 0 = ink, 255 = paper; blank where neither has it."""
        images, blank = content_images(self.dataset, syllables)
        if blank and self.rasterizer is not None:
            rows = np.flatnonzero((images == 255).all(axis=(1, 2)))
            images[rows] = self.rasterizer.render_many([syllables[int(row)] for row in rows])
        return images

    def lacking(self, syllables: Sequence[str]) -> tuple[str, ...]:
        """The syllables that neither source draws."""
        blank = (self(syllables) == 255).all(axis=(1, 2))
        return tuple(s for s, lacks in zip(syllables, blank, strict=True) if lacks)


def open_content(dataset: "GlyphDataset | None", fonts: Path | None) -> ContentGlyphs:
    """The content glyphs of a dataset and of a folder of fonts.

    Args:
        dataset: Whose content font counts first.
        fonts: Folder of fetched fonts, in which the content font's file is looked for.
    """
    from hangeul_bench.fonts import Rasterizer

    path = next(iter(sorted(fonts.rglob(f"{CONTENT_FONT}.*"))), None) if fonts else None
    digest = hashlib.sha256((dataset.fingerprint if dataset else "").encode())
    if path is not None:
        digest.update(path.read_bytes())
    rasterizer = Rasterizer(path) if path is not None else None
    return ContentGlyphs(dataset, rasterizer, digest.hexdigest())
