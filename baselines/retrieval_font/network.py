"""The network of retrieval-font: references, kindred glyphs and text guide a small U-Net."""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.diffusion.unet import guided_unet
from baselines.retrieval_font.warp import CHANNELS, bend

Head = Literal["free", "warp"]

PATCH = 4  # field pixels each way in one cell of the grid
GRID = 16  # cells each way
_CELL = PATCH**2
_HEADS = 4
_WIDTH = 96  # of the cells' features
_STYLE = 192  # width of the pooled style
_JAMO = (20, 22, 29)  # initials, medials, finals with none; the first row of each is "unknown"


class RetrievalNetwork(nn.Module):
    """Predicts x_0 of a glyph's field.

    The noisy field, the kindred fonts' glyphs of the same syllable, the content font's and what
    the references show at like places stand side by side as the U-Net's input; timestep, pooled
    style and jamo scale and shift its group norms.
    """

    def __init__(
        self, kin: int, channels: tuple[int, ...], *, dropout: float = 0.0, head: Head = "warp"
    ) -> None:
        """Build it.

        Args:
            kin: Number of kindred fonts.
            channels: Of the U-Net's levels, at 16, 8 and 4 cells.
            dropout: Of the U-Net's blocks.
            head: ``free`` paints x_0; ``warp`` bends the nearest kin's glyph (:func:`warp.bend`).
        """
        super().__init__()
        self.head = head
        self.roughness: Tensor | None = None  # (N,) of the glyphs drawn last
        self.references = ReferenceEncoder()
        self.jamo = nn.ModuleList(nn.Embedding(n, _STYLE) for n in _JAMO)
        embedding = 4 * channels[0]  # the width of diffusers' time embedding
        self.join = nn.Sequential(
            nn.Linear(2 * _STYLE + kin, embedding), nn.SiLU(), nn.Linear(embedding, embedding)
        )
        self.unet = guided_unet(
            GRID,
            _CELL * (kin + 2) + _WIDTH,
            CHANNELS if head == "warp" else _CELL,
            channels=channels,
            attends=(False,) * (len(channels) - 1) + (True,),
            res_blocks=1,
            dropout=dropout,
        )
        if head == "warp":
            nn.init.zeros_(self.unet.conv_out.weight)  # the first drawing is the kin's glyph
            nn.init.zeros_(self.unet.conv_out.bias)

    def forward(self, x_t: Tensor, t: Tensor, inputs: dict[str, Tensor]) -> Tensor:
        """Predict x_0.

        Args:
            x_t: (N, 1, 64, 64) noisy fields.
            t: (N,) timesteps.
            inputs: ``kin`` (N, G, 64, 64), ``content`` (N, 64, 64), ``references``,
                ``reference_kin`` and ``reference_content`` (N, K, 64, 64), all as x_0 is carried;
                ``distances`` (N, G); ``jamo`` (N, 3) rows.

        Returns:
            (N, 1, 64, 64).
        """
        shown, style = self.references(inputs)  # (N, 96, 16, 16), (N, 192)
        spatial = torch.cat([x_t, inputs["kin"], inputs["content"].unsqueeze(1)], 1)
        cells = _cells(spatial)  # (N, 16 (G + 2), 16, 16)
        text = sum(table(inputs["jamo"][:, slot]) for slot, table in enumerate(self.jamo))
        vector = self.join(torch.cat([style, text, inputs["distances"]], 1))
        out = self.unet(torch.cat([cells, shown], 1), t, class_labels=vector).sample
        if self.head == "warp":
            x_0, self.roughness = bend(out, inputs["kin"][:, :1])
            return x_0
        return functional.pixel_shuffle(out, PATCH)


class ReferenceEncoder(nn.Module):
    """What one to eight references say about a style: at like places, and as a whole.

    A cell of the glyph to draw asks, by the content font's strokes around it, for the cells of the
    references whose content looks alike (cross-attention from content to references, as FsFont);
    it gets what the reference, its kin and the content font have there.
    """

    def __init__(self) -> None:
        super().__init__()
        self.content = nn.Sequential(nn.Conv2d(_CELL, _WIDTH, 3, padding=1), nn.SiLU())
        self.query = nn.Conv2d(_WIDTH, _WIDTH, 3, padding=1)
        # References are looked at in cells twice as large: a quarter of the keys.
        self.key = nn.Conv2d(_WIDTH, _WIDTH, 3, padding=1, stride=2)
        self.shown = nn.Sequential(
            nn.Conv2d(3 * _CELL, _WIDTH, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(_WIDTH, 2 * _WIDTH, 3, padding=1, stride=2),
            nn.SiLU(),
        )
        self.value = nn.Conv2d(2 * _WIDTH, _WIDTH, 1)
        self.place = nn.Parameter(0.02 * torch.randn(1, _WIDTH, GRID, GRID))
        self.out = nn.Conv2d(_WIDTH, _WIDTH, 1)
        self.pool = nn.Sequential(
            nn.Conv2d(2 * _WIDTH, _STYLE, 3, padding=1, stride=2),
            nn.SiLU(),
            nn.Conv2d(_STYLE, _STYLE, 3, padding=1),
            nn.SiLU(),
        )
        self.style = nn.Linear(2 * _STYLE, _STYLE)

    def forward(self, inputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """(N, 96, 16, 16) attended features and (N, 192) pooled style."""
        n, k = inputs["references"].shape[:2]
        names = ("references", "reference_kin", "reference_content")
        triplet = torch.stack([inputs[name] for name in names], 2)  # (N, K, 3, 64, 64)
        shown = self.shown(_cells(triplet.flatten(0, 1)))  # (N K, 192, 8, 8)
        asked = self.query(self.content(_cells(inputs["content"].unsqueeze(1))))
        there = self.content(_cells(inputs["reference_content"].reshape(n * k, 1, 64, 64)))
        place = self.place.to(asked.dtype)
        keys = self.key(there) + functional.avg_pool2d(place, 2)
        attended = functional.scaled_dot_product_attention(
            _heads(asked + place, 1), _heads(keys, k), _heads(self.value(shown), k)
        )  # (N, heads, 256, 24)
        attended = attended.transpose(2, 3).reshape(n, _WIDTH, GRID, GRID)
        pooled = self.pool(shown).view(n, k, _STYLE, -1).transpose(1, 2).flatten(2)
        style = self.style(torch.cat([pooled.mean(2), pooled.amax(2)], 1))
        return self.out(attended), style


def _cells(fields: Tensor) -> Tensor:
    """(N, C, 64, 64) to (N, 16 C, 16, 16)."""
    return functional.pixel_unshuffle(fields, PATCH)


def _heads(cells: Tensor, k: int) -> Tensor:
    """(N K, 96, h, w) to (N, heads, K h w, 24)."""
    parts = cells.view(-1, k, _HEADS, _WIDTH // _HEADS, cells.shape[2] * cells.shape[3])
    return parts.permute(0, 2, 1, 4, 3).flatten(2, 3)
