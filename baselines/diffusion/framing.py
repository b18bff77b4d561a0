"""Small references brought to the size that a model has learned, and its drawings back from there.

Most training fonts fill their square alike, and a style encoder knows a font at any size. So a hand
that writes small is drawn large, with strokes as thick as usual, and is misread; and what a network
paints on patches of 4 x 4 pixels has little room in a small glyph. Enlarged, the same hand is one
more font of the usual size, and its drawings are made small again afterwards.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.diffusion.alignment import Change, apply, ink_box
from baselines.diffusion.sdf import field, render
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import Glyphs

USUAL = 104.0  # pixels, a glyph's longest side: the median over training fonts and references
SMALL = 0.93  # of that; larger glyphs stay as they are


def enlarges(frame: str) -> bool:
    """What the adapters' option ``frame`` says: ``usual`` enlarges, ``none`` does not.

    Raises:
        UserError: It is neither.
    """
    if frame not in ("usual", "none"):
        raise UserError(f"Expected frame=usual or frame=none, found frame={frame}.")
    return frame == "usual"


@dataclass(frozen=True)
class Frame:
    """Where references lie on the page, and how large.

    Attributes:
        centre: (1, 2) of their ink, x and y in [-1, 1] coordinates of the page.
        enlarged: How many times they are enlarged about it, and brought to the page's centre;
            1 leaves them where they are.
    """

    centre: Tensor
    enlarged: float

    @classmethod
    def around(cls, references: Glyphs | Tensor) -> "Frame":
        """The frame of K glyphs of one font, by the largest of them.

        Args:
            references: (K, 128, 128) uint8, 0 = ink; pages without ink say nothing.
        """
        fields = field(torch.as_tensor(references))
        boxes = ink_box(fields[(fields.flatten(1) > 0).any(1)])
        if not len(boxes):
            return cls.still()
        pixels = torch.as_tensor(references).shape[-1] / 2
        side = float((boxes[:, 2:] - boxes[:, :2]).max()) * pixels
        if side >= SMALL * USUAL:
            return cls.still()
        return cls(((boxes[:, :2] + boxes[:, 2:]) / 2).mean(0, keepdim=True), USUAL / side)

    @classmethod
    def still(cls) -> "Frame":
        """The frame that leaves references where they are."""
        return cls(torch.zeros(1, 2), 1.0)

    def enlarge(self, references: Glyphs | Tensor) -> NDArray[np.uint8]:
        """(K, 128, 128) uint8 references at the usual size."""
        pages = torch.as_tensor(references)
        if self.enlarged == 1:
            return pages.numpy()
        scale = torch.full((1, 2), self.enlarged)
        change = Change(scale, -self.centre * scale, torch.zeros(1))
        return render(apply(field(pages), change.expand(len(pages)))).numpy()

    @property
    def back(self) -> Change:
        """What takes drawings of the usual size to the references' place and size."""
        return Change(torch.full((1, 2), 1 / self.enlarged), self.centre, torch.zeros(1))
