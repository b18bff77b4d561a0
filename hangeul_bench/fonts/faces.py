"""Which faces a folder of fonts holds: ids, names, category, lineage and licence of each."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from hangeul_bench.base.documents import is_file_name
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import folders_below
from hangeul_bench.base.tables import one_line
from hangeul_bench.fonts.corpus import corpus_fonts
from hangeul_bench.fonts.instances import REGULAR
from hangeul_bench.fonts.names import describe, font_id_of, lineage_of, slug
from hangeul_bench.fonts.sfnt import (
    FONT_SUFFIXES,
    apply_instance,
    count_faces,
    face_sfnt,
    read_font_file,
)
from hangeul_bench.fonts.table import CATEGORIES, LOCK_NAME, TABLE_NAME, Known, file_key, read_known

_MAX_NAMED = 5  # unusable files named in one message


@dataclass(frozen=True)
class FontFace:
    """One face of one font file, at one instance if the font is variable.

    Attributes:
        path: The font file.
        face_index: Face of a collection (TTC); 0 for all others.
        instance: Axis tag to design coordinate of a named instance; None for the default.
        font_id: Unique in a dataset: slug of family and style, ``[0-9a-z가-힣-]``.
        family: Typographic family name.
        style: Typographic style name, e.g. ``SemiBold``.
        category: ``handwritten``, ``printed``, or None where nothing tells.
        lineage: Fonts drawn from one another share it, and with it a side of the split.
        licence: SPDX-like name, or ``unknown``.
        sha256: Hash of the whole file, hexadecimal.
        choice: What was taken of a file with several faces or weights, as a sentence; else empty.
    """

    path: Path
    face_index: int
    instance: Mapping[str, float] | None
    font_id: str
    family: str
    style: str
    category: str | None
    lineage: str
    licence: str
    sha256: str
    choice: str = ""


def find_faces(folder: Path, *, instances: bool = False) -> list[FontFace]:
    """Every face of every font file below ``folder``, by font id.

    Hidden files and files without a font's suffix are ignored, and faces of a collection without
    Hangul, if others have it. A variable font is taken at the instance nearest weight 400.
    Category, lineage and names come from a ``fonts.csv`` in the folder, else from the
    ``fonts.lock.json`` of ``fonts fetch``, else from the sub-folder's name and the font itself.

    Args:
        folder: Searched with its sub-folders.
        instances: Whether a variable font gives all its named instances, not just one.

    Raises:
        UserError: No such folder, no font in it, files that are not usable fonts (all of them
            are counted in one message), or two faces with one id.
    """
    faces, problems = scan_faces(folder, instances=instances)
    _raise_problems(problems, len(faces) + len(problems))
    _check_unique(faces)
    return faces


def scan_faces(
    folder: Path, *, instances: bool = False
) -> tuple[list[FontFace], list[tuple[Path, UserError]]]:
    """As :func:`find_faces`, but unusable files are returned beside the faces, each with its error.

    Two faces may have one font id here.

    Raises:
        UserError: No such folder, or no font file in it.
    """
    if not folder.is_dir():
        raise UserError(f"Expected a folder of fonts at {folder}, but found no folder there.")
    paths = list(_font_paths(folder))
    if not paths:
        raise UserError(
            f"No font in {folder}: expected files ending in {', '.join(sorted(FONT_SUFFIXES))} "
            "there or in its sub-folders."
        )
    known = read_known(folder)
    faces: list[FontFace] = []
    problems = []
    for path in paths:
        try:
            faces += _faces_of(path, folder, known, instances=instances)
        except UserError as error:
            problems.append((path, error))
    return sorted(faces, key=lambda face: (face.font_id, face.path)), problems


def open_face(path: Path, *, face: str = "", instance: str = "") -> FontFace:
    """One face of one font file, named as it names itself.

    Args:
        path: The file.
        face: Number or name of a collection's face; empty takes one with Hangul, the nearest to
            weight 400.
        instance: Of a variable font, as :func:`~hangeul_bench.fonts.instances.asked_instance`
            reads it; empty takes the one nearest weight 400.

    Raises:
        UserError: The file is absent, broken, no font, or has no Hangul syllable, no such face or
            no such instance.
    """
    data = read_font_file(path)
    found, lacking = _describe_all(data, path, instances=False)
    index, location, names = _chosen_face(found, face, path)
    if instance:
        sfnt = face_sfnt(data, index, path)
        location, names = describe(sfnt, path, instances=False, asked=instance)[0]
    made = _make_face(path, index, location, hashlib.sha256(data).hexdigest(), names)
    choice = []
    if len(found) + len(lacking) > 1:
        listed = ", ".join(f"{i} {_title(other)}" for i, _, other in found)
        none = f"; without Hangeul: {', '.join(map(str, lacking))}" if lacking else ""
        choice.append(f"face {index} of {listed}{none} is taken (--face names another)")
    if names["taken"]:
        choice.append(f"{names['taken']} (--instance names another)")
    return replace(made, choice="; ".join(choice))


_Described = tuple[int, Mapping[str, float] | None, dict[str, str]]


def _describe_all(
    data: bytes, path: Path, *, instances: bool
) -> tuple[list[_Described], dict[int, UserError]]:
    """Number, location and names of the faces with Hangul; the others' numbers with the reasons.

    Raises:
        UserError: No face has Hangul.
    """
    found: list[_Described] = []
    lacking: dict[int, UserError] = {}
    for index in range(count_faces(data, path)):
        try:
            described = describe(face_sfnt(data, index, path), path, instances=instances)
        except UserError as error:
            lacking[index] = error
        else:
            found += [(index, location, names) for location, names in described]
    if not found:
        raise next(iter(lacking.values()))
    return found, lacking


def _chosen_face(found: Sequence[_Described], asked: str, path: Path) -> _Described:
    if not asked:
        return min(found, key=lambda face: abs(float(face[2]["weight"]) - REGULAR))
    for face in found:
        own = {str(face[0]), face[2]["family"].casefold(), _title(face[2]).casefold()}
        if asked.strip().casefold() in own:
            return face
    listed = ", ".join(f"{index} {_title(names)}" for index, _, names in found)
    raise UserError(f"{path} has no face {asked!r} with Hangeul; expected one of {listed}.")


def _title(names: Mapping[str, str]) -> str:
    return one_line(f"{names['family']} {names['style']}")


def sfnt_bytes(face: FontFace) -> bytes:
    """The face as a plain TTF or OTF for FreeType: unpacked, and frozen at its instance.

    Raises:
        UserError: The file is no longer there, or broken, as in :func:`find_faces`.
    """
    if face.instance is None:
        return face_sfnt(read_font_file(face.path), face.face_index, face.path)
    return _frozen(face.path, face.face_index, tuple(face.instance.items()), face.sha256)


@lru_cache(maxsize=1)  # freezing takes seconds, and one font is opened several times in a row
def _frozen(path: Path, index: int, place: tuple[tuple[str, float], ...], sha256: str) -> bytes:
    del sha256  # of another file at this path another font is frozen
    return apply_instance(face_sfnt(read_font_file(path), index, path), dict(place), path)


def _font_paths(folder: Path) -> Iterator[Path]:
    inside = (path for place in folders_below(folder) for path in place.iterdir())
    for path in sorted(inside):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in FONT_SUFFIXES and not hidden and not path.is_dir():
            yield path


def _faces_of(path: Path, folder: Path, known: Known, *, instances: bool) -> list[FontFace]:
    data = read_font_file(path)
    sha256 = hashlib.sha256(data).hexdigest()
    relative = path.relative_to(folder)
    fields = dict(known.get(file_key(relative.as_posix()), {}))
    fields.setdefault("category", next((p for p in relative.parts if p in CATEGORIES), ""))
    if fields.get("lineage") and fields["lineage"] == _pinned_lineages().get(path.stem):
        fields.setdefault("font_id", path.stem)  # a copy of a pinned font under its own name
    locked = fields.get("sha256")
    if locked and locked != sha256:
        raise UserError(
            f"{path} is not the file that {folder / LOCK_NAME} names (SHA-256 {sha256[:12]}... "
            f"instead of {locked[:12]}...); run 'hangeul-bench fonts fetch' again."
        )
    if locked:  # fetched and checked: nothing to learn from the file
        return [_make_face(path, 0, None, sha256, fields)]
    found, lacking = _describe_all(data, path, instances=instances)
    left_out = ", ".join(map(str, lacking))
    choice = [f"left out, as without Hangeul or broken: face {left_out}"] if lacking else []
    return [
        replace(
            _make_face(path, index, location, sha256, {**names, **_given(fields)}),
            choice="; ".join([*choice, *filter(None, [names["taken"]])]),
        )
        for index, location, names in found
    ]


@cache
def _pinned_lineages() -> dict[str, str]:
    """Font id to lineage of every pinned font."""
    return {font.font_id: font.lineage for font in corpus_fonts("open")}


def _given(fields: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in fields.items() if value}


def _make_face(
    path: Path,
    index: int,
    instance: Mapping[str, float] | None,
    sha256: str,
    fields: Mapping[str, str],
) -> FontFace:
    family, style = one_line(fields["family"]), one_line(fields["style"])
    named = family if slug(family) else path.stem  # 思源 has no letter of an id
    font_id = fields.get("font_id") or font_id_of(named, style)
    if not is_file_name(font_id):
        raise UserError(
            f"{path} names no font: neither its family {family[:40]!r} nor its file's name makes "
            f"an id; give it a family in {TABLE_NAME} or rename the file."
        )
    return FontFace(
        path=path,
        face_index=index,
        instance=instance,
        font_id=font_id,
        family=family,
        style=style,
        category=fields.get("category") or None,
        lineage=fields.get("lineage") or lineage_of(named),
        licence=one_line(fields.get("licence") or "unknown"),
        sha256=sha256,
    )


def _raise_problems(problems: list[tuple[Path, UserError]], n_files: int) -> None:
    if not problems:
        return
    if len(problems) == 1:
        raise problems[0][1]
    others = [path.name for path, _ in problems[1 : _MAX_NAMED + 1]]
    if len(problems) > _MAX_NAMED + 1:
        others.append("...")
    raise UserError(
        f"{len(problems)} of {n_files} font files are not usable; the first: {problems[0][1]} "
        f"The others: {', '.join(others)}."
    )


def _check_unique(faces: list[FontFace]) -> None:
    first: dict[str, FontFace] = {}
    for face in faces:
        other = first.setdefault(face.font_id, face)
        if other is face:
            continue
        same = " byte by byte" if other.sha256 == face.sha256 else ""
        raise UserError(
            f"{other.path} and {face.path} are both {face.font_id}{same}; remove one, or give one "
            f"another family in {TABLE_NAME}."
        )
