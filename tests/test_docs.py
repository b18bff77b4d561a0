"""What docs/ says of formats, metrics and packages is what the code has; its examples run."""

import csv
import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from docs.tables import filled, tables
from experiments.stand_ins import in_order
from hangeul_bench.dataset import format as fmt
from hangeul_bench.dataset import tables as dataset_tables
from hangeul_bench.dataset.shards import SCHEMA
from hangeul_bench.dataset.splits.lists import LISTS
from hangeul_bench.metrics.columns import COLUMNS
from hangeul_bench.metrics.conventions import CONVENTIONS
from hangeul_bench.metrics.conventions.table import VARIANTS
from hangeul_bench.results import tables as boards

DOCS = Path(__file__).parents[1] / "docs"
TEXT = {path.name: path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md"))}


def named(page):
    return set(re.findall(r"`([^`\n]+)`", TEXT[page]))


@pytest.mark.parametrize("page", TEXT)
def test_every_example_runs(page):
    blocks = re.findall(r"```python\n(.*?)```", TEXT[page], flags=re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, page, "exec"), {})


def test_every_field_of_every_format_is_described():
    result = DOCS.parent / "hangeul_bench" / "results" / "result.schema.json"
    schema = json.loads(result.read_text(encoding="utf-8"))
    state = fmt._DATASET_SCHEMA.definition
    expected = {
        *(field.name for field in fields(dataset_tables.Font)),
        *dataset_tables._CHARACTER_COLUMNS,
        *dataset_tables._MISSING_COLUMNS,
        *SCHEMA.names,
        *LISTS,
        *schema["properties"],
        *state["properties"],
        *boards._KEYS,
        *boards._PROVENANCE,
    }
    assert expected - named("formats.md") == set()
    assert f"format {fmt.FORMAT})" in TEXT["formats.md"]
    assert schema["title"].endswith(re.search(r"Result \((schema \d+)\)", TEXT["formats.md"])[1])


@pytest.mark.parametrize("page", tables())
def test_a_table_that_the_code_decides_is_what_it_says(page):
    lines = tables()[page]
    assert len(lines) > 6 and "\n".join(lines) in TEXT[page], "stale: make boards"
    assert filled(TEXT[page].replace(lines[-1] + "\n", ""), lines) == TEXT[page]


def test_every_metric_has_its_row_and_direction():
    rows = re.findall(r"^\| `(\w+)` \| (higher|lower) \|", TEXT["metrics.md"], flags=re.MULTILINE)
    better = [(c.name, "higher" if c.higher_is_better else "lower") for c in COLUMNS]
    assert rows == better


def test_the_table_of_conventions_is_the_committed_one():
    path = DOCS.parent / "leaderboards" / "conventions.csv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert {r["definition"] for r in rows} == {v.definition for v in VARIANTS}
    whole = [row for row in rows if row["category"] == "all"]
    values = {(r["convention"], r["metric"]): r["value"] for r in whole}
    about = {r["convention"]: r["definition"] for r in whole if r["metric"] == "ssim"}
    expected = []
    for name in CONVENTIONS:
        numbers = [values.get((name, metric), "") for metric in ("ssim", "rmse")]
        shown = [f"{float(n):.3f}".removeprefix("0") if n else "" for n in numbers]
        expected.append((f"`{name}`", *shown, about[name]))
    row = r"^\| (`[\w-]+`) \| (\.\d+) \| ?(.*?) ?\| (.*) \|$"
    lines = re.findall(row, TEXT["metrics.md"], flags=re.MULTILINE)
    assert lines == expected


def test_the_table_of_stand_ins_is_the_committed_one_and_in_order():
    path = DOCS.parent / "leaderboards" / "stand-ins.csv"
    found: dict[tuple[str, str], dict[str, float]] = {}
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        values = found.setdefault((row["metric"], row["category"]), {})
        values[row["control"]] = float(row["value"])
    shown = ("ground-truth", "shifted-3px", "jamo-swapped", "nearest-font", "content-font")
    for (metric, category), values in found.items():
        assert in_order(values)
        digits = 3 if metric == "st_lpips" else 1
        numbers = [f"{values[name]:.{digits}f}" for name in (*shown, "blurred", "blank")]
        cells = " | ".join(n.removeprefix("0") if digits == 3 else n for n in numbers)
        assert f"| `{metric}`, {category} | {cells} |" in TEXT["metrics.md"]
    assert {metric for metric, _ in found} == {c.name for c in COLUMNS if c.needs == "package"}


def test_the_picture_of_the_packages_is_the_order_of_the_imports():
    from test_imports import ORDER

    picture = re.search(r"```\n(cli .*?)```", TEXT["architecture.md"], flags=re.DOTALL)[1]
    packages = [line.split()[0] for line in picture.splitlines()]
    there = [package for package in ORDER if (DOCS.parent / "hangeul_bench" / package).is_dir()]
    assert packages == there
