"""The picture of a photographed sheet and the text in the font made from it."""

from pathlib import Path

import matplotlib
import numpy as np
from click.testing import CliRunner
from PIL import Image

from experiments.font_picture import main, picture
from hangeul_bench.base.errors import UserError

FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


def test_the_photograph_stands_left_and_the_text_right():
    page = np.asarray(picture(Image.new("RGB", (300, 400), (90, 60, 40)), FONT))
    assert page.shape == (800, 1500, 3)
    assert (page[20:780, 20:590] == (90, 60, 40)).all()
    assert (page[:, 600:640] > 245).all()
    assert (page[:, 650:].max(2) < 60).mean() > 0.01


def test_a_writer_that_is_not_fetched_is_named(tmp_path):
    done = CliRunner().invoke(main, ["--data", str(tmp_path), "--fonts", str(tmp_path)])
    assert isinstance(done.exception, UserError)
    assert "gamja-flower-regular" in str(done.exception)
