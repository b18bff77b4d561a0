import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hangeul_bench.base.images import (
    ENCODER,
    blank_rows,
    decode,
    encode,
    encode_rows,
    pixel_checksum,
)


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    pages = np.full((6, 32, 32), 255, dtype=np.uint8)
    pages[1:, 8:20, 8:20] = rng.integers(0, 256, (5, 12, 12))
    pages[5] = 0
    return pages


def boxes(count=64):
    """(N, 128, 128) uint8 pages with boxes whose right edges are grey, much like glyphs."""
    rng = np.random.default_rng(0)
    pages = np.full((count, 128, 128), 255, dtype=np.uint8)
    for page in pages:
        for x, y, width, height in rng.integers(8, 60, (6, 4)):
            page[y : y + height, x : x + width] = 0
            page[y : y + height, x + width] = rng.integers(0, 256, height)
    return pages


def digest_of_boxes():
    return hashlib.sha256(b"".join(encode(boxes()))).hexdigest()


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


def test_bytes_are_those_of_the_pinned_encoder():
    # From zlib-ng 2.3.3 at level 1. Another encoder needs another name in ENCODER, and this test
    # other bytes: shards hold ENCODER in their key.
    assert ENCODER == "zlib-ng 2.3.3 level 1"
    assert digest_of_boxes() == "1adb94360e57181b86aae52497264efce954f08c7c0734296663a3e4db3e0d0c"


def test_bytes_do_not_depend_on_the_process():
    # ISA-L left other bytes in one of a few fresh processes, and never in a loop inside one. Each
    # process gets memory that was used before, and a stack and hashes of its own.
    program = (
        "import os, sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "junk = [os.urandom(int(sys.argv[1]) * 7919 + n) for n in range(40)]\n"
        "import test_images\n"
        "del junk\n"
        "print(test_images.digest_of_boxes())\n"
    )
    found = set()
    for number in range(1, 9):
        env = {**os.environ, "PYTHONHASHSEED": str(number), "PADDING": "x" * (97 * number)}
        command = [sys.executable, "-c", program, str(number)]
        found.add(subprocess.run(command, env=env, check=True, capture_output=True).stdout)
    assert found == {digest_of_boxes().encode() + b"\n"}
