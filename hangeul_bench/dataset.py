"""Reads a dataset: the only module that opens one, and what models may import besides adapter.

from hangeul_bench.dataset import GlyphDataset

dataset = GlyphDataset.open("hangeul-dataset")
for font in dataset.fonts:
    images = dataset.images(font.font_id)  # (2350, 128, 128) uint8, 0 = ink, 255 = paper
"""

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hangeul_bench import dataset_format as fmt
from hangeul_bench.charset import codepoint_name, is_syllable, parse_codepoint_name
from hangeul_bench.components import component_counts
from hangeul_bench.dataset_format import Contents
from hangeul_bench.dataset_tables import Font
from hangeul_bench.errors import UserError
from hangeul_bench.phonetics import (
    compose,
    decompose,
    layout,
    parse_phonetic_line,
    phonetic_line,
    romanize,
)
from hangeul_bench.png import decode
from hangeul_bench.splits import Splits

if TYPE_CHECKING:
    from hangeul_bench.torch_view import GlyphTorchDataset

__all__ = [
    "Font",
    "GlyphDataset",
    "Splits",
    "UserError",
    "codepoint_name",
    "component_counts",
    "compose",
    "decompose",
    "is_syllable",
    "layout",
    "parse_codepoint_name",
    "parse_phonetic_line",
    "phonetic_line",
    "romanize",
]

DEFAULT_DATASET = Path("hangeul-dataset")
DATASET_VARIABLE = "HANGEUL_BENCH_DATA"
PAPER = 255

Images = npt.NDArray[np.uint8]


class GlyphDataset:
    """A finished dataset on disk; make one with :meth:`open`.

    Attributes:
        path: Its folder.
        name: Its name.
        size: Width and height of an image in pixels.
        fingerprint: SHA-256 over outlines, placement and splits.
        benchmark_fingerprint: SHA-256 over what a score depends on; None if the test fonts are not
            the benchmark's.
        fonts: All fonts, by id.
        characters: All syllables, in code-point order.
        splits: Who trains and who tests.
        contents: All of this but the fingerprints.
    """

    def __init__(self, path: Path, contents: Contents, state: dict[str, Any]) -> None:
        self.path = path
        self.contents = contents
        self.name, self.size = contents.name, contents.size
        self.fonts, self.characters = contents.fonts, contents.characters
        self.splits = contents.splits
        self.fingerprint: str = state["fingerprint"]
        self.benchmark_fingerprint: str | None = state["benchmark_fingerprint"]
        self.state = state
        self._by_id = {font.font_id: font for font in contents.fonts}
        self._index = {syllable: row for row, syllable in enumerate(contents.characters)}
        self._missing = {font_id: set[str]() for font_id in self._by_id}
        for row in contents.missing:
            self._missing[row.font_id].add(row.syllable)
        self._pngs = lru_cache(maxsize=4)(self._read_pngs)
        self._decoded = lru_cache(maxsize=1)(self._decode_font)
        self._phonetic = lru_cache(maxsize=None)(self._read_phonetic)

    def __reduce__(self) -> tuple[Any, ...]:
        # The caches stay behind when a data loader sends the dataset to its workers.
        return GlyphDataset.open, (self.path,)

    def __repr__(self) -> str:
        return f"GlyphDataset({str(self.path)!r}, {len(self.fonts)} fonts, {self.fingerprint[:12]})"

    @classmethod
    def open(cls, path: Path | str | None = None) -> "GlyphDataset":
        """Open a dataset.

        Args:
            path: Its folder; by default ``$HANGEUL_BENCH_DATA``, else ``./hangeul-dataset``.

        Raises:
            UserError: There is none, it is unfinished, or of a newer format.
        """
        folder = dataset_folder(path)
        require_dataset(folder)
        state = dict(fmt.read_json_object(folder / fmt.DATASET_JSON))
        fmt.check_format(state, folder)
        try:
            return cls(folder, fmt.read_contents(folder, state), state)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"{folder} is not a whole dataset ({type(error).__name__}: {error}); run "
                "'hangeul-bench verify' on it, or build it again."
            ) from error

    def font(self, font_id: str) -> Font:
        """The font of an id.

        Raises:
            UserError: There is none.
        """
        if font_id not in self._by_id:
            raise UserError(
                f"{self.path} has no font {font_id!r}; it has {len(self.fonts)}: see fonts.csv."
            )
        return self._by_id[font_id]

    def images(self, font_id: str, characters: Iterable[str] | None = None) -> Images:
        """The images of a font; a missing syllable is blank paper.

        Args:
            font_id: Which font.
            characters: (N) syllables in any order; by default all of the dataset.

        Returns:
            (N, size, size) uint8, 0 = ink, 255 = paper; the caller's own.

        Raises:
            UserError: There is no such font, or a syllable is not in the dataset.
        """
        self.font(font_id)
        if characters is None:
            return self._decoded(font_id).copy()
        asked = tuple(characters)
        rows = self._rows(asked)
        if len(asked) > len(self.characters) // 2:
            return self._decoded(font_id)[rows]
        return self._decode(font_id, asked)

    def missing(self, font_id: str) -> frozenset[str]:
        """The syllables that a font does not draw."""
        return frozenset(self._missing[self.font(font_id).font_id])

    def phonetics(self, characters: Iterable[str]) -> tuple[str, ...]:
        """The phonetic line of each syllable, from its text file: 감 -> ``ᄀ ᅡ ᆷ``."""
        return tuple(self._phonetic(syllable) for syllable in characters)

    def training_arrays(
        self, font_ids: Sequence[str], characters: Sequence[str]
    ) -> tuple[Images, npt.NDArray[np.bool_]]:
        """All images of some fonts and syllables at once, for training from memory.

        Args:
            font_ids: (F) fonts.
            characters: (N) syllables.

        Returns:
            (F, N, size, size) uint8 images, blank where missing, and (F, N) bool: present.
        """
        shape = len(font_ids), len(characters)
        images = np.empty((*shape, self.size, self.size), dtype=np.uint8)
        present = np.empty(shape, dtype=np.bool_)
        for index, font_id in enumerate(font_ids):
            images[index] = self._decode(font_id, tuple(characters))
            present[index] = [syllable not in self._missing[font_id] for syllable in characters]
        return images, present

    def torch_dataset(
        self, font_ids: Sequence[str] | None = None, characters: Sequence[str] | None = None
    ) -> "GlyphTorchDataset":
        """A map-style ``torch.utils.data.Dataset`` of the glyphs that are there.

        Args:
            font_ids: Fonts; by default those for training.
            characters: Syllables; by default those for training.
        """
        from hangeul_bench.torch_view import GlyphTorchDataset

        return GlyphTorchDataset(
            self,
            self.splits.train_fonts if font_ids is None else tuple(font_ids),
            self.splits.seen_characters if characters is None else tuple(characters),
        )

    def pngs(self, font_id: str) -> dict[str, bytes]:
        """The PNG file of each syllable that the font draws."""
        return self._pngs(self.font(font_id).font_id)

    def _read_pngs(self, font_id: str) -> dict[str, bytes]:
        from hangeul_bench.shard import read_pngs

        path = fmt.shard_path(self.path, font_id)
        try:
            return read_pngs(path)
        except (OSError, ValueError) as error:
            raise UserError(
                f"{path} cannot be read ({error}); run the same 'hangeul-bench build' again."
            ) from error

    def _decode_font(self, font_id: str) -> Images:
        return self._decode(font_id, self.characters)

    def _decode(self, font_id: str, characters: Sequence[str]) -> Images:
        pngs = self.pngs(font_id)
        images = np.full((len(characters), self.size, self.size), PAPER, dtype=np.uint8)
        there = [index for index, syllable in enumerate(characters) if syllable in pngs]
        try:
            images[there] = decode((pngs[characters[index]] for index in there), self.size)
        except ValueError as error:
            raise UserError(
                f"{fmt.shard_path(self.path, font_id)} holds a {error}; build the dataset again."
            ) from error
        return images

    def _rows(self, characters: Sequence[str]) -> list[int]:
        unknown = [syllable for syllable in characters if syllable not in self._index]
        if unknown:
            raise UserError(f"{self.path} has no character {unknown[0]!r}; see characters.csv.")
        return [self._index[syllable] for syllable in characters]

    def _read_phonetic(self, syllable: str) -> str:
        path = self.path / fmt.TEXTS / fmt.text_name(syllable)
        try:
            return path.read_text(encoding="utf-8").strip()
        except OSError:
            raise UserError(
                f"Expected the phonetic line of {syllable} in {path}, but there is no such file."
            ) from None


def dataset_folder(path: Path | str | None = None) -> Path:
    """Where the dataset is: ``path``, else ``$HANGEUL_BENCH_DATA``, else ``./hangeul-dataset``."""
    return Path(path or os.environ.get(DATASET_VARIABLE) or DEFAULT_DATASET)


def require_dataset(folder: Path) -> None:
    """Check that there is a finished dataset in ``folder``.

    Raises:
        UserError: There is none, or it is not finished.
    """
    if (folder / fmt.DATASET_JSON).is_file():
        return
    if (folder / fmt.BUILDING_JSON).is_file():
        raise UserError(
            f"The dataset in {folder} is not finished; run the same 'hangeul-bench build' again."
        )
    raise UserError(
        f"Expected a dataset in {folder}, but found no {fmt.DATASET_JSON} there; make one with "
        f"'hangeul-bench build', or name one with --data or ${DATASET_VARIABLE}."
    )
