"""Photographs of phones: read where pillow-heif is there, named where it is not."""

import io
import sys

import numpy as np
import pytest
from PIL import Image

from hangeul_bench.base import pictures
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.pictures import decode_picture, read_picture


@pytest.fixture
def photograph(tmp_path):
    """A black square on white, upper left."""
    pillow_heif = pytest.importorskip("pillow_heif")
    page = np.full((256, 320, 3), 255, np.uint8)
    page[32:96, 32:96] = 0
    buffer = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(page)).save(buffer, quality=90)
    path = tmp_path / "한.heic"
    path.write_bytes(buffer.getvalue())
    return path


@pytest.fixture
def without_reader(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    pictures._reads_heic.cache_clear()
    yield
    pictures._reads_heic.cache_clear()


def test_a_heic_photograph_is_read(photograph):
    picture = read_picture(photograph)
    assert picture.grey.shape == (256, 320)
    assert picture.grey[40:90, 40:90].max() < 40 < 215 < picture.grey[110:, 110:].min()


def test_without_its_reader_the_error_says_what_to_do(without_reader, tmp_path):
    data = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
    with pytest.raises(
        UserError, match=r"한\.heic is HEIC.*JPEG or PNG.*hangeul-bench\[heic\]"
    ) as e:
        decode_picture(data, tmp_path / "한.heic")
    assert e.value.reason == "heic"


def test_a_broken_one_is_one_sentence(photograph):
    data = photograph.read_bytes()
    for cut in (24, len(data) // 2, len(data) - 9):
        with pytest.raises(UserError, match="heic"):
            decode_picture(data[:cut], photograph)


def test_its_size_is_bounded(photograph, monkeypatch):
    monkeypatch.setattr(pictures, "MAX_PIXELS", 1000)
    with pytest.raises(UserError, match="320 x 256"):
        read_picture(photograph)


def test_other_files_of_its_family_are_no_picture(tmp_path):
    with pytest.raises(UserError, match="is none"):
        decode_picture(b"\0\0\0\x18ftypisom\0\0\0\0isommp41", tmp_path / "a.mp4")
