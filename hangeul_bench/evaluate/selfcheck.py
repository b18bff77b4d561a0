"""Is a model fit for the benchmark: a few glyphs asked in several ways, and read back."""

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hangeul_bench.adapter.contract import FontModel, Request
from hangeul_bench.adapter.generate import ask, check_polarity
from hangeul_bench.adapter.questions import build_request, plan
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import Glyphs
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.hangeul.phonetics import decompose

_N_GLYPHS = 20
# Grey levels of 255, mean over all pixels: networks round differently in other batches, while a
# glyph with other noise differs by tens.
_TOLERANCE = 0.5
_LEAST_JAMO_READ = 0.5  # of the jamo; labels out of step read near 0.1


class Reader(Protocol):
    """What reads glyphs back: the jamo reader."""

    def read(self, images: Glyphs) -> Any:
        """(N, H, W) uint8 => (N, 3) jamo indices, array or tensor, -1 where nothing is read."""


@dataclass(frozen=True)
class Finding:
    """The outcome of one check."""

    check: str
    passed: bool
    found: str


def check_model(
    model: FontModel, dataset: GlyphDataset, reader: Reader, *, seed: int = 0
) -> list[Finding]:
    """Check shape, dtype, polarity, determinism, order, batch size, and what the glyphs read as.

    Args:
        model: The model to check.
        dataset: Its first unseen font lends the reference, its lite syllables are asked.
        reader: Reads the glyphs back.
        seed: The run's seed.

    Returns:
        One finding a check; a wrong shape or dtype ends the list, as nothing else can be told.
    """
    task = next(t for t in plan(dataset, "lite") if t.characters)
    request = build_request(dataset, task.font_id, task.characters[:_N_GLYPHS], seed=seed, shots=1)
    try:
        images = ask(model, request, font_id=task.font_id).images
    except UserError as error:
        return [Finding("shape and dtype", False, str(error))]
    shape = " x ".join(map(str, images.shape))
    findings = [Finding("shape and dtype", True, f"{shape} {images.dtype}")]
    return [
        *findings,
        _polarity(images, model.name),
        _determinism(model, request, images, task.font_id),
        _order(model, request, images, task.font_id),
        _batch_size(model, request, images, task.font_id),
        _reading(reader, request, images),
    ]


def _polarity(images: Glyphs, name: str) -> Finding:
    try:
        check_polarity(images, where=name)
    except UserError as error:
        return Finding("polarity", False, str(error))
    return Finding("polarity", True, f"ink covers {(images < 128).mean():.1%} of the pages")


def _determinism(model: FontModel, request: Request, images: Glyphs, font_id: str) -> Finding:
    again = ask(model, request, font_id=font_id).images
    equal = np.array_equal(images, again)
    found = "the same request gave the same glyphs" if equal else _difference(images, again)
    return Finding("same seed, same glyphs", equal, found)


def _order(model: FontModel, request: Request, images: Glyphs, font_id: str) -> Finding:
    rows = np.arange(len(images))[::-1]
    backwards = ask(model, _rows(request, rows), font_id=font_id).images[::-1]
    return _same("order", images, backwards, "asked backwards")


def _batch_size(model: FontModel, request: Request, images: Glyphs, font_id: str) -> Finding:
    singles = [
        ask(model, _rows(request, np.array([row])), font_id=font_id).images
        for row in range(len(images))
    ]
    return _same("batch size", images, np.concatenate(singles), "asked one by one")


def _reading(reader: Reader, request: Request, images: Glyphs) -> Finding:
    asked = np.array([decompose(character) for character in request.characters])
    right = np.asarray(reader.read(images)) == asked  # (N, 3)
    found = (
        f"{right.all(axis=1).sum()} of {len(images)} syllables and {right.sum()} of "
        f"{right.size} jamo read as asked"
    )
    return Finding("read back", bool(right.mean() >= _LEAST_JAMO_READ), found)


def _rows(request: Request, rows: NDArray[np.int64]) -> Request:
    return replace(
        request,
        characters=tuple(request.characters[row] for row in rows),
        content=request.content[rows],
    )


def _same(check: str, images: Glyphs, others: Glyphs, how: str) -> Finding:
    distance = float(np.abs(images.astype(np.int16) - others.astype(np.int16)).mean())
    found = f"{how}: {_difference(images, others)}" if distance else f"{how}: the same glyphs"
    return Finding(check, distance <= _TOLERANCE, found)


def _difference(images: Glyphs, others: Glyphs) -> str:
    levels = np.abs(images.astype(np.int16) - others.astype(np.int16))
    changed = (levels.reshape(len(levels), -1).max(axis=1) > 0).sum()
    return (
        f"{changed} of {len(images)} glyphs differ, by {levels.mean():.3g} grey levels on average"
    )
