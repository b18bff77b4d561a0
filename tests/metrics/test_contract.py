"""What holds for every metric: its names, its errors, its sums, its independence of order."""

import multiprocessing
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from hangeul_bench import metrics
from hangeul_bench.base.errors import UserError
from hangeul_bench.metrics import higher_is_better, load_metric
from hangeul_bench.metrics.base import DistributionMetric, GlyphMetric
from hangeul_bench.metrics.columns import BY_NAME, COLUMNS, RETIRED
from support.metric_glyphs import TableReader, blank, pages

READER = TableReader({255: (0, 0, 0)})
# A class once, where several columns are parts of it; who has a row is held to what follows.
FIRST = tuple({column.target: column for column in reversed(COLUMNS)}.values())[::-1]
WEIGHTLESS = tuple(column.name for column in FIRST if column.needs == "nothing")
BY_READER = tuple(column.name for column in FIRST if column.needs == "reader")
ALL_HERE = (*WEIGHTLESS, *BY_READER)
OVER_FONTS = tuple(n for n in ALL_HERE if BY_NAME[n].scope != "glyph")
PER_GLYPH = tuple(n for n in ALL_HERE if n not in (*OVER_FONTS, "jer"))


def _update(metric: Any, pred: torch.Tensor, target: torch.Tensor, asked: str = "") -> None:
    if metric.name == "jer":
        asked = asked or "가각" * (len(pred) // 2) + "나" * (len(pred) % 2)
        metric.update(pred, target, syllables=asked)
    else:
        metric.update(pred, target)


def _value(metric: Any) -> float:
    value = metric.compute()
    return float(value[metric.name] if isinstance(value, dict) else value)


@pytest.mark.parametrize("name", ALL_HERE)
def test_a_metric_says_what_it_is(name: str) -> None:
    metric = load_metric(name, reader=READER)
    assert metric.name == name
    assert metric.higher_is_better == higher_is_better(name)
    assert re.match(rf"{name}\[v\d\|", metric.signature())
    column = BY_NAME[name]
    assert metric.unit_range[0] == column.low
    assert metric.unit_range[1] in (column.high, float("inf"))
    assert column.high <= 1e6 and column.problem(column.low) is None
    assert isinstance(metric, DistributionMetric if name in OVER_FONTS else GlyphMetric)


def test_every_class_is_a_name_of_the_face() -> None:
    assert len(FIRST) == len({column.target for column in COLUMNS})
    for column in FIRST:
        name = column.target.partition(":")[2]
        assert name in metrics.__all__ and getattr(metrics, name).name == column.name


def test_a_column_says_how_it_is_shown_and_of_what_it_is_a_number() -> None:
    for column in BY_NAME.values():
        assert column.label and column.meaning


def test_an_unknown_metric_is_named_with_the_known_ones() -> None:
    with pytest.raises(UserError, match="Expected a metric among .*jer, .*, but found 'psnr'"):
        load_metric("psnr")
    with pytest.raises(AttributeError):
        metrics.PSNR  # noqa: B018


def test_the_former_style_error_is_named_with_what_stands_in_its_place() -> None:
    with pytest.raises(UserError, match="style_error is no more; .*geometry_error.*style_distance"):
        load_metric("style_error")
    assert not RETIRED.keys() & BY_NAME.keys()


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


@pytest.mark.parametrize("name", OVER_FONTS)
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


def test_in_a_collection_each_metric_keeps_its_own_value() -> None:
    members = [load_metric(name, reader=READER) for name in ALL_HERE]
    # Our metrics mend a broken torchvision, which torchmetrics needs; so this import comes second.
    from torchmetrics import MetricCollection

    # A collection merges metrics whose states are equal after the first batch, as after perfect
    # glyphs.
    together = MetricCollection(members)
    alone = {name: load_metric(name, reader=READER) for name in ALL_HERE}
    for pred in (pages(4), pages(4, seed=1)):
        together.update(pred, pages(4), syllables="가각나다")
        for metric in alone.values():
            _update(metric, pred, pages(4), "가각나다")
    values = together.compute()
    for name, metric in alone.items():
        key = name if isinstance(metric.compute(), dict) else type(metric).__name__
        assert float(values[key]) == pytest.approx(_value(metric), rel=1e-12), name
    # The parts of the jamo error rate and of the style distance.
    assert len({*values}) == len(ALL_HERE) + 5 + 4


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
        (pages(2)[:, None], r"but got shape \(2, 1, 128, 128\); take .* images\[:, 0\]"),
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


@pytest.mark.parametrize("name", ALL_HERE)
def test_every_metric_refuses_a_channel(name: str) -> None:
    with pytest.raises(UserError, match=r"shape \(2, 1, 128, 128\); take the grey channel"):
        _update(load_metric(name, reader=READER), blank(2)[:, None], blank(2)[:, None])


def _one_of_two(rank: int, meeting: Path, answers: Any) -> None:
    # Forked with everything imported; threads of the parent do not survive a fork.
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{meeting}", rank=rank, world_size=2
    )
    share = slice(None, 3) if rank == 0 else slice(3, None)
    values = []
    for name in ("ssim", "geometry_error", "style_distance", "jer"):
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
    for name in ("ssim", "geometry_error", "style_distance", "jer"):
        metric = load_metric(name, reader=READER)
        _update(metric, pages(8, seed=1)[:3], pages(8)[:3])
        _update(metric, pages(8, seed=1)[3:], pages(8)[3:])
        expected.append(pytest.approx(_value(metric), rel=1e-9))
    assert [answers.get(timeout=120) for _ in ranks] == [expected, expected]
    for rank in ranks:
        rank.join(timeout=30)
