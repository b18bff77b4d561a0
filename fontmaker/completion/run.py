"""The whole way of a completion: draw what is missing, trace and add it, draw it back, read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fontmaker.completion.drawing import corrected_by_hers, draw_missing
from fontmaker.completion.glyphs import NewGlyph, new_glyphs
from fontmaker.completion.half import HalfFont
from fontmaker.completion.hers import POINTS, Hers
from fontmaker.completion.sfnt import add_glyphs
from fontmaker.generation import Drawn, Generator, Stages, content_lacking
from fontmaker.reading import joined, read_glyphs
from fontmaker.report import drawing_facts, model_facts, verification_facts
from fontmaker.undrawn import nothing_drawn, without_blank
from fontmaker.verification import Verification
from hangeul_bench import __version__
from hangeul_bench.base.images import SIZE, Glyphs
from hangeul_bench.base.progress import progress
from hangeul_bench.fonts.freetype import FreeTypeFace

if TYPE_CHECKING:
    from hangeul_bench.reader import JamoReader

RECORD_FORMAT = 1
_AT_ONCE = 256  # glyphs


@dataclass(frozen=True)
class CompletionOrder:
    """What to complete.

    Attributes:
        half: The font.
        hers: What it has.
        generator: Who draws; its references are those of her glyphs that may be shown.
        syllables: Which are to be drawn, in code-point order; none of them hers.
        kept: Syllable to an image of the user's own.
        correct: Whether drawings get the stroke width and size of hers.
    """

    half: HalfFont
    hers: Hers
    generator: Generator
    syllables: tuple[str, ...]
    kept: Mapping[str, Glyphs] = field(default_factory=dict)
    correct: bool = True


@dataclass(frozen=True)
class Completion:
    """The glyphs that a font lacked, and what is known of them.

    Attributes:
        glyphs: Syllable to glyph, in code-point order.
        font: The whole font's bytes; of a UFO, a font of its syllables alone.
        drawn: The images of the new syllables.
        verification: How they compare with the font drawn back.
        record: All that the JSON file beside the font says.
    """

    glyphs: Mapping[str, NewGlyph]
    font: bytes
    drawn: Drawn
    verification: Verification
    record: dict[str, Any]

    @property
    def doubtful(self) -> tuple[str, ...]:
        """The new syllables that the reader reads as others."""
        right = self.verification.reading.right
        return tuple(s for s, ok in zip(self.glyphs, right, strict=True) if not ok)


def complete_font(
    order: CompletionOrder, *, work: Path, reader: "JamoReader", stages: Stages = progress
) -> Completion:
    """Draw the syllables that a font lacks, and add them to it.

    Args:
        order: What to complete.
        work: Folder for drawings, which others may use at the same time.
        reader: Who reads.
        stages: Shows how far each stage is; ``progress(title, total, unit)`` by default.

    Raises:
        UserError: The model failed, nothing draws any syllable, or the font has no space.
    """
    hers, half = order.hers, order.half
    asked = [s for s in order.syllables if s not in order.kept]
    left_out = set(content_lacking(order.generator, asked))
    syllables = [syllable for syllable in order.syllables if syllable not in left_out]
    if not syllables:
        raise nothing_drawn(sorted(left_out))
    if order.correct:
        order = replace(order, generator=corrected_by_hers(order.generator, work, stages))
    drawn, shown = draw_missing(
        order.generator, syllables, kept=order.kept, work=work, reader=reader, stages=stages
    )
    drawn, _ = without_blank(drawn)
    drawn, glyphs = _traced(drawn, hers, quadratic=half.quadratic, stages=stages)
    font = add_glyphs(half.sfnt, glyphs, hers.syllables)
    seen = verify_glyphs(font, glyphs, drawn, hers, reader=reader, stages=stages)
    record = _record(order, drawn, glyphs, shown)
    record["left_out"] = sorted({*order.syllables} - {*glyphs})
    record["proof"] = verification_facts(drawn, seen, reader)
    return Completion(glyphs, font, drawn, seen, record)


def _traced(
    drawn: Drawn, hers: Hers, *, quadratic: bool, stages: Stages
) -> tuple[Drawn, dict[str, NewGlyph]]:
    """The glyphs, and their images; an image of specks alone draws nothing."""
    with stages("Tracing", len(drawn.syllables), "glyphs") as bar:
        traced = list(
            new_glyphs(drawn.images, drawn.syllables, hers, quadratic=quadratic, progress=bar)
        )
    rows = [row for row, glyph in enumerate(traced) if glyph.contours]
    if not rows:
        raise nothing_drawn(drawn.syllables)
    drawn = drawn.only(np.array(rows, np.int64))
    return drawn, dict(zip(drawn.syllables, (traced[row] for row in rows), strict=True))


def verify_glyphs(
    font: bytes,
    glyphs: Mapping[str, NewGlyph],
    drawn: Drawn,
    hers: Hers,
    *,
    reader: "JamoReader",
    stages: Stages,
) -> Verification:
    """Draw new glyphs of a font back, compare them with their images and read them.

    Args:
        font: A plain font that draws them.
        glyphs: Syllable to glyph.
        drawn: Their images, in the same order.
        hers: How glyphs stand on images.
        reader: Who reads.
        stages: Shows how far it is.
    """
    import torch

    from hangeul_bench.metrics.ssim import ssim_scores

    scores: tuple[list[Any], list[Any]] = [], []
    readings, syllables, face = [], tuple(glyphs), FreeTypeFace(font, "the font")
    with stages("Checking", len(syllables), "glyphs") as bar:
        for start in range(0, len(syllables), _AT_ONCE):
            part = syllables[start : start + _AT_ONCE]
            back = _draw_back(face, part, glyphs, hers)
            for own, images in zip(scores, (drawn.crisp, drawn.images), strict=True):
                other = torch.from_numpy(images[start : start + _AT_ONCE])
                own.append(ssim_scores(torch.from_numpy(back), other).numpy())
            readings.append(read_glyphs(reader, back, part))
            bar.advance(len(part))
    face.close()
    crisp, as_drawn = (np.concatenate(own) for own in scores)
    return Verification(crisp, as_drawn, joined(readings))


def _draw_back(
    face: FreeTypeFace, syllables: Sequence[str], glyphs: Mapping[str, NewGlyph], hers: Hers
) -> Glyphs:
    """(N, 128, 128) uint8, each where the image stood that it was traced from."""
    images = np.zeros((len(syllables), SIZE, SIZE), np.uint8)
    found = {i: face.outline(face.glyph_index(ord(s))) for i, s in enumerate(syllables)}
    outlines = {i: outline for i, outline in found.items() if outline is not None}
    place = hers.placement
    lefts = [round(-glyphs[syllables[i]].left * place.scale * 64) for i in outlines]
    origins = [(left, place.baseline_26_6) for left in lefts]
    face.draw(outlines, scale=place.scale_16_16, origins=origins, images=images)
    return np.invert(images, out=images)


def _record(
    order: CompletionOrder,
    drawn: Drawn,
    glyphs: Mapping[str, NewGlyph],
    shown: Mapping[str, str],
) -> dict[str, Any]:
    hers, points = order.hers, [glyph.n_points for glyph in glyphs.values()]
    spacing = hers.spacing
    return {
        "format": RECORD_FORMAT,
        "program": f"hangeul-bench {__version__}",
        "completed": {
            "file": order.half.path.name,
            "sha256": order.half.sha256,
            "syllables": len(hers.syllables),
            "shown": len(order.generator.references),
        },
        "syllables": "".join(glyphs),
        "model": model_facts(order.generator),
        "seed": order.generator.seed,
        "references": {syllable: shown[syllable] for syllable in glyphs},
        "kept": sorted(set(order.kept) & set(glyphs)),
        "advance": {"fixed": spacing.advance, "beside": dict(spacing.beside)},
        "points": {
            "median_of_hers": hers.median_points,
            "most_asked": POINTS * hers.median_points,
            "median": float(np.median(points)),
            "most": max(points),
            "above": "".join(s for s, g in glyphs.items() if g.n_points > hers.most_points),
        },
        "drawing": drawing_facts(order.generator, drawn),
    }
