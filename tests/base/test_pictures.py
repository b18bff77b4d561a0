"""One reader for every picture: deep greys keep their levels, and no file holds it up."""

import io
import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from hangeul_bench.base import pictures
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.pictures import decode_picture, read_header, read_picture

RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width=16, height=16, *, bits=8, colour=0, before=b"", after=b"", rows=None) -> bytes:
    """A PNG by hand: what no library would write."""
    if rows is None:
        rows = b"".join(b"\0" + row.tobytes() for row in RAMP)
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(rows))
    return b"".join(
        (b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", head), before, body, after, chunk(b"IEND", b""))
    )


def saved(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def grey_of(data: bytes) -> np.ndarray:
    return decode_picture(data, "x.png").grey


def test_sixteen_bit_greys_keep_every_level():
    deep = Image.fromarray(RAMP.astype(np.uint16) * 257)
    for kind in ("PNG", "TIFF"):
        assert np.array_equal(grey_of(saved(deep, kind)), RAMP), kind
    pgm = b"P5 16 16 65535\n" + (RAMP.astype(">u2") * 257).tobytes()
    assert np.abs(grey_of(pgm) - RAMP).max() <= 1


def test_a_transparent_level_of_sixteen_bits_is_no_ink():
    rows = b"".join(b"\0" + (row.astype(">u2") * 257).tobytes() for row in RAMP)
    data = png(bits=16, before=chunk(b"tRNS", struct.pack(">H", 7 * 257)), rows=rows)
    grey = grey_of(data)
    assert grey[0, 7] == 255
    assert np.array_equal(np.delete(grey.ravel(), 7), np.delete(RAMP.ravel(), 7))


@pytest.mark.parametrize("factor", [1, 1 / 255])
def test_floats_of_one_or_of_255_are_taken_as_they_are(factor):
    data = saved(Image.fromarray(RAMP.astype(np.float32) * np.float32(factor)), "TIFF")
    assert np.abs(grey_of(data) - RAMP).max() < 1e-3
    paper = Image.fromarray(np.full((16, 16), 255 * factor, np.float32))
    assert (grey_of(saved(paper, "TIFF")) == 255).all()


def test_thirty_two_bits_whose_white_is_unknown_are_refused():
    data = saved(Image.fromarray(RAMP.astype(np.int32)), "TIFF")
    with pytest.raises(UserError, match="16 bits a pixel in x.png, but found 32"):
        grey_of(data)


TEXT_BOMB = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80 << 20)))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (png(20_000, 20_000), "megapixels, but x.png claims far more"),
        (png(7_000, 7_000), "megapixels, but x.png has 7000 x 7000"),
        (png(before=TEXT_BOMB), "x.png is broken"),
        (png(after=TEXT_BOMB), "x.png is broken"),
        (png(before=chunk(b"tRNS", b"\0")), "x.png is"),
        (png(colour=3, before=chunk(b"PLTE", bytes(6)) + chunk(b"tRNS", bytes(300))), "x.png is"),
        (png(colour=2, before=chunk(b"tRNS", b"\0\1"), rows=bytes(16 * 49)), "x.png is"),
        (png()[:60], "x.png is broken"),
        (b"nothing", "Expected a picture, but x.png is none"),
        (b"", "Expected a picture, but x.png is none"),
        (b"GIF89a" + bytes(40), "x.png is"),
        (saved(Image.fromarray(RAMP), "TIFF")[:-40], "x.png is"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_a_hostile_picture_ends_in_one_sentence(data, words):
    with pytest.raises(UserError, match=words) as refusal:
        grey_of(data)
    assert "\n" not in str(refusal.value)


def many_pages(count: int) -> bytes:
    """A TIFF whose pages all show the same 16 x 16 pixels."""
    pixels, entry = RAMP.tobytes(), struct.Struct("<HHII")
    tags = [(256, 4, 16), (257, 4, 16), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8)]
    tags += [(277, 3, 1), (278, 4, 16), (279, 4, 256)]
    directory = struct.pack("<H", len(tags))
    directory += b"".join(entry.pack(tag, kind, 1, value) for tag, kind, value in tags)
    first = 8 + len(pixels)
    step = len(directory) + 4
    nexts = [first + step * page for page in range(1, count)] + [0]
    pages = b"".join(directory + struct.pack("<I", place) for place in nexts)
    return b"II*\0" + struct.pack("<I", first) + pixels + pages


def test_only_the_first_page_of_many_is_looked_at(monkeypatch):
    looked_at, seek = [], TiffImagePlugin.TiffImageFile._seek

    def count(self, frame):
        looked_at.append(frame)
        return seek(self, frame)

    monkeypatch.setattr(TiffImagePlugin.TiffImageFile, "_seek", count)
    picture = decode_picture(many_pages(200), "pages.tif")
    assert np.array_equal(picture.grey, RAMP)
    assert picture.notes == ("several pages or frames: the first one is used",)
    assert max(looked_at) <= 1


def test_a_picture_that_takes_too_long_is_left(monkeypatch):
    monkeypatch.setattr(pictures, "MAX_SECONDS", -1.0)
    with pytest.raises(UserError, match="x.png takes longer than"):
        grey_of(png())


def test_a_flood_before_the_pixels_is_left():
    with pytest.raises(UserError, match="x.png holds over 16 MB before its pixels"):
        grey_of(png(before=chunk(b"abCd", bytes(900_000)) * 20))


def test_a_file_of_too_many_bytes_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "MAX_BYTES", 1 << 20)
    path = tmp_path / "long.png"
    path.write_bytes(png() + bytes(1 << 20))
    with pytest.raises(UserError, match="at most 1 MB, but .*long.png has more"):
        read_picture(path)


def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "device.png").symlink_to("/dev/zero")
    (tmp_path / "folder.png").mkdir()
    for name in ("pipe.png", "device.png", "folder.png"):
        with pytest.raises(UserError, match=f"{name}, but it is no regular file"):
            read_picture(tmp_path / name)


def test_a_header_tells_size_and_mode_of_a_picture_that_is_cut_short():
    header = read_header(png(bits=16)[:60], "x.png")
    assert (header.width, header.height, header.mode) == (16, 16, "I;16")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_noted_turn_is_undone(orientation):
    wide = Image.fromarray(RAMP[:8].repeat(8, 0).repeat(8, 1))
    exif = Image.Exif()
    exif[0x0112] = orientation
    expected = grey_of(saved(wide))
    stored = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the transposition that undoes the turn
    if orientation > 1:
        wide = wide.transpose(Image.Transpose(stored[orientation]))
    for kind in ("PNG", "TIFF"):
        assert np.array_equal(grey_of(saved(wide, kind, exif=exif)), expected), kind


def test_large_pictures_become_small_before_anything_is_done_with_them():
    large = Image.new("RGBA", (5000, 2500), (0, 0, 0, 0))
    large.paste((0, 0, 0, 255), (0, 0, 2500, 2500))
    picture = decode_picture(saved(large, compress_level=1), "x.png")
    assert picture.grey.shape == (1024, 2048)
    assert (picture.grey[:, :1000] == 0).all()
    assert (picture.grey[:, 1050:] == 255).all()
    assert "made smaller: 5000 x 2500 to 2048 x 1024 pixels" in picture.notes


def test_a_red_light_sees_black_and_blue_ink_but_no_red_print(tmp_path):
    picture = Image.new("RGB", (40, 40), (255, 255, 255))
    for left, colour in ((0, (255, 200, 200)), (10, (20, 20, 20)), (20, (30, 40, 160))):
        picture.paste(colour, (left, 0, left + 10, 40))
    picture.save(tmp_path / "a.png")
    row = read_picture(tmp_path / "a.png", light="red").grey[20]
    assert [row[5], row[15], row[25], row[35]] == [255, 20, 30, 255]
    assert read_picture(tmp_path / "a.png").grey[20, 5] < 230
    picture.putalpha(255)
    picture.save(tmp_path / "b.png")
    assert read_picture(tmp_path / "b.png", light="red").grey[20, 5] == 255
