"""SCR: a frozen style extractor says whether a drawn glyph is in its font's style or another's."""

import torch
from torch import Tensor
from torch.nn import functional

from baselines.style_encoder.encoder import StyleEncoder, prepare

TEMPERATURE = 0.07  # the paper's tau
# ReLUs of the encoder's `features`, from fine to coarse. Of 64 training glyphs, 69, 72, 75 and 78 %
# are nearest to their own crop among 16 of other fonts, some of which are almost the same.
_LAYERS = (6, 16, 20, 27)
_LEAST_SPREAD = 1e-3  # of the mean number; a channel in which no key differs says nothing


class StyleContrast:
    """The style-contrastive loss (InfoNCE), the mean over the extractor's layers."""

    def __init__(self, extractor: StyleEncoder) -> None:
        """Set up.

        Args:
            extractor: Frozen; the paper trains one of its own on a contrast of styles.
        """
        self.extractor = extractor

    def vectors(self, pages: Tensor) -> list[Tensor]:
        """Mean and maximum of each layer's channels, as the paper pools them.

        Args:
            pages: (N, 128, 128) brightness in [0, 255]; the gradient flows through float ones.

        Returns:
            An (N, 2 C) tensor a layer.
        """
        x = prepare(pages)  # (N, 3, 48, 48)
        found = []
        for number, layer in enumerate(self.extractor.features.children()):
            x = layer(x)
            if number in _LAYERS:
                found.append(torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1))
        return found

    def __call__(self, drawn: Tensor, positive: Tensor, negatives: Tensor) -> Tensor:
        """The loss, lower where a glyph's style is that of its positive.

        Args:
            drawn: (N, 128, 128) brightness in [0, 255]; the gradient flows here.
            positive: (N, 128, 128) uint8, the same syllable in the same font.
            negatives: (N, K, 128, 128) uint8, the same syllable in other fonts.
        """
        n, count = negatives.shape[:2]
        with torch.no_grad():
            others = torch.cat([positive.unsqueeze(1), negatives], 1).flatten(0, 1)
            keys = [v.view(n, 1 + count, -1) for v in self.vectors(others)]
        layers = [
            contrast(query, key) for query, key in zip(self.vectors(drawn), keys, strict=True)
        ]
        return torch.stack(layers).mean()


def contrast(query: Tensor, keys: Tensor) -> Tensor:
    """InfoNCE of (N, D) vectors against (N, 1 + K, D), of which the first is right.

    Vectors are measured from the mean of their keys, in units of their spread: the extractor's
    numbers are all positive, so that any two of its vectors point almost the same way.
    """
    middle = keys.mean(1, keepdim=True)
    spread = keys.std(1, keepdim=True) + _LEAST_SPREAD * keys.abs().mean()
    unit = functional.normalize((query.unsqueeze(1) - middle) / spread, dim=2)  # (N, 1, D)
    others = functional.normalize((keys - middle) / spread, dim=2)
    logits = (unit * others).sum(2) / TEMPERATURE  # (N, 1 + K)
    right = torch.zeros(len(logits), dtype=torch.int64, device=logits.device)
    return functional.cross_entropy(logits, right)
