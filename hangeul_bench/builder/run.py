"""From a folder of fonts to a dataset: parallel, resumable, the same bytes however it is run."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.lock import alone_in
from hangeul_bench.base.processes import run_each
from hangeul_bench.base.progress import progress
from hangeul_bench.builder.copies import copy_notes, refuse_leaks
from hangeul_bench.builder.output import (
    begin,
    finish,
    is_finished,
    kept_name,
    recorded_hashes,
    write_texts,
)
from hangeul_bench.builder.remote import make_remote_shard, remote_jobs, wait_for_files
from hangeul_bench.builder.shard import Shard, ShardJob, find_missing, make_shard, read_shard
from hangeul_bench.builder.texts import font_row, missing_rows, phonetic_files, text_files
from hangeul_bench.dataset.fingerprint import fingerprint
from hangeul_bench.dataset.format import MAX_SIZE, MIN_SIZE, Contents, FontSet, parts_of
from hangeul_bench.dataset.splits.choice import N_TEST_FAMILIES, make_splits
from hangeul_bench.dataset.splits.lists import Splits, read_splits_file
from hangeul_bench.fonts.faces import FontFace, find_faces
from hangeul_bench.fonts.placement import RULE
from hangeul_bench.fonts.table import FontsLock
from hangeul_bench.hangeul.charset import load_charset

_MAX_NAMED = 5  # things listed in one message


@dataclass(frozen=True)
class BuildOptions:
    """What to build, and by how many.

    Attributes:
        size: Width and height of an image in pixels.
        charset: ``ksx1001``, ``all`` or the path of a file.
        splits: A user's own splits (:func:`hangeul_bench.dataset.splits.lists.read_splits_file`).
        name: Name of the dataset; that of its folder if None.
        instances: Whether variable fonts give all their named instances.
        strict: Whether a font that misses a syllable is an error.
        workers: Number of processes. More than one needs the caller's main module to be guarded by
            ``if __name__ == "__main__"``.
        executor: Draws the fonts instead of ``workers`` processes, e.g. one of Dask or Ray; its
            machines see the folders of fonts and dataset under the same paths as this one.
    """

    size: int = 128
    charset: str = "ksx1001"
    splits: Path | None = None
    name: str | None = None
    instances: bool = False
    strict: bool = False
    workers: int = 1
    executor: Executor | None = field(default=None, compare=False)


@dataclass(frozen=True)
class BuildReport:
    """What a build did.

    Attributes:
        n_fonts: Fonts in the dataset.
        n_drawn: Fonts drawn now; the others were right already.
        n_glyphs: Images in the dataset.
        missing: Number of missing syllables by font id, where there are any.
        notes: Sentences that the user should read.
        fingerprint: The dataset's fingerprint.
    """

    n_fonts: int
    n_drawn: int
    n_glyphs: int
    missing: Mapping[str, int]
    notes: tuple[str, ...]
    fingerprint: str


def build(fonts: Path, out: Path, options: BuildOptions | None = None) -> BuildReport:
    """Build a dataset, or finish one, or find that it is finished.

    Args:
        fonts: Folder of fonts, as :func:`hangeul_bench.fonts.find_faces` reads it.
        out: Folder of the dataset: new, empty, or a dataset that this finishes or brings up to
            date with the fonts.
        options: What to build.

    Raises:
        UserError: The fonts, the options or the output folder are not usable, or one design
            stands under two names on both sides of the split.
    """
    options = options or BuildOptions()
    if not MIN_SIZE <= options.size <= MAX_SIZE:
        raise UserError(
            f"Expected a size of {MIN_SIZE} to {MAX_SIZE} pixels, found {options.size}."
        )
    if options.executor:  # other processes stand in other folders
        fonts, out = fonts.absolute(), out.absolute()
    characters = load_charset(options.charset)
    override = read_splits_file(options.splits) if options.splits else None
    name = options.name or kept_name(out, options.size, characters)
    faces = find_faces(fonts, instances=options.instances)
    _check_faces(faces)
    splits = make_splits(faces, characters, override)
    jobs = [
        ShardJob(face, characters, options.size, out, parts_of(face.font_id, splits))
        for face in faces
    ]
    contents = partial(_contents, jobs=jobs, fonts=fonts, splits=splits, name=name)
    drawn, result = _bring_about(out, jobs, options, contents)
    return BuildReport(
        n_fonts=len(faces),
        n_drawn=len(drawn),
        n_glyphs=sum(font.n_glyphs for font in result.fonts),
        missing={font.font_id: font.n_missing for font in result.fonts if font.n_missing},
        notes=(*_notes(faces, splits), *copy_notes(result.fonts)),
        fingerprint=fingerprint(result),
    )


def _bring_about(
    out: Path,
    jobs: Sequence[ShardJob],
    options: BuildOptions,
    contents: Callable[[Mapping[str, Shard]], Contents],
) -> tuple[list[str], Contents]:
    """Make what is not there yet; which fonts were drawn, and what the dataset holds."""
    shards = _right_shards(out, jobs)
    if options.strict:
        _check_strict(shards, _others(jobs, shards), options)
    if not _others(jobs, shards):
        result = contents(shards)
        if is_finished(out, text_files(result)):
            return [], result
    with alone_in(out, "build"):
        # Once more: a build that held the folder until now may have made some.
        return _make(out, jobs, options, _right_shards(out, jobs), contents)


def _make(
    out: Path,
    jobs: Sequence[ShardJob],
    options: BuildOptions,
    shards: dict[str, Shard],
    contents: Callable[[Mapping[str, Shard]], Contents],
) -> tuple[list[str], Contents]:
    """Make what is not among ``shards``, and write the dataset's texts."""
    to_do = _others(jobs, shards)
    run = begin(out, jobs)
    # To create so many small files may cost a file system as much as a dozen fonts cost to draw.
    with ThreadPoolExecutor(1) as beside:
        texts = beside.submit(write_texts, out, phonetic_files(jobs[0].characters))
        shards |= _make_all(to_do, options, run)
        texts.result()
    result = contents(shards)
    finish(out, result.shards, text_files(result))
    return sorted(font_id for font_id, shard in shards.items() if shard.drawn), result


def _right_shards(out: Path, jobs: Sequence[ShardJob]) -> dict[str, Shard]:
    """The shards that are there and right, by font id."""
    recorded = recorded_hashes(out)
    found = (read_shard(job, recorded) for job in jobs)
    return {shard.font_id: shard for shard in found if shard is not None}


def _others(jobs: Sequence[ShardJob], shards: Mapping[str, Shard]) -> list[ShardJob]:
    return [job for job in jobs if job.face.font_id not in shards]


def _make_all(jobs: Sequence[ShardJob], options: BuildOptions, run: str) -> dict[str, Shard]:
    shards: dict[str, Shard] = {}
    n_characters = len(jobs[0].characters) if jobs else 0
    if options.executor:
        made = run_each(make_remote_shard, remote_jobs(jobs, run), executor=options.executor)
    else:
        made = run_each(make_shard, jobs, workers=options.workers)
    with progress("Building", n_characters * len(jobs), "glyphs") as bar, closing(made):
        for shard in made:
            shards[shard.font_id] = shard
            bar.advance(n_characters)
    if options.executor and jobs:
        wait_for_files(jobs[0].out, shards)
    return shards


def _check_strict(
    shards: Mapping[str, Shard], to_do: Sequence[ShardJob], options: BuildOptions
) -> None:
    lacks = {font_id: list(shard.info.missing) for font_id, shard in shards.items()}
    found = run_each(find_missing, to_do, workers=options.workers, executor=options.executor)
    lacks |= dict(found)
    for font_id, names in sorted(lacks.items()):
        if names:
            raise UserError(
                f"{font_id} lacks {len(names):,} of the syllables ({_some(names)}), which --strict "
                "refuses; remove the font, or build without --strict."
            )


def _check_faces(faces: Sequence[FontFace]) -> None:
    unplaced = [face.path.name for face in faces if face.category is None]
    if unplaced:
        raise UserError(
            f"{len(unplaced)} fonts could not be placed as handwritten or printed "
            f"({_some(unplaced)}); put them into sub-folders of these names or list them in a "
            "fonts.csv with the columns file and category."
        )
    first: dict[tuple[object, ...], FontFace] = {}
    for face in faces:
        instance = tuple(sorted((face.instance or {}).items()))
        other = first.setdefault((face.sha256, face.face_index, instance), face)
        if other is not face:
            raise UserError(
                f"{other.path} and {face.path} are one and the same file; remove one of them."
            )


def _contents(
    shards: Mapping[str, Shard],
    *,
    jobs: Sequence[ShardJob],
    fonts: Path,
    splits: Splits,
    name: str,
) -> Contents:
    """What the dataset holds, once no font that trains is a copy of one that tests."""
    rows = tuple(font_row(job.face, shards[job.face.font_id], splits, fonts) for job in jobs)
    refuse_leaks(jobs[0].out, rows, shards)
    return Contents(
        name=name,
        size=jobs[0].size,
        characters=jobs[0].characters,
        splits=splits,
        fonts=rows,
        missing=tuple(row for job in jobs for row in missing_rows(shards[job.face.font_id])),
        shards={p: sha256 for job in jobs for p, sha256 in shards[job.face.font_id].files.items()},
        font_set=_font_set(fonts, {job.face.font_id for job in jobs}),
        placement=RULE,
    )


def _font_set(fonts: Path, there: Collection[str]) -> FontSet | None:
    """The set that was fetched into the folder of fonts, and what is not there of it."""
    lock = FontsLock.read(fonts)
    if not lock.set_name:
        return None
    lacks = tuple(font_id for font_id in lock.set_fonts if font_id not in there)
    return FontSet(lock.set_name, len(lock.set_fonts), lacks)


def _notes(faces: Sequence[FontFace], splits: Splits) -> Iterator[str]:
    families, unseen = defaultdict(set), defaultdict(set)
    for face in faces:
        families[face.category].add(face.lineage)
        if face.font_id in splits.unseen_fonts:
            unseen[face.category].add(face.lineage)
    for category, lineages in sorted(families.items()):
        n_unseen = len(unseen[category])
        if n_unseen < N_TEST_FAMILIES:
            yield (
                f"{category}: {n_unseen} of {len(lineages)} families are unseen, fewer than the "
                f"{N_TEST_FAMILIES} of the benchmark."
            )
    for file, choice in dict.fromkeys((face.path.name, face.choice) for face in faces):
        if choice:
            yield f"{file}: {choice}."
    if not splits.unseen_characters:
        yield "No character is unseen: the character set holds none of those held out."


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
    return ", ".join(names[:_MAX_NAMED]) + more
