"""A dataset in memory, with what exports and sheets ask of one."""

import io
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PIL import Image

from hangeul_bench.base.errors import UserError

CHARACTERS = tuple("가각감나닭뷁힝")
UNSEEN = ("감", "힝")


@dataclass(frozen=True)
class SmallDataset:
    """Five fonts; every glyph's grey level tells its font and its syllable."""

    absent: tuple[tuple[str, str], ...] = ()
    font_ids: tuple[str, ...] = ("alpha", "beta", "gamma", "noto-sans-kr-regular", "zeta")
    path: Path = Path("dataset")
    name: str = "small"
    fingerprint: str = "0123456789abcdef" * 4
    size: int = 128
    characters: tuple[str, ...] = CHARACTERS
    splits = SimpleNamespace(
        train_fonts=("alpha", "gamma", "noto-sans-kr-regular"),
        unseen_fonts=("beta", "zeta"),
        test_fonts=("beta", "zeta"),
        unseen_characters=UNSEEN,
        references=("가", "나"),
        content_font="noto-sans-kr-regular",
    )

    @property
    def fonts(self):
        return tuple(self.font(font_id) for font_id in self.font_ids)

    def font(self, font_id):
        if font_id not in self.font_ids:
            raise UserError(f"{self.path} has no font {font_id!r}.")
        about = {"family": font_id.title(), "style": "Regular", "category": "printed"}
        about["split"] = "unseen" if font_id in self.splits.unseen_fonts else "train"
        return SimpleNamespace(font_id=font_id, lineage=font_id, licence="OFL-1.1", **about)

    def pngs(self, font_id):
        syllables = [s for s in self.characters if s not in self.missing(font_id)]
        images = self.images(font_id, syllables)
        return {s: as_png(image) for s, image in zip(syllables, images, strict=True)}

    def missing(self, font_id):
        return frozenset(s for f, s in self.absent if f == font_id)

    def level(self, font_id, syllable):
        return 20 * self.font_ids.index(font_id) + 2 * self.characters.index(syllable)

    def images(self, font_id, characters):
        images = np.full((len(characters), self.size, self.size), 255, np.uint8)
        for image, syllable in zip(images, characters, strict=True):
            image[32:96, 32:96] = self.level(font_id, syllable)
        return images


def as_png(image):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()
