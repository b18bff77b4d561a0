"""Has the jamo reader read every syllable of the fonts: which surely show another one."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from hangeul_bench.base.files import write_whole
from hangeul_bench.base.images import SIZE, Glyphs
from hangeul_bench.base.processes import run_each
from hangeul_bench.base.progress import progress
from hangeul_bench.builder.audit.folder import Audit, Misread, face_names
from hangeul_bench.fonts.faces import FontFace, scan_faces
from hangeul_bench.fonts.raster import Rasterizer
from hangeul_bench.hangeul.charset import codepoint_name, ksx1001
from hangeul_bench.hangeul.phonetics import Jamo, compose, decompose

if TYPE_CHECKING:
    from hangeul_bench.reader import JamoReader

# The reader was trained with smoothed labels: where it is sure, it says 0.95. Of the 35,250
# syllables of 15 open fonts of all kinds these bounds name 32: four that Diphylleia does draw as
# others (휙 as 휨), 27 of a handwriting that has ㅁ as a circle, and one of a brush.
SURE = 0.8  # the least probability of the three jamo that were read
SURE_ODDS = 100.0  # of a jamo that was read against the one that should stand there
# Two syllables that are each read as the other need less: few fonts err so by chance.
SWAPPED_ODDS = 10.0

_MAX_ROWS = 60  # of a picture
_LABEL = 330  # pixels beside two glyphs


@dataclass(frozen=True)
class _Job:
    face: FontFace
    name: str
    syllables: tuple[str, ...]
    pictures: Path | None
    threads: int | None


def sample(count: int | None) -> tuple[str, ...]:
    """That many of the 2,350 syllables, spread evenly; all if None."""
    syllables = ksx1001()
    if count is None or count >= len(syllables):
        return syllables
    return tuple(syllables[index * len(syllables) // count] for index in range(count))


def read_fonts(
    audit: Audit,
    *,
    instances: bool = False,
    count: int | None = None,
    pictures: Path | None = None,
    workers: int = 1,
) -> Audit:
    """The audit with what the reader read of each of its fonts.

    Args:
        audit: Of the folder of fonts.
        instances: As the audit was made.
        count: How many syllables of each font are read; None reads all 2,350.
        pictures: Folder for a picture of each font with such syllables.
        workers: Number of processes.
    """
    found_faces, _ = scan_faces(Path(audit.folder), instances=instances)
    faces = dict(zip(face_names(found_faces), found_faces, strict=True))
    syllables, threads = sample(count), 1 if workers > 1 else None
    jobs = [_Job(faces[font.name], font.name, syllables, pictures, threads) for font in audit.fonts]
    found: dict[str, tuple[Misread, ...]] = {}
    with progress("Reading", len(jobs) * len(syllables), "glyphs") as bar:
        for name, misread in run_each(_read, jobs, workers=workers):
            found[name] = misread
            bar.advance(len(syllables))
    return replace(audit, readings={font.name: found[font.name] for font in audit.fonts})


def misread_syllables(
    syllables: Sequence[str], probabilities: Sequence[NDArray[np.float64]]
) -> tuple[Misread, ...]:
    """The syllables that surely read as another one.

    Args:
        syllables: What should be read.
        probabilities: (N, 19), (N, 21) and (N, 28): of each initial, medial and final.
    """
    asked = np.array([decompose(syllable) for syllable in syllables])
    read = np.stack([position.argmax(axis=1) for position in probabilities], axis=1)
    rows = np.arange(len(syllables))
    surest = np.stack([p.max(axis=1) for p in probabilities], axis=1)
    wanted = np.stack([p[rows, asked[:, k]] for k, p in enumerate(probabilities)], axis=1)
    odds = np.where(read != asked, surest / np.maximum(wanted, 1e-9), np.inf).min(axis=1)
    found = {
        syllables[row]: Misread(
            syllable=syllables[row],
            read_as=compose(Jamo(*map(int, read[row]))),
            probability=round(float(surest[row].min()), 3),
            odds=round(float(odds[row]), 1),
            swapped=False,
        )
        for row in np.flatnonzero((read != asked).any(axis=1)).tolist()
    }
    return tuple(_sure(found))


def _sure(found: Mapping[str, Misread]) -> list[Misread]:
    chosen = []
    for one in found.values():
        other = found.get(one.read_as)
        swapped = other is not None and other.read_as == one.syllable
        if swapped and other and min(one.odds, other.odds) >= SWAPPED_ODDS:
            chosen.append(replace(one, swapped=True))
        elif one.probability >= SURE and one.odds >= SURE_ODDS:
            chosen.append(one)
    return chosen


@cache
def _reader() -> "JamoReader":
    from hangeul_bench.reader import JamoReader

    return JamoReader.load()


def _read(job: _Job) -> tuple[str, tuple[Misread, ...]]:
    import torch

    if job.threads:  # a process a core
        torch.set_num_threads(job.threads)
    with Rasterizer(job.face, SIZE) as rasterizer:
        missing = rasterizer.missing(job.syllables)
        there = [syllable for syllable in job.syllables if syllable not in missing]
        logits = _reader().logits(rasterizer.render_many(there))
        probabilities = [torch.softmax(position.double(), 1).numpy() for position in logits]
        misread = misread_syllables(there, probabilities)
        if misread and job.pictures:
            shown = misread[:_MAX_ROWS]
            drawn = rasterizer.render_many([one.syllable for one in shown])
            others = rasterizer.render_many([one.read_as for one in shown])
            path = job.pictures / f"{job.name.replace('/', '_')}.png"
            write_whole(path, _picture(shown, drawn, others))
    return job.name, misread


def _picture(misread: Sequence[Misread], drawn: Glyphs, others: Glyphs) -> bytes:
    """A PNG: each syllable as the font draws it, beside the one that it reads as."""
    page = Image.new("L", (2 * SIZE + _LABEL, SIZE * len(misread)), 255)
    pen, face = ImageDraw.Draw(page), ImageFont.load_default(16)
    for row, one in enumerate(misread):
        y = row * SIZE
        page.paste(Image.fromarray(drawn[row]), (0, y))
        page.paste(Image.fromarray(others[row]), (SIZE, y))
        names = codepoint_name(one.syllable), codepoint_name(one.read_as)
        swapped = ", and that as this" if one.swapped else ""
        text = f"{names[0]} (left) reads as\n{names[1]} (right){swapped}"
        pen.multiline_text((2 * SIZE + 12, y + SIZE // 2 - 20), text, 0, face)
        pen.line((0, y, page.width, y), 200)
    buffer = io.BytesIO()
    page.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
