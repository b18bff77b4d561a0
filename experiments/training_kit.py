"""What a training needs on a machine that has a GPU but no network, and what comes back from it.

    python -m experiments.training_kit pack fonts kit --data hangeul-dataset
    python -m experiments.training_kit run kit back --minutes 9 dkfont.train --batch-size 256 --bf16
    python -m experiments.training_kit join back/weights.json dkfont-swift.safetensors

The kit is a folder of some 30 MB: the fonts, cut down to the syllables of KS X 1001 where that
leaves their outlines as they are, and the wheels of packages that such a machine may lack. ``run``
builds the dataset from it, the same glyphs as from the whole fonts, and trains; called again it
goes on from where it was, and with ``--start FILE`` from weights that an earlier machine gave back.
What it gives back lies in pieces that are small enough to be carried. A machine without a GPU
repeats it by the same command, slower.
"""

import io
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from fontTools import subset
from fontTools.ttLib import TTFont

from hangeul_bench.base.commands import exit_on_user_error
from hangeul_bench.base.documents import Schema, read_json
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import file_sha256, pretty_json, sha256_of, write_whole
from hangeul_bench.build import BuildOptions, build
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.fonts import FontFace, Rasterizer, find_faces
from hangeul_bench.fonts.table import LOCK_FORMAT, LOCK_NAME
from hangeul_bench.hangeul.charset import ksx1001

WHEELS = ("freetype-py", "brotli", "zlib-ng", "jamo", "jsonschema", "diffusers", "accelerate")
PIECE_BYTES = 15 << 20
_KIT, _CHARACTERS = "kit.json", "characters.txt"
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
_FACTS = Schema(
    {
        "type": "object",
        "required": ["fingerprint"],
        "properties": {"fingerprint": {"type": "string"}},
    }
)
_PIECES = Schema(
    {
        "type": "object",
        "required": ["sha256", "pieces", "facts"],
        "properties": {
            "sha256": {"type": "string"},
            "pieces": {"type": "array", "items": {"type": "string", "format": "file-name"}},
        },
    }
)
_path = click.Path(path_type=Path)


@click.group()
def main() -> None:
    """Carry a training to a machine without a network, and its weights back."""


@main.command("pack")
@click.argument("fonts", type=_path)
@click.argument("kit", type=_path)
@click.option("--data", type=_path, required=True, help="The dataset of these fonts.")
@click.option("--wheel", "wheels", multiple=True, default=WHEELS, help="Packages to take along.")
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True)
def pack_command(fonts: Path, kit: Path, data: Path, wheels: Sequence[str], workers: int) -> None:
    """Cut the FONTS down into the folder KIT, and lay the wheels beside them."""
    pack_fonts(fonts, kit, GlyphDataset.open(data), workers=workers)
    if wheels:
        get = ["download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest"]
        subprocess.run([sys.executable, "-m", "pip", *get, kit / "wheels", *wheels], check=True)
    total = sum(path.stat().st_size for path in kit.rglob("*") if path.is_file())
    click.echo(f"{kit}: {total / 1e6:.1f} MB")


@main.command("run", context_settings={"ignore_unknown_options": True})
@click.argument("kit", type=_path)
@click.argument("back", type=_path)
@click.argument("module")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), required=True)
@click.option("--work", type=_path, default=Path("runs/kit"), show_default=True)
def run_command(
    kit: Path, back: Path, module: str, arguments: Sequence[str], minutes: float, work: Path
) -> None:
    """Build the dataset of KIT, train by MODULE and its ARGUMENTS, and give back the weights.

    The dataset and the training's state stay in --work; called again with the same it goes on.
    --minutes holds for all of it.
    """
    start = time.monotonic()
    data = build_dataset(kit, work / "dataset")
    run = work / module
    left = minutes - (time.monotonic() - start) / 60
    if left <= 0:
        raise UserError(f"Building took the {minutes:g} minutes; call again with more.")
    own = ["--data", str(data), "--out", str(run), "--resume", "--minutes", f"{left:.3f}"]
    status = subprocess.run([sys.executable, "-m", module, *arguments, *own], check=False)
    if status.returncode:
        raise UserError(f"{module} ended with exit code {status.returncode}, see above.")
    give_back(run, back)
    click.echo(f"{back}: the weights of {run} in pieces, and what they say of themselves")


@main.command("join")
@click.argument("description", type=_path)
@click.argument("out", type=_path)
def join_command(description: Path, out: Path) -> None:
    """Put the pieces that DESCRIPTION names together into the file OUT, and its facts beside it."""
    join(description, out)
    click.echo(f"{out}: {out.stat().st_size:,} bytes, as they were")


def pack_fonts(fonts: Path, kit: Path, dataset: GlyphDataset, *, workers: int = 1) -> None:
    """Cut each font down to what the dataset's characters need; those that are there stay.

    Args:
        fonts: Folder of the whole fonts.
        kit: Receives ``fonts/``, with its lock file, and what :func:`build_dataset` checks.
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
        write_whole(kit / _CHARACTERS, "".join(dataset.characters))
    write_whole(kit / _KIT, pretty_json({"fingerprint": dataset.fingerprint}))


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


def build_dataset(kit: Path, out: Path, *, workers: int = 2) -> Path:
    """The dataset of a kit; returns its folder.

    Raises:
        UserError: Its glyphs are not those of the dataset that was packed, or there is no kit.
    """
    facts = read_json(kit / _KIT, _FACTS, expected="a training kit", remedy="pack it again")
    own = kit / _CHARACTERS
    charset = str(own) if own.is_file() else "ksx1001"
    build(kit / "fonts", out, BuildOptions(charset=charset, workers=workers))
    if (found := GlyphDataset.open(out).fingerprint) != facts["fingerprint"]:
        raise UserError(
            f"Expected the dataset {facts['fingerprint'][:16]} from {kit}, but its fonts give "
            f"{found[:16]}; pack it again with this version."
        )
    return out


def give_back(run: Path, back: Path) -> None:
    """Lay a run's weights into ``back`` in pieces, with its log and what says how to join them.

    Raises:
        UserError: The run has no weights.
    """
    weights = run / "weights.safetensors"
    if not weights.is_file():
        raise UserError(f"{run} holds no weights.safetensors; the training saved none.")
    data = weights.read_bytes()
    starts = range(0, len(data), PIECE_BYTES)
    pieces = {
        f"weights.{n:02d}": data[start : start + PIECE_BYTES] for n, start in enumerate(starts)
    }
    for old in back.glob("weights.*"):
        old.unlink()
    for name, piece in pieces.items():
        write_whole(back / name, piece)
    said = read_json(weights.with_suffix(".json"), expected="what weights say of themselves")
    facts = {"sha256": sha256_of(data), "pieces": list(pieces), "facts": said}
    write_whole(back / "weights.json", pretty_json(facts))
    log = run / "log.csv"
    if log.is_file():
        write_whole(back / "log.csv", log.read_bytes())


def join(description: Path, out: Path) -> None:
    """Put pieces together and write the weights' facts beside them.

    Raises:
        UserError: A piece is missing or has other bytes.
    """
    said = read_json(description, _PIECES, expected="the list of pieces", remedy="run again")
    try:
        data = b"".join((description.parent / name).read_bytes() for name in said["pieces"])
    except FileNotFoundError as error:
        raise UserError(f"The piece {error.filename} is missing; carry it over again.") from error
    if sha256_of(data) != said["sha256"]:
        raise UserError(
            f"The pieces of {description} are not those that it names; carry them again."
        )
    write_whole(out, data)
    write_whole(out.with_suffix(".json"), pretty_json(said["facts"]))


if __name__ == "__main__":
    exit_on_user_error(main)
