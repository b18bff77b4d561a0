"""SSIM after the best small shift, which forgives a displaced glyph and nothing else."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from hangeul_bench.metrics.base import GlyphColumns, GlyphMetric, check_pair, in_chunks
from hangeul_bench.metrics.ssim import SSIM, ssim_scores

REACH = 4  # pixels each way
_CHUNK = 16
# From the nearest shift to the farthest: among equally good ones the nearest is taken.
SHIFTS = sorted(
    ((dy, dx) for dy in range(-REACH, REACH + 1) for dx in range(-REACH, REACH + 1)),
    key=lambda shift: (shift[0] ** 2 + shift[1] ** 2, shift),
)


class SSIMAligned(GlyphMetric):
    """SSIM after moving the prediction by the one whole shift that its ink prefers.

    Of the 81 shifts within 4 pixels each way it is the one of greatest cross-correlation of
    the ink (255 - value) with the target's; of equal ones the nearest. What leaves the page is
    lost, what comes in is paper. Read it beside the raw ``ssim``, never instead. Range [-1, 1];
    higher is better.

    Source: own definition; :class:`hangeul_bench.metrics.SSIM` on the aligned pair.
    """

    name = "ssim_aligned"
    higher_is_better = True
    unit_range = (-1.0, 1.0)

    def signature(self) -> str:
        """Definition and version."""
        return f"ssim_aligned[v1|shift<={REACH}px|max-ink-correlation|ssim:v1]"

    def columns(
        self,
        pred: Tensor,
        target: Tensor,
        syllables: Sequence[str],
        *,
        known: Mapping[str, Tensor] | None = None,
    ) -> GlyphColumns:
        """As in every metric; of ``known``, ``ssim`` serves the glyphs that need no shift."""
        check_pair(pred, target)
        if known is None or SSIM.name not in known or not len(pred):
            return super().columns(pred, target, syllables)
        shifts = in_chunks(best_shifts, pred, target, size=_CHUNK)
        scores, moved = known[SSIM.name].clone(), shifts.any(1)
        if moved.any():
            scores[moved] = _shifted_scores(pred[moved], target[moved], shifts[moved])
        return GlyphColumns({self.name: scores})

    def _scores(self, pred: Tensor, target: Tensor) -> Tensor:
        return _shifted_scores(pred, target, in_chunks(best_shifts, pred, target, size=_CHUNK))


def align(pred: Tensor, target: Tensor) -> Tensor:
    """Each prediction moved by the shift that its ink prefers, (N, H, W) uint8."""
    return _shifted(pred, best_shifts(pred, target))


def _shifted_scores(pred: Tensor, target: Tensor, shifts: Tensor) -> Tensor:
    return in_chunks(
        lambda p, t, by: ssim_scores(_shifted(p, by), t), pred, target, shifts, size=_CHUNK
    )


def _shifted(pred: Tensor, best: Tensor) -> Tensor:
    """Pages (N, H, W) moved by (N, 2) pixels down and right; paper comes in."""
    n, height, width = pred.shape
    page = torch.nn.functional.pad(pred, (REACH,) * 4, value=255)
    rows = torch.arange(height, device=pred.device) + REACH - best[:, :1]  # (N, H)
    columns = torch.arange(width, device=pred.device) + REACH - best[:, 1:]  # (N, W)
    glyph = torch.arange(n, device=pred.device)
    return page[glyph[:, None, None], rows[:, :, None], columns[:, None, :]]


def best_shifts(pred: Tensor, target: Tensor) -> Tensor:
    """Pixels (down, right) by which to move each prediction, (N, 2) int64 in -4..4."""
    # Padding keeps the circular correlation from wrapping round within the reach.
    size = tuple(n + REACH for n in pred.shape[1:])
    spectra = [torch.fft.rfft2(255.0 - x.double(), s=size) for x in (pred, target)]
    correlation = torch.fft.irfft2(spectra[0].conj() * spectra[1], s=size)
    shifts = torch.tensor(SHIFTS, device=pred.device)
    # Sums of products of whole numbers are whole numbers: rounding makes them exact, ties too.
    at_shifts = correlation[:, shifts[:, 0], shifts[:, 1]].round()  # (N, 81), up to 1e9
    nearest_first = torch.arange(len(SHIFTS), device=pred.device)
    return shifts[(at_shifts * len(SHIFTS) - nearest_first).argmax(1)]
