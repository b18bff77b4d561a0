"""What a training needs on a machine that has a GPU but no network, and what comes back from it.

    python -m experiments.training_kit pack fonts kit --data hangeul-dataset
    python -m experiments.training_kit run kit back --minutes 9 dkfont --recipe swift --bf16
    python -m experiments.training_kit join back/weights.json dkfont-swift.safetensors

The kit is a folder of some 30 MB: the fonts, cut down to the syllables of KS X 1001 where that
leaves their outlines as they are, and the wheels of packages that such a machine may lack. ``run``
builds the dataset from it, the same glyphs as from the whole fonts, and trains; called again it
goes on from where it was, and with ``--start FILE`` from weights that an earlier machine gave back.
What it gives back lies in pieces that are small enough to be carried. A machine without a GPU
repeats it by the same command, slower.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click

from experiments.cut_fonts import CHARACTERS, pack_fonts
from experiments.side_by_side import TRAIN
from hangeul_bench.base.documents import Schema, read_json
from hangeul_bench.base.errors import UserError, exit_on_user_error
from hangeul_bench.base.files import pretty_json, sha256_of, write_whole
from hangeul_bench.builder import BuildOptions, build
from hangeul_bench.dataset import GlyphDataset

# What the trainings import beside torch and what commonly stands beside it.
WHEELS = (
    *("freetype-py==2.5.1", "brotli", "zlib-ng==1.1.0", "jamo", "diffusers", "importlib-metadata"),
    *("jsonschema", "jsonschema-specifications", "referencing", "rpds-py"),
)
_PLATFORMS = ("manylinux_2_28", "manylinux_2_17", "manylinux2014", "manylinux2010", "manylinux1")
PIECE_BYTES = 15 << 20
_KIT = "kit.json"
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
@click.option("--python", default="3.12", show_default=True, help="Of the other machine.")
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True)
def pack_command(
    fonts: Path, kit: Path, data: Path, wheels: Sequence[str], python: str, workers: int
) -> None:
    """Cut the FONTS down into the folder KIT, and lay the wheels beside them."""
    pack(fonts, kit, GlyphDataset.open(data), workers=workers)
    if wheels:
        subprocess.run([sys.executable, "-m", "pip", *_download(kit, wheels, python)], check=True)
    total = sum(path.stat().st_size for path in kit.rglob("*") if path.is_file())
    click.echo(f"{kit}: {total / 1e6:.1f} MB")


@main.command("run", context_settings={"ignore_unknown_options": True})
@click.argument("kit", type=_path)
@click.argument("back", type=_path)
@click.argument("model")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), required=True)
@click.option("--work", type=_path, default=Path("runs/kit"), show_default=True)
def run_command(
    kit: Path, back: Path, model: str, arguments: Sequence[str], minutes: float, work: Path
) -> None:
    """Build the dataset of KIT, train MODEL by ARGUMENTS of `train`, and give back the weights.

    MODEL may be a plan of `side_by_side`: then each of its trainings gives back into a folder.
    The dataset and the training's state stay in --work; called again with the same it goes on.
    --minutes holds for all of it.
    """
    start = time.monotonic()
    data = build_dataset(kit, work / "dataset")
    run = work / Path(model).stem
    planned = model.endswith(".json")
    program = (sys.executable, "-m", "experiments.side_by_side") if planned else TRAIN
    left = minutes - (time.monotonic() - start) / 60
    if left <= 0:
        raise UserError(f"Building took the {minutes:g} minutes; call again with more.")
    own = ["--data", str(data), "--out", str(run), "--resume", "--minutes", f"{left:.3f}"]
    status = subprocess.run([*program, model, *arguments, *own], check=False)
    if status.returncode:
        raise UserError(f"{model} ended with exit code {status.returncode}, see above.")
    for trained in _with_weights(run):
        give_back(trained, back / trained.relative_to(run))
    click.echo(f"{back}: the weights of {run} in pieces, and what they say of themselves")


@main.command("join")
@click.argument("description", type=_path)
@click.argument("out", type=_path)
def join_command(description: Path, out: Path) -> None:
    """Put the pieces that DESCRIPTION names together into the file OUT, and its facts beside it."""
    join(description, out)
    click.echo(f"{out}: {out.stat().st_size:,} bytes, as they were")


def pack(fonts: Path, kit: Path, dataset: GlyphDataset, *, workers: int = 1) -> None:
    """Cut the fonts down into the kit and say which dataset :func:`build_dataset` must give.

    Raises:
        UserError: The dataset has other fonts than the folder, or one cannot be cut down.
    """
    pack_fonts(fonts, kit, dataset, workers=workers)
    write_whole(kit / _KIT, pretty_json({"fingerprint": dataset.fingerprint}))


def _download(kit: Path, wheels: Sequence[str], python: str) -> list[str]:
    """Arguments of pip for packages of another machine: x86-64 Linux with that Python."""
    where = ["--implementation", "cp", "--python-version", python]
    for name in _PLATFORMS:
        where += ["--platform", f"{name}_x86_64"]
    get = ["download", "--quiet", "--no-deps", "--only-binary=:all:", *where]
    return [*get, "--dest", str(kit / "wheels"), *wheels]


def _with_weights(run: Path) -> list[Path]:
    """The run itself, or those of its folders that hold weights where it ran several trainings."""
    inner = sorted(path.parent for path in run.glob("*/weights.safetensors"))
    return inner if inner and not (run / "weights.safetensors").is_file() else [run]


def build_dataset(kit: Path, out: Path, *, workers: int = 2) -> Path:
    """The dataset of a kit; returns its folder.

    Raises:
        UserError: Its glyphs are not those of the dataset that was packed, or there is no kit.
    """
    facts = read_json(kit / _KIT, _FACTS, expected="a training kit", remedy="pack it again")
    own = kit / CHARACTERS
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
