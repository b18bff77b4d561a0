"""The paper's three blocks: content aggregation (MCA), style attention, structure (RSI)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.deformable import deform_conv2d
from baselines.font_diffuser.encoders import GROUPS

_TAPS = 9  # of the 3 x 3 deformable convolution
_SQUEEZE = 4  # narrowing of the channel attention's hidden layer
_HEAD = 32  # channels of an attention head


class ContentAggregation(nn.Module):
    """MCA: content features join the U-Net's, weighted channel by channel."""

    def __init__(self, channels: int, content: int) -> None:
        """Build it.

        Args:
            channels: Of the U-Net's features, before and after.
            content: Channels of the content features, which have the same size.
        """
        super().__init__()
        both = channels + content
        self.squeeze = nn.Conv2d(both, both // _SQUEEZE, 1)
        self.excite = nn.Conv2d(both // _SQUEEZE, both, 1)
        self.reduce = nn.Conv2d(both, channels, 1)

    def weights(self, joined: Tensor) -> Tensor:
        """W_c: (N, C + content, 1, 1) in (0, 1), from the mean of every channel."""
        mean = joined.mean((2, 3), keepdim=True)
        return torch.sigmoid(self.excite(functional.relu(self.squeeze(mean))))

    def forward(self, x: Tensor, content: Tensor) -> Tensor:
        """(N, C, h, w) and (N, content, h, w) to (N, C, h, w)."""
        joined = torch.cat([x, content], 1)  # I_c
        weighted = joined + joined * self.weights(joined)  # I_c'
        out: Tensor = self.reduce(weighted)  # I_co
        return out


class StyleAttention(nn.Module):
    """Cross-attention: every place asks the reference's style tokens."""

    def __init__(self, channels: int, style: int) -> None:
        """Build it.

        Args:
            channels: Of the features, which ask.
            style: Width of the tokens, which answer.
        """
        super().__init__()
        self.heads = max(1, channels // _HEAD)
        self.norm = nn.GroupNorm(GROUPS, channels)
        self.query = nn.Linear(channels, channels, bias=False)
        self.key = nn.Linear(style, channels, bias=False)
        self.value = nn.Linear(style, channels, bias=False)
        self.out = nn.Linear(channels, channels)

    def forward(self, x: Tensor, tokens: Tensor) -> Tensor:
        """(N, C, h, w) and (N, places, style) to (N, C, h, w)."""
        places = self.norm(x).flatten(2).mT  # (N, h w, C)
        q, k, v = (
            _split(t, self.heads)
            for t in (self.query(places), self.key(tokens), self.value(tokens))
        )
        found = functional.scaled_dot_product_attention(q, k, v)  # (N, heads, h w, d)
        answer = self.out(found.transpose(1, 2).flatten(2))  # (N, h w, C)
        total: Tensor = x + answer.mT.view_as(x)
        return total


class ReferenceInteraction(nn.Module):
    """RSI: the skip connection is bent towards the references' structure.

    It begins as the plain skip: all offsets are 0, and the convolution passes its centre on.
    """

    def __init__(self, channels: int, structure: int) -> None:
        """Build it.

        Args:
            channels: Of the skip's features r.
            structure: Channels of a reference's structure map f_s, of the same size.
        """
        super().__init__()
        self.query = nn.Linear(structure, channels, bias=False)
        self.key = nn.Linear(channels, channels, bias=False)
        self.value = nn.Linear(channels, channels, bias=False)
        self.norm_skip, self.norm_structure = nn.LayerNorm(channels), nn.LayerNorm(structure)
        self.widen = nn.Linear(channels, channels)
        self.to_offsets = nn.Linear(channels, 2 * _TAPS)
        nn.init.zeros_(self.to_offsets.weight)
        nn.init.zeros_(self.to_offsets.bias)
        self.weight = nn.Parameter(nn.init.dirac_(torch.empty(channels, channels, 3, 3)))

    def offsets(self, skip: Tensor, structure: Tensor) -> Tensor:
        """Where each tap looks, (N, 18, h, w) in cells of the map.

        Q comes from the structure, K and V from the skip: FFN(softmax(Q K / sqrt(d)) V); of
        several references, the mean.
        """
        n, _, h, w = skip.shape
        s_r = self.norm_skip(skip.flatten(2).mT)  # (N, h w, C)
        s_s = self.norm_structure(structure.flatten(3).mT).flatten(1, 2)  # (N, K h w, structure)
        parts = (self.query(s_s), self.key(s_r), self.value(s_r))
        q, k, v = (part.unsqueeze(1) for part in parts)
        found = functional.scaled_dot_product_attention(q, k, v)[:, 0]  # (N, K h w, C)
        each: Tensor = self.to_offsets(functional.gelu(self.widen(found)))  # (N, K h w, 18)
        offsets: Tensor = each.unflatten(1, (-1, h * w)).mean(1)
        return offsets.mT.reshape(n, 2 * _TAPS, h, w)

    def forward(self, skip: Tensor, structure: Tensor) -> tuple[Tensor, Tensor]:
        """Bend a skip.

        Args:
            skip: (N, C, h, w).
            structure: (N, K, structure, h, w) maps of the references.

        Returns:
            The bent skip (N, C, h, w) and its offsets (N, 18, h, w).
        """
        offsets = self.offsets(skip, structure)
        return deform_conv2d(skip, offsets, self.weight, padding=1), offsets


def _split(tokens: Tensor, heads: int) -> Tensor:
    """(N, places, C) to (N, heads, places, C / heads)."""
    n, places, channels = tokens.shape
    return tokens.view(n, places, heads, channels // heads).transpose(1, 2)
