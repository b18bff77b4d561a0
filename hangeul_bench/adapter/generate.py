"""Have a model draw the evaluation fonts: one font at a time onto disk, resumable, checked."""

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hangeul_bench.adapter.contract import FontModel, Request
from hangeul_bench.adapter.perturbations import perturbed_references
from hangeul_bench.adapter.predictions import PredictionFolder
from hangeul_bench.adapter.questions import FontTask, build_request
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import Glyphs
from hangeul_bench.base.progress import Progress
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.fonts.placement import blank_frame
from hangeul_bench.hangeul.charset import codepoint_name

_DEFAULT_BATCH_SIZE = 64  # glyphs asked at once where neither user nor model says
_INVERTED_SHARE = 0.9  # of the frame's pixels dark; the placement rule leaves the frame empty


def pending(
    tasks: Sequence[FontTask], folder: PredictionFolder, *, rank: int = 0, world: int = 1
) -> list[FontTask]:
    """What one of ``world`` processes has to draw: its share of the fonts, less those on disk.

    Args:
        tasks: All evaluation fonts; the same list in every process.
        folder: Where the glyphs go.
        rank: Which process this is; it takes every ``world``-th font.
        world: Number of processes.
    """
    return [t for t in tasks[rank::world] if not folder.has(t.font_id, t.characters)]


def generate(
    model: FontModel,
    dataset: GlyphDataset,
    tasks: Sequence[FontTask],
    folder: PredictionFolder,
    *,
    seed: int,
    shots: int,
    perturb: str | None = None,
    progress: Progress,
) -> None:
    """Draw fonts onto disk, one after the other.

    Args:
        model: Who draws.
        dataset: Where references and content glyphs come from.
        tasks: The fonts to draw.
        folder: Where the glyphs go, a font at a time.
        seed: The run's seed.
        shots: Number of references shown.
        perturb: What is done to them; None shows them as they are.
        progress: Counts glyphs.

    Raises:
        UserError: The model raised, or returned something else than the glyphs asked for.
    """
    for task in tasks:
        images, delivered, seconds = _draw_font(
            model, dataset, task, seed=seed, shots=shots, perturb=perturb, progress=progress
        )
        folder.write(task.font_id, task.characters, images, delivered=delivered, seconds=seconds)


class Answer(NamedTuple):
    """What a model returned: (N, H, W) uint8, 0 = ink, and (N,) whether each was delivered."""

    images: Glyphs
    delivered: NDArray[np.bool_]


def ask(model: FontModel, request: Request, *, font_id: str) -> Answer:
    """Ask a model for glyphs and check what it returns.

    Out of memory on a GPU halves the model's ``batch_size`` and asks again.

    Args:
        model: Who draws the glyphs, or looks them up.
        request: What is asked.
        font_id: The font of the references, for messages and for who looks its glyphs up.

    Raises:
        UserError: The model raised, or its answer has another shape or type; names the font and
            the syllables.
    """
    while True:
        try:
            images, delivered = _answer(model, request, font_id)
            break
        except UserError:
            raise
        except Exception as error:
            if not _out_of_memory(error) or not _halve_batch(model, len(request.characters)):
                raise UserError(
                    f"Model {model.name} failed on {_where(font_id, request.characters)}: "
                    f"{type(error).__name__}: {error}"
                ) from error
    _check_answer(images, request, where=f"{model.name} for {_where(font_id, request.characters)}")
    return Answer(images, np.asarray(delivered, np.bool_))


def _answer(model: FontModel, request: Request, font_id: str) -> tuple[Any, Any]:
    look_up = getattr(model, "look_up", None)
    if look_up is not None:
        images, delivered = look_up(font_id, request.characters)
        return images, delivered
    delivered = getattr(model, "delivered", lambda _: np.ones(len(request.characters)))
    return model.generate(request), delivered(request)


def dark_paper(images: Glyphs) -> NDArray[np.bool_]:
    """Which images are dark where no font has ink, in the outermost pixels: (N, H, W) => (N,)."""
    frame = blank_frame(*images.shape[1:])
    dark: NDArray[np.bool_] = (images[:, frame] < 128).mean(axis=1) > _INVERTED_SHARE
    return dark


def check_polarity(images: Glyphs, *, where: str) -> None:
    """Raise UserError if at least half of the images have dark paper."""
    n_dark = int(dark_paper(images).sum())
    if 2 * n_dark >= len(images):
        raise UserError(
            f"Expected dark ink (0) on white paper (255) from {where}, but {n_dark} of "
            f"{len(images)} images have dark paper; invert them."
        )


def _draw_font(
    model: FontModel,
    dataset: GlyphDataset,
    task: FontTask,
    *,
    seed: int,
    shots: int,
    perturb: str | None,
    progress: Progress,
) -> tuple[Glyphs, NDArray[np.bool_], float]:
    """(N, H, W) uint8 glyphs, (N,) whether each was delivered, and the seconds that it took."""
    images = np.empty((len(task.characters), dataset.size, dataset.size), np.uint8)
    delivered = np.ones(len(task.characters), np.bool_)
    seconds = 0.0
    exclude = getattr(model, "exclude", None)
    if exclude is not None:
        exclude((task.lineage,))
    shown: Glyphs | None = None
    for part in _parts(len(task.characters), model):
        characters = task.characters[part]
        request = build_request(dataset, task.font_id, characters, seed=seed, shots=shots)
        if perturb is not None:
            if shown is None:
                asked = request.reference_characters
                shown = perturbed_references(dataset, task.font_id, asked, perturb)
            request = replace(request, references=shown)
        start = time.perf_counter()
        images[part], delivered[part] = ask(model, request, font_id=task.font_id)
        seconds += time.perf_counter() - start
        progress.advance(len(characters))
    if delivered.any():
        where = f"{model.name} for {_where(task.font_id, task.characters)}"
        check_polarity(images[delivered], where=where)
    return images, delivered, seconds


def _parts(count: int, model: FontModel) -> Iterator[slice]:
    step = getattr(model, "batch_size", None) or _DEFAULT_BATCH_SIZE
    for start in range(0, count, step):
        yield slice(start, min(start + step, count))


def _check_answer(images: Any, request: Request, *, where: str) -> None:
    size = request.references.shape[-1]
    expected = (len(request.characters), size, size)
    if not isinstance(images, np.ndarray):
        raise UserError(f"Expected a numpy array from {where}, but found {type(images).__name__}.")
    if images.dtype.kind == "f" and np.isnan(images).any():
        raise UserError(f"Expected uint8 from {where}, but found {images.dtype} with NaN.")
    if images.shape != expected:
        raise UserError(f"Expected shape {expected} from {where}, but found {images.shape}.")
    if images.dtype != np.uint8:
        raise UserError(
            f"Expected uint8 from {where}, but found {images.dtype}; scale to 0..255 and convert."
        )


def _out_of_memory(error: Exception) -> bool:
    # torch.cuda.OutOfMemoryError, told without importing torch; older errors only say so in words.
    named = type(error).__name__ == "OutOfMemoryError"
    return named or (isinstance(error, RuntimeError) and "out of memory" in str(error))


def _halve_batch(model: FontModel, asked: int) -> bool:
    """Halve the batch size of a model that has one; False if that cannot help."""
    if not hasattr(model, "batch_size"):
        return False
    size = min(model.batch_size or asked, asked)
    if size <= 1:
        return False
    model.batch_size = size // 2
    if "torch" in sys.modules:
        sys.modules["torch"].cuda.empty_cache()
    return True


def _where(font_id: str, characters: Sequence[str]) -> str:
    names = ", ".join(f"{c} ({codepoint_name(c)})" for c in characters[:3])
    more = f" and {len(characters) - 3} more" if len(characters) > 3 else ""
    return f"font {font_id}, characters {names}{more}"
