import io

import numpy as np
import pytest
from PIL import Image

from hangeul_bench.png import blank_rows, decode, encode, encode_rows, pixel_checksum


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    pages = np.full((6, 32, 32), 255, dtype=np.uint8)
    pages[1:, 8:20, 8:20] = rng.integers(0, 256, (5, 12, 12))
    pages[5] = 0
    return pages


def pillow_png(image, **options):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG", **options)
    return file.getvalue()


def test_pillow_reads_what_we_write(images):
    for image, png in zip(images, encode(images), strict=True):
        opened = Image.open(io.BytesIO(png))
        opened.verify()
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(png))), image)
        assert opened.mode == "L"


def test_we_read_what_we_write(images):
    assert np.array_equal(decode(encode(images), 32), images)


def test_we_read_what_pillow_writes(images):
    pngs = [pillow_png(image) for image in images] + [pillow_png(images[1], optimize=True)]
    assert np.array_equal(decode(pngs, 32), np.concatenate([images, images[1:2]]))


def test_rows_with_filter_bytes_need_no_copy(images):
    rows = blank_rows(len(images), 32)
    rows[:, :, 1:] = images
    assert list(encode_rows(rows)) == encode(images)


def test_checksum_is_that_of_the_pixels(images):
    first, second, *_ = encode(images)
    assert pixel_checksum(first) != pixel_checksum(second)
    assert pixel_checksum(encode(images[:1])[0]) == pixel_checksum(first)


def test_another_size_is_refused(images):
    with pytest.raises(ValueError, match=r"expected 64 x 64 pixels, found \(32, 32\)"):
        decode(encode(images), 64)


def test_a_flipped_bit_is_found(images):
    png = bytearray(encode(images)[1])
    png[60] ^= 1
    with pytest.raises(ValueError, match="broken PNG"):
        decode([bytes(png)], 32)


@pytest.mark.parametrize("length", [0, 10, 40, 100])
def test_a_cut_file_is_found(images, length):
    with pytest.raises(ValueError, match="broken PNG"):
        decode([encode(images)[1][:length]], 32)
