"""Write a dataset as the folders of images that another codebase reads."""

import io
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import pretty_json, write_whole
from hangeul_bench.base.lock import LOCK_NAME, alone_in
from hangeul_bench.base.progress import progress
from hangeul_bench.base.tables import csv_text
from hangeul_bench.builder.export.layouts import LAYOUTS
from hangeul_bench.builder.export.plan import Folder, Plan, Selection
from hangeul_bench.hangeul.charset import codepoint_name

if TYPE_CHECKING:
    from hangeul_bench.dataset.glyphs import GlyphDataset

SPLITS = ("all", "train", "test")
_MANIFEST = "export.json"
HOW = (
    "Run in the export's folder, where $REPO is the codebase's clone and $TODAY what runs its\n"
    "programs unchanged today: docs/peers.md says both.\n\n"
)
_SIZES = range(16, 1025)  # pixels
_FONT_COLUMNS = ("folder", "font_id", "split", "family", "style", "category", "lineage", "licence")


@dataclass(frozen=True)
class Export:
    """What an export wrote.

    Attributes:
        out: Its folder.
        folders: How many folders of glyphs.
        glyphs: How many images.
        missing: How many were left out, because their fonts lack them.
        kept: How many stood there already.
        selection: What was chosen.
        train_characters: The syllables that the other program trains on.
    """

    out: Path
    folders: int
    glyphs: int
    missing: int
    kept: int
    selection: Selection
    train_characters: tuple[str, ...]


def export_dataset(
    dataset: "GlyphDataset",
    out: Path,
    *,
    layout: str,
    fonts: Sequence[str] | None = None,
    split: str = "all",
    seen_only: bool = False,
    size: int | None = None,
) -> Export:
    """Write the folders and lists of a layout; a second run continues where the first stopped.

    A glyph that a font lacks is not written, never drawn blank.

    Args:
        dataset: What to export.
        out: A new or empty folder, or one that the same export was writing.
        layout: A name of :data:`hangeul_bench.builder.export.layouts.LAYOUTS`.
        fonts: Ids of the fonts; None takes all.
        split: ``train``, ``test`` or ``all`` of those fonts.
        seen_only: Leave out the unseen characters, which a ranked model may not train on.
        size: Width and height of the images in pixels; None keeps the dataset's own.

    Raises:
        UserError: Unknown layout, font or split, nothing left to write, ``out`` holds something
            else, or another run writes into it.
    """
    size = dataset.size if size is None else size
    _check_options(layout, split, size)
    chosen = _chosen_fonts(dataset, fonts)
    selection = _select(dataset, chosen, split=split, seen_only=seen_only, size=size)
    plan = LAYOUTS[layout].plan(selection)
    if out.exists() and not out.is_dir():
        raise UserError(f"Expected a folder to write to, but {out} is a file; choose another.")
    with alone_in(out, "export"):
        _take_folder(out, _manifest(dataset, layout, selection))
        for name, text in {**plan.texts, **_tables(dataset, selection, plan)}.items():
            write_whole(out / name, text)
        export = _write_folders(dataset, out, plan, selection)
        # The last file: an export without it is not finished.
        readme = _readme(dataset, selection, plan, layout=layout, export=export)
        write_whole(out / "README.txt", readme)
    return export


def _check_options(layout: str, split: str, size: int) -> None:
    if layout not in LAYOUTS:
        raise UserError(f"Expected a layout of {', '.join(LAYOUTS)}, but found {layout!r}.")
    if split not in SPLITS:
        raise UserError(f"Expected a split of {', '.join(SPLITS)}, but found {split!r}.")
    if size not in _SIZES:
        raise UserError(f"Expected an image size of 16 to 1024 pixels, but found {size}.")


def _chosen_fonts(dataset: "GlyphDataset", fonts: Sequence[str] | None) -> frozenset[str]:
    if fonts is None:
        return frozenset(font.font_id for font in dataset.fonts)
    return frozenset(dataset.font(font_id).font_id for font_id in fonts)


def _select(
    dataset: "GlyphDataset", chosen: frozenset[str], *, split: str, seen_only: bool, size: int
) -> Selection:
    splits = dataset.splits
    tests = chosen.intersection(splits.test_fonts)
    train = tuple(sorted(chosen.intersection(splits.train_fonts)))
    train = train if split in ("all", "train") else ()
    test = tuple(sorted(tests)) if split in ("all", "test") else ()
    if not train + test:
        raise UserError(f"None of the chosen fonts is in the split {split!r}; nothing to export.")
    unseen = frozenset(splits.unseen_characters)
    # Classes are learned from the training fonts, so what none of them draws has no number.
    lacked = frozenset.intersection(*(dataset.missing(f) for f in train or test))
    characters = tuple(
        s for s in dataset.characters if s not in lacked and not (seen_only and s in unseen)
    )
    return Selection(
        train=train,
        test=test,
        characters=characters,
        unseen=unseen.intersection(characters),
        references=tuple(s for s in splits.references if s in characters),
        content_font=splits.content_font,
        without_content=dataset.missing(splits.content_font),
        shared=frozenset(characters).difference(*(dataset.missing(f) for f in train)),
        size=size,
    )


def _manifest(dataset: "GlyphDataset", layout: str, selection: Selection) -> str:
    """What makes two exports the same one, as JSON."""
    content = {
        "format": "hangeul-bench export 1",
        "layout": layout,
        "dataset": dataset.name,
        "fingerprint": dataset.fingerprint,
        "size": selection.size,
        "train": selection.train,
        "test": selection.test,
        "characters": "".join(selection.characters),
    }
    return pretty_json(content)


def _take_folder(out: Path, manifest: str) -> None:
    """Make ``out`` ours, or see that it already is this very export."""
    file = out / _MANIFEST
    if file.is_file():
        if file.read_text(encoding="utf-8") != manifest:
            raise UserError(
                f"{out} holds an export with other options or of another dataset; "
                "choose another folder or remove it."
            )
        for unfinished in sorted(out.rglob("*.tmp-*")):
            if unfinished.is_dir():
                shutil.rmtree(unfinished)
    elif any(path.name != LOCK_NAME for path in out.iterdir()):
        raise UserError(
            f"{out} is not empty and holds no export of this program; choose a new folder."
        )
    write_whole(file, manifest)


def _write_folders(dataset: "GlyphDataset", out: Path, plan: Plan, selection: Selection) -> Export:
    glyphs = missing = kept = 0
    total = sum(len(folder.names) for folder in plan.folders)
    with progress("Exporting", total, "glyphs") as bar:
        for folder in plan.folders:
            lacked = dataset.missing(folder.font_id)
            names = {s: name for s, name in folder.names.items() if s not in lacked}
            if (out / folder.path).is_dir():
                kept += len(names)
            else:
                write_folder(dataset, out, replace(folder, names=names), selection.size)
            glyphs += len(names)
            missing += len(folder.names) - len(names)
            bar.advance(len(folder.names))
    held_out = frozenset() if plan.trains_on_unseen else selection.unseen
    trained = tuple(s for s in selection.characters if s not in held_out)
    return Export(out, len(plan.folders), glyphs, missing, kept, selection, trained)


def write_folder(dataset: "GlyphDataset", out: Path, folder: Folder, size: int) -> None:
    """Write a folder under a temporary name and rename it when all its glyphs are there."""
    target = out / folder.path
    temporary = target.with_name(f"{target.name}.tmp-{os.getpid()}")
    temporary.mkdir(parents=True)
    try:
        pngs = dataset.pngs(folder.font_id)
        others = {} if folder.beside is None else dataset.pngs(folder.beside)
        for syllable, name in folder.names.items():
            data = _image_file(pngs[syllable], Path(name).suffix, size)
            if others:
                data = _side_by_side(data, _image_file(others[syllable], ".png", size))
            (temporary / name).write_bytes(data)
        temporary.replace(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _image_file(png: bytes, suffix: str, size: int) -> bytes:
    """A glyph as a file of ``size`` x ``size`` pixels; the dataset's own bytes where they fit."""
    width = int.from_bytes(png[16:20])  # in the header, which opens every PNG file
    if width == size and suffix == ".png":
        return png
    picture: Image.Image = Image.open(io.BytesIO(png))
    if picture.width != size:
        picture = picture.resize((size, size), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    if suffix == ".jpg":
        picture.save(buffer, "JPEG", quality=100)
    else:
        picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _side_by_side(left: bytes, right: bytes) -> bytes:
    pictures = [Image.open(io.BytesIO(data)).convert("L") for data in (left, right)]
    size = pictures[0].width
    page = Image.new("L", (2 * size, size))
    for i, picture in enumerate(pictures):
        page.paste(picture, (i * size, 0))
    buffer = io.BytesIO()
    page.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _tables(dataset: "GlyphDataset", selection: Selection, plan: Plan) -> dict[str, str]:
    """``fonts.csv`` and ``characters.csv``: which folder and which file stands for what."""
    parts = {font_id: part for part, font_id in selection.parts}
    fonts: list[tuple[str, ...]] = []
    for folder in plan.folders:
        font = dataset.font(folder.font_id)
        part = "content" if folder.content else parts[font.font_id]
        about = (font.family, font.style, font.category or "", font.lineage, font.licence)
        missing = dataset.missing(font.font_id).intersection(selection.characters)
        fonts.append((folder.path, font.font_id, part, *about, str(len(missing))))
    characters = [
        (name, codepoint_name(s), s, "unseen" if s in selection.unseen else "seen")
        for s, name in max(plan.folders, key=lambda folder: len(folder.names)).names.items()
    ]
    return {
        "fonts.csv": csv_text((*_FONT_COLUMNS, "missing"), fonts),
        "characters.csv": csv_text(("file", "codepoint", "character", "split"), characters),
    }


def _how(usage: str) -> str:
    if "TODAY" not in usage:
        return usage
    return f"{HOW}{usage}"


def _readme(
    dataset: "GlyphDataset", selection: Selection, plan: Plan, *, layout: str, export: Export
) -> str:
    unseen = len(selection.unseen)
    warning = (
        f"{unseen} of the characters are unseen ones: a model trained on them gets no rank in the\n"
        "cells of unseen characters. --seen-only exports without them.\n\n"
        if unseen and plan.trains_on_unseen
        else ""
    )
    today = f"\nOn today's Python:\n{plan.today}" if plan.today else ""
    return (
        f"Layout {layout} of dataset {dataset.name} (fingerprint {dataset.fingerprint[:16]}),\n"
        f"{selection.size} x {selection.size} pixels, black ink on white paper.\n"
        f"{len(selection.train)} training fonts, {len(selection.test)} test fonts, "
        f"{len(selection.characters)} characters, {export.glyphs} images.\n\n"
        "fonts.csv says which folder is which font, of which split and under which licence.\n"
        "characters.csv says which file name is which character, and whether it is unseen.\n"
        f"{export.missing} glyphs are missing in their fonts and were not written.\n\n"
        f"{warning}{_how(plan.usage)}"
        f"{today}"
    )
