"""How fast the metrics are beside torchmetrics' SSIM on the same pairs, and what memory they need.

    python benchmarks/metric_speed.py [--pairs 512] [--threads 1]

Times are taken in turns within one run, so that other work on the machine weighs on all of them;
only the ratios mean something elsewhere.
"""

import argparse
import resource
import time
from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor

from hangeul_bench.metrics import L1, RMSE, SSIM, GeometryError, InkIoU, SSIMAligned, StyleDistance

_BATCH = 64


def main() -> None:
    """Print pairs a second, ratios and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    pred, target = make_pages(options.pairs, seed=1), make_pages(options.pairs, seed=2)
    rates = measure(contenders(), pred, target, rounds=options.rounds)
    base = rates["torchmetrics SSIM"]
    for name, rate in rates.items():
        print(f"{name:28} {rate:8,.0f} pairs/s {rate / base:7.1f} x")
    print_memory()


def contenders() -> dict[str, Callable[[Tensor, Tensor], object]]:
    """Name -> a call that scores one batch of pairs."""
    from torchmetrics.functional.image import structural_similarity_index_measure

    def torchmetrics_ssim(pred: Tensor, target: Tensor) -> Tensor:
        a, b = (x[:, None].float() / 255 for x in (pred, target))
        return structural_similarity_index_measure(a, b, data_range=1.0)

    ssim, rmse = SSIM(), RMSE()
    geometry, style = GeometryError(), StyleDistance()
    return {
        "torchmetrics SSIM": torchmetrics_ssim,
        "SSIM + RMSE": lambda p, t: (ssim.scores(p, t), rmse.scores(p, t)),
        "SSIM": ssim.scores,
        "RMSE": rmse.scores,
        "L1": L1().scores,
        "ink IoU": InkIoU().scores,
        "SSIM aligned": SSIMAligned().scores,
        "geometry error, both sides": lambda p, t: (geometry.features(p), geometry.features(t)),
        "style distance, both sides": lambda p, t: (style.features(p), style.features(t)),
    }


def measure(
    calls: dict[str, Callable[[Tensor, Tensor], object]],
    pred: Tensor,
    target: Tensor,
    *,
    rounds: int,
) -> dict[str, float]:
    """Pairs a second of each call: the best of the rounds, in which all take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds + 1):  # the first round warms up
        for name, call in calls.items():
            start = time.perf_counter()
            for batch in batches(pred, target):
                call(*batch)
            seconds[name].append(time.perf_counter() - start)
    return {name: len(pred) / min(each[1:]) for name, each in seconds.items()}


def print_memory() -> None:
    """Peak memory after few and after many glyphs: it must not grow."""
    ssim, rmse = SSIM(), RMSE()
    pred, target = make_pages(_BATCH, seed=1), make_pages(_BATCH, seed=2)
    for n in (512, 4096, 16384):
        for _ in range(n // _BATCH):
            ssim.update(pred, target)
            rmse.update(pred, target)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory after {n:6,} more pairs of SSIM + RMSE: {peak:7.0f} MB")


def batches(pred: Tensor, target: Tensor) -> Iterator[Iterable[Tensor]]:
    """Both in batches of 64."""
    return zip(pred.split(_BATCH), target.split(_BATCH), strict=True)


def make_pages(n: int, *, seed: int) -> Tensor:
    """(n, 128, 128) uint8: anti-aliased blots of ink on paper."""
    generator = torch.Generator().manual_seed(seed)
    small = torch.rand(n, 1, 16, 16, generator=generator)
    smooth = torch.nn.functional.interpolate(small, size=128, mode="bicubic")[:, 0]
    ink = ((smooth - 0.6) * 8 + 0.5).clamp(0, 1)
    return 255 - (ink * 255).round().to(torch.uint8)


if __name__ == "__main__":
    main()
