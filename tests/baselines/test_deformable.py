import pytest
import torch
from torch.nn import functional

from baselines.deformable import deform_conv2d


def by_hand(image, offset, weight, *, stride, padding, dilation, mask=None):
    """The definition, place by place, with bilinear samples that are zero outside."""
    n, channels, height, width = image.shape
    out, _, rows, columns = weight.shape
    h, w = offset.shape[-2:]
    result = torch.zeros(n, out, h, w, dtype=image.dtype)

    def sample(b, y, x):
        total = torch.zeros(channels, dtype=image.dtype)
        for yy in (int(y // 1), int(y // 1) + 1):
            for xx in (int(x // 1), int(x // 1) + 1):
                if 0 <= yy < height and 0 <= xx < width:
                    total += (1 - abs(y - yy)) * (1 - abs(x - xx)) * image[b, :, yy, xx]
        return total

    for b in range(n):
        for i in range(h):
            for j in range(w):
                for tap in range(rows * columns):
                    y = i * stride - padding + tap // columns * dilation + offset[b, 2 * tap, i, j]
                    x = j * stride - padding + tap % columns * dilation
                    x = x + offset[b, 2 * tap + 1, i, j]
                    seen = sample(b, float(y), float(x))
                    if mask is not None:
                        seen = seen * mask[b, tap, i, j]
                    result[b, :, i, j] += weight[:, :, tap // columns, tap % columns] @ seen
    return result


@pytest.mark.parametrize(("stride", "padding", "dilation"), [(1, 1, 1), (2, 0, 1), (1, 2, 2)])
def test_it_is_the_definition(stride, padding, dilation):
    generator = torch.Generator().manual_seed(0)

    def noise(*shape):
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    image, weight = noise(2, 3, 7, 9), noise(4, 3, 3, 3)
    settings = {"stride": stride, "padding": padding, "dilation": dilation}
    h, w = functional.conv2d(image, weight, **settings).shape[-2:]
    offset, mask = 2 * noise(2, 18, h, w), noise(2, 9, h, w).sigmoid()
    for own in (None, mask):
        found = deform_conv2d(image, offset, weight, **settings, mask=own)
        assert torch.allclose(found, by_hand(image, offset, weight, **settings, mask=own))


def test_taps_that_stay_make_an_ordinary_convolution_that_learns():
    image = torch.randn(2, 3, 8, 8, requires_grad=True)
    weight, bias = torch.randn(5, 3, 3, 3), torch.randn(5)
    offset = torch.zeros(2, 18, 8, 8, requires_grad=True)
    found = deform_conv2d(image, offset, weight, bias, padding=(1, 1))
    assert torch.allclose(found, functional.conv2d(image, weight, bias, padding=1), atol=1e-5)
    found.square().sum().backward()
    assert image.grad.abs().sum() > 0
    assert offset.grad.abs().sum() > 0


def test_groups_are_refused():
    with pytest.raises(ValueError, match="one group"):
        deform_conv2d(torch.zeros(1, 4, 5, 5), torch.zeros(1, 18, 5, 5), torch.zeros(2, 2, 3, 3))


def test_half_precision_still_knows_small_offsets():
    torch.manual_seed(0)
    image, weight = torch.rand(1, 4, 32, 32), torch.randn(4, 4, 3, 3)
    offset = torch.full((1, 18, 32, 32), 0.02)
    exact = deform_conv2d(image, offset, weight, padding=1)
    still = deform_conv2d(image, torch.zeros_like(offset), weight, padding=1)
    found = deform_conv2d(*(t.bfloat16() for t in (image, offset, weight)), padding=1)
    assert found.dtype == torch.bfloat16
    # Far on the page a sixteenth of a cell is the step between numbers in bfloat16.
    far = (..., slice(16, None), slice(16, None))
    moved = (exact - still)[far]
    assert ((found.float() - still)[far] * moved).mean() > 0.8 * moved.square().mean()
