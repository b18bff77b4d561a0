"""Drawn glyphs on disk, so that work goes on where it was interrupted and none is drawn twice."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fontmaker.reference import named_syllable
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import write_whole
from hangeul_bench.base.images import SIZE, Glyphs, decode, encode
from hangeul_bench.base.pictures import SUFFIXES, read_picture
from hangeul_bench.hangeul import codepoint_name

_KEY_LENGTH = 12  # hexadecimal digits; folders are few
_SETTINGS = "drawn-by.json"


class GlyphStore:
    """PNGs of drawn glyphs: ``FOLDER/<key>/try-<n>/U+XX/U+XXXX.png``, 256 to a folder at most.

    What is drawn depends on the settings (model, references, seed) alone; its hash is the key. So
    other settings never meet these glyphs, and more syllables go on with them.

    Args:
        folder: Where the glyphs of all settings lie; made when the first is written.
        settings: Everything that decides what a glyph looks like; must be JSON.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        text = json.dumps(settings, ensure_ascii=False, sort_keys=True, indent=1)
        self.settings = text + "\n"
        self.key = hashlib.sha256(text.encode()).hexdigest()[:_KEY_LENGTH]
        self.folder = folder / self.key

    def path(self, syllable: str, attempt: int) -> Path:
        """Where a glyph lies."""
        name = codepoint_name(syllable)
        return self.folder / f"try-{attempt}" / name[:4] / f"{name}.png"

    def lacking(self, syllables: Iterable[str], attempt: int) -> tuple[str, ...]:
        """Those that are not drawn yet, in the order given."""
        drawn = {path.name for path in (self.folder / f"try-{attempt}").glob("U+??/U+*.png")}
        return tuple(s for s in syllables if f"{codepoint_name(s)}.png" not in drawn)

    def write(self, attempt: int, glyphs: Mapping[str, Glyphs]) -> None:
        """Store drawn glyphs, each whole or not at all.

        Raises:
            OSError: The disk is full or the folder cannot be written to.
        """
        if not glyphs:
            return
        settings = self.folder / _SETTINGS
        if not settings.is_file():
            write_whole(settings, self.settings)
        for syllable, png in zip(glyphs, encode(np.stack(list(glyphs.values()))), strict=True):
            write_whole(self.path(syllable, attempt), png)

    def read(self, syllables: Sequence[str], attempt: int) -> NDArray[np.uint8]:
        """Glyphs that are drawn: (N, 128, 128) uint8, 0 = ink, 255 = paper."""
        images = np.empty((len(syllables), SIZE, SIZE), np.uint8)
        for image, syllable in zip(images, syllables, strict=True):
            image[:] = _read_png(self.path(syllable, attempt))
        return images


def read_kept(folder: Path, syllables: Sequence[str]) -> dict[str, Glyphs]:
    """Glyphs of the user's own, in place of drawn ones.

    Args:
        folder: Square pictures named by syllable, ``한.png`` or ``U+D55C.jpg``, black on white.
            What is no picture of a syllable is passed over; see :func:`passed_over`.
        syllables: Those of the font; other pictures are an error.

    Raises:
        UserError: No such folder, or a picture that is named otherwise, not square, blank, or of a
            kind that is not read.
    """
    if not folder.is_dir():
        raise UserError(f"Expected a folder of pictures for --keep, but found none at {folder}.")
    kept: dict[str, Glyphs] = {}
    for path in _given(folder):
        syllable, picture = named_syllable(path), path.suffix.lower() in SUFFIXES
        if not picture and syllable:
            raise UserError(
                f"Expected pictures in {folder} as {', '.join(sorted(SUFFIXES))}, but found "
                f"{path.name}; save it as PNG or take it out."
            )
        if not picture:
            continue
        if not syllable or syllable not in syllables:
            raise UserError(
                f"Expected pictures in {folder} named by a syllable of the font, as 한.png or "
                f"U+D55C.png, but found {path.name}; rename it or take it out."
            )
        if syllable in kept:
            raise UserError(f"{folder} holds {syllable} twice; remove one of the two pictures.")
        kept[syllable] = _read_square(path)
    if not kept:
        raise UserError(f"Expected pictures named by syllable in {folder}, but found none.")
    return kept


def passed_over(folder: Path) -> tuple[str, ...]:
    """Names in a folder of kept glyphs that are no pictures, or folders."""
    other = [p for p in _given(folder) if p.suffix.lower() not in SUFFIXES]
    folders = [p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")]
    return tuple(sorted(path.name for path in (*other, *folders)))


def _given(folder: Path) -> list[Path]:
    """Files but those with a dot in front, which are the system's own."""
    return sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))


def _read_square(path: Path) -> Glyphs:
    from PIL import Image

    grey = read_picture(path).grey
    height, width = grey.shape
    if height != width or height < SIZE:
        raise UserError(
            f"Expected a square picture of at least {SIZE} pixels a side, but {path} has "
            f"{width} x {height}; save the whole image of the glyph."
        )
    if grey.min() >= SIZE:
        raise UserError(f"Expected ink (black on white) in {path}, but found none.")
    if height != SIZE:
        grey = np.asarray(Image.fromarray(grey).resize((SIZE, SIZE), Image.Resampling.BOX))
    image: Glyphs = np.rint(grey).astype(np.uint8)
    return image


def _read_png(path: Path) -> Glyphs:
    try:
        image: Glyphs = decode([path.read_bytes()], SIZE)[0]
    except ValueError as error:
        raise UserError(f"Drawn glyph {path} is broken ({error}); remove it.") from None
    return image
