"""Which faces a folder of fonts holds: ids, names, category, lineage and licence of each."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.names import is_file_name
from hangeul_bench.base.tables import one_line
from hangeul_bench.fonts.corpus import corpus_fonts
from hangeul_bench.fonts.names import describe, lineage_of, slug
from hangeul_bench.fonts.sfnt import (
    FONT_SUFFIXES,
    apply_instance,
    count_faces,
    face_sfnt,
    read_font_file,
)
from hangeul_bench.fonts.table import CATEGORIES, LOCK_NAME, TABLE_NAME, Known, file_key, read_known

_MAX_NAMED = 5  # unusable files named in one message
_MAX_ID_BYTES = 120  # a file system takes 255, and suffixes follow an id


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


def find_faces(folder: Path, *, instances: bool = False) -> list[FontFace]:
    """Every face of every font file below ``folder``, by font id.

    Hidden files and files without a font's suffix are ignored. Category, lineage and names come
    from a ``fonts.csv`` in the folder, else from the ``fonts.lock.json`` of ``fonts fetch``, else
    from the sub-folder's name and the font itself.

    Args:
        folder: Searched with its sub-folders.
        instances: Whether a variable font gives all its named instances, not just the default.

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


def open_face(path: Path) -> FontFace:
    """The first face of one font file, named as it names itself.

    Raises:
        UserError: The file is absent, broken, no font, or has no Hangul syllable.
    """
    data = read_font_file(path)
    names = describe(face_sfnt(data, 0, path), path, instances=False)[0][1]
    return _make_face(path, 0, None, hashlib.sha256(data).hexdigest(), names)


def sfnt_bytes(face: FontFace) -> bytes:
    """The face as a plain TTF or OTF for FreeType: unpacked, and frozen at its instance.

    Raises:
        UserError: The file is no longer there, or broken, as in :func:`find_faces`.
    """
    sfnt = face_sfnt(read_font_file(face.path), face.face_index, face.path)
    return sfnt if face.instance is None else apply_instance(sfnt, face.instance, face.path)


def _font_paths(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
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
    faces = []
    for index in range(count_faces(data, path)):
        sfnt = face_sfnt(data, index, path)
        for instance, names in describe(sfnt, path, instances=instances):
            faces.append(_make_face(path, index, instance, sha256, {**names, **_given(fields)}))
    return faces


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
    font_id = fields.get("font_id") or _font_id(named, style)
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


def _font_id(family: str, style: str) -> str:
    family_slug, style_slug = slug(family), slug(style) or "regular"
    # Four-style naming hides the weight in the family: "Nanum ExtraBold" + "Regular".
    if style_slug == "regular" and lineage_of(family) != family_slug:
        return _fitting(family_slug)
    return _fitting(f"{family_slug}-{style_slug}")


def _fitting(font_id: str) -> str:
    """The id, or the beginning of one that is too long for a file's name and a hash of it all."""
    encoded = font_id.encode()
    if len(encoded) <= _MAX_ID_BYTES:
        return font_id
    beginning = encoded[: _MAX_ID_BYTES - 9].decode(errors="ignore").rstrip("-")
    return f"{beginning}-{hashlib.sha256(encoded).hexdigest()[:8]}"


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
