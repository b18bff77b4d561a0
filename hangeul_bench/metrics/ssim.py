"""SSIM as Wang et al. define it, and after the best small shift.

The filter is separable, written as products with banded matrices.
"""

import torch
from torch import Tensor

from hangeul_bench.base.errors import UserError
from hangeul_bench.metrics.base import GlyphMetric, GlyphPair, in_chunks

_WINDOW = 11  # pixels; Wang et al.'s window, and their sigma
_SIGMA = 1.5
_C1 = (0.01 * 255) ** 2  # on grey levels: (K1 L)^2 and (K2 L)^2 with L = 255
_C2 = (0.03 * 255) ** 2
_BLOCK = 30  # output pixels of one matrix product: a band of 40 x 30 instead of 128 x 118
_CHUNK = 4  # glyphs at once: their maps fit into a core's cache
REACH = 4  # pixels each way that a glyph may be moved
_SHIFT_CHUNK = 16
# From the nearest shift to the farthest: among equally good ones the nearest is taken.
SHIFTS = sorted(
    ((dy, dx) for dy in range(-REACH, REACH + 1) for dx in range(-REACH, REACH + 1)),
    key=lambda shift: (shift[0] ** 2 + shift[1] ** 2, shift),
)


class SSIM(GlyphMetric):
    """Structural similarity of each glyph with the true one, then the mean over glyphs.

    11 x 11 Gaussian window of sigma 1.5, population covariance, one grey channel, L = 1 on
    [0, 1], mean over the valid map (118 x 118 of 128 x 128), float64. Range [-1, 1]; higher is
    better. A blank page scores high where there is little ink: not a headline.

    Source: Wang, Bovik, Sheikh and Simoncelli, Image quality assessment: from error visibility
    to structural similarity (2004). Equal to scikit-image's ``structural_similarity`` with
    ``gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1``.
    """

    name = "ssim"

    def signature(self) -> str:
        """Definition and version."""
        return "ssim[v1|gauss11|s1.5|valid|population|L=1|gray|f64|mean-glyph]"

    def score(self, pair: GlyphPair) -> dict[str, Tensor]:
        """The similarity of each glyph."""
        return {self.name: pair.once(self.name, lambda: ssim_scores(pair.pred, pair.target))}


class SSIMAligned(GlyphMetric):
    """SSIM after moving the prediction by the one whole shift that its ink prefers.

    Of the 81 shifts within 4 pixels each way it is the one of greatest cross-correlation of
    the ink (255 - value) with the target's; of equal ones the nearest. What leaves the page is
    lost, what comes in is paper. Read it beside the raw ``ssim``, never instead. Range [-1, 1];
    higher is better.

    Source: own definition; :class:`hangeul_bench.metrics.SSIM` on the aligned pair.
    """

    name = "ssim_aligned"

    def signature(self) -> str:
        """Definition and version."""
        return f"ssim_aligned[v1|shift<={REACH}px|max-ink-correlation|ssim:v1]"

    def score(self, pair: GlyphPair) -> dict[str, Tensor]:
        """The similarity of each glyph once moved; that of SSIM, if known, where nothing moves."""
        shifts = in_chunks(best_shifts, pair.pred, pair.target, size=_SHIFT_CHUNK)
        known = pair.known.get(SSIM.name)
        moved = shifts.any(1) if known is not None else torch.ones_like(shifts[:, 0]).bool()
        scores = torch.zeros(len(shifts), dtype=torch.float64) if known is None else known.clone()
        if moved.any():
            parts = pair.pred[moved], pair.target[moved], shifts[moved]
            scores[moved] = in_chunks(_shifted_ssim, *parts, size=_SHIFT_CHUNK).to(scores.device)
        return {self.name: scores}


def ssim_scores(pred: Tensor, target: Tensor) -> Tensor:
    """SSIM of each pair.

    Args:
        pred: (N, H, W) uint8.
        target: (N, H, W) uint8.

    Returns:
        (N,) float64.

    Raises:
        UserError: The two are not a pair, or smaller than the window.
    """
    GlyphPair(pred, target)  # refuses what is no pair
    if min(pred.shape[1:]) < _WINDOW:
        raise UserError(
            f"Expected glyphs of at least {_WINDOW} x {_WINDOW} pixels for ssim, "
            f"but got {pred.shape[1]} x {pred.shape[2]}."
        )
    band = _band(pred.device)
    return in_chunks(lambda x, y: _ssim(x, y, band), pred, target, size=_CHUNK, fill_up=True)


def align(pred: Tensor, target: Tensor) -> Tensor:
    """Each prediction moved by the shift that its ink prefers, (N, H, W) uint8."""
    return _shifted(pred, best_shifts(pred, target))


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


def _ssim(x: Tensor, y: Tensor, band: Tensor) -> Tensor:
    # Rows first, (H, n, W), so that one product filters the columns of all pages.
    x, y = x.transpose(0, 1).double(), y.transpose(0, 1)
    # With s = x + y and d = x - y four maps need the filter, not five: E[s^2] and E[d^2] hold
    # E[x^2] + E[y^2] and E[xy].
    maps = x.new_empty(x.shape[0], 4, *x.shape[1:])
    torch.add(x, y, out=maps[:, 0])
    torch.sub(x, y, out=maps[:, 1])
    torch.mul(maps[:, :2], maps[:, :2], out=maps[:, 2:])
    s, d, ss, dd = _filter(maps, band).unbind(1)  # (H-10, n, W-10) each
    s2, d2 = s.square_(), d.square_()
    squares = s2 + d2  # 2 (mx^2 + my^2)
    product = s2.sub_(d2)  # 4 mx my
    variances = (ss + dd).sub_(squares)  # 2 (vx + vy)
    covariance = ss.sub_(dd).sub_(product)  # 4 cxy
    product.add_(2 * _C1).mul_(covariance.add_(2 * _C2))
    squares.add_(2 * _C1).mul_(variances.add_(2 * _C2))
    similarity: Tensor = product.div_(squares)
    return similarity.mean((0, 2))


def _filter(maps: Tensor, band: Tensor) -> Tensor:
    """Gaussian means of every window inside the page: (H, 4, n, W) => (H-10, 4, n, W-10)."""
    height, *inner, width = maps.shape
    columns = _slide(maps.view(height, -1), band)  # (H-10, 4 n W)
    means = columns.new_empty(columns.numel() // width, width - _WINDOW + 1)
    _slide(columns.view(-1, width).T, band, out=means.T)
    return means.view(len(columns), *inner, -1)


def _slide(lines: Tensor, band: Tensor, out: Tensor | None = None) -> Tensor:
    """The window's mean along the first axis: (L, M) => (L-10, M)."""
    length = len(lines) - _WINDOW + 1
    out = lines.new_empty(length, lines.shape[1]) if out is None else out
    for start in range(0, length, _BLOCK):
        n = min(_BLOCK, length - start)
        reach = n + _WINDOW - 1
        torch.mm(band[:n, :reach], lines[start : start + reach], out=out[start : start + n])
    return out


def _band(device: torch.device) -> Tensor:
    """(30, 40): each row holds the window's weights, one pixel further right than the last."""
    offset = torch.arange(_WINDOW, dtype=torch.float64) - _WINDOW // 2
    weights = torch.exp(-(offset**2) / (2 * _SIGMA**2))
    band = torch.zeros(_BLOCK, _BLOCK + _WINDOW - 1, dtype=torch.float64)
    for row in range(_BLOCK):
        band[row, row : row + _WINDOW] = weights / weights.sum()
    return band.to(device)


def _shifted_ssim(pred: Tensor, target: Tensor, shifts: Tensor) -> Tensor:
    return ssim_scores(_shifted(pred, shifts), target)


def _shifted(pred: Tensor, best: Tensor) -> Tensor:
    """Pages (N, H, W) moved by (N, 2) pixels down and right; paper comes in."""
    n, height, width = pred.shape
    page = torch.nn.functional.pad(pred, (REACH,) * 4, value=255)
    rows = torch.arange(height, device=pred.device) + REACH - best[:, :1]  # (N, H)
    columns = torch.arange(width, device=pred.device) + REACH - best[:, 1:]  # (N, W)
    glyph = torch.arange(n, device=pred.device)
    return page[glyph[:, None, None], rows[:, :, None], columns[:, None, :]]
