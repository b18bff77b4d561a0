"""The folder that a build writes into: whose it is, when it is finished, what is left over."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from hangeul_bench import dataset_format as fmt
from hangeul_bench.dataset_tables import read_fonts
from hangeul_bench.errors import UserError
from hangeul_bench.fingerprint import characters_sha256
from hangeul_bench.shard import ShardJob


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
    old = fmt.read_json_object(states[0])
    if not {"format", "size", "n_characters", "characters_sha256"} <= set(old):
        raise UserError(f"{states[0]} is not of this program; give another folder with --out.")
    fmt.check_format(old, out)
    if (old["size"], old["characters_sha256"]) != (size, characters_sha256(characters)):
        raise UserError(
            f"{out} holds a dataset of {old['size']} pixels and {old['n_characters']:,} "
            f"characters, not of {size} pixels and these {len(characters):,}; give another folder "
            "with --out, or remove that one."
        )
    return str(old.get("name") or out.resolve().name)


def recorded_hashes(out: Path) -> dict[str, str]:
    """SHA-256 of each shard by font id, as a finished build wrote them down."""
    if not (out / fmt.DATASET_JSON).is_file():
        return {}
    try:
        fonts = read_fonts((out / fmt.FONTS_CSV).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {font.font_id: font.shard_sha256 for font in fonts}


def is_finished(out: Path, files: Mapping[str, str]) -> bool:
    """Whether the folder holds just these text files, and no build is going on in it."""
    if (out / fmt.BUILDING_JSON).exists():
        return False
    return all(fmt.holds(out / name, content) for name, content in files.items())


def begin(out: Path, jobs: Sequence[ShardJob]) -> None:
    """Mark the folder as unfinished, and remove what is of no more use in it."""
    marker = {
        "format": fmt.FORMAT,
        "size": jobs[0].size,
        "n_characters": len(jobs[0].characters),
        "characters_sha256": characters_sha256(jobs[0].characters),
    }
    for folder in (fmt.IMAGES, fmt.TEXTS, fmt.SPLITS):
        (out / folder).mkdir(parents=True, exist_ok=True)
    fmt.write_whole(out / fmt.BUILDING_JSON, fmt.canonical_json(marker))
    (out / fmt.DATASET_JSON).unlink(missing_ok=True)
    wanted = {job.path for job in jobs}
    for path in sorted((out / fmt.IMAGES).glob("*.parquet")):
        if path not in wanted:  # a font that is gone
            path.unlink()
    for inside in (".", fmt.IMAGES, fmt.TEXTS, fmt.SPLITS):
        for path in sorted((out / inside).glob("*.tmp-*")):  # of a killed run
            path.unlink()


def write_texts(out: Path, files: Mapping[str, str]) -> None:
    """Write those of the files that are not there yet."""
    for name, content in files.items():
        if not fmt.holds(out / name, content):
            fmt.write_whole(out / name, content)


def finish(out: Path, files: Mapping[str, str]) -> None:
    """Write the text files, the one that says "finished" last."""
    write_texts(out, files)
    (out / fmt.BUILDING_JSON).unlink(missing_ok=True)


def _check_empty(out: Path) -> None:
    found = sorted(path.name for path in out.iterdir()) if out.exists() else []
    if found:
        raise UserError(
            f"Expected a new or empty folder at {out}, or a dataset, but it holds {found[0]} and "
            f"{len(found) - 1} others; give another folder with --out."
        )
