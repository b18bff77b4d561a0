"""ST-LPIPS: a learned perceptual distance whose weights PyPI carries; never printed as LPIPS."""

from pathlib import Path

import torch
from torch import Tensor

from hangeul_bench.metrics.base import NETWORK_BATCH, GlyphMetric, in_chunks
from hangeul_bench.metrics.shift_tolerant import load_shift_tolerant


class STLPIPS(GlyphMetric):
    """Shift-tolerant perceptual distance of each glyph from the true one, then the mean.

    AlexNet with blurred pooling, trained from scratch on people's choices; grey repeated to three
    channels, [-1, 1], at the glyphs' own size. Range from 0, no upper bound; lower is better. It
    minds a blur more than another font. A stand-in where LPIPS's weights are not available.

    Args:
        weights: Folder holding ``alex_shift_tolerant.pth``; None looks in the package
            ``stlpips-pytorch``, which ``pip install hangeul-bench[perceptual]`` brings.
        device: Where the network runs.
        allow_unpinned: Accept a file of another SHA-256 (for tests of the loading itself).

    Raises:
        MissingWeights: The weights are not on this machine.
        UserError: They are not the published ones.

    Source: Ghildyal and Liu, Shift-tolerant perceptual similarity metric (2022).
    """

    name = "st_lpips"
    higher_is_better = False
    unit_range = (0.0, float("inf"))
    needs = "shift_tolerant_alexnet"

    def __init__(
        self, *, weights: Path | None = None, device: str = "cpu", allow_unpinned: bool = False
    ) -> None:
        super().__init__()
        self.network, loaded = load_shift_tolerant(weights, allow_unpinned=allow_unpinned)
        self._weights = loaded.signature
        self.to(device)

    def signature(self) -> str:
        """Definition, version and weights."""
        return f"st_lpips[v1|alex|st0.0|[-1,1]|rep3|{self._weights}|mean-glyph]"

    @torch.no_grad()
    def _scores(self, pred: Tensor, target: Tensor) -> Tensor:
        scores = torch.zeros(len(pred), dtype=torch.float64, device=pred.device)
        other = (pred != target).flatten(1).any(1)  # the same picture is at distance 0
        if other.any():
            pairs = pred[other], target[other]
            found = in_chunks(self._distances, *pairs, size=NETWORK_BATCH, fill_up=True)
            scores[other] = found.to(scores.device)
        return scores

    def _distances(self, pred: Tensor, target: Tensor) -> Tensor:
        distances: Tensor = self.network(self._as_input(pred), self._as_input(target))
        return distances

    def _as_input(self, images: Tensor) -> Tensor:
        x = images.to(self.device).float() / 127.5 - 1
        return x[:, None].expand(-1, 3, -1, -1)  # (n, 3, H, W)
