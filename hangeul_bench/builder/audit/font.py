"""What one font draws, lacks and gets wrong: the measurements behind ``fonts audit``."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
import numpy.typing as npt

from hangeul_bench.base.images import SIZE
from hangeul_bench.fonts.faces import FontFace, sfnt_bytes
from hangeul_bench.fonts.freetype import FreeTypeFace, Outline
from hangeul_bench.fonts.placement import MOST_INSIDE, joint_centre, reach
from hangeul_bench.fonts.raster import Rasterizer
from hangeul_bench.fonts.sfnt import units_per_em
from hangeul_bench.hangeul.charset import all_syllables, ksx1001

_SAMPLE_STEP = 47  # 2,350 / 47 = 50 syllables, spread over all initials
# A syllable is tall when its ink is this many times as high as the font's median ink, or as high
# as the em: it hangs into the next line, and one scale a font makes all others small.
_TALL = 1.2
_SHOWN = 8  # syllables listed as examples
_ON_CURVE = 1  # FreeType: bit 0 of a point's tag


@dataclass(frozen=True)
class Shapes:
    """What a font's outlines tell.

    Attributes:
        identical: Groups of the 2,350 that have one identical outline, so that one is wrong.
        n_identical_all: How many of the 11,172 share their outline with another syllable.
        n_tall: How many of the 2,350 have ink higher than 1.2 times the font's median, or as high
            as the em.
        tall: The highest of these.
        n_outer: How many of the 2,350 have ink outside the placement rule's inner band.
        contours: Median number of contours a syllable; many small ones are holes or erosion.
        is_pixel: Whether all outlines are made of horizontal and vertical lines.
    """

    identical: tuple[str, ...]
    n_identical_all: int
    n_tall: int
    tall: tuple[str, ...]
    n_outer: int
    contours: float
    is_pixel: bool


@dataclass(frozen=True)
class FontAudit:
    """One face of one file.

    Attributes:
        name: The font id, with the file's name where two faces have one id.
        font_id: Font id.
        file: Path relative to the audited folder.
        family: Typographic family name.
        style: Typographic style name.
        category: ``handwritten``, ``printed`` or None.
        lineage: Fonts drawn from one another share it.
        licence: SPDX-like name or ``unknown``.
        n_ksx1001: How many of the 2,350 syllables of KS X 1001 it draws.
        n_all: How many of all 11,172 it draws.
        missing: Reason to the syllables of the 2,350 that it does not draw for that reason.
        n_missing_all: Reason to number, of the 11,172.
        draws_notdef: Whether ``.notdef`` has an outline, which naive renderers draw, the same for
            each syllable that is not in the cmap.
        shapes: What its outlines tell.
    """

    name: str
    font_id: str
    file: str
    family: str
    style: str
    category: str | None
    lineage: str
    licence: str
    n_ksx1001: int
    n_all: int
    missing: Mapping[str, tuple[str, ...]]
    n_missing_all: Mapping[str, int]
    draws_notdef: bool
    shapes: Shapes


@dataclass(frozen=True)
class Measured:
    """A font's audit and what comparing it with other fonts takes.

    Attributes:
        audit: What stands on its own.
        outlines: (2350,) uint64, the first bytes of each outline's hash; 0 if missing.
        images: (50, 128, 128) uint8, 0 = ink, 255 = paper: the sampled syllables.
    """

    audit: FontAudit
    outlines: npt.NDArray[np.uint64]
    images: npt.NDArray[np.uint8]


def sampled_syllables() -> tuple[str, ...]:
    """The 50 syllables whose pixels are compared: every 47th of the 2,350."""
    return ksx1001()[::_SAMPLE_STEP]


def measure(job: tuple[FontFace, str, str]) -> Measured:
    """Look at every syllable of one font.

    Args:
        job: The face, its name and its file's path relative to the folder.

    Raises:
        UserError: The font is broken, or draws none of the 2,350.
    """
    face, name, file = job
    sfnt = sfnt_bytes(face)
    notdef = FreeTypeFace(sfnt, face.path.name).outline(0)
    with Rasterizer(face, SIZE) as rasterizer:
        reasons = rasterizer.missing_reasons(all_syllables())
        drawn = {s: rasterizer.outline(s) for s in all_syllables() if s not in reasons}
        audit = FontAudit(
            name=name,
            font_id=face.font_id,
            file=file,
            family=face.family,
            style=face.style,
            category=face.category,
            lineage=face.lineage,
            licence=face.licence,
            n_ksx1001=sum(s in drawn for s in ksx1001()),
            n_all=len(drawn),
            missing=_by_reason({s: reasons[s] for s in ksx1001() if s in reasons}),
            n_missing_all=dict(sorted(Counter(reasons.values()).items())),
            draws_notdef=notdef is not None,
            shapes=_shapes(drawn, units_per_em(sfnt), rasterizer.placement.scale),
        )
        images = rasterizer.render_many(sampled_syllables())
    return Measured(audit, _hashes(drawn), images)


def _by_reason(reasons: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {
        reason: tuple(s for s, why in reasons.items() if why == reason)
        for reason in sorted(set(reasons.values()))
    }


def _shapes(drawn: Mapping[str, Outline], em: int, scale: float) -> Shapes:
    ksx = {s: drawn[s] for s in ksx1001() if s in drawn}
    tall = _tall(ksx, em)
    sample = [drawn[s] for s in sampled_syllables() if s in drawn]
    return Shapes(
        identical=_identical(ksx),
        n_identical_all=sum(len(group) for group in _identical(drawn)),
        n_tall=len(tall),
        tall=tuple(tall[:_SHOWN]),
        n_outer=_n_outer(list(ksx.values()), scale),
        contours=float(median(len(o.contours) // 2 for o in sample)) if sample else 0.0,
        is_pixel=bool(sample) and all(map(_is_pixel, sample)),
    )


def _identical(drawn: Mapping[str, Outline]) -> tuple[str, ...]:
    groups: dict[tuple[bytes, bytes], str] = {}
    for syllable, outline in drawn.items():
        key = outline.points, outline.contours
        groups[key] = groups.get(key, "") + syllable
    return tuple(sorted(group for group in groups.values() if len(group) > 1))


def _tall(drawn: Mapping[str, Outline], em: int) -> list[str]:
    heights = {s: outline.box[3] - outline.box[1] for s, outline in drawn.items()}
    limit = min(_TALL * median(heights.values()), em) if heights else 0
    tall = [s for s, height in heights.items() if height >= limit]
    return sorted(tall, key=lambda s: (-heights[s], s))


def _n_outer(outlines: Sequence[Outline], scale: float) -> int:
    """How many outlines leave the inner band of the placement rule."""
    if not outlines:
        return 0
    centre = joint_centre(outlines)
    # A thousandth of a pixel is rounding of the fixed-point scale, not ink.
    limit = MOST_INSIDE / 2 + 0.001
    return sum(reach(outline, centre) / 2 * scale > limit for outline in outlines)


def _is_pixel(outline: Outline) -> bool:
    if any(not tag & _ON_CURVE for tag in outline.tags):
        return False
    points = np.frombuffer(outline.points, np.dtype("long")).reshape(-1, 2)
    ends = np.frombuffer(outline.contours, np.int16).astype(int)
    starts = np.concatenate([[0], ends[:-1] + 1])
    following = np.arange(1, len(points) + 1)
    following[ends] = starts
    steps = points[following] - points
    return bool(((steps != 0).sum(axis=1) <= 1).all())


def _hashes(drawn: Mapping[str, Outline]) -> npt.NDArray[np.uint64]:
    return np.array(
        [int(drawn[s].sha256[:16], 16) if s in drawn else 0 for s in ksx1001()], np.uint64
    )
