"""What holds for every metric: its names, its errors, its sums, its independence of order."""

import multiprocessing
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from metric_glyphs import TableReader, blank, pages

from hangeul_bench import metrics
from hangeul_bench.errors import UserError
from hangeul_bench.metrics import METRICS, higher_is_better, load_metric

READER = TableReader({255: (0, 0, 0)})
WEIGHTLESS = ("ssim", "rmse", "l1", "ink_iou", "ssim_aligned", "style_error")
BY_READER = ("jer", "glyph_lpips", "glyph_fid")
ALL_HERE = (*WEIGHTLESS, *BY_READER)
PER_GLYPH = tuple(n for n in ALL_HERE if n not in ("style_error", "jer", "glyph_fid"))


def _update(metric: Any, pred: torch.Tensor, target: torch.Tensor) -> None:
    if metric.name == "jer":
        metric.update(pred, target, syllables="가각" * (len(pred) // 2) + "나" * (len(pred) % 2))
    else:
        metric.update(pred, target)


def _value(metric: Any) -> float:
    value = metric.compute()
    return float(value["jer"] if isinstance(value, dict) else value)


def test_the_columns_are_the_pinned_ones() -> None:
    assert list(METRICS) == [
        *("jer", "jer_initial", "jer_medial", "jer_final", "syllable_error", "shuffle_rate"),
        *("ssim", "rmse", "lpips", "fid", "ssim_aligned", "l1", "ink_iou"),
        *("style_error", "glyph_lpips", "glyph_fid"),
    ]


@pytest.mark.parametrize("name", ALL_HERE)
def test_a_metric_says_what_it_is(name: str) -> None:
    metric = load_metric(name, reader=READER)
    assert metric.name == name
    assert metric.higher_is_better == higher_is_better(name)
    assert metric.signature().startswith(f"{name}[v1|")
    assert metric.needs == ("reader" if name in BY_READER else None)
    assert metric.unit_range[0] < metric.unit_range[1]
    assert metric.per_glyph == (name not in ("style_error", "glyph_fid"))


def test_an_unknown_metric_is_named_with_the_known_ones() -> None:
    with pytest.raises(UserError, match="Expected a metric among jer, .*, but found 'psnr'"):
        load_metric("psnr")
    with pytest.raises(AttributeError):
        metrics.PSNR  # noqa: B018


def test_listing_metrics_imports_no_torch() -> None:
    code = "import sys, hangeul_bench.metrics as m; m.higher_is_better('ssim'); "
    code += "assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", PER_GLYPH)
def test_scores_do_not_depend_on_batch_size_or_order(name: str) -> None:
    metric = load_metric(name, reader=READER)
    pred, target = pages(19, seed=1), pages(19)
    whole = metric.scores(pred, target)
    parts = [metric.scores(pred[i : i + 7], target[i : i + 7]) for i in range(0, 19, 7)]
    assert whole.shape == (19,) and whole.dtype == torch.float64
    assert torch.equal(whole, torch.cat(parts))
    assert torch.equal(whole.flip(0), metric.scores(pred.flip(0), target.flip(0)))


@pytest.mark.parametrize("name", ["style_error", "glyph_fid"])
def test_features_do_not_depend_on_batch_size(name: str) -> None:
    metric = load_metric(name, reader=READER)
    parts = [metric.features(pages(19)[i : i + 7]) for i in range(0, 19, 7)]
    assert torch.equal(metric.features(pages(19)), torch.cat(parts))


@pytest.mark.parametrize("name", ALL_HERE)
def test_sums_of_parts_merge_to_the_whole(name: str) -> None:
    pred, target = pages(12, seed=1), pages(12)
    whole, first, second = (load_metric(name, reader=READER) for _ in range(3))
    _update(whole, pred, target)
    _update(first, pred[:4], target[:4])
    _update(second, pred[4:], target[4:])
    first.merge_state(second)
    assert _value(first) == pytest.approx(_value(whole), rel=1e-9)


@pytest.mark.parametrize("name", PER_GLYPH)
def test_the_value_is_the_mean_of_the_scores(name: str) -> None:
    metric = load_metric(name, reader=READER)
    pred, target = pages(6, seed=1), pages(6)
    metric.update(pred[:1], target[:1])
    metric.update(pred[1:], target[1:])
    assert _value(metric) == pytest.approx(float(metric.scores(pred, target).mean()), rel=1e-12)
    assert len(metric.scores(pred[:0], target[:0])) == 0


@pytest.mark.filterwarnings("ignore:The ``compute`` method")
@pytest.mark.parametrize("name", ALL_HERE)
def test_no_glyph_has_no_value(name: str) -> None:
    with pytest.raises(UserError, match=f"Expected glyphs for {name}, but got none"):
        load_metric(name, reader=READER).compute()


@pytest.mark.parametrize(
    ("pred", "message"),
    [
        (pages(2).numpy(), r"as \(N, H, W\) uint8 tensor.* but got ndarray"),
        (pages(2).float() / 255, r"but got float32; multiply \[0, 1\] by 255 and round"),
        (torch.full((2, 128, 128), torch.nan), "but got float32 with NaN"),
        (pages(2).long(), "but got int64"),
        (pages(2)[:, None], r"but got shape \(2, 1, 128, 128\)"),
        (pages(3), r"of one shape, but got \(3, 128, 128\) and \(2, 128, 128\)"),
        (pages(2, size=64), r"of one shape, but got \(2, 64, 64\) and \(2, 128, 128\)"),
    ],
)
def test_unusable_images_are_refused(pred: Any, message: str) -> None:
    with pytest.raises(UserError, match=f"Expected pred .*{message}"):
        load_metric("ssim").scores(pred, blank(2))


@pytest.mark.parametrize("name", ALL_HERE)
def test_every_metric_refuses_floats(name: str) -> None:
    with pytest.raises(UserError, match="uint8 tensor, 0 = ink, 255 = paper, but got float32"):
        _update(load_metric(name, reader=READER), blank(2).float(), blank(2))


def _one_of_two(rank: int, meeting: Path, answers: Any) -> None:
    # Forked with everything imported; threads of the parent do not survive a fork.
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{meeting}", rank=rank, world_size=2
    )
    share = slice(None, 3) if rank == 0 else slice(3, None)
    values = []
    for name in ("ssim", "style_error", "jer"):
        metric = load_metric(name, reader=READER)
        _update(metric, pages(8, seed=1)[share], pages(8)[share])
        values.append(_value(metric))
    answers.put(values)
    torch.distributed.destroy_process_group()


def test_two_processes_reach_the_answer_of_one(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    ranks = [
        context.Process(target=_one_of_two, args=(rank, tmp_path / "meeting", answers), daemon=True)
        for rank in range(2)
    ]
    for rank in ranks:
        rank.start()
    expected = []
    for name in ("ssim", "style_error", "jer"):
        metric = load_metric(name, reader=READER)
        _update(metric, pages(8, seed=1)[:3], pages(8)[:3])
        _update(metric, pages(8, seed=1)[3:], pages(8)[3:])
        expected.append(pytest.approx(_value(metric), rel=1e-9))
    assert [answers.get(timeout=120) for _ in ranks] == [expected, expected]
    for rank in ranks:
        rank.join(timeout=30)
