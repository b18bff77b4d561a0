"""Looks at every font of a folder before anything is built from it: defects, copies, leaks."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.processes import run_each
from hangeul_bench.base.progress import progress
from hangeul_bench.builder.audit.font import FontAudit, Measured, measure, sampled_syllables
from hangeul_bench.builder.copies import COPY_OUTLINES
from hangeul_bench.dataset.splits.choice import make_splits
from hangeul_bench.dataset.splits.lists import Splits
from hangeul_bench.fonts.faces import FontFace, scan_faces
from hangeul_bench.fonts.names import slug
from hangeul_bench.hangeul.charset import ksx1001

# Mean pixel RMSE over 50 syllables, [0, 1]. Two builds of one font stay below the first, or below
# the second if family and weight are the same; two weights of one family have a median of 0.148.
COPY_RMSE = 0.06
SAME_NAME_RMSE = 0.11


@dataclass(frozen=True)
class Pair:
    """Two fonts that look alike.

    Attributes:
        first: Name of one font.
        second: Name of the other, later in the alphabet.
        rmse: Mean pixel RMSE over the sampled syllables that both draw, [0, 1].
        same_outlines: Share of the syllables both draw whose outlines are one in font units.
        kind: ``copy``, or ``near`` for fonts drawn from one another.
    """

    first: str
    second: str
    rmse: float
    same_outlines: float
    kind: str


@dataclass(frozen=True)
class SplitAudit:
    """What the folder's default split would do.

    Attributes:
        n_train: Fonts that would train.
        n_unseen: Fonts that would test.
        leaks: Pairs that look alike of which one font trains and the other does not.
        unlinked: Pairs that look alike and have two lineages: another split could part them.
        nearest: Unseen font to its nearest training font and their RMSE.
        lineages: Lineage to its fonts, where there are several: they stay on one side.
        reason: Why there is no split, or empty.
    """

    n_train: int
    n_unseen: int
    leaks: tuple[Pair, ...]
    unlinked: tuple[Pair, ...]
    nearest: dict[str, tuple[str, float]]
    lineages: dict[str, tuple[str, ...]]
    reason: str


@dataclass(frozen=True)
class Misread:
    """A syllable of a font that the jamo reader surely reads as another one.

    Attributes:
        syllable: What its code point says.
        read_as: What it reads as.
        probability: The least of the three jamo that were read, [0, 1].
        odds: Least ratio of a jamo that was read to the one that should stand there.
        swapped: Whether ``read_as`` is read as ``syllable``, too: their glyphs changed places.
    """

    syllable: str
    read_as: str
    probability: float
    odds: float
    swapped: bool


@dataclass(frozen=True)
class Audit:
    """What is known of a folder of fonts.

    Attributes:
        folder: The folder.
        fonts: One entry a face, by name.
        choices: Relative path to what was taken of a file with several faces or weights.
        unusable: Relative path to the reason, for files that are no usable fonts.
        pairs: Fonts that look alike, the nearest first.
        split: What a split would do.
        readings: Font to its syllables that surely read as others; None if nobody read them.
    """

    folder: str
    fonts: tuple[FontAudit, ...]
    choices: dict[str, str]
    unusable: dict[str, str]
    pairs: tuple[Pair, ...]
    split: SplitAudit
    readings: Mapping[str, tuple[Misread, ...]] | None = None


def audit_fonts(
    folder: Path,
    *,
    instances: bool = False,
    workers: int = 1,
    executor: Executor | None = None,
) -> Audit:
    """Measure every font of a folder and compare all with each other.

    Args:
        folder: As :func:`hangeul_bench.fonts.find_faces` reads it; unusable files are reported.
        instances: Whether variable fonts give all their named instances.
        workers: Number of processes.
        executor: Runs the measurements instead of ``workers`` processes.

    Raises:
        UserError: No such folder, or no font file in it.
    """
    faces, problems = scan_faces(folder, instances=instances)
    unusable = {_relative(path, folder): str(error) for path, error in problems}
    named = dict(zip(face_names(faces), faces, strict=True))
    jobs = [(face, name, _relative(face.path, folder)) for name, face in named.items()]
    measured: dict[str, Measured] = {}
    with progress("Looking at", len(jobs), "fonts") as bar:
        for file, found in run_each(_measure_or_reason, jobs, workers=workers, executor=executor):
            if isinstance(found, Measured):
                measured[found.audit.name] = found
            else:
                unusable[file] = found
            bar.advance()
    fonts = [measured[name] for name in sorted(measured)]
    rmse, same = _pixel_rmse(fonts), _same_outlines(fonts)
    pairs = _pairs(fonts, rmse, same)
    audits = tuple(font.audit for font in fonts)
    return Audit(
        folder=str(folder),
        fonts=audits,
        choices={_relative(f.path, folder): f.choice for f in faces if f.choice},
        unusable=dict(sorted(unusable.items())),
        pairs=pairs,
        split=_split([replace(named[a.name], font_id=a.name) for a in audits], rmse, pairs),
    )


def _measure_or_reason(job: tuple[FontFace, str, str]) -> tuple[str, Measured | str]:
    try:
        return job[2], measure(job)
    except UserError as error:
        return job[2], str(error)


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def face_names(faces: Sequence[FontFace]) -> list[str]:
    """A name for each face: its font id, with the file's name where two share one."""
    counts = Counter(face.font_id for face in faces)
    names = [
        face.font_id if counts[face.font_id] == 1 else f"{face.font_id} ({face.path.name})"
        for face in faces
    ]
    doubles = Counter(names)
    return [
        name if doubles[name] == 1 else f"{face.font_id} ({face.path})"
        for name, face in zip(names, faces, strict=True)
    ]


def _pixel_rmse(fonts: Sequence[Measured]) -> npt.NDArray[np.float64]:
    """(F, F) mean RMSE over the sampled syllables that both fonts draw; NaN if there is none."""
    n_fonts, sample = len(fonts), sampled_syllables() if fonts else ()
    total, count = np.zeros((n_fonts, n_fonts)), np.zeros((n_fonts, n_fonts))
    lacks = [set("".join("".join(s) for s in font.audit.missing.values())) for font in fonts]
    for index, syllable in enumerate(sample):
        rows = [font.images[index].ravel() for font in fonts]
        images = np.array(rows, np.float64) / 255  # (F, 128 * 128)
        squares = (images**2).sum(axis=1)
        distance = squares[:, None] + squares[None, :] - 2 * images @ images.T
        drawn = np.array([syllable not in lack for lack in lacks])
        both = drawn[:, None] & drawn[None, :]
        total += np.sqrt(np.maximum(distance, 0) / images.shape[1]) * both
        count += both
    with np.errstate(invalid="ignore"):
        return total / count


def _same_outlines(fonts: Sequence[Measured]) -> npt.NDArray[np.float64]:
    """(F, F) share of the syllables both draw whose outlines have one hash."""
    shares = np.zeros((len(fonts), len(fonts)))
    for row, font in enumerate(fonts):
        for column, other in enumerate(fonts[:row]):
            both = (font.outlines != 0) & (other.outlines != 0)
            n_same = int((both & (font.outlines == other.outlines)).sum())
            shares[row, column] = shares[column, row] = n_same / max(int(both.sum()), 1)
    return shares


def _pairs(
    fonts: Sequence[Measured],
    rmse: npt.NDArray[np.float64],
    same: npt.NDArray[np.float64],
) -> tuple[Pair, ...]:
    pairs = []
    for i, j in combinations(range(len(fonts)), 2):
        first, second = fonts[i].audit, fonts[j].audit
        kind = _kind(first, second, rmse=float(rmse[i, j]), same=float(same[i, j]))
        if kind:
            values = round(float(rmse[i, j]), 4), round(float(same[i, j]), 4)
            pairs.append(Pair(first.name, second.name, *values, kind))
    return tuple(sorted(pairs, key=lambda pair: (pair.rmse, pair.first, pair.second)))


def _kind(first: FontAudit, second: FontAudit, *, rmse: float, same: float) -> str:
    if rmse < COPY_RMSE or same >= COPY_OUTLINES:
        return "copy"
    if rmse < SAME_NAME_RMSE:
        return "copy" if _same_name(first, second) else "near"
    return ""


def _same_name(first: FontAudit, second: FontAudit) -> bool:
    """Whether weights agree and one family's words are among the other's: Jua and BM JUA_TTF."""
    words = [set(slug(font.family).split("-")) for font in (first, second)]
    same_family = first.lineage == second.lineage or words[0] <= words[1] or words[1] <= words[0]
    return same_family and slug(first.style) == slug(second.style)


def _split(
    faces: Sequence[FontFace], rmse: npt.NDArray[np.float64], pairs: Sequence[Pair]
) -> SplitAudit:
    lineage = {face.font_id: face.lineage for face in faces}
    several = {
        name: tuple(font_id for font_id in lineage if lineage[font_id] == name)
        for name, count in sorted(Counter(lineage.values()).items())
        if count > 1
    }
    unlinked = tuple(p for p in pairs if lineage[p.first] != lineage[p.second])
    empty = SplitAudit(0, 0, (), unlinked, {}, several, "")
    unplaced = [face.font_id for face in faces if face.category is None]
    if unplaced or not faces:
        reason = f"no category is known for {', '.join(unplaced[:5])}" if unplaced else "no font"
        return replace(empty, reason=reason)
    try:
        splits = make_splits(faces, ksx1001())
    except UserError as error:
        return replace(empty, reason=str(error).rstrip("."))
    trained = set(splits.train_fonts)
    return replace(
        empty,
        n_train=len(splits.train_fonts),
        n_unseen=len(splits.unseen_fonts),
        leaks=tuple(p for p in pairs if (p.first in trained) != (p.second in trained)),
        nearest=_nearest(list(lineage), splits, rmse),
    )


def _nearest(
    names: list[str], splits: Splits, rmse: npt.NDArray[np.float64]
) -> dict[str, tuple[str, float]]:
    """Unseen font to its nearest training font; those without a common syllable are left out."""
    columns = [names.index(name) for name in splits.train_fonts]
    nearest = {}
    for name in splits.unseen_fonts:
        distances = rmse[names.index(name), columns]
        if not np.isnan(distances).all():
            best = int(np.nanargmin(distances))
            nearest[name] = splits.train_fonts[best], round(float(distances[best]), 4)
    return nearest
