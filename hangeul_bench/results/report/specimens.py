"""The figures' glyphs: reference, output and ground truth, as in the paper's Figs. 3 and 4."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hangeul_bench.hangeul.phonetics import LAYOUTS, layout
from hangeul_bench.results.report.runs import Run
from hangeul_bench.results.report.sprites import Sheet, Sprite

if TYPE_CHECKING:
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


def _common_plan(runs: Sequence[Run], dataset: "GlyphDataset") -> dict[str, "FontTask"]:
    """What the smallest run was asked for, as far as every run has predictions of it."""
    from hangeul_bench.results.beside import rules_of, tasks_of

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
