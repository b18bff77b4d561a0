"""The report's glyphs: those of the figures, as in the paper's Figs. 3 and 4, and the worst."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hangeul_bench.hangeul.charset import is_syllable
from hangeul_bench.hangeul.phonetics import LAYOUTS, compatibility_jamo, decompose, layout
from hangeul_bench.metrics.columns import HEADLINE
from hangeul_bench.results.report.labels import Metric, metric
from hangeul_bench.results.report.runs import Run
from hangeul_bench.results.report.sprites import Sheet, Sprite

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hangeul_bench.adapter.questions import FontTask
    from hangeul_bench.dataset.glyphs import GlyphDataset


FONTS_A_CATEGORY = 5  # as many test fonts as the paper has


@dataclass(frozen=True)
class Specimen:
    """What one figure row needs of a font: its reference and the ground truth."""

    font_id: str
    name: str
    category: str
    reference: Sprite
    truth: tuple[Sprite, ...]


@dataclass(frozen=True)
class Book:
    """The specimens of all figures; every run shows the same syllables of the same fonts.

    Attributes:
        reference_character: The syllable that a one-shot model was shown.
        characters: The syllables of the columns.
        unseen: Those of them that no model may train on.
        specimens: By category, then by font_id.
    """

    reference_character: str
    characters: tuple[str, ...]
    unseen: frozenset[str]
    specimens: tuple[Specimen, ...]

    def of(self, category: str) -> tuple[Specimen, ...]:
        """The specimens of one category."""
        return tuple(entry for entry in self.specimens if entry.category == category)


def make_book(
    runs: Sequence[Run], dataset: "GlyphDataset", truth: Sheet, *, n_characters: int
) -> Book | None:
    """Choose fonts and syllables that every run was asked for, and store their ground truth.

    Returns:
        The book, or None where the runs have no font or no syllable in common.
    """
    tasks = _figure_tasks(_common_plan(runs, dataset))
    common = set.intersection(*(set(task.characters) for task in tasks)) if tasks else set()
    characters = spread(sorted(common), n_characters)
    if not characters:
        return None
    reference = dataset.splits.references[0]
    specimens = []
    for task in tasks:
        font = dataset.font(task.font_id)
        images = dataset.images(task.font_id, (reference, *characters))
        first, *rest = truth.add(images)
        name = font_name(font.family, font.style)
        specimens.append(Specimen(task.font_id, name, task.category, first, tuple(rest)))
    unseen = frozenset(characters) & set(dataset.splits.unseen_characters)
    return Book(reference, characters, unseen, tuple(specimens))


def outputs(run: Run, book: Book, sheet: Sheet, *, size: int) -> dict[str, tuple[Sprite, ...]]:
    """A run's glyphs for the book by font_id; a missing prediction is a blank page."""
    folder = run.predictions(size=size)
    return {
        entry.font_id: sheet.add(folder.read(entry.font_id, book.characters).images)
        for entry in book.specimens
    }


def font_name(family: str, style: str) -> str:
    """A font's name for people: its family, and its style unless that is Regular."""
    return family if style.casefold() == "regular" else f"{family} {style}"


def spread(characters: Sequence[str], count: int) -> tuple[str, ...]:
    """Choose ``count`` syllables that show all six layouts, spread over the list, in its order."""
    shelves = [[c for c in characters if layout(c) == name] for name in LAYOUTS]
    # The layouts with a final come first: they are the hard ones, and get the odd places.
    shelves = [shelf for shelf in reversed(shelves) if shelf]
    quotas = [0] * len(shelves)
    for _ in range(min(count, len(characters))):
        with_room = [i for i, shelf in enumerate(shelves) if quotas[i] < len(shelf)]
        quotas[min(with_room, key=lambda i: (quotas[i], i))] += 1
    chosen = [
        shelf[(2 * place + 1) * len(shelf) // (2 * quota)]
        for shelf, quota in zip(shelves, quotas, strict=True)
        for place in range(quota)
    ]
    return tuple(sorted(chosen))


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


def _common_plan(runs: Sequence[Run], dataset: "GlyphDataset") -> dict[str, "FontTask"]:
    """What the smallest run was asked for, as far as every run has predictions of it."""
    from hangeul_bench.results.file import rules_of, tasks_of

    asked = {
        (run.track, run.result["limit"], *rules_of(run.result).values()): run.result for run in runs
    }
    plans = [
        {task.font_id: task for task in tasks_of(result, dataset)} for result in asked.values()
    ]
    # A smaller plan's syllables are a part of a larger one's.
    smallest = min(plans, key=lambda tasks: sum(len(task.characters) for task in tasks.values()))
    predicted = frozenset.intersection(*(run.predicted_fonts for run in runs))
    return {font_id: smallest[font_id] for font_id in sorted(predicted & set(smallest))}


def _figure_tasks(tasks: dict[str, "FontTask"]) -> list["FontTask"]:
    """Five unseen fonts a category; seen ones where there is no unseen one."""
    from hangeul_bench.dataset.splits.lists import UNSEEN_FONT_CELLS

    unseen = [task for task in tasks.values() if set(task.cells) & set(UNSEEN_FONT_CELLS)]
    chosen = []
    for category in ("handwritten", "printed"):
        members = [task for task in unseen or tasks.values() if task.category == category]
        chosen += members[:FONTS_A_CATEGORY]
    return chosen


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
