"""What another program must draw, as a table and pictures: nobody has to write a script."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hangeul_bench.adapter.contract import TrainedOn
from hangeul_bench.adapter.questions import plan
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import pretty_json, write_whole
from hangeul_bench.base.tables import csv_text
from hangeul_bench.hangeul.charset import codepoint_name

if TYPE_CHECKING:
    from hangeul_bench.dataset.glyphs import GlyphDataset

COLUMNS = ("font_id", "cell", "codepoint", "syllable", "content", "references", "answer")


@dataclass(frozen=True)
class Requests:
    """What was asked: ``glyphs`` of ``fonts``, answered by files below ``answers``."""

    out: Path
    answers: Path
    fonts: int
    glyphs: int


def write_requests(
    dataset: "GlyphDataset",
    out: Path,
    *,
    track: str,
    name: str,
    fonts: Collection[str],
    characters: Collection[str],
) -> Requests:
    """Write ``requests.csv``, the references and the content glyphs of a track.

    A row is a glyph to draw: the picture of its syllable in the content font, those of the font's
    references in their order, separated by spaces (a model of one reference takes the first), and
    the file to write. All paths are relative to ``out``, all pictures PNG of the dataset's size.

    Args:
        dataset: Whose evaluation fonts.
        out: The folder; files of the same names are replaced.
        track: ``lite`` or ``full``.
        name: Of the folder that the answers belong into, and so of the model.
        fonts: Ids of the fonts that the model trains on.
        characters: The syllables that it trains on.

    Raises:
        UserError: The track is unknown, or an evaluation font lacks a reference.
    """
    tasks = plan(dataset, track)
    splits, missing = dataset.splits, dataset.missing(dataset.splits.content_font)
    rows = []
    for task in tasks:
        shown = _references(dataset, task.font_id)
        _write_pictures(dataset, task.font_id, out, shown)
        for syllable, cell in zip(task.characters, task.cells, strict=True):
            code = codepoint_name(syllable)
            content = "" if syllable in missing else f"content/{code}.png"
            answer = f"{name}/{task.font_id}/{code}.png"
            rows.append(
                (task.font_id, cell, code, syllable, content, " ".join(shown.values()), answer)
            )
        (out / name / task.font_id).mkdir(parents=True, exist_ok=True)
    asked = sorted({s for task in tasks for s in task.characters} - missing)
    contents = {s: f"content/{codepoint_name(s)}.png" for s in asked}
    _write_pictures(dataset, splits.content_font, out, contents)
    lineages = {dataset.font(font_id).lineage for font_id in fonts}
    seen = TrainedOn(frozenset(fonts), frozenset(lineages), frozenset(characters))
    write_whole(out / name / "trained_on.json", pretty_json(seen.to_json()))
    write_whole(out / "README.txt", _readme(track, name, n_fonts=len(tasks), n_glyphs=len(rows)))
    write_whole(out / "requests.csv", csv_text(COLUMNS, rows))
    return Requests(out, out / name, len(tasks), len(rows))


def _references(dataset: "GlyphDataset", font_id: str) -> dict[str, str]:
    """The file of each reference of a font, in their order."""
    shown = {
        s: f"references/{font_id}/{n}-{codepoint_name(s)}.png"
        for n, s in enumerate(dataset.splits.references, 1)
    }
    if lacked := dataset.missing(font_id).intersection(shown):
        raise UserError(f"Font {font_id} lacks the reference {min(lacked)}; build again.")
    return shown


def _write_pictures(
    dataset: "GlyphDataset", font_id: str, out: Path, names: dict[str, str]
) -> None:
    pngs = dataset.pngs(font_id)
    for syllable, name in names.items():
        write_whole(out / name, pngs[syllable], sweep=False)


def _readme(track: str, name: str, *, n_fonts: int, n_glyphs: int) -> str:
    return (
        f"{n_glyphs:,} glyphs of {n_fonts} fonts: the track {track}.\n\n"
        "Every row of requests.csv is a glyph to draw: the syllable, its picture in the content\n"
        "font, the pictures of the font's references (the first alone for a model of one\n"
        "reference), and the file to write: black ink on white paper. Then:\n\n"
        f"  hangeul-bench evaluate --model dir:THIS/{name} --track {track} --data DATASET\n\n"
        "(--resize for pictures of another size; the folder's name is the model's on the board.)\n"
        f"{name}/trained_on.json says what a model has seen that was trained on this export and\n"
        "on nothing else. If yours was not, write what it has seen: the benchmark believes it.\n"
    )
