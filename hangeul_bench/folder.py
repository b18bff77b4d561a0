"""The model ``dir:FOLDER``: glyphs that any program drew, as PNGs named by code point."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangeul_bench.adapter import Glyphs, Kind, Request, TrainedOn, identify_font
from hangeul_bench.charset import codepoint_name, parse_codepoint_name
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.errors import UserError

_TRAINED_ON = "trained_on.json"


class Folder:
    """Serves ``FOLDER/<font_id>/U+XXXX.png``; an absent PNG is not delivered.

    ``FOLDER/trained_on.json`` with the lists ``font_ids``, ``lineages`` and ``characters`` (they
    may be empty) says what the images' model was trained on; without it the result takes no rank.

    Args:
        folder: Holds one folder of PNGs a font, at any depth.
        dataset: Says which fonts are evaluated.
        resize: Take PNGs of another size or mode: as grey on white, scaled with Lanczos.

    Raises:
        UserError: A name is no code point, or a PNG has another size or mode and ``resize`` is
            off.
    """

    kind: Kind = "model"
    parameters = 0

    def __init__(
        self,
        *,
        folder: str,
        resize: bool = False,
        dataset: GlyphDataset | None = None,
        device: str = "cpu",
        batch_size: int | None = None,
    ) -> None:
        if dataset is None:
            raise UserError("A folder of PNGs needs the dataset that it answers.")
        del device
        self.dataset, self.resize, self.batch_size = dataset, resize, batch_size
        root = Path(folder).resolve()
        self.name = root.name
        self._fonts = _find_fonts(root, dataset)
        self.checkpoint_sha256 = _check_and_hash(self._fonts, size=dataset.size, resize=resize)
        declared = (root / _TRAINED_ON).is_file()
        self.trained_on = TrainedOn.read(root / _TRAINED_ON) if declared else None
        self.details: dict[str, Any] = {"resized": resize, "n_fonts": len(self._fonts)}
        self._font_of: dict[bytes, str] = {}

    def generate(self, request: Request) -> Glyphs:
        """Read the PNGs of a request; blank paper where there is none."""
        size = self.dataset.size
        images = np.full((len(request.characters), size, size), 255, np.uint8)
        for row, character in enumerate(request.characters):
            path = self._path(request, character)
            if path is not None and path.is_file():
                images[row] = _read_png(path, size)
        return images

    def delivered(self, request: Request) -> NDArray[np.bool_]:
        """Which of the request's glyphs the folder holds: (N,) bool."""
        paths = [self._path(request, character) for character in request.characters]
        return np.array([path is not None and path.is_file() for path in paths], np.bool_)

    def _path(self, request: Request, character: str) -> Path | None:
        key = request.references.tobytes()
        if key not in self._font_of:
            self._font_of[key] = identify_font(self.dataset, request)
        folder = self._fonts.get(self._font_of[key])
        return folder / f"{codepoint_name(character)}.png" if folder else None


def _find_fonts(root: Path, dataset: GlyphDataset) -> dict[str, Path]:
    wanted = {*dataset.splits.unseen_fonts, *dataset.splits.seen_fonts}
    found = {path.name: path for path in sorted(root.rglob("*")) if path.is_dir()}
    fonts = {font_id: path for font_id, path in found.items() if font_id in wanted}
    if not fonts:
        raise UserError(
            f"Expected folders named like the evaluation fonts ({sorted(wanted)[0]}, ...) in "
            f"{root}, but found none; write {sorted(wanted)[0]}/U+AC00.png and so on."
        )
    return fonts


def _check_and_hash(fonts: dict[str, Path], *, size: int, resize: bool) -> str:
    """Check names and headers before anything is scored; return one SHA-256 over all PNGs."""
    lines = []
    for font_id, folder in sorted(fonts.items()):
        for path in sorted(folder.glob("*.png")):
            _check_name(path)
            if not resize:
                _check_header(path, size)
            lines.append(f"{font_id}/{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}")
    return hashlib.sha256(json.dumps(lines).encode()).hexdigest()


def _check_name(path: Path) -> None:
    try:
        parse_codepoint_name(path.stem)
    except UserError:
        raise UserError(
            f"Expected PNGs named by code point such as U+AC00.png, but found {path}; rename it."
        ) from None


def _check_header(path: Path, size: int) -> None:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            found = (*image.size, image.mode)
    except (UnidentifiedImageError, OSError) as error:
        raise UserError(f"{path} is no readable PNG ({error}); write it again.") from None
    if found not in ((size, size, "L"), (size, size, "1")):
        raise UserError(
            f"Expected {size} x {size} grey pixels (mode L) in {path}, but found {found[0]} x "
            f"{found[1]} in mode {found[2]}; write it so, or allow conversion with --resize."
        )


def _read_png(path: Path, size: int) -> Glyphs:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as opened:
            image: Image.Image = opened
            if "A" in image.getbands() or "transparency" in image.info:
                paper = Image.new("RGBA", image.size, "white")
                image = Image.alpha_composite(paper, image.convert("RGBA"))
            grey = image.convert("L")
    except (UnidentifiedImageError, OSError) as error:
        raise UserError(f"{path} is no readable PNG ({error}); write it again.") from None
    if grey.size != (size, size):
        grey = grey.resize((size, size), Image.Resampling.LANCZOS)
    return np.asarray(grey)
