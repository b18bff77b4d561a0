"""The folder that a build writes into: whose it is, when it is finished, what is left over."""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

import hangeul_bench.dataset.format as fmt
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import canonical_json, holds, write_whole
from hangeul_bench.base.lock import LOCK_NAME
from hangeul_bench.builder.shard import ShardJob
from hangeul_bench.dataset.fingerprint import characters_sha256
from hangeul_bench.dataset.format import IMAGES


def kept_name(out: Path, size: int, characters: Sequence[str]) -> str:
    """Check that a dataset of this kind may go into ``out``; the name that it has so far.

    Raises:
        UserError: The folder holds something else, or a dataset of another kind.
    """
    if out.exists() and not out.is_dir():
        raise UserError(f"Expected a folder for the dataset at {out}, but that is a file.")
    states = [out / name for name in (fmt.DATASET_JSON, fmt.BUILDING_JSON)]
    states = [path for path in states if path.is_file()]
    if not states:
        _check_empty(out)
        return out.resolve().name
    old = fmt.read_kind(states[0])
    if (old["size"], old["characters_sha256"]) != (size, characters_sha256(characters)):
        raise UserError(
            f"{out} holds a dataset of {old['size']} pixels and {old['n_characters']:,} "
            f"characters, not of {size} pixels and these {len(characters):,}; give another folder "
            "with --out, or remove that one."
        )
    return str(old.get("name") or out.resolve().name)


def recorded_hashes(out: Path) -> dict[str, str]:
    """SHA-256 of each file of images by its path, as a finished build wrote them down."""
    try:
        return fmt.shard_hashes(fmt.read_state(out))
    except UserError:
        return {}


def is_finished(out: Path, files: Mapping[str, str]) -> bool:
    """Whether the folder holds just these text files, and no build is going on in it."""
    if (out / fmt.BUILDING_JSON).exists():
        return False
    return all(holds(out / name, content) for name, content in files.items())


def begin(out: Path, jobs: Sequence[ShardJob]) -> str:
    """Mark the folder as unfinished, and remove what no font can use any more.

    Returns:
        A word that no other run has, by which :func:`run_of` tells the folder on other machines.
    """
    run = secrets.token_hex(16)
    marker = {
        "run": run,
        "format": fmt.FORMAT,
        "size": jobs[0].size,
        "n_characters": len(jobs[0].characters),
        "characters_sha256": characters_sha256(jobs[0].characters),
    }
    for folder in (IMAGES, fmt.TEXTS, fmt.SPLITS):
        (out / folder).mkdir(parents=True, exist_ok=True)
    write_whole(out / fmt.BUILDING_JSON, canonical_json(marker))
    (out / fmt.DATASET_JSON).unlink(missing_ok=True)
    names = {Path(path).name for job in jobs for path in job.paths}
    for path in _shard_files(out):
        if path.name not in names:  # a font that is gone
            path.unlink()
    for inside in (".", IMAGES, f"{IMAGES}/*", fmt.TEXTS, fmt.SPLITS):
        for path in sorted(out.glob(f"{inside}/*.tmp-*")):  # of a killed run
            path.unlink()
    return run


def run_of(out: Path) -> str | None:
    """The word of the run that builds in a folder; None if none does."""
    try:
        word = fmt.read_kind(out / fmt.BUILDING_JSON).get("run")
    except UserError:
        return None
    return word if isinstance(word, str) else None


def write_texts(out: Path, files: Mapping[str, str]) -> None:
    """Write those of the files that are not there yet."""
    for name, content in files.items():
        if not holds(out / name, content):
            write_whole(out / name, content, sweep=False)


def finish(out: Path, shards: Mapping[str, str], files: Mapping[str, str]) -> None:
    """Remove files of images from before, and write the text files, "finished" last.

    Args:
        out: The folder.
        shards: The files of images that stay, by their paths in the dataset.
        files: The text files.
    """
    for path in _shard_files(out):
        if path.relative_to(out).as_posix() not in shards:
            path.unlink()
    for folder in sorted((out / IMAGES).iterdir()):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    write_texts(out, files)
    (out / fmt.BUILDING_JSON).unlink(missing_ok=True)


def _shard_files(out: Path) -> list[Path]:
    return sorted((out / IMAGES).rglob("*.parquet"))


def _check_empty(out: Path) -> None:
    found = sorted(path.name for path in out.iterdir()) if out.exists() else []
    found = [name for name in found if name != LOCK_NAME]
    if found:
        raise UserError(
            f"Expected a new or empty folder at {out}, or a dataset, but it holds {found[0]} and "
            f"{len(found) - 1} others; give another folder with --out."
        )
