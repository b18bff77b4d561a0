"""The network of retrieval-font: references, neighbours' glyphs and text guide a small U-Net."""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.diffusion.unet import guided_unet
from baselines.glyphs.alignment import on_paper, thicken
from baselines.glyphs.representation import FIELD_SIZE, Sdf64

Head = Literal["free", "warp"]

PATCH = 4  # field pixels each way in one cell of the grid
GRID = 16  # cells each way
_CELL = PATCH**2
_HEADS = 4
_WIDTH = 96  # of the cells' features
_STYLE = 192  # width of the pooled style
_JAMO = (20, 22, 29)  # initials, medials, finals with none; the first row of each is "unknown"
CHANNELS = 28  # of the network's cells of 4 x 4: flow 2 x 4, weight 4, detail 16
_REPRESENTATION = Sdf64()
_FLOW = 0.1  # of the image's half width, for an output of 1: 6.4 pixels
_WEIGHT = 3.0  # pixels that a place can be thickened or thinned by
_NEAR = 3.0  # pixels from a contour
_DETAIL = 1.0  # pixel, of what is neither place nor weight: terminals, corners


class RetrievalNetwork(nn.Module):
    """Predicts x_0 of a glyph's field.

    The noisy field, the neighbours' glyphs of the same syllable, the content font's and what
    the references show at like places stand side by side as the U-Net's input; timestep, pooled
    style and jamo scale and shift its group norms.
    """

    def __init__(
        self,
        neighbours: int,
        channels: tuple[int, ...],
        *,
        dropout: float = 0.0,
        head: Head = "warp",
    ) -> None:
        """Build it.

        Args:
            neighbours: Number of neighbours.
            channels: Of the U-Net's levels, at 16, 8 and 4 cells.
            dropout: Of the U-Net's blocks.
            head: ``free`` draws x_0; ``warp`` bends the nearest neighbour's glyph (:func:`bend`).
        """
        super().__init__()
        self.head = head
        self.roughness: Tensor | None = None  # (N,) of the glyphs drawn last
        self.references = ReferenceEncoder()
        self.jamo = nn.ModuleList(nn.Embedding(n, _STYLE) for n in _JAMO)
        embedding = 4 * channels[0]  # the width of diffusers' time embedding
        self.join = nn.Sequential(
            nn.Linear(2 * _STYLE + neighbours, embedding),
            nn.SiLU(),
            nn.Linear(embedding, embedding),
        )
        self.unet = guided_unet(
            GRID,
            _CELL * (neighbours + 2) + _WIDTH,
            CHANNELS if head == "warp" else _CELL,
            channels=channels,
            attends=(False,) * (len(channels) - 1) + (True,),
            res_blocks=1,
            dropout=dropout,
        )
        if head == "warp":
            nn.init.zeros_(self.unet.conv_out.weight)  # the first drawing is the neighbour's glyph
            nn.init.zeros_(self.unet.conv_out.bias)

    def forward(self, x_t: Tensor, t: Tensor, inputs: dict[str, Tensor]) -> Tensor:
        """Predict x_0.

        Args:
            x_t: (N, 1, 64, 64) noisy fields.
            t: (N,) timesteps.
            inputs: ``neighbours`` (N, G, 64, 64), ``content`` (N, 64, 64), ``references``,
                ``reference_neighbours`` and ``reference_content`` (N, K, 64, 64), all as x_0;
                ``distances`` (N, G); ``jamo`` (N, 3) rows.

        Returns:
            (N, 1, 64, 64).
        """
        shown, style = self.references(inputs)  # (N, 96, 16, 16), (N, 192)
        spatial = torch.cat([x_t, inputs["neighbours"], inputs["content"].unsqueeze(1)], 1)
        cells = _cells(spatial)  # (N, 16 (G + 2), 16, 16)
        text = sum(table(inputs["jamo"][:, slot]) for slot, table in enumerate(self.jamo))
        vector = self.join(torch.cat([style, text, inputs["distances"]], 1))
        out = self.unet(torch.cat([cells, shown], 1), t, class_labels=vector).sample
        if self.head == "warp":
            x_0, self.roughness = bend(out, inputs["neighbours"][:, :1])
            return x_0
        return functional.pixel_shuffle(out, PATCH)


class ReferenceEncoder(nn.Module):
    """What one to eight references say about a style: at like places, and as a whole.

    A cell of the glyph to draw asks, by the content font's strokes around it, for the cells of the
    references whose content looks alike (cross-attention from content to references, as FsFont);
    it gets what the reference, its neighbours and the content font have there.
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
        names = ("references", "reference_neighbours", "reference_content")
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


def bend(raw: Tensor, neighbours: Tensor) -> tuple[Tensor, Tensor]:
    """x_0 from a neighbour's glyph and what the network says of it.

    Places move by a smooth flow (one vector for 4 x 4 pixels of the image), strokes get thicker or
    thinner by a smooth field, and edges may move by a pixel. So a stroke is moved and shaped, and
    one whose place is uncertain does not fade away as it does in the mean of where it may be.

    Args:
        raw: (N, 28, 16, 16) the network's output.
        neighbours: (N, 1, 64, 64) the aligned glyph, as x_0.

    Returns:
        x_0 (N, 1, 64, 64), and how rough the change is, (N,): the mean squared second differences,
        in pixels, of the flow, and along the contours of what strokes gain or lose.
    """
    raw = raw.float()
    flow, weight, detail = raw[:, :8], raw[:, 8:12], raw[:, 12:]
    coarse = _FLOW * _smooth(functional.pixel_shuffle(flow, 2))  # (N, 2, 32, 32)
    identity = torch.eye(2, 3, device=raw.device).expand(len(raw), 2, 3)
    size = [len(raw), 1, FIELD_SIZE, FIELD_SIZE]
    grid = functional.affine_grid(identity, size, False) + _enlarge(coarse).permute(0, 2, 3, 1)
    moved = on_paper(_REPRESENTATION.fields(neighbours), grid)
    thicker = _WEIGHT * torch.tanh(_enlarge(_smooth(functional.pixel_shuffle(weight, 2))))
    edges = _DETAIL * torch.tanh(_smooth(functional.pixel_shuffle(detail, 4)))
    gained = thicker + edges
    fields = thicken(moved, gained[:, 0])
    near = ((fields.abs() < _NEAR).unsqueeze(1)).float()
    rough = _second(coarse * FIELD_SIZE).mean((1, 2, 3))  # FIELD_SIZE: to pixels of the image
    rough = rough + (_second(gained) * near).sum((1, 2, 3)) / near.sum((1, 2, 3)).clamp(min=1)
    return _REPRESENTATION.encode_fields(fields), rough


def _smooth(maps: Tensor) -> Tensor:
    """Blurred by [1 2 1] / 4 each way."""
    kernel = torch.tensor([0.25, 0.5, 0.25], device=maps.device)
    n, c, height, width = maps.shape
    padded = functional.pad(maps, (1, 1, 1, 1), mode="replicate")
    flat = padded.view(n * c, 1, height + 2, width + 2)
    return functional.conv2d(flat, torch.outer(kernel, kernel).view(1, 1, 3, 3)).view_as(maps)


def _enlarge(maps: Tensor) -> Tensor:
    return functional.interpolate(maps, FIELD_SIZE, mode="bilinear", align_corners=False)


def _second(maps: Tensor) -> Tensor:
    """Squared second differences across and down, summed; of the size of ``maps``."""
    padded = functional.pad(maps, (1, 1, 1, 1), mode="replicate")
    across, down = padded[:, :, 1:-1].diff(n=2, dim=3), padded[:, :, :, 1:-1].diff(n=2, dim=2)
    return across.square() + down.square()
