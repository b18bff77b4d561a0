"""A finished dataset as it is read; models may import this package.

from hangeul_bench.dataset import GlyphDataset

dataset = GlyphDataset.open("hangeul-dataset")
for font in dataset.fonts:
    images = dataset.images(font.font_id)  # (2350, 128, 128) uint8, 0 = ink, 255 = paper
"""

from typing import TYPE_CHECKING

from hangeul_bench.base.lazy import lazy

if TYPE_CHECKING:
    from hangeul_bench.dataset.glyphs import GlyphDataset as GlyphDataset
    from hangeul_bench.dataset.glyphs import dataset_folder as dataset_folder
    from hangeul_bench.dataset.splits.lists import Splits as Splits
    from hangeul_bench.dataset.tables import Font as Font
    from hangeul_bench.fonts.table import CATEGORIES as CATEGORIES

__all__ = ["CATEGORIES", "Font", "GlyphDataset", "Splits", "dataset_folder"]

__getattr__ = lazy(
    __name__,
    {
        "CATEGORIES": ".fonts.table",
        "Font": "tables",
        "GlyphDataset": "glyphs",
        "Splits": "splits.lists",
        "dataset_folder": "glyphs",
    },
)
