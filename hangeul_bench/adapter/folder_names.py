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
from hangeul_bench.base.files import folders_below
from hangeul_bench.base.pictures import SUFFIXES
from hangeul_bench.base.tables import csv_rows, one_line, read_text
from hangeul_bench.fonts.table import file_key
from hangeul_bench.hangeul.charset import (
    codepoint_name,
    is_syllable,
    listed_syllables,
    parse_codepoint_name,
)

_TEXTS = (".csv", ".txt", ".json", ".md")
_OF_THE_SYSTEM = ("thumbs.db", "desktop.ini")


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
                _listed(folder / "characters.txt"),
                # The content font's own pictures are no answer.
                {
                    file_key(row["folder"]): "" if row["split"] == "content" else row["font_id"]
                    for row in _rows(folder / "fonts.csv")
                },
            )
        return self._tables[folder]


_COLUMNS = {"characters.csv": ("file", "character"), "fonts.csv": ("folder", "font_id", "split")}


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


def _listed(path: Path) -> str:
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
