"""The control that copies: the training font whose reference syllables are nearest in pixels."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.controls import Control
from hangeul_bench.adapter import Request
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import PAPER, Glyphs

_LARGEST_SHIFT = 4  # pixels each way, as in the metric `ssim_aligned`


class NearestFont(Control):
    """Answers with the glyphs of one training font of the dataset.

    It is the font whose glyphs of the reference syllables have the smallest mean squared error to
    the references, each glyph under its own best shift of at most 4 pixels each way. A seen font
    is a training font, so it would find that itself, had the harness not its lineage excluded.

    Raises:
        UserError: There is no dataset, or no training font.
    """

    name = "nearest-font"

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.gallery = self.dataset.splits.train_fonts
        self._hidden: frozenset[str] = frozenset()
        if not self.gallery:
            raise UserError("Control nearest-font needs a dataset with training fonts.")
        self.details = {"gallery": len(self.gallery)}
        self._nearest: dict[bytes, str] = {}
        self._gallery_images: dict[tuple[str, ...], Glyphs] = {}

    def exclude(self, lineages: Sequence[str]) -> None:
        """Leave fonts of these lineages out of what is copied from, and no others."""
        if self._hidden != frozenset(lineages):
            self._hidden, self._nearest = frozenset(lineages), {}

    def generate(self, request: Request) -> Glyphs:
        """The nearest training font's own glyphs."""
        key = request.references.tobytes()
        if key not in self._nearest:
            self._nearest[key] = self.nearest(request)
        return self.dataset.images(self._nearest[key], request.characters)

    def nearest(self, request: Request) -> str:
        """The font_id of the nearest training font; of equals, the first by font_id.

        Raises:
            UserError: None draws the references, or all that do are excluded.
        """
        characters = request.reference_characters
        total = np.zeros(len(self.gallery))
        images = self._images(characters)  # (F, K, H, W)
        for position, reference in enumerate(request.references):
            total += _aligned_squared_error(reference, images[:, position])
        lacking = [
            not self.dataset.missing(font).isdisjoint(characters)
            or self.dataset.font(font).lineage in self._hidden
            for font in self.gallery
        ]
        total[lacking] = np.inf  # a blank image is no style to be near to
        if not np.isfinite(total).any():
            raise UserError("Control nearest-font has no training font left to copy.")
        return self.gallery[int(total.argmin())]

    def _images(self, characters: tuple[str, ...]) -> Glyphs:
        if characters not in self._gallery_images:
            glyphs = [self.dataset.images(font, characters) for font in self.gallery]
            self._gallery_images[characters] = np.stack(glyphs)
        return self._gallery_images[characters]


def _aligned_squared_error(reference: Glyphs, images: Glyphs) -> NDArray[np.float64]:
    """Sum of squared ink differences under the best shift: (H, W), (F, H, W) => (F,)."""
    margin = _LARGEST_SHIFT
    ink = (PAPER - images.astype(np.float64)) / PAPER  # (F, H, W), 1 = ink
    own = (PAPER - reference.astype(np.float64)) / PAPER  # (H, W)
    wide = np.pad(own, 2 * margin)
    size = own.shape[0] + 2 * margin
    offsets = range(2 * margin + 1)
    shifted = np.stack([wide[y : y + size, x : x + size].ravel() for y in offsets for x in offsets])
    flat = np.pad(ink, ((0, 0), (margin, margin), (margin, margin))).reshape(len(ink), -1)
    overlap = (flat @ shifted.T).max(axis=1)  # (F,)
    energy: NDArray[np.float64] = (flat**2).sum(axis=1) + (own**2).sum() - 2 * overlap
    return energy
