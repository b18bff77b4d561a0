"""Which fonts of a build are one design under two names: refused where one trains and one tests."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hangeul_bench.base.errors import UserError
from hangeul_bench.builder.shard import Shard
from hangeul_bench.dataset.shards import read_table, syllables
from hangeul_bench.dataset.tables import Font
from hangeul_bench.hangeul.charset import FIRST_SYLLABLE, LAST_SYLLABLE

# Share of the syllables that both fonts draw with one and the same outline that makes them copies.
COPY_OUTLINES = 0.9

_TRAIN = "train"
_HASH_DIGITS = 16  # of a hash, as one number of 64 bits
_MAX_NAMED = 3  # pairs listed in one message

Outlines = NDArray[np.uint64]


class Copy(NamedTuple):
    """Two fonts of one design, and the share of the syllables both draw that are the same."""

    trained: Font
    tested: Font
    share: float


def refuse_leaks(out: Path, fonts: Sequence[Font], shards: Mapping[str, Shard]) -> None:
    """Raise UserError if a font that trains is a copy of one that does not.

    Args:
        out: The folder of the dataset, which holds the shards.
        fonts: All fonts, with their side of the split.
        shards: What was made of each font, by its id.

    Raises:
        UserError: Two fonts have the same outlines or the same pictures, and stand on both sides.
    """
    files = {font_id: tuple(shard.files) for font_id, shard in shards.items()}
    found = list(leaks(out, fonts, files))
    if found:
        others = f" So do {len(found) - 1} more pairs." if len(found) > 1 else ""
        raise UserError(
            f"{leak_sentence(found[0])}; give them one lineage in fonts.csv, or remove one."
            f"{others} What was drawn is kept."
        )


def leak_sentence(copy: Copy) -> str:
    """What is wrong with two fonts on both sides, without a full stop."""
    first, second = copy.trained, copy.tested
    return (
        f"{first.font_id} ({first.file}) and {second.font_id} ({second.file}) draw "
        f"{copy.share:.0%} of their syllables alike, but the first trains and the second is "
        f"{second.split}"
    )


def copy_notes(fonts: Sequence[Font]) -> Iterator[str]:
    """A sentence on fonts that are the same throughout and stand on one side of the split."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for font in fonts:
        groups[font.split, font.outline_sha256].append(font.font_id)
    copies = sorted(names for names in groups.values() if len(names) > 1)
    if copies:
        named = "; ".join(" = ".join(names) for names in copies[:_MAX_NAMED])
        more = f"; and {len(copies) - _MAX_NAMED} more" if len(copies) > _MAX_NAMED else ""
        yield (
            f"Fonts with the same outlines under several names: {named}{more}. Each counts as a "
            "font of its own; remove all but one."
        )


def leaks(out: Path, fonts: Sequence[Font], files: Mapping[str, Sequence[str]]) -> Iterator[Copy]:
    """Fonts that train and are copies of fonts that do not.

    Args:
        out: The folder of the dataset.
        fonts: All fonts, with their side of the split.
        files: Each font's files of images, by its id, relative to the folder.

    Raises:
        UserError: A file is broken.
    """
    trained = [font for font in fonts if font.split == _TRAIN]
    tested = [font for font in fonts if font.split != _TRAIN]
    if not trained or not tested:
        return
    known = np.stack([_outlines(out, files[font.font_id]) for font in tested])
    for font in trained:
        own = _outlines(out, files[font.font_id])
        both = (known != 0) & (own != 0)
        n_same = (both & (known == own)).sum(axis=1)
        shares = n_same / np.maximum(both.sum(axis=1), 1)
        for other, share in zip(tested, shares.tolist(), strict=True):
            if font.bitmap_sha256 == other.bitmap_sha256:  # of another number of units an em
                yield Copy(font, other, 1.0)
            elif share >= COPY_OUTLINES:
                yield Copy(font, other, share)


def _outlines(out: Path, files: Sequence[str]) -> Outlines:
    """(11172,) uint64 by syllable: the first bytes of each outline's hash; 0 if it is missing."""
    found = np.zeros(LAST_SYLLABLE - FIRST_SYLLABLE + 1, np.uint64)
    for path in files:
        try:
            table = read_table(out / path, ["syllable", "outline_sha256"])
            hashes = [int(text[:_HASH_DIGITS], 16) for text in table["outline_sha256"].to_pylist()]
            places = [ord(syllable) - FIRST_SYLLABLE for syllable in syllables(table)]
        except (OSError, ValueError) as error:
            raise UserError(
                f"{out / path} is broken ({str(error).partition(chr(10))[0]}); remove it and build "
                "again."
            ) from error
        found[places] = np.array(hashes, np.uint64)
    return found
