"""From a font and a syllable to pixels; the placement rule lives here and nowhere else.

A font has one scale and one baseline. Each glyph is centred by its advance width, never by its
ink, because side bearings and baseline are style. All arithmetic is in integers (font units, 1/64
pixels, 16.16 scale), so that the outcome is the same on every machine.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from hangeul_bench.charset import codepoint_name, ksx1001
from hangeul_bench.errors import UserError
from hangeul_bench.raster_freetype import FreeTypeFace, Outline

if TYPE_CHECKING:
    from hangeul_bench.fonts import FontFace

Images = npt.NDArray[np.uint8]
MissingReason = Literal["not in the cmap", "empty outline", "outline of .notdef"]

# Of 128 pixels: every ink box inside the central 124, 99 % of them inside the central 112. One
# tall syllable must not shrink a whole font.
_REFERENCE_SIZE = 128
_ALL_INSIDE = 124
_MOST_INSIDE = 112
_MOST = 99, 100
_ONE = 1 << 16  # 1.0 in 16.16


@dataclass(frozen=True)
class Placement:
    """How all glyphs of a font are put on the page.

    Attributes:
        scale_16_16: 1/64 pixels a font unit, as 16.16 fixed-point number.
        baseline_26_6: Height of the baseline above the lower edge, in 1/64 pixels.
        size: Width and height of the page in pixels.
    """

    scale_16_16: int
    baseline_26_6: int
    size: int

    @property
    def scale(self) -> float:
        """Pixels a font unit; exact, since the fixed-point number has few bits."""
        return self.scale_16_16 / (64 * _ONE)

    @property
    def baseline(self) -> float:
        """Distance of the baseline from the upper edge in pixels; exact."""
        return self.size - self.baseline_26_6 / 64

    def left(self, advance: int) -> int:
        """Where a glyph's origin stands, in 1/64 pixels, for its advance in font units."""
        return self.size * 32 - _scaled_half(advance, self.scale_16_16)


def place(outlines: Iterable[Outline], size: int) -> Placement:
    """The largest scale, and the baseline, that keep a font's outlines inside the margins.

    Args:
        outlines: Outlines of the font's own syllables, none of them empty.
        size: Width and height of the page in pixels.
    """
    drawn = tuple(outlines)
    # Twice the height of the joint ink box's centre, so that it stays an integer.
    centre = min(o.box[1] for o in drawn) + max(o.box[3] for o in drawn)
    reaches = sorted(_reach(outline, centre) for outline in drawn)
    most = reaches[-(-len(reaches) * _MOST[0] // _MOST[1]) - 1]
    scale = min(_scale(_ALL_INSIDE, reaches[-1], size), _scale(_MOST_INSIDE, most, size))
    return Placement(scale, size * 32 - _scaled_half(centre, scale), size)


def _reach(outline: Outline, centre: int) -> int:
    """How far the ink goes from the page's centre in any direction, in half font units."""
    x_min, y_min, x_max, y_max = outline.box
    return max(
        outline.advance - 2 * x_min,
        2 * x_max - outline.advance,
        centre - 2 * y_min,
        2 * y_max - centre,
    )


def _scale(inside: int, reach: int, size: int) -> int:
    return inside * size * 64 * _ONE // (_REFERENCE_SIZE * reach)


def _scaled_half(doubled: int, scale: int) -> int:
    """Half of ``doubled`` font units in 1/64 pixels, rounded."""
    return (doubled * scale + _ONE) // (2 * _ONE)


class Rasterizer:
    """Draws the syllables of one font, all by one :class:`Placement`.

    Args:
        face: A font found by :func:`hangeul_bench.fonts.find_faces`, or the path of a TTF or OTF.
        size: Width and height of an image in pixels.

    Raises:
        UserError: FreeType cannot read the font.
    """

    def __init__(self, face: "FontFace | Path", size: int = _REFERENCE_SIZE) -> None:
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

    def render(self, syllable: str) -> Images:
        """Draw one syllable; blank paper if it is missing.

        Returns:
            (size, size) uint8, 0 = ink, 255 = paper.
        """
        image: Images = self.render_many((syllable,))[0]
        return image

    def render_many(self, syllables: Sequence[str]) -> Images:
        """Draw syllables; those that are missing are blank paper.

        Returns:
            (N, size, size) uint8, 0 = ink, 255 = paper.
        """
        pages = np.zeros((len(syllables), self.size, self.size), dtype=np.uint8)
        self.draw_ink(syllables, pages)
        return np.invert(pages, out=pages)

    def draw_ink(self, syllables: Sequence[str], pages: Images) -> None:
        """Draw syllables as ink on the caller's pages.

        Args:
            syllables: (N) syllables; those that are missing stay blank.
            pages: (N, size, size) uint8, zeros; receives coverage, 255 = ink. Its rows may stand
                apart from each other.
        """
        placement, baseline = self.placement, self.placement.baseline_26_6
        found = {page: self._drawn(syllable) for page, syllable in enumerate(syllables)}
        drawn = {page: outline for page, outline in found.items() if outline is not None}
        self._face.draw(
            drawn,
            scale=placement.scale_16_16,
            origins=[(placement.left(outline.advance), baseline) for outline in drawn.values()],
            pages=pages,
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
    from hangeul_bench.fonts import sfnt_bytes

    return face.path.name, sfnt_bytes(face)
