"""Glyphs of a text's syllables, drawn by a model in the style of references."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fontmaker.page import Page
from fontmaker.reference import Reference
from hangeul_bench.adapter import FontModel, Request
from hangeul_bench.adapter.generate import ask
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import write_whole
from hangeul_bench.base.images import SIZE, encode
from hangeul_bench.base.progress import Progress
from hangeul_bench.hangeul import codepoint_name, phonetic_line

if TYPE_CHECKING:
    from hangeul_bench.dataset import GlyphDataset

Content = Callable[[Sequence[str]], Page]  # (N) syllables => (N, 128, 128) in the content font

_DEFAULT_BATCH_SIZE = 64  # glyphs asked at once where the model says nothing


def content_images(dataset: "GlyphDataset | None", syllables: Sequence[str]) -> tuple[Page, int]:
    """The syllables in the dataset's content font.

    Args:
        dataset: Where to look; None gives blank paper.
        syllables: Any syllables; those the dataset lacks are blank paper.

    Returns:
        (N, 128, 128) uint8, 0 = ink, 255 = paper, and how many of them are blank.

    Raises:
        UserError: The dataset's images are not 128 pixels wide.
    """
    content = np.full((len(syllables), SIZE, SIZE), 255, np.uint8)
    if dataset is None:
        return content, len(syllables)
    if dataset.size != SIZE:
        raise UserError(
            f"Expected a dataset of {SIZE} x {SIZE} pixels, but {dataset.path} has "
            f"{dataset.size}; give another with --data."
        )
    font = dataset.splits.content_font
    known = set(dataset.characters) - dataset.missing(font)
    rows = [row for row, syllable in enumerate(syllables) if syllable in known]
    if rows:
        content[rows] = dataset.images(font, [syllables[row] for row in rows])
    return content, len(syllables) - len(rows)


def draw_glyphs(
    model: FontModel,
    references: Sequence[Reference],
    syllables: Sequence[str],
    *,
    content: Content,
    seed: int,
    progress: Progress,
) -> Iterator[dict[str, Page]]:
    """Have a model draw syllables in the style of reference glyphs, as many at once as it likes.

    Args:
        model: Who draws.
        references: The style: (K) glyphs.
        syllables: (N) each once.
        content: Gives the same syllables in the content font, or blank paper.
        seed: A glyph depends on it and on the syllable alone.
        progress: Counts glyphs.

    Yields:
        Syllable -> (128, 128) uint8, 0 = ink, 255 = paper, for each batch.

    Raises:
        UserError: The model failed, or returned something else than asked for.
    """
    step = getattr(model, "batch_size", None) or _DEFAULT_BATCH_SIZE
    for start in range(0, len(syllables), step):
        part = tuple(syllables[start : start + step])
        request = Request(
            characters=part,
            phonetics=tuple(phonetic_line(syllable) for syllable in part),
            references=np.stack([reference.image for reference in references]),
            reference_characters=tuple(reference.character for reference in references),
            content=content(part),
            seed=seed,
        )
        images = ask(model, request, font_id="of the reference")
        yield dict(zip(part, images, strict=True))
        progress.advance(len(part))


def write_glyphs(folder: Path, glyphs: Mapping[str, Page]) -> None:
    """Write one PNG a syllable, ``U+XXXX.png``, 128 x 128, grey."""
    syllables = sorted(glyphs)
    pngs = encode(np.stack([glyphs[syllable] for syllable in syllables]))
    for syllable, png in zip(syllables, pngs, strict=True):
        write_whole(folder / f"{codepoint_name(syllable)}.png", png)
