"""The jamo reader's network: ink in, logits of the three jamo positions out."""

from torch import Tensor, nn
from torch.nn import functional as F

from hangeul_bench.hangeul.phonetics import FINALS, INITIALS, MEDIALS

CLASSES = (len(INITIALS), len(MEDIALS), len(FINALS))
EMBEDDING = 256  # width of the hidden layer
_STAGES = (32, 48, 96, 192)  # channels


class _Block(nn.Module):
    """Two 3x3 convolutions with a shortcut (He et al. 2016), halving height and width."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.norm1(self.conv1(x)), inplace=True)
        y = self.norm2(self.conv2(y))
        return F.relu(y + self.shortcut(x if self.stride == 1 else halved(x)), inplace=True)


def halved(x: Tensor) -> Tensor:
    """Means of 2 x 2 pixels, (N, C, H, W) => (N, C, H/2, W/2) rounded up, in a third of the time.

    The same numbers as ``avg_pool2d(x, 2, ceil_mode=True)``, which adds in this order.
    """
    if x.shape[2] % 2 or x.shape[3] % 2:
        return F.avg_pool2d(x, 2, ceil_mode=True)
    upper = x[..., ::2, ::2] + x[..., ::2, 1::2]
    return (upper + x[..., 1::2, ::2] + x[..., 1::2, 1::2]) / 4


class ReaderNetwork(nn.Module):
    """Five convolutional stages, one hidden layer and a head for each jamo position."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c, d = _STAGES
        self.stem = nn.Sequential(
            nn.Conv2d(1, a, 5, 2, 2, bias=False), nn.BatchNorm2d(a), nn.ReLU(inplace=True)
        )
        self.stages = nn.ModuleList(
            [_Block(a, b, 2), _Block(b, c, 2), _Block(c, c, 1), _Block(c, d, 2)]
        )
        # A 3x3 grid of places, whether the frame is 56 pixels or, early in training, 40.
        self.places = nn.AdaptiveAvgPool2d(3)
        self.hidden = nn.Linear(d * 9, EMBEDDING)
        self.dropout = nn.Dropout(0.2)
        self.heads = nn.ModuleList(nn.Linear(EMBEDDING, n) for n in CLASSES)

    def stage_features(self, ink: Tensor) -> list[Tensor]:
        """Feature maps of the stem and of each stage, ``(N, C, h, w)``, of ``(N, 1, H, W)`` ink."""
        maps = [self.stem(ink)]  # (N, 32, H/2, W/2)
        for stage in self.stages:
            maps.append(stage(maps[-1]))  # at last (N, 192, H/16, W/16), rounded up
        return maps

    def embed(self, maps: list[Tensor]) -> Tensor:
        """The hidden layer, ``(N, 256)``, from the feature maps."""
        return F.relu(self.hidden(self.places(maps[-1]).flatten(1)))

    def forward(self, ink: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of the three positions from ``(N, 1, H, W)`` ink in [0, 1]."""
        hidden = self.dropout(self.embed(self.stage_features(ink)))
        initial, medial, final = (head(hidden) for head in self.heads)
        return initial, medial, final
