"""Controls that need no weights: what a metric must reward, and what it must not."""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangeul_bench.adapter import Kind, Request, TrainedOn
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import PAPER, Glyphs
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.hangeul import compose, decompose

_GLYPHS_AT_ONCE = 4096  # looking glyphs up is cheapest a whole font at a time
_JAMO_COUNTS = (19, 21, 28)  # initials, medials, finals with none


class Control:
    """What all controls share: they look glyphs up in the dataset and have learned nothing.

    Raises:
        UserError: It was given no dataset.
    """

    name: str
    kind: Kind = "control"
    trained_on = TrainedOn()
    parameters = 0
    checkpoint_sha256 = None

    def __init__(
        self,
        *,
        device: str = "cpu",
        dataset: GlyphDataset | None = None,
        batch_size: int | None = None,
    ) -> None:
        del device
        if dataset is None:
            raise UserError(f"Control {self.name} looks its glyphs up in a dataset; give it one.")
        self.dataset = dataset
        self.batch_size = batch_size or _GLYPHS_AT_ONCE
        self.details: dict[str, Any] = {}


class GroundTruth(Control):
    """The true glyphs: the ceiling of every metric and the jamo reader's own error."""

    name = "ground-truth"

    def look_up(self, font_id: str, characters: Sequence[str]) -> tuple[Glyphs, NDArray[np.bool_]]:
        """(N, H, W) uint8 glyphs of a font as :meth:`changed`, all (N,) of them delivered."""
        images = self.changed(self.dataset.images(font_id, characters))
        return images, np.ones(len(images), np.bool_)

    def changed(self, truth: Glyphs) -> Glyphs:
        """What is answered in place of the true glyphs: (N, H, W) uint8."""
        return truth


class Blank(Control):
    """Empty paper for every syllable."""

    name = "blank"

    def generate(self, request: Request) -> Glyphs:
        """Blank images."""
        return np.full_like(request.content, PAPER)


class ContentFont(Control):
    """The content font as it is: the right syllables with no style."""

    name = "content-font"

    def generate(self, request: Request) -> Glyphs:
        """The request's own content glyphs."""
        return request.content.copy()


class Shifted(GroundTruth):
    """The true glyphs moved ``pixels`` to the right."""

    name = "shifted-3px"

    def __init__(self, *, pixels: int = 3, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.pixels = pixels
        self.details = {"right": pixels}

    def changed(self, truth: Glyphs) -> Glyphs:
        """The true glyphs, moved."""
        moved = np.full_like(truth, PAPER)
        moved[:, :, self.pixels :] = truth[:, :, : -self.pixels]
        return moved


class Blurred(GroundTruth):
    """The true glyphs under a Gaussian blur of ``sigma`` pixels."""

    name = "blurred"

    def __init__(self, *, sigma: float = 2.0, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.sigma = sigma
        self.details = {"sigma": sigma}

    def changed(self, truth: Glyphs) -> Glyphs:
        """The true glyphs, blurred."""
        from scipy.ndimage import gaussian_filter

        sigmas = (0, self.sigma, self.sigma)
        blurred = gaussian_filter(truth.astype(np.float32), sigmas, mode="constant", cval=PAPER)
        glyphs: Glyphs = np.rint(blurred).astype(np.uint8)
        return glyphs


class JamoSwapped(GroundTruth):
    """The same font's true glyph of another syllable: one that differs in exactly one jamo.

    Of all syllables of the dataset that the font draws and that differ in the initial, the medial
    or the final alone, it is the one with the smallest SHA-256 of ``<asked><other>``.
    """

    name = "jamo-swapped"

    def look_up(self, font_id: str, characters: Sequence[str]) -> tuple[Glyphs, NDArray[np.bool_]]:
        """True glyphs of neighbouring syllables."""
        available = frozenset(self.dataset.characters) - self.dataset.missing(font_id)
        return super().look_up(font_id, [swap_jamo(c, available) for c in characters])


class MeanFont(Control):
    """The mean of all training fonts' glyphs of a syllable."""

    name = "mean-font"

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.details = {"gallery": len(self.dataset.splits.train_fonts)}
        self._means: dict[str, Glyphs] = {}

    def generate(self, request: Request) -> Glyphs:
        """The mean glyphs, the same for every font."""
        lacking = [c for c in dict.fromkeys(request.characters) if c not in self._means]
        if lacking:
            self._means.update(zip(lacking, self._mean(lacking), strict=True))
        return np.stack([self._means[c] for c in request.characters])

    def _mean(self, characters: Sequence[str]) -> Glyphs:
        ink = np.zeros((len(characters), self.dataset.size, self.dataset.size))
        count = np.zeros(len(characters))
        for font_id in self.dataset.splits.train_fonts:
            missing = self.dataset.missing(font_id)
            # A missing glyph is white in the dataset: it adds no ink and no count.
            ink += PAPER - self.dataset.images(font_id, characters)
            count += [c not in missing for c in characters]
        mean = PAPER - ink / np.maximum(count, 1)[:, None, None]
        return np.rint(mean).astype(np.uint8)


def swap_jamo(syllable: str, available: frozenset[str]) -> str:
    """The syllable drawn instead by :class:`JamoSwapped`.

    Args:
        syllable: The syllable asked for.
        available: The syllables to choose from.

    Raises:
        UserError: ``available`` holds no syllable that differs in exactly one jamo.
    """
    parts = decompose(syllable)
    others = (
        compose(parts._replace(**{slot: index}))
        for slot, count in zip(parts._fields, _JAMO_COUNTS, strict=True)
        for index in range(count)
    )
    candidates = [other for other in others if other != syllable and other in available]
    if not candidates:
        raise UserError(
            f"No syllable of the dataset differs from {syllable} in exactly one jamo; "
            "build it with a larger character set."
        )
    return min(candidates, key=lambda other: hashlib.sha256((syllable + other).encode()).digest())
