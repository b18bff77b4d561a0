"""Read a photographed sheet: find it, lay it flat, and say of each box what is written in it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from fontmaker.ink_boxes import place, usual_ink_box, usual_scale
from fontmaker.photograph import CleanedPicture
from fontmaker.reading import read_glyphs
from fontmaker.reference import Reference
from fontmaker.sheet.crossing import is_crossed_out
from fontmaker.sheet.flat import lay_flat
from fontmaker.sheet.strokes import Written, written_in
from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul import layout as syllable_layout

if TYPE_CHECKING:
    from hangeul_bench.reader import JamoReader

Problem = Literal["", "empty", "unusable", "crossed-out", "reads-otherwise"]

_UNUSABLE = {"small": "its ink is too small", "all-ink": "it is all ink"}


@dataclass(frozen=True)
class BoxReading:
    """What one box of a sheet holds.

    Attributes:
        syllable: What belongs into it.
        problem: Why it is no reference; empty where it is one.
        said: The problem, or what is odd about a good box, as a phrase; else empty.
        read_as: The syllable that the reader reads; empty where there is none.
        reference: The glyph, also of a box that reads as another syllable; None where none is
            usable.
    """

    syllable: str
    problem: Problem
    said: str = ""
    read_as: str = ""
    reference: Reference | None = None


@dataclass(frozen=True)
class SheetReading:
    """What a photographed sheet holds.

    Attributes:
        boxes: In their order.
        notes: What was done and found, one sentence each.
    """

    boxes: tuple[BoxReading, ...]
    notes: tuple[str, ...]

    @property
    def references(self) -> tuple[Reference, ...]:
        """The good boxes as references."""
        return tuple(box.reference for box in self.boxes if box.reference and not box.problem)

    @property
    def empty(self) -> tuple[str, ...]:
        """Syllables whose boxes are empty."""
        return tuple(box.syllable for box in self.boxes if box.problem == "empty")

    @property
    def left_out(self) -> tuple[BoxReading, ...]:
        """The boxes in which something is written that is no reference."""
        return tuple(box for box in self.boxes if box.problem not in ("", "empty"))

    def to_json(self) -> list[dict[str, str]]:
        """What the font's record says of the boxes."""
        return [
            {"character": b.syllable, "problem": b.problem, "said": b.said, "read_as": b.read_as}
            for b in self.boxes
        ]


def read_sheet(path: Path, reader: "JamoReader", *, accept: bool = False) -> SheetReading:
    """Read a photograph of a filled-in sheet, turned, in perspective and unevenly lit.

    Args:
        path: A picture of at most 40 megapixels that shows all four marks and the code.
        reader: Who reads; a box that it reads as another syllable is no reference.
        accept: Whether it is one all the same.

    Raises:
        UserError: It is no picture, shows no sheet, or none of its boxes is a reference.
    """
    if not path.is_file():
        raise UserError(f"Expected a photograph of a sheet for --sheet, but found none at {path}.")
    flat = lay_flat(path)
    found = _glyphs(written_in(flat.depth, flat.boxes, flat.dots), path)
    read = _judged(found, reader, accept=accept)
    sheet = SheetReading(read, (*flat.notes, *_notes(read, path)))
    if not sheet.references:
        raise _no_reference(sheet.boxes, path)
    return sheet


def sheet_in(path: Path, reader: "JamoReader") -> SheetReading | None:
    """What :func:`read_sheet` reads, or None where a picture shows no sheet.

    Raises:
        UserError: It is no picture, or shows a sheet that cannot be read.
    """
    try:
        return read_sheet(path, reader)
    except UserError as error:
        if error.reason == "no-sheet":
            return None
        raise


def _glyphs(written: Mapping[str, Written | None], path: Path) -> tuple[BoxReading, ...]:
    """Glyphs of one writer: all by one scale, each at its usual place."""
    pictures = {s: CleanedPicture(ink.grey, ink.notes) for s, ink in written.items() if ink}
    usual = {syllable: usual_ink_box(syllable_layout(syllable)) for syllable in pictures}
    scales = [usual_scale(picture, usual[syllable]) for syllable, picture in pictures.items()]
    scale = float(np.exp(np.median(np.log(scales)))) if scales else 1.0
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    found = []
    for syllable, ink in written.items():
        if ink is None:
            found.append(BoxReading(syllable, "empty", "it is empty"))
            continue
        picture, where = pictures[syllable], f"the box of {syllable} in {path}"
        try:
            image, notes = place(picture, usual[syllable], where, scale=scale)
        except UserError as error:
            found.append(BoxReading(syllable, "unusable", _UNUSABLE[error.reason]))
            continue
        name = f"{path.name}, box of {syllable}"
        reference = Reference(image, syllable, name, sha256, (*picture.notes, *notes))
        crossed = is_crossed_out(ink.mask)
        said = "; ".join(["it looks crossed out"] * crossed + [*picture.notes])
        found.append(
            BoxReading(syllable, "crossed-out" if crossed else "", said, reference=reference)
        )
    return tuple(found)


def _judged(
    found: Sequence[BoxReading], reader: "JamoReader", *, accept: bool
) -> tuple[BoxReading, ...]:
    """The same boxes with what the reader reads in them."""
    glyphs = {box.syllable: box.reference.image for box in found if box.reference}
    if not glyphs:
        return tuple(found)
    read = read_glyphs(reader, np.stack([*glyphs.values()]), [*glyphs]).read
    seen = dict(zip(glyphs, read, strict=True))
    return tuple(_judge(box, seen.get(box.syllable, ""), accept=accept) for box in found)


def _judge(box: BoxReading, seen: str, *, accept: bool) -> BoxReading:
    if box.problem == "crossed-out" and accept:
        return replace(box, problem="", read_as=seen)
    if box.problem or seen == box.syllable:
        return replace(box, read_as=seen)
    said = f"it reads as {seen}" if seen else "nothing is to be read in it"
    said = f"{said}; {box.said}" if box.said else said
    return replace(box, problem="" if accept else "reads-otherwise", said=said, read_as=seen)


def _notes(boxes: Sequence[BoxReading], path: Path) -> list[str]:
    """What was found, in one sentence each."""
    good = [box for box in boxes if not box.problem]
    empty = [box.syllable for box in boxes if box.problem == "empty"]
    bad = [box for box in boxes if box.problem not in ("", "empty")]
    notes = [f"{path.name}: a sheet of {len(boxes)} boxes, {len(good)} of them good references"]
    if empty:
        notes.append(f"{path.name}: empty are the boxes of {' '.join(empty)}")
    notes += [f"{path.name}: the box of {b.syllable} is left out: {b.said}" for b in bad]
    notes += [f"{path.name}: look at the box of {b.syllable}: {b.said}" for b in good if b.said]
    return notes


def _no_reference(boxes: Sequence[BoxReading], path: Path) -> UserError:
    bad = [box for box in boxes if box.problem != "empty"]
    if not bad:
        return UserError(
            f"Expected writing in the boxes of {path}, but all {len(boxes)} are empty; write with "
            "a darker pen or photograph it in better light.",
            reason="sheet-empty",
        )
    named = ", ".join(f"box of {box.syllable}: {box.said}" for box in bad)
    way = "; --accept takes what reads as another syllable all the same"
    return UserError(
        f"Expected a box of {path} to show its syllable, but none does ({named}); write or "
        f"photograph it again{way if any(box.reference for box in bad) else ''}.",
        reason="sheet-unread",
    )
