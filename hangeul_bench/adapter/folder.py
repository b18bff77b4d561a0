"""The model ``dir:FOLDER``: glyphs that any program drew, as pictures named by syllable.

A font's folder is named by its ``font_id``, or the ``fonts.csv`` of an export says which it is. A
picture is named by its syllable (``U+AC00``, ``가``, ``style+가``), or by a number that the
``characters.csv`` or the ``characters.txt`` beside or above it resolves.
"""

import difflib
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hangeul_bench.adapter.contract import Kind, TrainedOn
from hangeul_bench.adapter.generate import dark_paper
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import folders_below
from hangeul_bench.base.images import PAPER, Glyphs
from hangeul_bench.base.pictures import SUFFIXES, decode_picture, read_header, read_picture_file
from hangeul_bench.base.tables import csv_rows, one_line, read_text
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.fonts.table import file_key
from hangeul_bench.hangeul.charset import (
    codepoint_name,
    is_syllable,
    listed_syllables,
    parse_codepoint_name,
)

_TEXTS = (".csv", ".txt", ".json", ".md")
_OF_THE_SYSTEM = ("thumbs.db", "desktop.ini")


_TRAINED_ON = "trained_on.json"
_MAX_NAMED = 5  # of what is passed over, in one sentence
_HALVES = ("left", "right")
_MODES = ("L", "1")  # Pillow's names of grey and of black and white


@dataclass(frozen=True)
class Found:
    """What a folder of pictures holds.

    Attributes:
        glyphs: Font -> syllable -> picture.
        odd_folders: Folders of pictures that are named like no font, relative to the whole.
        odd_files: Files beside the pictures that are none, relative to the whole.
    """

    glyphs: dict[str, dict[str, Path]]
    odd_folders: tuple[str, ...]
    odd_files: tuple[str, ...]


class Folder:
    """Serves one picture a syllable from one folder a font; an absent one is not delivered.

    How folders and pictures may be named: :func:`find_glyphs`.
    ``FOLDER/trained_on.json`` with the lists ``font_ids``, ``lineages`` and ``characters`` (they
    may be empty) says what the images' model was trained on; without it the result takes no rank.

    Args:
        folder: Holds one folder of pictures a font, at any depth.
        dataset: Says which fonts are evaluated.
        resize: Take pictures of another size or mode: as grey on white, scaled with Lanczos.
        half: ``left`` or ``right`` where a picture is two squares and the answer one of them, as
            zi2zi and pix2pix save them.

    Raises:
        UserError: A name tells no syllable, or a picture is broken, is not square (with ``half``,
            not twice as wide as high), or has another size or mode and ``resize`` is off.
    """

    kind: Kind = "model"
    parameters = 0

    def __init__(
        self,
        *,
        folder: str,
        resize: bool = False,
        half: str = "",
        dataset: GlyphDataset | None = None,
        device: str = "cpu",
        batch_size: int | None = None,
    ) -> None:
        if dataset is None:
            raise UserError("A folder of PNGs needs the dataset that it answers.")
        if half and half not in _HALVES:
            raise UserError(f"Expected half=left or half=right, but found {half!r}.")
        del device
        self.half = half
        self.dataset, self.resize, self.batch_size = dataset, resize, batch_size
        root = Path(folder).resolve()
        self.name = root.name
        found = _find_fonts(root, dataset)
        self._fonts = found.glyphs
        odd = {"folders": found.odd_folders, "files": found.odd_files}
        self.notes = _notes(root, found, dataset)
        size = None if resize else dataset.size
        self.checkpoint_sha256 = _check_and_hash(self._fonts, size=size, half=bool(half))
        declared = (root / _TRAINED_ON).is_file()
        self.trained_on = TrainedOn.read(root / _TRAINED_ON) if declared else None
        self.details: dict[str, Any] = {"resized": resize, "n_fonts": len(self._fonts)}
        if half:
            self.details["half"] = half
        if any(odd.values()):
            self.details["passed_over"] = {what: list(names) for what, names in odd.items()}

    def look_up(self, font_id: str, characters: Sequence[str]) -> tuple[Glyphs, NDArray[np.bool_]]:
        """Read pictures of a font.

        Returns:
            (N, size, size) uint8, blank where there is no picture, and (N,) whether there is one.

        Raises:
            UserError: The dataset has no such font, or a picture is broken or has light ink on dark
                paper.
        """
        glyphs = self._fonts.get(self.dataset.font(font_id).font_id, {})
        delivered = np.array([character in glyphs for character in characters], np.bool_)
        size = self.dataset.size
        images = np.full((len(characters), size, size), PAPER, np.uint8)
        for row in np.flatnonzero(delivered).tolist():
            images[row] = _read_glyph(glyphs[characters[row]], size, self.half)
        return images, delivered


def _find_fonts(root: Path, dataset: GlyphDataset) -> Found:
    wanted = dataset.splits.evaluated_fonts
    found = find_glyphs(root, wanted, others=[font.font_id for font in dataset.fonts])
    if not found.glyphs:
        odd = f" but {_listed(found.odd_folders, wanted)}" if found.odd_folders else ""
        raise UserError(
            f"Expected folders named like the evaluation fonts ({wanted[0]}, ...) in "
            f"{root}, but found none{odd}; write {wanted[0]}/U+AC00.png and so on."
        )
    return found


def _notes(root: Path, found: Found, dataset: GlyphDataset) -> tuple[str, ...]:
    """One sentence for each kind of thing in the folder that is no answer."""
    notes = []
    if found.odd_folders:
        absent = [
            font_id for font_id in dataset.splits.evaluated_fonts if font_id not in found.glyphs
        ]
        notes.append(
            f"Passed over in {root}: folders of pictures named like no font of the dataset: "
            f"{_listed(found.odd_folders, absent)}."
        )
    if found.odd_files:
        notes.append(f"Passed over in {root}: no pictures: {_listed(found.odd_files, ())}.")
    return tuple(notes)


def _listed(names: Sequence[str], near: Sequence[str]) -> str:
    """The first names, each with the one of ``near`` that it may be meant for, and a count."""
    shown = [f"{name}{_meant(name, near)}" for name in names[:_MAX_NAMED]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _meant(name: str, near: Sequence[str]) -> str:
    own = "-".join(name.rpartition("/")[2].lower().replace("_", " ").split())
    close = difflib.get_close_matches(own, near, n=1, cutoff=0.7)
    return f" (for {close[0]}?)" if close else ""


def _check_and_hash(fonts: dict[str, dict[str, Path]], *, size: int | None, half: bool) -> str:
    """Check headers before anything is scored; return one SHA-256 over all pictures.

    Args:
        fonts: Paths by font and syllable.
        size: The pixels a side that are expected; None takes any square.
        half: Whether a picture is two squares side by side.
    """
    lines = []
    for font_id, glyphs in sorted(fonts.items()):
        for syllable, path in sorted(glyphs.items()):
            data = read_picture_file(path)
            _check_header(data, path, size, sides=2 if half else 1)
            name = f"{codepoint_name(syllable)}.png"
            lines.append(f"{font_id}/{name} {hashlib.sha256(data).hexdigest()}")
    return hashlib.sha256(json.dumps(lines).encode()).hexdigest()


def _check_header(data: bytes, path: Path, size: int | None, *, sides: int) -> None:
    header = read_header(data, path)
    if header.width != sides * header.height:
        what = "a square picture" if sides == 1 else "two squares side by side"
        raise UserError(
            f"Expected {what} at {path}, but found {header.width} x {header.height}; "
            "add paper where it belongs, for scaling would squash the syllable."
        )
    if size is not None and (header.height != size or header.mode not in _MODES):
        raise UserError(
            f"Expected {sides * size} x {size} grey pixels (mode L) in {path}, but found "
            f"{header.width} x {header.height} in mode {header.mode}; write it so, or allow "
            "conversion with --resize."
        )


def _read_glyph(path: Path, size: int, half: str) -> Glyphs:
    """(H, W) uint8, 0 = ink, 255 = paper."""
    image: Glyphs = np.rint(decode_picture(read_picture_file(path), path).grey).astype(np.uint8)
    if half:
        side = len(image)
        image = image[:, :side] if half == "left" else image[:, side:]
    if image.shape != (size, size):
        image = np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.LANCZOS))
    # An image that is dark all over is a bad answer, but no inverted one.
    if dark_paper(image[None])[0] and image.max() >= 128:
        raise UserError(
            f"Expected dark ink on white paper in {path}, but its paper is dark; invert it, or "
            "delete it, as a missing picture counts as blank paper."
        )
    return image


def find_glyphs(root: Path, font_ids: Collection[str], *, others: Collection[str] = ()) -> Found:
    """The pictures below ``root`` by font and syllable.

    Args:
        root: Holds one folder of pictures a font, at any depth.
        font_ids: The fonts that are looked for.
        others: Fonts whose folders are passed over without a word.

    Raises:
        UserError: A picture's name tells no syllable, or two tell the same one of one font.
    """
    lists = _Lists(root)
    wanted = {normalize("NFC", font_id): font_id for font_id in font_ids}
    found: dict[str, Path] = {}
    odd = []
    for folder in folders_below(root):
        name = lists.font_id(folder)
        if not any(_pictures(folder)):
            continue
        if folder == root or name not in wanted:
            odd += [] if name in ("", *others) else [folder]
            continue
        font_id = wanted[name]
        if font_id in found:
            raise UserError(
                f"Expected one folder of pictures for font {font_id}, but found "
                f"{found[font_id]} and {folder}; remove one."
            )
        found[font_id] = folder
    files = [path for _, folder in sorted(found.items()) for path in _odd_files(folder)]
    return Found(
        {font_id: _name_glyphs(folder, lists) for font_id, folder in sorted(found.items())},
        tuple(_relative(folder, root) for folder in odd if not _is_hidden(folder, root)),
        tuple(_relative(path, root) for path in files),
    )


def _relative(path: Path, root: Path) -> str:
    return "the folder itself" if path == root else one_line(path.relative_to(root).as_posix())


def _is_hidden(folder: Path, root: Path) -> bool:
    return any(part.startswith((".", "__")) for part in folder.relative_to(root).parts)


def _pictures(folder: Path) -> Iterator[Path]:
    """Everything named like a picture; names with a dot in front are the system's own."""
    for path in folder.iterdir():
        if path.suffix.lower() in SUFFIXES and not path.name.startswith("."):
            yield path


def _odd_files(folder: Path) -> list[Path]:
    """What lies beside the pictures and is neither one of them nor something written about them."""
    return [
        path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() not in (*SUFFIXES, *_TEXTS)
        and not path.name.startswith(".")
        and path.name.lower() not in _OF_THE_SYSTEM
        and not path.is_dir()
    ]


def _name_glyphs(folder: Path, lists: "_Lists") -> dict[str, Path]:
    glyphs: dict[str, Path] = {}
    for path in sorted(_pictures(folder)):
        syllable = _syllable_of_name(path.stem) or lists.syllable(path)
        if syllable in glyphs:
            raise UserError(
                f"Expected one picture of {syllable} ({codepoint_name(syllable)}) in {folder}, but "
                f"found {glyphs[syllable].name} and {path.name}; remove one."
            )
        glyphs[syllable] = path
    return glyphs


def _syllable_of_name(stem: str) -> str | None:
    """``U+AC00``, ``가`` or ``style+가``; macOS stores the syllable as its jamo."""
    stem = normalize("NFC", stem)
    if stem.startswith("U+"):
        try:
            return parse_codepoint_name(stem)
        except UserError:
            return None
    last = stem.rpartition("+")[2]
    return last if is_syllable(last) else None


_COLUMNS = {"characters.csv": ("file", "character"), "fonts.csv": ("folder", "font_id", "split")}


@dataclass(frozen=True)
class _Table:
    """What one folder says about the names in and below it."""

    by_file: Mapping[str, str]  # characters.csv: file name -> syllable
    by_number: str  # characters.txt: the N-th syllable
    fonts: Mapping[str, str]  # fonts.csv: path relative to the folder -> font_id


class _Lists:
    """The ``fonts.csv``, ``characters.csv`` and ``characters.txt`` from ``root`` down."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._tables: dict[Path, _Table] = {}

    def font_id(self, folder: Path) -> str:
        """The font of a folder: as the nearest ``fonts.csv`` has it, else the folder's name."""
        name = normalize("NFC", folder.name)
        for above in self._upwards(folder):
            fonts = self._table(above).fonts
            if fonts:
                return fonts.get(file_key(folder.relative_to(above).as_posix()), name)
        return name

    def syllable(self, path: Path) -> str:
        """The syllable of a picture that is named by a number.

        Raises:
            UserError: It is no number, nothing lists the syllables, or the list is too short.
        """
        for above in self._upwards(path.parent):
            table = self._table(above)
            if (name := normalize("NFC", path.name)) in table.by_file:
                return table.by_file[name]
            if table.by_number and path.stem.isascii() and path.stem.isdigit():
                return self._numbered(path, table.by_number, above)
        raise UserError(
            "Expected pictures named by syllable such as U+AC00.png or 가.png, or by a number "
            f"beside a characters.txt that lists the syllables, but found {path}; rename it."
        )

    def _numbered(self, path: Path, syllables: str, folder: Path) -> str:
        if int(path.stem) >= len(syllables):
            raise UserError(
                f"Expected numbers from 0 to {len(syllables) - 1}, as {folder / 'characters.txt'} "
                f"lists {len(syllables)} syllables, but found {path}; give the list that it was "
                "drawn by."
            )
        return syllables[int(path.stem)]

    def _upwards(self, folder: Path) -> Iterator[Path]:
        while True:
            yield folder
            if folder == self.root:
                return
            folder = folder.parent

    def _table(self, folder: Path) -> _Table:
        if folder not in self._tables:
            self._tables[folder] = _Table(
                {row["file"]: row["character"] for row in _rows(folder / "characters.csv")},
                _listed_syllables(folder / "characters.txt"),
                # The content font's own pictures are no answer.
                {
                    file_key(row["folder"]): "" if row["split"] == "content" else row["font_id"]
                    for row in _rows(folder / "fonts.csv")
                },
            )
        return self._tables[folder]


def _rows(path: Path) -> list[dict[str, str]]:
    """The rows of an export's table in NFC, which may have more columns; none without a table."""
    if not path.exists():
        return []
    table = csv_rows(read_text(path), _COLUMNS[path.name], where=path, optional=None)
    rows = [{key: normalize("NFC", text) for key, text in row.items()} for _, row in table]
    for row in rows:
        if not is_syllable(row.get("character", "가")):
            raise UserError(
                f"Expected one syllable as a character in every row of {path}, but found "
                f"{row['character']!r}; write it as `hangeul-bench export` does, or remove it."
            )
    return rows


def _listed_syllables(path: Path) -> str:
    """The syllables of a list, in one line or one a line; none if there is no list."""
    text = read_text(path) if path.exists() else ""
    syllables = listed_syllables(text)
    for character in syllables:
        if not is_syllable(character):
            raise UserError(
                f"Expected {path} to list Hangeul syllables alone, but found {character!r} "
                f"(U+{ord(character):04X}); a picture's number is its syllable's place there."
            )
    return syllables
