"""Damaged fonts: built into a dataset, audited, or given as a reference."""

import os
import random
import shutil
import struct
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

from fontmaker.reference import load_reference
from fuzz.damage import damage_bytes
from hangeul_bench.base.errors import UserError
from hangeul_bench.builder.verification import verify
from hangeul_bench.cli import cli
from support.fontmaker import make_font
from support.small_fonts import SYLLABLES, boxes, write_charset

FOLDER = "HANGEUL_FUZZ_FONTS"  # a folder of real fonts; without it, the made ones alone
# Small ones, of every maker's tools: glyf and CFF, hinted and not.
_REAL = ("single-day", "gaegu-light", "un-taza", "galmuri9", "pretendard-bold", "orbit", "gugi")
_WORDS = (0, 1, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF)


def make(folder: Path, seed: str) -> Callable[[int], None]:
    """The cases of one process."""
    seeds = seed_fonts(os.environ.get(FOLDER, ""))
    charset = write_charset(folder / "charset.txt")

    def run(number: int) -> None:
        chance = random.Random(f"fonts {seed} {number}")
        data = damage_font(chance.choice(seeds), chance)
        case = folder / "case"
        try:
            _try(data, case, charset, chance)
        finally:
            shutil.rmtree(case, ignore_errors=True)

    return run


def _try(data: bytes, case: Path, charset: str, chance: random.Random) -> None:
    path = case / "fonts" / "printed" / f"a{chance.choice(('.ttf', '.otf', '.woff2'))}"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    match chance.randrange(10):
        case 0:
            load_reference(path, "한")
        case 1:
            _call("fonts", "audit", str(case / "fonts"), "--workers", "1")
        case _:
            out = case / "out"
            arguments = ["--out", str(out), "--charset", charset, "--size", "32", "--workers", "1"]
            _call("build", "--fonts", str(case / "fonts"), *arguments)
            if problems := verify(out):
                raise AssertionError(f"built, but {problems[0]}")


def _call(*arguments: str) -> None:
    """A command as its user runs it, but for the last step: the message on the terminal."""
    try:
        cli.main(list(arguments), prog_name="hangeul-bench", standalone_mode=False)
    except Exception as error:
        if type(error).__name__ == "ClickException":
            raise UserError(str(error)) from None
        raise


@cache
def seed_fonts(folder: str) -> tuple[bytes, ...]:
    """Whole small fonts to damage: made ones, and subsets of the real ones of a folder."""
    fonts = [*_made_fonts(), *_real_fonts(Path(folder))] if folder else [*_made_fonts()]
    return tuple(fonts)


def _made_fonts() -> list[bytes]:
    glyphs = {s: boxes(0, s) for s in SYLLABLES}
    made = []
    scratch = Path(os.environ.get("TMPDIR", "/tmp")) / f"hangeul-fuzz-{os.getpid()}.ttf"
    for options in (
        {},
        {"cff": True},
        {"flavor": "woff"},
        {"flavor": "woff2"},
        {"wght_axis": True},
    ):
        made.append(make_font(scratch, glyphs, **options).read_bytes())
    scratch.unlink()
    collection, both = TTCollection(), BytesIO()
    collection.fonts = [TTFont(BytesIO(made[0])), TTFont(BytesIO(made[1]))]
    collection.save(both)
    return [*made, both.getvalue()]


def _real_fonts(folder: Path) -> list[bytes]:
    found = []
    for path in sorted(folder.rglob("*.[to]tf")):
        if path.stem.startswith(_REAL) and path.stat().st_size < 4_000_000:
            options = subset.Options(hinting=True, notdef_outline=True, drop_tables=["FFTM"])
            options.recalc_timestamp = False
            font = TTFont(path, lazy=True)
            subsetter = subset.Subsetter(options)
            subsetter.populate(text=SYLLABLES)
            subsetter.subset(font)
            plain, packed = BytesIO(), BytesIO()
            font.save(plain)
            font.flavor = "woff2"
            font.save(packed)
            found += [plain.getvalue(), packed.getvalue()]
    return found


def damage_font(data: bytes, chance: random.Random) -> bytes:
    """One to four wounds: in the directory, in numbers of a table, or anywhere."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        tables = _tables(data)
        if not tables or chance.random() < 0.3:
            data = damage_bytes(data, chance)
        elif chance.random() < 0.25:
            data = _damage_directory(data, chance)
        else:
            data = _damage_table(data, tables, chance)
    return data


def _tables(data: bytes) -> dict[bytes, tuple[int, int]]:
    """Offset and length of each table of a plain font."""
    if data[:4] not in (b"\x00\x01\x00\x00", b"OTTO", b"true") or len(data) < 12:
        return {}
    count = min(struct.unpack(">H", data[4:6])[0], (len(data) - 12) // 16)
    entries = (struct.unpack(">4sIII", data[12 + 16 * i : 28 + 16 * i]) for i in range(count))
    return {tag: (offset, length) for tag, _, offset, length in entries if offset < len(data)}


def _damage_directory(data: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(data)
    entry = 12 + 16 * chance.randrange(max(1, struct.unpack(">H", data[4:6])[0]))
    field = entry + chance.choice((0, 8, 12))
    new = chance.choice((0, 1, len(data), len(data) - 2, 0x7FFFFFFF, 0xFFFFFFFF))
    new = chance.randrange(len(data) * 2) if chance.random() < 0.5 else new
    damaged[field : field + 4] = struct.pack(">I", new)
    return bytes(damaged)


def _damage_table(
    data: bytes, tables: dict[bytes, tuple[int, int]], chance: random.Random
) -> bytes:
    offset, length = tables[chance.choice(sorted(tables))]
    damaged = bytearray(data)
    near = chance.random() < 0.5  # headers decide more than bodies
    for _ in range(chance.choice((1, 2, 8))):
        place = offset + chance.randrange(max(1, min(length, 64) if near else length)) // 2 * 2
        word = chance.choice(_WORDS) if chance.random() < 0.5 else chance.randrange(1 << 16)
        damaged[place : place + 2] = struct.pack(">H", word)
    return bytes(damaged[: max(len(data), 1)])
