"""Fonts cut down to the syllables of KS X 1001, for machines that they must be carried to."""

import io
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import file_sha256, pretty_json, write_whole
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.fonts import FontFace, Rasterizer, find_faces
from hangeul_bench.fonts.table import LOCK_FORMAT, LOCK_NAME
from hangeul_bench.hangeul.charset import ksx1001

CHARACTERS = "characters.txt"
# What a syllable's outline does not need; the name table stays, as it names the family.
_NEEDLESS = [
    "GSUB",
    "GPOS",
    "GDEF",
    "BASE",
    "DSIG",
    "vhea",
    "vmtx",
    "VORG",
    "FFTM",
    "kern",
    "STAT",
    "meta",
]
_SAID = ("font_id", "category", "family", "style", "lineage", "licence")


def pack_fonts(fonts: Path, kit: Path, dataset: GlyphDataset, *, workers: int = 1) -> None:
    """Cut each font down to what the dataset's characters need; those that are there stay.

    Args:
        fonts: Folder of the whole fonts.
        kit: Receives ``fonts/``, with its lock file, and the characters where they are unusual.
        dataset: Made from these fonts, without another.
        workers: Processes.

    Raises:
        UserError: The dataset has other fonts than the folder, or one is a named instance.
    """
    faces = find_faces(fonts)
    if (found := {face.font_id for face in faces}) != {font.font_id for font in dataset.fonts}:
        odd = sorted(found ^ {font.font_id for font in dataset.fonts})
        raise UserError(f"{fonts} and {dataset.path} differ in fonts, e.g. {odd[0]}; build again.")
    if own := sorted(face.font_id for face in faces if face.instance):
        raise UserError(f"Font {own[0]} is an instance of a variable font; pack takes whole files.")
    characters = "".join(sorted({*dataset.characters, *ksx1001()}))
    with ProcessPoolExecutor(workers) as pool:
        cut = partial(cut_font, folder=kit / "fonts", characters=characters)
        files = list(pool.map(cut, faces))
    entries = [_entry(face, file, kit) for face, file in zip(faces, files, strict=True)]
    lock = {"format": LOCK_FORMAT, "fonts": entries}
    write_whole(kit / "fonts" / LOCK_NAME, pretty_json(lock))
    if tuple(dataset.characters) != tuple(ksx1001()):
        write_whole(kit / CHARACTERS, "".join(dataset.characters))


def cut_font(face: FontFace, *, folder: Path, characters: str) -> Path:
    """Write the outlines of some characters, unchanged, as WOFF2; returns the file.

    A font that does not survive this, as some old ones do not, is taken along whole.

    Args:
        face: A face of a font file, no named instance.
        folder: Receives ``CATEGORY/FONT_ID.woff2``, or the file under its own suffix.
        characters: Which stay.

    Raises:
        UserError: A face of a collection does not survive.
    """
    stem = folder / str(face.category) / face.font_id
    cut, whole = (stem.with_name(f"{stem.name}{end}") for end in (".woff2", face.path.suffix))
    for path in (cut, whole):
        if path.is_file():
            return path
    data = _cut(face, characters)
    with TemporaryDirectory() as place:
        trial = Path(place) / cut.name
        trial.write_bytes(data)
        found = _outlines(replace(face, path=trial, face_index=0), characters)
    if found == _outlines(face, characters):
        write_whole(cut, data)
        return cut
    if face.face_index:
        raise UserError(f"Face {face.font_id} of {face.path} changes when cut down; leave it out.")
    write_whole(whole, face.path.read_bytes())
    return whole


def _cut(face: FontFace, characters: str) -> bytes:
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.notdef_outline = True
    options.drop_tables += _NEEDLESS
    options.name_IDs = options.name_languages = ["*"]
    font = TTFont(face.path, fontNumber=face.face_index, lazy=True)
    cutter = subset.Subsetter(options)
    cutter.populate(text=characters)
    cutter.subset(font)
    font.flavor = "woff2"
    packed = io.BytesIO()
    font.save(packed)
    return packed.getvalue()


def _outlines(face: FontFace, characters: str) -> dict[str, str]:
    with Rasterizer(face, 128) as rasterizer:
        missing = rasterizer.missing(characters)
        return {s: rasterizer.outline_sha256(s) for s in characters if s not in missing}


def _entry(face: FontFace, file: Path, kit: Path) -> dict[str, Any]:
    """What a lock file says of a font: all that its name and folder do not."""
    said = {name: getattr(face, name) for name in _SAID}
    name = file.relative_to(kit / "fonts").as_posix()
    return {"file": name, "sha256": file_sha256(file), **said}
