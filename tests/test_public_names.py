"""`import hangeul_bench` is enough for the common calls, in whatever order modules are imported."""

import subprocess
import sys
from pathlib import Path

import pytest

import hangeul_bench
from hangeul_bench.adapter.registry import load_model
from hangeul_bench.base.errors import UserError
from hangeul_bench.builder.run import BuildOptions, build
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.metrics import METRICS
from support.small_fonts import write_charset, write_fonts

ROOT = Path(__file__).parents[1]


def in_a_new_process(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_public_names_are_the_packages_own():
    assert hangeul_bench.GlyphDataset is GlyphDataset
    assert hangeul_bench.METRICS is METRICS
    assert hangeul_bench.build_dataset is build
    assert hangeul_bench.load_model is load_model
    for name in hangeul_bench.__all__:
        assert getattr(hangeul_bench, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="hangeul_bench.*no attribute 'build'"):
        hangeul_bench.build  # noqa: B018


@pytest.mark.parametrize(
    "first",
    [
        "",
        "import hangeul_bench.evaluate",
        "from hangeul_bench.evaluate.run import evaluate",
        "import hangeul_bench; hangeul_bench.evaluate",
    ],
)
def test_evaluate_is_called_whatever_was_imported_before(first):
    code = f"""{first}
from hangeul_bench import evaluate
from hangeul_bench.base.errors import UserError
from hangeul_bench.evaluate import Settings
try:
    evaluate([], None, None, Settings(limit=1))
except UserError as error:
    print(error)
"""
    assert "at least one model" in in_a_new_process(code)


def test_public_names_load_no_torch():
    code = f"import sys\nfrom hangeul_bench import {', '.join(hangeul_bench.__all__)}\n"
    assert in_a_new_process(code + "print('torch' in sys.modules)").strip() == "False"


def test_a_dataset_is_built_by_its_public_name(tmp_path):
    fonts = write_fonts(tmp_path / "fonts")
    options = BuildOptions(charset=write_charset(tmp_path / "characters.txt"))
    report = hangeul_bench.build_dataset(fonts, tmp_path / "dataset", options)
    assert hangeul_bench.GlyphDataset.open(tmp_path / "dataset").fingerprint == report.fingerprint


def test_evaluate_needs_neither_settings_nor_processes(tmp_path):
    with pytest.raises(UserError, match="no-such-model"):
        hangeul_bench.evaluate(["no-such-model"], None, tmp_path)
