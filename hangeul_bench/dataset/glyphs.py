"""Reads a dataset: the only module that opens one."""

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

import hangeul_bench.dataset.format as fmt
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import PAPER, Glyphs, decode
from hangeul_bench.dataset.format import Contents, part_path, parts_of
from hangeul_bench.dataset.splits.lists import check_splits, track_named
from hangeul_bench.dataset.tables import Font
from hangeul_bench.hangeul.phonetics import phonetic_line

if TYPE_CHECKING:
    from hangeul_bench.dataset.torch_view import GlyphTorchDataset, Transform

DEFAULT_DATASET = Path("hangeul-dataset")
DATASET_VARIABLE = "HANGEUL_BENCH_DATA"


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
        state = dict(fmt.read_state(folder))
        try:
            contents = fmt.read_contents(folder, state)
            _check_contents(contents)
        except (OSError, UserError) as error:
            raise UserError(
                f"{folder} is not a whole dataset ({error}); run 'hangeul-bench verify' on it, or "
                "build it again."
            ) from error
        return cls(folder, contents, state)

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

    def images(self, font_id: str, characters: Iterable[str] | None = None) -> Glyphs:
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
        """The phonetic line of each syllable: 감 -> ``ᄀ ᅡ ᆷ``."""
        return tuple(map(phonetic_line, characters))

    def training_arrays(
        self, font_ids: Sequence[str], characters: Sequence[str]
    ) -> tuple[Glyphs, npt.NDArray[np.bool_]]:
        """All images of some fonts and syllables at once, for training from memory.

        Args:
            font_ids: (F) fonts.
            characters: (N) syllables.

        Returns:
            (F, N, size, size) uint8 images, blank where missing, and (F, N) bool: present.
        """
        images = np.empty((len(font_ids), len(characters), self.size, self.size), dtype=np.uint8)
        for row, font_id in zip(images, font_ids, strict=True):
            row[:] = self._decode(font_id, characters)
        return images, self.present(font_ids, characters)

    def present(self, font_ids: Sequence[str], characters: Sequence[str]) -> npt.NDArray[np.bool_]:
        """(F, N) bool: which of F fonts draw which of N syllables."""
        missing = [self.missing(font_id) for font_id in font_ids]
        return np.array([[syllable not in own for syllable in characters] for own in missing])

    def torch_dataset(
        self,
        font_ids: Sequence[str] | None = None,
        characters: Sequence[str] | None = None,
        *,
        transform: "Transform | None" = None,
    ) -> "GlyphTorchDataset":
        """A map-style ``torch.utils.data.Dataset`` of the glyphs that are there.

        Args:
            font_ids: Fonts; by default those for training.
            characters: Syllables; by default those for training.
            transform: Takes an image as a (1, size, size) uint8 tensor, 0 = ink, as torchvision's
                transforms do; what it returns is the item's image. Without it, that is the
                (size, size) uint8 tensor.
        """
        from hangeul_bench.dataset.torch_view import GlyphTorchDataset

        return GlyphTorchDataset(
            self,
            self.splits.train_fonts if font_ids is None else tuple(font_ids),
            self.splits.seen_characters if characters is None else tuple(characters),
            transform=transform,
        )

    def pinned_fingerprint(self, track: str) -> str | None:
        """SHA-256 over what a score on a track depends on; None without exactly its fonts."""
        fingerprint: str | None = self.state.get(track_named(track).fingerprint)
        return fingerprint

    def track_fingerprint(self, track: str) -> str:
        """What scores on a track are compared by: the pinned fonts', else the dataset's."""
        return self.pinned_fingerprint(track) or self.fingerprint

    def pngs(self, font_id: str) -> dict[str, bytes]:
        """The PNG file of each syllable that the font draws."""
        return self._pngs(self.font(font_id).font_id)

    def _read_pngs(self, font_id: str) -> dict[str, bytes]:
        from hangeul_bench.dataset.shards import read_pngs

        pngs: dict[str, bytes] = {}
        for part in parts_of(font_id, self.splits):
            path = self.path / part_path(part.folder, font_id)
            try:
                pngs |= read_pngs(path)
            except (OSError, ValueError) as error:
                raise UserError(
                    f"{path} cannot be read ({error}); run the same 'hangeul-bench build' again."
                ) from error
        return dict(sorted(pngs.items()))

    def _decode_font(self, font_id: str) -> Glyphs:
        return self._decode(font_id, self.characters)

    def _decode(self, font_id: str, characters: Sequence[str]) -> Glyphs:
        pngs = self.pngs(font_id)
        images = np.full((len(characters), self.size, self.size), PAPER, dtype=np.uint8)
        there = [index for index, syllable in enumerate(characters) if syllable in pngs]
        try:
            images[there] = decode((pngs[characters[index]] for index in there), self.size)
        except ValueError as error:
            raise UserError(
                f"{self.path} holds a {error} of {font_id}; build the dataset again."
            ) from error
        return images

    def _rows(self, characters: Sequence[str]) -> list[int]:
        unknown = [syllable for syllable in characters if syllable not in self._index]
        if unknown:
            raise UserError(f"{self.path} has no character {unknown[0]!r}; see characters.csv.")
        return [self._index[syllable] for syllable in characters]


def _check_contents(contents: Contents) -> None:
    """Whether splits and missing glyphs name what the tables hold, and all of it.

    Raises:
        UserError: They do not.
    """
    check_splits(contents.splits, contents.fonts, contents.characters)
    known = {font.font_id for font in contents.fonts}
    characters = set(contents.characters)
    for row in contents.missing:
        if row.font_id not in known or row.syllable not in characters:
            raise UserError(
                f"{fmt.MISSING_CSV} names {row.syllable} of font {row.font_id!r}, but no other "
                "table does."
            )


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
