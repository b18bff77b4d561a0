"""The README's picture of truth and models."""

import shutil

import numpy as np
import pytest
from click.testing import CliRunner

from hangeul_bench.base.errors import UserError
from hangeul_bench.cli import cli
from support.report_results import make_result


def test_picture_shows_the_truth_and_every_model_of_each_font(three, tmp_path, dataset):
    from PIL import Image

    from hangeul_bench.results.picture import write_comparison

    write_comparison(three, dataset, tmp_path / "all.png", fonts=1)
    write_comparison(three[1:], dataset, tmp_path / "two.png", fonts=1)
    write_comparison(three, dataset, tmp_path / "more.png", fonts=2)
    all_three, two, more = (
        Image.open(tmp_path / name) for name in ("all.png", "two.png", "more.png")
    )
    assert all_three.width == two.width == more.width
    assert all_three.height - two.height == 2 * 72  # a row less in each of two fonts
    assert more.height > all_three.height
    assert np.asarray(all_three.convert("L")).min() < 60  # glyphs stand on it


def test_picture_without_predictions_is_refused(tmp_path, dataset):
    from hangeul_bench.results.picture import write_comparison

    path = make_result(tmp_path, dataset, jer=0.2)
    shutil.rmtree(tmp_path / path.stem.removesuffix("-lite"))
    with pytest.raises(UserError, match="Expected predictions"):
        write_comparison([path], dataset, tmp_path / "x.png")


def test_command_asks_for_a_dataset_and_a_png_for_the_picture(three, tmp_path):
    call = ["report", str(three[0]), "--out", str(tmp_path / "r.html"), "--picture"]
    answer = CliRunner().invoke(cli, [*call, str(tmp_path / "x.png"), "--no-images"])
    assert answer.exit_code == 2
    assert "Expected a dataset for --picture" in answer.output
