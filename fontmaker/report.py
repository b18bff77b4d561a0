"""What is told of a font beside it: a record of how it was made, and one page that shows it."""

import base64
import re
from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import numpy as np

from fontmaker.generation import Drawn, Generator
from fontmaker.latin import Companion
from fontmaker.order import FontOrder, MadeFont
from fontmaker.outline import UNITS
from fontmaker.reading import read_glyphs
from fontmaker.verification import Verification
from hangeul_bench import __version__
from hangeul_bench.base.files import write_whole
from hangeul_bench.base.images import encode
from hangeul_bench.hangeul import codepoint_name, is_syllable, ksx1001

if TYPE_CHECKING:
    from hangeul_bench.reader import JamoReader

RECORD_FORMAT = 1
_LATIN = "Hamburgefonstiv 0123456789 “Hangeul” (2026), ₩10,000! & @ # %"
_FEWEST_WORDS = 4  # of a sentence that a font with few syllables can set
_LINE = 16  # syllables in a row where it can set no sentence


def make_record(
    order: FontOrder,
    drawn: Drawn,
    verification: Verification,
    *,
    companion: Companion | None,
    reader: "JamoReader",
) -> dict[str, Any]:
    """All that is known of a font once it is verified, less its bytes; JSON.

    Args:
        order: What was asked for.
        drawn: The images.
        verification: How the font compares with them.
        companion: Where its Latin comes from.
        reader: Who read.
    """
    return {
        "format": RECORD_FORMAT,
        "program": f"hangeul-bench {__version__}",
        "font": {
            "family": order.family.english,
            "family_korean": order.family.korean,
            "syllables": len(order.syllables),
            "advance": asdict(order.advance),
        },
        "model": model_facts(order.generator),
        "seed": order.generator.seed,
        "references": _reference_facts(order.generator, reader),
        "sheet": None if order.sheet is None else order.sheet.to_json(),
        "companion": companion.to_json() if companion else None,
        "kept": sorted(set(order.kept) & set(order.syllables)),
        "drawing": drawing_facts(order.generator, drawn),
        "proof": verification_facts(drawn, verification, reader),
    }


def model_facts(generator: Generator) -> dict[str, Any]:
    """What a record says of a model."""
    model = generator.model
    return {
        "name": generator.name,
        "checkpoint_sha256": model.checkpoint_sha256,
        "parameters": model.parameters,
        "details": model.details,
    }


def drawing_facts(generator: Generator, drawn: Drawn) -> dict[str, Any]:
    """What a record says of which syllables were drawn how often."""
    return {
        "tries": generator.tries,
        "same_each_time": drawn.same_each_time,
        "correction": generator.correction.to_json() | {"not_of": list(drawn.uncorrected)},
        "jamo_error_of_first": _rounded(drawn.first_jamo_error),
        "drawn_again": {
            syllable: {"tries": tries, "taken": drawn.chosen.get(syllable, 0) + 1}
            for syllable, tries in sorted(drawn.tries.items())
        },
    }


def _reference_facts(generator: Generator, reader: "JamoReader") -> list[dict[str, Any]]:
    images = np.stack([reference.image for reference in generator.references])
    read = read_glyphs(
        reader, images, [reference.character for reference in generator.references]
    ).read
    return [
        {
            "character": reference.character,
            "file": reference.name,
            "sha256": reference.sha256,
            "read_as": seen,
            "notes": list(reference.notes),
        }
        for reference, seen in zip(generator.references, read, strict=True)
    ]


def verification_facts(
    drawn: Drawn, verification: Verification, reader: "JamoReader"
) -> dict[str, Any]:
    """What a record says of how a font compares with its images, and what reads wrong in it."""
    rows: Sequence[int] = np.flatnonzero(~verification.reading.right).tolist()
    return {
        "ssim_mean": _rounded(float(verification.ssim.mean())),
        "ssim_least": _rounded(float(verification.ssim.min())),
        "ssim_as_drawn_mean": _rounded(float(verification.ssim_as_drawn.mean())),
        "ssim_as_drawn_least": _rounded(float(verification.ssim_as_drawn.min())),
        "jamo_error": _rounded(verification.jamo_error),
        "jamo_error_ksx1001": _rounded(_error_within_ksx1001(drawn, verification)),
        "reader_sha256": reader.sha256,
        "doubtful": [
            {
                "syllable": drawn.syllables[row],
                "codepoint": codepoint_name(drawn.syllables[row]),
                "read_as": verification.reading.read[row],
                "ssim": _rounded(float(verification.ssim[row])),
                "origin": drawn.origins[row],
                "learned_by_reader": drawn.syllables[row] in ksx1001(),
                "tries": drawn.tries.get(drawn.syllables[row], 1),
            }
            for row in rows
        ],
    }


def _error_within_ksx1001(drawn: Drawn, verification: Verification) -> float | None:
    """Share of wrong jamo in the 2,350 that the reader has learned; None without any of them.

    Of the true glyphs of a serif font beyond them it misreads 35 %, of those among them none, so
    that doubts beyond them weigh less.
    """
    known = np.isin(drawn.syllables, ksx1001())
    return float(verification.reading.wrong_jamo[known].mean() / 3) if known.any() else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 5)


def write_specimen(path: Path, made: MadeFont, order: FontOrder) -> None:
    """Write the page; it asks for nothing from elsewhere and runs no script.

    Args:
        path: ``NAME.html``.
        made: The font.
        order: What it was made by; its references are shown.
    """
    from jinja2 import Environment, StrictUndefined

    markup = (files("fontmaker") / "specimen.html.j2").read_text(encoding="utf-8")
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(markup)
    record = made.record
    shown = _Shown(made.drawn.syllables)
    doubtful = {
        row["syllable"]: shown.text(row["read_as"]) or "blank"
        for row in record["proof"]["doubtful"]
    }
    family = order.family
    names = dict.fromkeys((family.korean, family.english))  # one where no Korean one was given
    page = template.render(
        name=" · ".join(names),
        title=family.korean if shown.has(family.korean) else family.english,
        family=family.english,
        say=shown.say,
        woff2=base64.b64encode(made.woff2).decode(),
        program=record["program"],
        n_syllables=f"{len(made.drawn.syllables):,}",
        n_doubtful=f"{len(doubtful):,}",
        texts=sample_texts(made.drawn.syllables),
        latin=_LATIN if record["companion"] else "",
        references=_references(order, shown),
        syllables=made.drawn.syllables,
        doubtful=doubtful,
        facts=[(*names, shown.text(value)) for *names, value in _facts(record)],
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

    def has(self, text: str) -> bool:
        """Whether the font has all Hangeul of a text."""
        return all(c in self._known for c in text if is_syllable(c))

    def say(self, korean: str, english: str) -> str:
        """Words of the page in both languages, or in English alone if the font lacks the Korean."""
        return f"{korean} · {english}" if self.has(korean) else english

    def text(self, text: str) -> str:
        """A text whose Hangeul the font has, or else its code points."""
        return "".join(self._character(c) for c in normalize("NFC", text))

    def _character(self, character: str) -> str:
        foreign = is_syllable(character) and character not in self._known
        return codepoint_name(character) if foreign else character


def _references(order: FontOrder, shown: _Shown) -> list[dict[str, str]]:
    references = order.generator.references
    pngs = encode(np.stack([reference.image for reference in references]))
    return [
        {
            "character": shown.text(s.character),
            "file": shown.text(s.name),
            "png": base64.b64encode(png).decode(),
        }
        for s, png in zip(references, pngs, strict=True)
    ]


def _facts(record: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What the page says of the font's making: rows of a name in Korean and English, and text."""
    model, checked, companion = record["model"], record["proof"], record["companion"]
    advance, drawing = record["font"]["advance"], record["drawing"]
    weights = model["checkpoint_sha256"]
    again = len(drawing["drawn_again"])
    return [
        ("모델", "Model", model["name"] + (f", weights {weights[:16]}" if weights else "")),
        ("시드", "Seed", str(record["seed"])),
        ("견본", "References", ", ".join(_reference_fact(row) for row in record["references"])),
        ("다시 그린 글자", "Drawn again", f"{again:,} syllables, up to {drawing['tries']} times"),
        ("굵기와 크기", "Weight and size", _correction_fact(drawing["correction"])),
        ("그대로 둔 글자", "Own glyphs kept", " ".join(record["kept"]) or "none"),
        ("다시 그려 비교", "Drawn back", _ssim_fact(checked)),
        (
            "자모 오류",
            "Jamo error",
            f"{checked['jamo_error']:.4f}, read by {checked['reader_sha256'][:16]}",
        ),
        ("글자 너비", "Advance", f"{advance['kind']}, {advance['units']} units ({advance['why']})"),
        ("로마자, 문장 부호, 자모", "Latin, punctuation, jamo", _companion_fact(companion)),
        ("파일 해시", "SHA-256", record["font"]["sha256"]),
    ]


def _correction_fact(correction: dict[str, Any]) -> str:
    """In font units of 1,024 an em."""
    wanted, before = (round(2 * UNITS * correction[name]) for name in ("wanted", "before"))
    if not wanted:
        return "as drawn"
    return (
        f"strokes of {wanted} units in the references and {before} in drawings of them; drawings "
        f"made {2 * UNITS * correction['weight']:+.0f} units bolder, {correction['scale']:.3f} "
        "times as large"
    )


def _ssim_fact(checked: dict[str, Any]) -> str:
    pages = f"SSIM {checked['ssim_mean']:.4f} with the pages, at least {checked['ssim_least']:.4f}"
    return f"{pages}; {checked['ssim_as_drawn_mean']:.4f} with their edges as soft as drawn"


def _reference_fact(row: dict[str, Any]) -> str:
    return f"{row['character']} in {row['file']} (SHA-256 {row['sha256'][:16]})"


def _companion_fact(companion: dict[str, Any] | None) -> str:
    if companion is None:
        return "none"
    font = f"{companion['family']} {companion['style']}"
    return f"{font}, {companion['licence']}. {companion['copyright']}"
