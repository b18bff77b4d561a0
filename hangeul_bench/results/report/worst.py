"""The worst glyphs of a run: what was asked, what the reader read, output beside ground truth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hangeul_bench.hangeul.charset import is_syllable
from hangeul_bench.hangeul.phonetics import compatibility_jamo, decompose
from hangeul_bench.metrics.columns import HEADLINE
from hangeul_bench.results.report.labels import Metric, metric
from hangeul_bench.results.report.runs import Run
from hangeul_bench.results.report.sprites import Sheet, Sprite

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

# Among glyphs with equally many wrong jamo, the first of these that was measured decides.
_TIE_BREAKERS = ("ssim", "l1", "rmse")


@dataclass(frozen=True)
class Letter:
    """A jamo of a syllable and whether the reader read it otherwise than asked."""

    text: str
    differs: bool


@dataclass(frozen=True)
class WorstGlyph:
    """One bad glyph.

    ``read`` is None where the reader did not read it, ``output`` and ``truth`` where predictions or
    ground truth are not available.
    """

    syllable: str
    read: str | None
    asked_jamo: tuple[Letter, ...]
    read_jamo: tuple[Letter, ...]
    font_id: str
    score: str
    output: Sprite | None = None
    truth: Sprite | None = None


def worst_glyphs(run: Run, count: int) -> tuple[WorstGlyph, ...]:
    """The ``count`` worst glyphs of the unseen fonts (of all, failing those), worst first."""
    from hangeul_bench.dataset.splits.lists import UNSEEN_FONT_CELLS

    table = run.glyphs
    if table is None or not table.columns.intersection([HEADLINE, *_TIE_BREAKERS]).size:
        return ()
    unseen = table[table["cell"].isin(UNSEEN_FONT_CELLS)]
    rows = unseen if len(unseen) else table
    breaker = next((metric(name) for name in _TIE_BREAKERS if name in table), None)
    rows = _sorted(_flawed(rows, breaker), breaker).head(count)
    records = rows.to_dict("records")
    return tuple(_glyph(row, breaker, was_read=run.was_read) for row in records)


def with_images(
    glyphs: tuple[WorstGlyph, ...],
    sheet: Sheet,
    *,
    output: Callable[[str, list[str]], "NDArray[Any]"],
    truth: Callable[[str, list[str]], "NDArray[Any]"],
) -> tuple[WorstGlyph, ...]:
    """Add the images; ``output`` and ``truth`` give the pages of a font's syllables."""
    placed: dict[tuple[str, str], tuple[Sprite, Sprite]] = {}
    for font_id in sorted({glyph.font_id for glyph in glyphs}):
        syllables = [glyph.syllable for glyph in glyphs if glyph.font_id == font_id]
        drawn = sheet.add(output(font_id, syllables))
        right = sheet.add(truth(font_id, syllables))
        for syllable, pair in zip(syllables, zip(drawn, right, strict=True), strict=True):
            placed[font_id, syllable] = pair
    return tuple(
        replace(
            glyph,
            output=placed[glyph.font_id, glyph.syllable][0],
            truth=placed[glyph.font_id, glyph.syllable][1],
        )
        for glyph in glyphs
    )


def letters(asked: str, read: str) -> tuple[tuple[Letter, ...], tuple[Letter, ...]]:
    """The jamo of both syllables, those that differ marked; none for a page without ink."""
    if not is_syllable(read):
        return tuple(Letter(text, True) for text in _jamo(asked)), ()
    differs = [a != b for a, b in zip(decompose(asked), decompose(read), strict=True)]
    pairs = zip(_jamo(asked), _jamo(read), differs, strict=True)
    marked = [(Letter(a, differ), Letter(b, differ)) for a, b, differ in pairs]
    return tuple(a for a, _ in marked), tuple(b for _, b in marked)


def _jamo(syllable: str) -> list[str]:
    parts = compatibility_jamo(syllable).split()
    return parts if len(parts) == 3 else [*parts, "–"]


def _flawed(rows: "pd.DataFrame", breaker: Metric | None) -> "pd.DataFrame":
    """Without the glyphs that are read right and equal the ground truth."""
    wrong = rows[HEADLINE] > 0 if HEADLINE in rows else rows["codepoint"] < 0
    if breaker:
        wrong |= rows[breaker.name] != (1.0 if breaker.higher_is_better else 0.0)
    return rows[wrong]


def _sorted(rows: "pd.DataFrame", breaker: Metric | None) -> "pd.DataFrame":
    order = {HEADLINE: False} if HEADLINE in rows else {}
    if breaker:
        order[breaker.name] = breaker.higher_is_better
    order |= {"font_id": True, "codepoint": True}
    return rows.sort_values(list(order), ascending=list(order.values()), kind="stable")


def _glyph(row: Mapping[Any, Any], breaker: Metric | None, *, was_read: bool) -> WorstGlyph:
    asked_jamo, read_jamo = letters(row["syllable"], row["read"]) if was_read else ((), ())
    return WorstGlyph(
        syllable=row["syllable"],
        read=row["read"] if was_read else None,
        asked_jamo=asked_jamo,
        read_jamo=read_jamo,
        font_id=row["font_id"],
        score=f"{breaker.label} {breaker.text(row[breaker.name])}" if breaker else "",
    )
