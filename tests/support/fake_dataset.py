"""A dataset in memory with everything the benchmark asks of one; its glyphs are a few bars."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from hangeul_bench.dataset.splits.lists import Splits
from hangeul_bench.hangeul.phonetics import phonetic_line

SEEN = tuple("가각간갈강나낙난날낭다닥단달당")
UNSEEN = tuple("고곡곤골공")
REFERENCES = ("한", "글")
CATEGORIES = {
    "brush": "handwritten",
    "content": "printed",
    "gothic": "printed",
    "pen": "handwritten",
    "round": "handwritten",
    "slab": "printed",
}
SPLITS = Splits(
    train_fonts=("content", "gothic", "pen", "round"),
    unseen_fonts=("brush", "slab"),
    seen_fonts=("gothic", "pen"),
    seen_characters=tuple(sorted((*SEEN, *REFERENCES))),
    unseen_characters=tuple(sorted(UNSEEN)),
    references=REFERENCES,
    lite_characters=tuple(sorted((*SEEN[::2], *UNSEEN[::2]))),
    content_font="content",
)


@dataclass(frozen=True)
class FakeDataset:
    """Six fonts of twenty syllables and two references."""

    absent: tuple[tuple[str, str], ...] = ()
    benchmark_fingerprint: str | None = "b" * 64
    path: Path = Path("fake-dataset")
    name: str = "fake"
    fingerprint: str = "f" * 64
    size: int = 128
    splits: Splits = SPLITS
    characters: tuple[str, ...] = tuple(sorted((*SEEN, *UNSEEN, *REFERENCES)))

    def pinned_fingerprint(self, track: str) -> str | None:
        return None if track == "wide" else self.benchmark_fingerprint

    def track_fingerprint(self, track: str) -> str:
        return self.pinned_fingerprint(track) or self.fingerprint

    @property
    def fonts(self) -> tuple[Any, ...]:
        return tuple(self.font(font_id) for font_id in sorted(CATEGORIES))

    def font(self, font_id: str) -> Any:
        category = CATEGORIES[font_id]
        return SimpleNamespace(font_id=font_id, category=category, lineage=f"{font_id}-family")

    def missing(self, font_id: str) -> frozenset[str]:
        return frozenset(c for font, c in self.absent if font == font_id)

    def phonetics(self, characters: Sequence[str]) -> tuple[str, ...]:
        return tuple(map(phonetic_line, characters))

    def images(self, font_id: str, characters: Sequence[str]) -> np.ndarray:
        return np.stack([self._image(font_id, c) for c in characters])

    def _image(self, font_id: str, character: str) -> np.ndarray:
        page = np.full((self.size, self.size), 255, np.uint8)
        if (font_id, character) in self.absent:
            return page
        generator = np.random.default_rng(zlib.crc32(f"{font_id}{character}".encode()))
        for y, x in generator.integers(10, 90, (4, 2)):
            page[y : y + 6, x : x + 24] = 0
        return page
