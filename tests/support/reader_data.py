"""Pages and a dataset to train and ask a jamo reader with, in memory."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np

CHARACTERS = tuple("가각간갇갈감갑값갓")


def strokes(count, *, seed=0):
    """``(count, 128, 128)`` uint8 pages, each with some black bars in its middle."""
    rng = np.random.default_rng(seed)
    pages = np.full((count, 128, 128), 255, np.uint8)
    for page in pages:
        for x, y in rng.integers(30, 80, (4, 2)):
            page[y : y + 5, 30:90] = 0
            page[30:90, x : x + 5] = 0
    return pages


class SmallData:
    """A dataset of four training fonts and one unseen font, in memory."""

    path = Path("dataset")
    characters = CHARACTERS
    fingerprint = "f" * 64
    benchmark_fingerprint = None
    splits = SimpleNamespace(
        train_fonts=("a", "b", "c", "d"), unseen_fonts=("unseen",), seen_fonts=("a",)
    )

    def font(self, font_id):
        lineage = {"d": "stylish"}.get(font_id, font_id)
        return SimpleNamespace(font_id=font_id, lineage=lineage, category="printed")

    def missing(self, font_id):
        return frozenset("값") if font_id == "unseen" else frozenset()

    def images(self, font_id, characters=None):
        return strokes(len(CHARACTERS), seed=ord(font_id[0]))

    def training_arrays(self, font_ids, characters):
        images = np.stack([self.images(font_id) for font_id in font_ids])
        return images, np.ones(images.shape[:2], bool)
