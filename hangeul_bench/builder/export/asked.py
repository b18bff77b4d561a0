"""Write what a track asks the way the layout's own program draws from it."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from hangeul_bench.adapter.questions import plan
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import write_whole
from hangeul_bench.builder.export.layouts import LAYOUTS
from hangeul_bench.builder.export.plan import Asked
from hangeul_bench.builder.export.writer import HOW, Export, write_folder

if TYPE_CHECKING:
    from hangeul_bench.dataset.glyphs import GlyphDataset


def write_drawing(
    dataset: "GlyphDataset", export: Export, *, layout: str, track: str, shots: int = 1
) -> Path | None:
    """Write ``requests/<layout>/`` and what tells ``dir:`` how to read the answers.

    Args:
        dataset: Whose evaluation fonts.
        export: What was exported of it; the program draws with a model of that.
        layout: The export's.
        track: ``lite`` or ``full``.
        shots: How many of the fixed references are shown of each font.

    Returns:
        The folder's README; None if the layout needs no more than ``requests.csv``.

    Raises:
        UserError: ``shots`` is out of range, the track is unknown, or a font lacks a reference.
    """
    draw = LAYOUTS[layout].drawing
    references = dataset.splits.references
    if not 1 <= shots <= len(references):
        raise UserError(f"Expected --shots from 1 to {len(references)}, but found {shots}.")
    if draw is None:
        return None
    tasks = plan(dataset, track)
    lacked = dataset.missing(dataset.splits.content_font)
    drawing = draw(
        export.selection,
        Asked(
            fonts=tuple(task.font_id for task in tasks),
            characters=tuple(sorted({s for task in tasks for s in task.characters} - lacked)),
            references=references[:shots],
            answers=answers_of(layout),
        ),
    )
    own = export.out / "requests" / layout
    shutil.rmtree(own, ignore_errors=True)
    for name, text in drawing.texts.items():
        write_whole(export.out / name, text)
    for folder in drawing.folders:
        write_folder(dataset, export.out, folder, export.selection.size)
    shown = f"Each font is shown by {shots} of its references: evaluate --shots {shots}.\n"
    write_whole(own / "README.txt", f"{HOW}{drawing.usage}{shown}")
    return own / "README.txt"


def answers_of(layout: str) -> str:
    """The folder below ``requests/`` that the answers go to; the model is called by it."""
    return f"my-{layout}"
