"""From a font and a syllable to pixels, all of a font by one :class:`Placement`."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal

import numpy as np

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import SIZE, Glyphs
from hangeul_bench.fonts.freetype import FreeTypeFace, Outline
from hangeul_bench.fonts.placement import Placement, place
from hangeul_bench.hangeul.charset import codepoint_name, ksx1001

if TYPE_CHECKING:
    from hangeul_bench.fonts.faces import FontFace

MissingReason = Literal["not in the cmap", "empty outline", "outline of .notdef"]


class Rasterizer:
    """Draws the syllables of one font, all by one :class:`Placement`.

    Args:
        face: A font found by :func:`hangeul_bench.fonts.find_faces`, or the path of a TTF or OTF.
        size: Width and height of an image in pixels.

    Raises:
        UserError: FreeType cannot read the font.
    """

    def __init__(self, face: "FontFace | Path", size: int = SIZE) -> None:
        self.name, data = _read(face)
        self.size = size
        self._face = FreeTypeFace(data, self.name)
        self._outlines: dict[str, Outline | MissingReason] = {}
        self._placement: Placement | None = None
        self._notdef = self._face.outline(0)

    def __enter__(self) -> "Rasterizer":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give FreeType's memory back."""
        self._face.close()

    @property
    def placement(self) -> Placement:
        """Scale and baseline, fitted to the 2,350 unless :meth:`fit` was called."""
        return self._placement or self.fit(())

    def fit(self, syllables: Iterable[str]) -> Placement:
        """Fit scale and baseline to the font's own syllables.

        The 2,350 of KS X 1001 always count, so that a font looks the same in every dataset that
        draws no more than these; further ``syllables`` count too, so that none is ever clipped.

        Raises:
            UserError: The font draws none of them.
        """
        drawn = [self._drawn(s) for s in sorted({*ksx1001(), *syllables})]
        outlines = [outline for outline in drawn if outline is not None]
        if not outlines:
            raise UserError(
                f"Expected a Korean font, but {self.name} draws none of the syllables; remove it."
            )
        self._placement = place(outlines, self.size)
        return self._placement

    def render(self, syllable: str) -> Glyphs:
        """Draw one syllable; blank paper if it is missing.

        Returns:
            (size, size) uint8, 0 = ink, 255 = paper.
        """
        image: Glyphs = self.render_many((syllable,))[0]
        return image

    def render_many(self, syllables: Sequence[str]) -> Glyphs:
        """Draw syllables; those that are missing are blank paper.

        Returns:
            (N, size, size) uint8, 0 = ink, 255 = paper.
        """
        images = np.zeros((len(syllables), self.size, self.size), dtype=np.uint8)
        self.draw_ink(syllables, images)
        return np.invert(images, out=images)

    def draw_ink(self, syllables: Sequence[str], images: Glyphs) -> None:
        """Draw syllables as ink on the caller's images.

        Args:
            syllables: (N) syllables; those that are missing stay blank.
            images: (N, size, size) uint8, zeros; receives coverage, 255 = ink. Its rows may stand
                apart from each other.
        """
        placement, baseline = self.placement, self.placement.baseline_26_6
        found = {row: self._drawn(syllable) for row, syllable in enumerate(syllables)}
        drawn = {row: outline for row, outline in found.items() if outline is not None}
        self._face.draw(
            drawn,
            scale=placement.scale_16_16,
            origins=[(placement.left(outline.advance), baseline) for outline in drawn.values()],
            images=images,
        )

    def missing(self, syllables: Iterable[str]) -> set[str]:
        """The syllables that the font does not draw."""
        return set(self.missing_reasons(syllables))

    def missing_reasons(self, syllables: Iterable[str]) -> dict[str, MissingReason]:
        """The syllables that the font does not draw, each with the reason."""
        found = {syllable: self._look_up(syllable) for syllable in syllables}
        return {s: outline for s, outline in found.items() if isinstance(outline, str)}

    def outline(self, syllable: str) -> Outline:
        """The outline of a syllable in font units.

        Raises:
            UserError: The font does not draw it.
        """
        outline = self._look_up(syllable)
        if isinstance(outline, str):
            raise UserError(
                f"{self.name} does not draw {syllable} ({codepoint_name(syllable)}): {outline}."
            )
        return outline

    def outline_sha256(self, syllable: str) -> str:
        """SHA-256 of a syllable's outline in font units; independent of any renderer.

        Raises:
            UserError: The font does not draw it.
        """
        return self.outline(syllable).sha256

    def _drawn(self, syllable: str) -> Outline | None:
        outline = self._look_up(syllable)
        return None if isinstance(outline, str) else outline

    def _look_up(self, syllable: str) -> Outline | MissingReason:
        known = self._outlines.get(syllable)
        if known is None:
            known = self._outlines[syllable] = self._load(syllable)
        return known

    def _load(self, syllable: str) -> Outline | MissingReason:
        glyph = self._face.glyph_index(ord(syllable))
        if glyph == 0:
            return "not in the cmap"
        outline = self._face.outline(glyph)
        if outline is None:
            return "empty outline"
        if self._notdef is not None and outline.same_shape(self._notdef):
            return "outline of .notdef"
        return outline


def _read(face: "FontFace | Path") -> tuple[str, bytes]:
    """The font's name for messages, and its bytes as a plain sfnt."""
    if isinstance(face, Path):
        return face.name, face.read_bytes()
    from hangeul_bench.fonts.faces import sfnt_bytes

    return face.path.name, sfnt_bytes(face)
