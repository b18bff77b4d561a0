"""One offline page that shows a font: text, all its syllables, the doubtful ones, its record."""

import base64
import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import numpy as np

from hangeul_bench.base.files import write_whole
from hangeul_bench.base.images import encode
from hangeul_bench.hangeul import codepoint_name, is_syllable

if TYPE_CHECKING:
    from fontmaker.make import FontOrder, MadeFont

_LATIN = "Hamburgefonstiv 0123456789 “Hangeul” (2026), ₩10,000! & @ # %"
_FEWEST_WORDS = 4  # of a sentence that a font with few syllables can set
_LINE = 16  # syllables in a row where it can set no sentence


def write_specimen(path: Path, made: "MadeFont", order: "FontOrder") -> None:
    """Write the page; it asks for nothing from elsewhere and runs no script.

    Args:
        path: ``NAME.html``.
        made: The font.
        order: What it was made by; its references are shown.
    """
    from jinja2 import Environment, StrictUndefined

    source = (files("fontmaker") / "specimen.html.j2").read_text(encoding="utf-8")
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(source)
    record = made.record
    shown = _Shown(made.drawn.syllables)
    doubtful = {
        row["syllable"]: shown.text(row["read_as"]) or "blank"
        for row in record["proof"]["doubtful"]
    }
    family = order.family
    drawable = all(c in made.drawn.syllables for c in family.korean if is_syllable(c))
    page = template.render(
        title=family.korean if drawable else family.english,
        family=family.english,
        woff2=base64.b64encode(made.woff2).decode(),
        program=record["program"],
        n_syllables=f"{len(made.drawn.syllables):,}",
        n_doubtful=f"{len(doubtful):,}",
        texts=sample_texts(made.drawn.syllables),
        latin=_LATIN if record["companion"] else "",
        references=_references(order, shown),
        syllables=made.drawn.syllables,
        doubtful=doubtful,
        facts=[(name, shown.text(value)) for name, value in _facts(record)],
    )
    write_whole(path, page)


def sample_texts(syllables: Sequence[str]) -> list[str]:
    """Texts that these syllables can set: words of the sample whole, or the syllables in rows."""
    known = frozenset(syllables)
    text = (files("fontmaker") / "specimen_text.txt").read_text(encoding="utf-8")
    settable = []
    for line in text.splitlines():
        words = [w for w in line.split() if all(c in known for c in w if is_syllable(c))]
        if len(words) >= _FEWEST_WORDS:
            settable.append(" ".join(words))
    rows = re.findall(f".{{1,{_LINE}}}", "".join(syllables))
    return settable or rows[:3]


class _Shown:
    """Writes what the page's own font has not as code points: no other font may be there."""

    def __init__(self, syllables: Sequence[str]) -> None:
        self._known = frozenset(syllables)

    def text(self, text: str) -> str:
        """A text whose Hangeul the font has, or else its code points."""
        return "".join(self._character(c) for c in normalize("NFC", text))

    def _character(self, character: str) -> str:
        foreign = is_syllable(character) and character not in self._known
        return codepoint_name(character) if foreign else character


def _references(order: "FontOrder", shown: _Shown) -> list[dict[str, str]]:
    sources = order.artist.sources
    pngs = encode(np.stack([source.image for source in sources]))
    return [
        {
            "character": shown.text(s.character),
            "file": shown.text(s.name),
            "png": base64.b64encode(png).decode(),
        }
        for s, png in zip(sources, pngs, strict=True)
    ]


def _facts(record: dict[str, Any]) -> list[tuple[str, str]]:
    """What the page says of the font's making, in rows."""
    model, proof, companion = record["model"], record["proof"], record["companion"]
    advance, drawing = record["font"]["advance"], record["drawing"]
    weights = model["checkpoint_sha256"]
    again = len(drawing["drawn_again"])
    return [
        ("Model", model["name"] + (f", weights {weights[:16]}" if weights else "")),
        ("Seed", str(record["seed"])),
        ("References", ", ".join(_reference_fact(row) for row in record["references"])),
        ("Drawn again", f"{again:,} syllables, up to {drawing['tries']} times"),
        ("Own glyphs kept", " ".join(record["kept"]) or "none"),
        ("Drawn back", _ssim_fact(proof)),
        ("Jamo error", f"{proof['jamo_error']:.4f}, read by {proof['reader_sha256'][:16]}"),
        ("Advance", f"{advance['kind']}, {advance['units']} units ({advance['why']})"),
        ("Latin, punctuation, jamo", _companion_fact(companion)),
        ("SHA-256", record["font"]["sha256"]),
    ]


def _ssim_fact(proof: dict[str, Any]) -> str:
    pages = f"SSIM {proof['ssim_mean']:.4f} with the pages, at least {proof['ssim_least']:.4f}"
    return f"{pages}; {proof['ssim_as_drawn_mean']:.4f} with their edges as soft as drawn"


def _reference_fact(row: dict[str, Any]) -> str:
    return f"{row['character']} in {row['file']} (SHA-256 {row['sha256'][:16]})"


def _companion_fact(companion: dict[str, Any] | None) -> str:
    if companion is None:
        return "none"
    font = f"{companion['family']} {companion['style']}"
    return f"{font}, {companion['licence']}. {companion['copyright']}"
