"""The model ``dir:FOLDER``: glyphs that any program drew, as pictures named by syllable."""

import difflib
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hangeul_bench.adapter.contract import Kind, TrainedOn
from hangeul_bench.adapter.folder_names import Found, find_glyphs
from hangeul_bench.adapter.generate import dark_paper
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import PAPER, Glyphs
from hangeul_bench.base.pictures import decode_picture, read_header, read_picture_file
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.hangeul.charset import codepoint_name

_TRAINED_ON = "trained_on.json"
_MAX_NAMED = 5  # of what is passed over, in one sentence
_HALVES = ("left", "right")
_MODES = ("L", "1")  # Pillow's names of grey and of black and white


class Folder:
    """Serves one picture a syllable from one folder a font; an absent one is not delivered.

    How folders and pictures may be named: :mod:`hangeul_bench.adapter.folder_names`.
    ``FOLDER/trained_on.json`` with the lists ``font_ids``, ``lineages`` and ``characters`` (they
    may be empty) says what the images' model was trained on; without it the result takes no rank.

    Args:
        folder: Holds one folder of pictures a font, at any depth.
        dataset: Says which fonts are evaluated.
        resize: Take pictures of another size or mode: as grey on white, scaled with Lanczos.
        half: ``left`` or ``right`` where a picture is two squares and the answer one of them, as
            zi2zi and pix2pix save them.

    Raises:
        UserError: A name tells no syllable, or a picture is broken, is not square (with ``half``,
            not twice as wide as high), or has another size or mode and ``resize`` is off.
    """

    kind: Kind = "model"
    parameters = 0

    def __init__(
        self,
        *,
        folder: str,
        resize: bool = False,
        half: str = "",
        dataset: GlyphDataset | None = None,
        device: str = "cpu",
        batch_size: int | None = None,
    ) -> None:
        if dataset is None:
            raise UserError("A folder of PNGs needs the dataset that it answers.")
        if half and half not in _HALVES:
            raise UserError(f"Expected half=left or half=right, but found {half!r}.")
        del device
        self.half = half
        self.dataset, self.resize, self.batch_size = dataset, resize, batch_size
        root = Path(folder).resolve()
        self.name = root.name
        found = _find_fonts(root, dataset)
        self._fonts = found.glyphs
        odd = {"folders": found.odd_folders, "files": found.odd_files}
        self.notes = _notes(root, found, dataset)
        size = None if resize else dataset.size
        self.checkpoint_sha256 = _check_and_hash(self._fonts, size=size, half=bool(half))
        declared = (root / _TRAINED_ON).is_file()
        self.trained_on = TrainedOn.read(root / _TRAINED_ON) if declared else None
        self.details: dict[str, Any] = {"resized": resize, "n_fonts": len(self._fonts)}
        if half:
            self.details["half"] = half
        if any(odd.values()):
            self.details["passed_over"] = {what: list(names) for what, names in odd.items()}

    def look_up(self, font_id: str, characters: Sequence[str]) -> tuple[Glyphs, NDArray[np.bool_]]:
        """Read pictures of a font.

        Returns:
            (N, size, size) uint8, blank where there is no picture, and (N,) whether there is one.

        Raises:
            UserError: The dataset has no such font, or a picture is broken or has light ink on dark
                paper.
        """
        glyphs = self._fonts.get(self.dataset.font(font_id).font_id, {})
        delivered = np.array([character in glyphs for character in characters], np.bool_)
        size = self.dataset.size
        images = np.full((len(characters), size, size), PAPER, np.uint8)
        for row in np.flatnonzero(delivered):
            images[row] = _read_glyph(glyphs[characters[row]], size, self.half)
        return images, delivered


def _find_fonts(root: Path, dataset: GlyphDataset) -> Found:
    wanted = dataset.splits.evaluated_fonts
    found = find_glyphs(root, wanted, others=[font.font_id for font in dataset.fonts])
    if not found.glyphs:
        odd = f" but {_listed(found.odd_folders, wanted)}" if found.odd_folders else ""
        raise UserError(
            f"Expected folders named like the evaluation fonts ({wanted[0]}, ...) in "
            f"{root}, but found none{odd}; write {wanted[0]}/U+AC00.png and so on."
        )
    return found


def _notes(root: Path, found: Found, dataset: GlyphDataset) -> tuple[str, ...]:
    """One sentence for each kind of thing in the folder that is no answer."""
    notes = []
    if found.odd_folders:
        absent = [
            font_id for font_id in dataset.splits.evaluated_fonts if font_id not in found.glyphs
        ]
        notes.append(
            f"Passed over in {root}: folders of pictures named like no font of the dataset: "
            f"{_listed(found.odd_folders, absent)}."
        )
    if found.odd_files:
        notes.append(f"Passed over in {root}: no pictures: {_listed(found.odd_files, ())}.")
    return tuple(notes)


def _listed(names: Sequence[str], near: Sequence[str]) -> str:
    """The first names, each with the one of ``near`` that it may be meant for, and a count."""
    shown = [f"{name}{_meant(name, near)}" for name in names[:_MAX_NAMED]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _meant(name: str, near: Sequence[str]) -> str:
    own = "-".join(name.rpartition("/")[2].lower().replace("_", " ").split())
    close = difflib.get_close_matches(own, near, n=1, cutoff=0.7)
    return f" (for {close[0]}?)" if close else ""


def _check_and_hash(fonts: dict[str, dict[str, Path]], *, size: int | None, half: bool) -> str:
    """Check headers before anything is scored; return one SHA-256 over all pictures.

    Args:
        fonts: Paths by font and syllable.
        size: The pixels a side that are expected; None takes any square.
        half: Whether a picture is two squares side by side.
    """
    lines = []
    for font_id, glyphs in sorted(fonts.items()):
        for syllable, path in sorted(glyphs.items()):
            data = read_picture_file(path)
            _check_header(data, path, size, sides=2 if half else 1)
            name = f"{codepoint_name(syllable)}.png"
            lines.append(f"{font_id}/{name} {hashlib.sha256(data).hexdigest()}")
    return hashlib.sha256(json.dumps(lines).encode()).hexdigest()


def _check_header(data: bytes, path: Path, size: int | None, *, sides: int) -> None:
    header = read_header(data, path)
    if header.width != sides * header.height:
        what = "a square picture" if sides == 1 else "two squares side by side"
        raise UserError(
            f"Expected {what} at {path}, but found {header.width} x {header.height}; "
            "add paper where it belongs, for scaling would squash the syllable."
        )
    if size is not None and (header.height != size or header.mode not in _MODES):
        raise UserError(
            f"Expected {sides * size} x {size} grey pixels (mode L) in {path}, but found "
            f"{header.width} x {header.height} in mode {header.mode}; write it so, or allow "
            "conversion with --resize."
        )


def _read_glyph(path: Path, size: int, half: str) -> Glyphs:
    """(H, W) uint8, 0 = ink, 255 = paper."""
    page: Glyphs = np.rint(decode_picture(read_picture_file(path), path).grey).astype(np.uint8)
    if half:
        side = len(page)
        page = page[:, :side] if half == "left" else page[:, side:]
    if page.shape != (size, size):
        page = np.asarray(Image.fromarray(page).resize((size, size), Image.Resampling.LANCZOS))
    # A page that is dark all over is a bad answer, but no inverted one.
    if dark_paper(page[None])[0] and page.max() >= 128:
        raise UserError(
            f"Expected dark ink on white paper in {path}, but its paper is dark; invert it, or "
            "delete it, as a missing picture counts as a blank page."
        )
    return page
