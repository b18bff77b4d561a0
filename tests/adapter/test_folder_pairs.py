"""Answers that lie beside something else in one picture, as zi2zi and pix2pix save them."""

import numpy as np
import pytest
from PIL import Image

from hangeul_bench.adapter.folder import Folder
from hangeul_bench.adapter.registry import load_model
from hangeul_bench.base.errors import UserError
from support.fake_dataset import FakeDataset


@pytest.fixture
def dataset():
    return FakeDataset()


def write_glyphs(root, dataset, convert=lambda image: image):
    (root / "slab").mkdir(exist_ok=True)
    for syllable, page in zip("가나", dataset.images("slab", "가나"), strict=True):
        convert(Image.fromarray(page)).save(root / "slab" / f"{syllable}.png")


def test_one_half_of_a_pair_is_taken_where_it_is_named(tmp_path, dataset):
    def pair(image):
        page = Image.new("RGB", (256, 128), "white")
        page.paste(image, (0, 0))
        page.paste(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (128, 0))
        return page

    write_glyphs(tmp_path, dataset, pair)
    drawn = dataset.images("slab", "가나")
    for half, expected in (("left", drawn), ("right", drawn[:, :, ::-1])):
        options = {"resize": True, "half": half}
        model = load_model(f"dir:{tmp_path}", dataset=dataset, options=options)
        assert np.array_equal(model.look_up("slab", ("가", "나"))[0], expected)
        assert model.details["half"] == half
    with pytest.raises(UserError, match="square picture at"):
        Folder(folder=str(tmp_path), dataset=dataset, resize=True)
    with pytest.raises(UserError, match="half=left or half=right, but found 'top'"):
        Folder(folder=str(tmp_path), dataset=dataset, half="top")
    write_glyphs(tmp_path, dataset)
    with pytest.raises(UserError, match="two squares side by side at .*found 128 x 128"):
        Folder(folder=str(tmp_path), dataset=dataset, resize=True, half="left")
