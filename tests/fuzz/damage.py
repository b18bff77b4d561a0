"""Ways to damage bytes, JSON values and tables; all chance comes from the generator given."""

import copy
import csv
import io
import json
from random import Random
from typing import Any

DEEP = 100_000
ODD_TEXTS = (
    "",
    " ",
    "..",
    "../../outside",
    "/outside",
    "/tmp/hangeul-fuzz-outside",
    "C:\\outside",
    "a/b",
    "con",
    "x" * 300,
    "가" * 200_000,
    "=cmd|' /C calc'!A1",
    "<script>alert(1)</script>",
    "\x00",
    "\x1b[2J",
    "\u202e",
    "\ud800",
    "a\nb",
    "NaN",
    "-1",
    "1e999",
    "U+D800",
    "U+110000",
    "뷁",
)
ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1,
    3.0,
    -0.0,
    1e308,
    float("nan"),
    float("inf"),
    2**31,
    2**63,
    10**400,
    [],
    {},
    [[]],
    [None],
    {"": None},
    *ODD_TEXTS,
)


def damage_bytes(data: bytes, random: Random) -> bytes:
    """Flip, cut, double or overwrite a few bytes."""
    damaged = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4, 16))):
        if not damaged:
            break
        place = random.randrange(len(damaged))
        match random.randrange(6):
            case 0:
                damaged[place] ^= 1 << random.randrange(8)
            case 1:
                damaged[place] = random.choice((0, 0x7F, 0x80, 0xFF))
            case 2:
                del damaged[place : place + random.choice((1, 4, 64))]
            case 3:
                damaged[place:place] = damaged[place : place + random.choice((1, 4, 64))]
            case 4:
                word = random.choice(
                    (b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff")
                )
                damaged[place : place + 4] = word[: len(damaged) - place]
            case _:
                if random.random() < 0.2:
                    del damaged[place:]
    return bytes(damaged)


def damage_json(value: Any, random: Random) -> str:
    """The value as JSON text, with one to three nodes replaced, doubled or gone; or worse."""
    value = copy.deepcopy(value)
    for _ in range(random.choice((1, 1, 2, 3))):
        value = _damage_node(value, random)
    text = json.dumps(value, ensure_ascii=random.random() < 0.5)
    chance = random.random()
    if chance < 0.05:
        return "[" * DEEP
    if chance < 0.10:
        return text.replace(":", ":" + "[" * DEEP + "]" * DEEP, 1)
    if chance < 0.15:
        return text.replace(":", ': {"a":' * DEEP, 1)
    if chance < 0.30:
        return damage_bytes(text.encode("utf-8", "surrogatepass"), random).decode("latin-1")
    return text


def damage_csv(text: str, random: Random) -> str:
    """The table with cells replaced, rows cut or lengthened, or worse."""
    rows = list(csv.reader(io.StringIO(text))) or [["a"]]
    for _ in range(random.choice((1, 1, 2, 3))):
        row = random.choice(rows[:40])
        place = random.randrange(len(row)) if row else 0
        match random.randrange(7):
            case 0 | 1 | 2 if row:
                row[place] = random.choice(ODD_TEXTS)
            case 3 if row:
                del row[place:]
            case 4:
                row.append(random.choice(ODD_TEXTS))
            case 5:
                rows.append(list(random.choice(rows)))
            case _:
                rows[0] = [*rows[0][:place], "more", *rows[0][place:]]
    out = io.StringIO()
    csv.writer(out, lineterminator=random.choice(("\n", "\r\n"))).writerows(rows)
    if random.random() < 0.15:
        data = out.getvalue().encode("utf-8", "surrogatepass")
        return damage_bytes(data, random).decode("latin-1")
    return out.getvalue()


def _damage_node(value: Any, random: Random) -> Any:
    if not isinstance(value, (dict, list)) or not value or random.random() < 0.15:
        return copy.deepcopy(random.choice(ODD_VALUES))  # it may be damaged in its turn
    if isinstance(value, dict):
        key = random.choice(sorted(value))
        chance = random.random()
        if chance < 0.1:
            del value[key]
        elif chance < 0.2:
            value[random.choice(ODD_TEXTS)] = value.pop(key)
        else:
            value[key] = _damage_node(value[key], random)
        return value
    place = random.randrange(len(value))
    if random.random() < 0.1:
        value.append(copy.deepcopy(value[place]))
    else:
        value[place] = _damage_node(value[place], random)
    return value
