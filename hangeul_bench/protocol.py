"""What is asked of a model and what counts: tracks, cells, requests and the contamination check."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hangeul_bench.adapter import Request, TrainedOn
from hangeul_bench.charset import codepoint_name
from hangeul_bench.errors import UserError
from hangeul_bench.splits import CELLS, Splits

if TYPE_CHECKING:
    from hangeul_bench.dataset import GlyphDataset

TRACKS = ("lite", "full")
CATEGORIES = ("handwritten", "printed", "all")
PAPER_CELLS = ("ufsc", "ufuc")  # together the ten unseen fonts x 2,350 of the paper's Table I


@dataclass(frozen=True)
class FontTask:
    """One evaluation font and the syllables that a model is scored on.

    Attributes:
        font_id: The font to continue.
        category: ``handwritten`` or ``printed``.
        characters: The N syllables in code-point order; never a reference syllable.
        cells: The N cells they fall in: ``sfsc``, ``sfuc``, ``ufsc`` or ``ufuc``.
    """

    font_id: str
    category: str
    characters: tuple[str, ...]
    cells: tuple[str, ...]


def plan(dataset: "GlyphDataset", track: str, *, limit: int | None = None) -> tuple[FontTask, ...]:
    """Every evaluation font, by font_id, with what is scored on it.

    Args:
        dataset: Its splits name the evaluation fonts and the unseen syllables.
        track: ``lite`` (the fixed 100 syllables) or ``full`` (all but the references).
        limit: At most this many syllables of each cell a font, chosen by the SHA-256 of the
            syllable, so that a smaller limit's choice is part of a larger one's.

    Raises:
        UserError: The track is unknown, ``limit`` is not positive, or nothing is left to score.
    """
    if track not in TRACKS:
        raise UserError(f"Expected --track {' or '.join(TRACKS)}, but found {track!r}.")
    if limit is not None and limit < 1:
        raise UserError(f"Expected --limit of at least 1, but found {limit}.")
    splits = dataset.splits
    asked = set(splits.lite_characters if track == "lite" else dataset.characters)
    characters = [c for c in dataset.characters if c in asked - set(splits.references)]
    font_ids = sorted((*splits.unseen_fonts, *splits.seen_fonts))
    tasks = tuple(_task(dataset, font_id, characters, limit) for font_id in font_ids)
    if not any(task.characters for task in tasks):
        raise UserError(
            f"Dataset {dataset.path} holds no evaluation font or no syllable of track {track}; "
            "build it from fonts of at least one unseen family."
        )
    return tasks


def build_request(
    dataset: "GlyphDataset", font_id: str, characters: Sequence[str], *, seed: int, shots: int
) -> Request:
    """The request for some syllables of a font.

    Args:
        dataset: Where references and content glyphs come from.
        font_id: The font to continue.
        characters: The syllables to draw, in any order.
        seed: The run's seed; the request carries the font's own.
        shots: How many of the fixed references to show.

    Raises:
        UserError: ``shots`` is out of range, or the font lacks a reference syllable.
    """
    references = dataset.splits.references[:shots]
    if not 1 <= shots <= len(dataset.splits.references):
        raise UserError(
            f"Expected --shots from 1 to {len(dataset.splits.references)}, but found {shots}."
        )
    lacking = [c for c in references if c in dataset.missing(font_id)]
    if lacking:
        named = f"{lacking[0]} ({codepoint_name(lacking[0])})"
        raise UserError(
            f"Font {font_id} does not draw the reference syllable {named}; leave it out."
        )
    return Request(
        characters=tuple(characters),
        phonetics=dataset.phonetics(characters),
        references=dataset.images(font_id, references),
        reference_characters=tuple(references),
        content=dataset.images(dataset.splits.content_font, characters),
        seed=font_seed(seed, font_id),
    )


def font_seed(seed: int, font_id: str) -> int:
    """A font's own seed in [0, 2**63), so that no font's noise depends on the others."""
    digest = hashlib.sha256(f"{seed}:{font_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def cells_of(base_cell: str) -> tuple[str, ...]:
    """The cells a glyph counts in: its own, and ``paper`` if its font is unseen."""
    return (base_cell, "paper") if base_cell in PAPER_CELLS else (base_cell,)


def unrankable_cells(
    trained_on: TrainedOn | None, dataset: "GlyphDataset", *, limit: int | None
) -> dict[str, str]:
    """Which cells a model takes no rank in, and why.

    A weight of an unseen family in the training set spoils every unseen-font cell. An unseen
    syllable spoils the unseen-character cells, but not ``paper``: the paper trains on all 2,350.

    Args:
        trained_on: What the model has seen; None if that is not declared.
        dataset: The evaluation fonts with their lineages, and the unseen syllables.
        limit: The run's ``--limit``; a part of a track takes no rank.

    Returns:
        Cell -> one clause that says why.
    """
    if limit is not None:
        return dict.fromkeys(CELLS, f"only {limit} syllables of each cell a font were asked")
    if trained_on is None:
        return dict.fromkeys(CELLS, "what it was trained on is not declared")
    reasons: dict[str, str] = {}
    if characters := sorted(trained_on.characters & set(dataset.splits.unseen_characters)):
        reason = f"trained on {len(characters)} unseen syllables such as {characters[0]}"
        reasons |= dict.fromkeys(("sfuc", "ufuc"), reason)
    if fonts := _seen_in_training(trained_on, dataset, dataset.splits):
        reason = f"trained on the family of unseen fonts: {', '.join(fonts)}"
        reasons |= dict.fromkeys((*PAPER_CELLS, "paper"), reason)
    return reasons


def _task(
    dataset: "GlyphDataset", font_id: str, characters: Sequence[str], limit: int | None
) -> FontTask:
    missing = dataset.missing(font_id)
    cell_of = {c: dataset.splits.cell(font_id, c) for c in characters if c not in missing}
    if limit is not None:
        kept: set[str] = set()
        for cell in CELLS:
            members = (c for c, name in cell_of.items() if name == cell)
            kept.update(sorted(members, key=_fixed_order)[:limit])
        cell_of = {c: cell for c, cell in cell_of.items() if c in kept}
    category = dataset.font(font_id).category
    return FontTask(font_id, category, tuple(cell_of), tuple(cell_of.values()))


def _fixed_order(syllable: str) -> bytes:
    return hashlib.sha256(syllable.encode()).digest()


def _seen_in_training(trained_on: TrainedOn, dataset: "GlyphDataset", splits: Splits) -> list[str]:
    return [
        font_id
        for font_id in sorted(splits.unseen_fonts)
        if font_id in trained_on.font_ids or dataset.font(font_id).lineage in trained_on.lineages
    ]
