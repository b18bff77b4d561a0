"""Damaged pictures: given as a reference, or as a glyph of a folder that ``dir:`` scores."""

import random
import shutil
import struct
import zlib
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from fontmaker.reference import load_reference
from fuzz.damage import damage_bytes
from hangeul_bench.adapter.folder import Folder
from support.fake_dataset import FakeDataset

_SUFFIXES = (".png", ".png", ".jpg", ".tif", ".gif", ".webp", ".bmp")
_PNG = b"\x89PNG\r\n\x1a\n"
_SIDES = (0, 1, 127, 129, 20_000, 65_535, 0x7FFFFFFF, 0xFFFFFFFF)


def make(folder: Path, seed: str) -> Callable[[int], None]:
    """The cases of one process."""
    seeds, dataset = seed_pictures(), FakeDataset()
    asked = dataset.splits.lite_characters[:3]
    root = folder / "glyphs"

    def run(number: int) -> None:
        chance = random.Random(f"pictures {seed} {number}")
        data = damage_picture(chance.choice(seeds), chance)
        try:
            if chance.random() < 0.5:
                path = folder / f"reference{chance.choice(_SUFFIXES)}"
                path.write_bytes(data)
                load_reference(path, "한")
            else:
                path = root / "brush" / f"U+{ord(asked[0]):04X}.png"
                path.parent.mkdir(parents=True)
                path.write_bytes(data)
                model = Folder(folder=str(root), dataset=dataset, resize=chance.random() < 0.7)
                pages, _ = model.look_up("brush", asked)
                assert pages.shape == (3, 128, 128) and pages.dtype == np.uint8
        finally:
            shutil.rmtree(root, ignore_errors=True)

    return run


@cache
def seed_pictures() -> tuple[bytes, ...]:
    """One glyph in every mode and format that Pillow writes."""
    page = np.full((128, 128), 255, np.uint8)
    page[30:100, 30:40] = page[60:70, 30:100] = 0
    grey = Image.fromarray(page)
    wide = Image.fromarray(page.astype(np.uint16) * 257)
    pictures = [_saved(grey.convert(mode), "PNG") for mode in ("L", "1", "P", "LA", "RGB", "RGBA")]
    pictures += [_saved(wide, "PNG"), _saved(grey.resize((300, 200)), "PNG")]
    pictures += [
        _saved(grey.convert("RGB"), form) for form in ("JPEG", "BMP", "WEBP", "PPM", "TGA")
    ]
    pictures += [_saved(grey, form) for form in ("GIF", "TIFF", "ICO", "JPEG2000")]
    pictures.append(_saved(grey, "TIFF", compression="tiff_lzw"))
    frames = [grey.rotate(angle) for angle in range(5)]
    for form in ("GIF", "TIFF", "WEBP", "PNG"):
        pictures.append(_saved(grey, form, save_all=True, append_images=frames))
    return tuple(pictures)


def _saved(image: Image.Image, form: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def damage_picture(data: bytes, chance: random.Random) -> bytes:
    """One to three wounds; those of a PNG keep its checksums, so that they reach the decoder."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        if data.startswith(_PNG) and chance.random() < 0.7:
            data = _damage_chunks(data, chance)
        else:
            data = damage_bytes(data, chance)
    return data


def _damage_chunks(data: bytes, chance: random.Random) -> bytes:
    chunks = _chunks(data)
    if not chunks:
        return damage_bytes(data, chance)
    place = chance.randrange(len(chunks))
    name, body = chunks[place]
    match chance.randrange(7):
        case 0 if len(chunks[0][1]) == 13:  # width, height
            side = 4 * chance.randrange(2)
            value = struct.pack(">I", chance.choice(_SIDES))
            chunks[0] = (chunks[0][0], chunks[0][1][:side] + value + chunks[0][1][side + 4 :])
        case 1 if len(chunks[0][1]) == 13:  # depth, colour type, method, filter, interlace
            byte = 8 + chance.randrange(5)
            value = bytes([chance.choice((0, 1, 2, 3, 4, 6, 8, 16, 255))])
            chunks[0] = (chunks[0][0], chunks[0][1][:byte] + value + chunks[0][1][byte + 1 :])
        case 2:
            new = chance.choice((b"tRNS", b"PLTE", b"gAMA", b"acTL", b"fcTL", b"eXIf", b"IEND"))
            chunks.insert(place, (new, chance.randbytes(chance.choice((0, 1, 6)))))
        case 3:  # a text that unpacks to 100 MB
            bomb = b"a\0\0" + zlib.compress(bytes(100_000_000 if chance.random() < 0.1 else 10**6))
            chunks.insert(1, (chance.choice((b"zTXt", b"iCCP")), bomb))
        case 4:
            del chunks[place]
        case 5:
            chunks[place] = (name, damage_bytes(body, chance))
        case _:
            chunks[place] = (name, zlib.compress(damage_bytes(_unpacked(body), chance)))
    return _PNG + b"".join(_chunk(name, body) for name, body in chunks)


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found, place = [], 8
    while place + 12 <= len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        found.append((data[place + 4 : place + 8], data[place + 8 : place + 8 + length]))
        place += 12 + length
    return found


def _chunk(name: bytes, body: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + body))
    return struct.pack(">I", len(body)) + name + body + checksum


def _unpacked(body: bytes) -> bytes:
    try:
        return zlib.decompress(body)
    except zlib.error:
        return body
