"""Which picture of a folder is which syllable of which font, by the names that programs give.

A font's folder is named by its ``font_id``, or the ``fonts.csv`` of an export says which it is. A
picture is named by its syllable (``U+AC00``, ``가``, ``style+가``), or by a number that the
``characters.csv`` or the ``characters.txt`` beside or above it resolves.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.pictures import SUFFIXES
from hangeul_bench.base.tables import csv_rows, read_text
from hangeul_bench.hangeul.charset import codepoint_name, is_syllable, parse_codepoint_name


def find_glyphs(root: Path, font_ids: Collection[str]) -> dict[str, dict[str, Path]]:
    """The pictures below ``root`` by font and syllable; folders of no such font are passed over.

    Args:
        root: Holds one folder of pictures a font, at any depth.
        font_ids: The fonts that are looked for.

    Raises:
        UserError: A picture's name tells no syllable, or two tell the same one of one font.
    """
    lists = _Lists(root)
    found: dict[str, Path] = {}
    for folder in sorted(path for path in root.rglob("*") if path.is_dir()):
        font_id = lists.font_id(folder)
        if font_id not in font_ids or not any(_pictures(folder)):
            continue
        if font_id in found:
            raise UserError(
                f"Expected one folder of pictures for font {font_id}, but found "
                f"{found[font_id]} and {folder}; remove one."
            )
        found[font_id] = folder
    return {font_id: _name_glyphs(folder, lists) for font_id, folder in sorted(found.items())}


def _pictures(folder: Path) -> Iterator[Path]:
    """Everything named like a picture; names with a dot in front are the system's own."""
    for path in folder.iterdir():
        if path.suffix.lower() in SUFFIXES and not path.name.startswith("."):
            yield path


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
        for above in self._upwards(folder):
            fonts = self._table(above).fonts
            if fonts:
                return fonts.get(folder.relative_to(above).as_posix(), folder.name)
        return folder.name

    def syllable(self, path: Path) -> str:
        """The syllable of a picture that is named by a number.

        Raises:
            UserError: It is no number, nothing lists the syllables, or the list is too short.
        """
        for above in self._upwards(path.parent):
            table = self._table(above)
            if path.name in table.by_file:
                return table.by_file[path.name]
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
                _listed(folder / "characters.txt"),
                # The content font's own pictures are no answer.
                {
                    row["folder"]: "" if row["split"] == "content" else row["font_id"]
                    for row in _rows(folder / "fonts.csv")
                },
            )
        return self._tables[folder]


_COLUMNS = {"characters.csv": ("file", "character"), "fonts.csv": ("folder", "font_id", "split")}


def _rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table of an export, which may have more columns; none if there is no table."""
    if not path.exists():
        return []
    table = csv_rows(read_text(path), _COLUMNS[path.name], where=path, optional=None)
    rows = [row for _, row in table]
    for row in rows:
        if not is_syllable(row.get("character", "가")):
            raise UserError(
                f"Expected one syllable as a character in every row of {path}, but found "
                f"{row['character']!r}; write it as `hangeul-bench export` does, or remove it."
            )
    return rows


def _listed(path: Path) -> str:
    """The syllables of a list, in one line or one a line; none if there is no list."""
    text = read_text(path) if path.exists() else ""
    syllables = "".join(normalize("NFC", text).split())
    for character in syllables:
        if not is_syllable(character):
            raise UserError(
                f"Expected {path} to list Hangeul syllables alone, but found {character!r} "
                f"(U+{ord(character):04X}); a picture's number is its syllable's place there."
            )
    return syllables
