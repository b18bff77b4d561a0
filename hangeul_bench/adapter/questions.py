"""What is asked of a model and what counts: tracks, cells, requests and the contamination check."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hangeul_bench.adapter.contract import Request, TrainedOn
from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset.splits.lists import (
    CELLS,
    UNSEEN_FONT_CELLS,
    UNSEEN_FONTS,
    track_named,
)
from hangeul_bench.fonts.table import CATEGORIES
from hangeul_bench.hangeul.charset import codepoint_name

if TYPE_CHECKING:
    from hangeul_bench.dataset.glyphs import GlyphDataset


@dataclass(frozen=True)
class Protocol:
    """What a model may have seen, and what it is asked and ranked by.

    Attributes:
        name: Its name.
        cells: The cells that are asked for; only these have scores.
        ranked: The cells that rank.
        all_characters: Whether a model may have trained on the unseen characters.
        one_category: Whether a model is for one category of fonts, and ranks in that alone.
    """

    name: str
    cells: tuple[str, ...]
    ranked: tuple[str, ...]
    all_characters: bool
    one_category: bool


# Ours: the unseen characters are in no training, and one model draws all fonts.
OPEN = Protocol("open", CELLS, CELLS, all_characters=False, one_category=False)
# Of the DK-Font paper, section IV: all 2,350 characters of the training fonts, a model a category,
# and the unseen fonts as the test.
PAPER = Protocol(
    "paper",
    (*UNSEEN_FONT_CELLS, UNSEEN_FONTS),
    (UNSEEN_FONTS,),
    all_characters=True,
    one_category=True,
)
PROTOCOLS = {protocol.name: protocol for protocol in (OPEN, PAPER)}


def protocol_named(name: str, category: str | None = None) -> Protocol:
    """The protocol of a name, for a model of one category or of all.

    Raises:
        UserError: There is none, or the category is none or does not go with it.
    """
    if name not in PROTOCOLS:
        raise UserError(f"Expected --protocol {' or '.join(PROTOCOLS)}, but found {name!r}.")
    protocol = PROTOCOLS[name]
    names = " or ".join(CATEGORIES)
    if protocol.one_category and category not in CATEGORIES:
        raise UserError(
            f"The protocol {name} has one model a category; say which with --category {names}."
        )
    if not protocol.one_category and category is not None:
        raise UserError(
            f"The protocol {name} has one model for all fonts; leave --category out, or give "
            f"--protocol {PAPER.name}."
        )
    return protocol


@dataclass(frozen=True)
class FontTask:
    """One evaluation font and the syllables that a model is scored on.

    Attributes:
        font_id: The font to continue.
        category: ``handwritten`` or ``printed``.
        lineage: Fonts drawn from one another share it; intervals resample it as one.
        characters: The N syllables in code-point order; never a reference syllable.
        cells: The N cells they fall in: ``sfsc``, ``sfuc``, ``ufsc`` or ``ufuc``.
    """

    font_id: str
    category: str
    lineage: str
    characters: tuple[str, ...]
    cells: tuple[str, ...]


def plan(
    dataset: "GlyphDataset",
    track: str,
    *,
    limit: int | None = None,
    protocol: str = OPEN.name,
    category: str | None = None,
) -> tuple[FontTask, ...]:
    """Every evaluation font, by font_id, with what is scored on it.

    Args:
        dataset: Its splits name the evaluation fonts and the unseen syllables.
        track: ``lite`` (the fixed 100 syllables), ``full`` (all but the references), or ``wide``
            (60 syllables of forty other fonts).
        limit: At most this many syllables of each cell a font, chosen by the SHA-256 of the
            syllable, so that a smaller limit's choice is part of a larger one's.
        protocol: The rules that the model was trained by; they decide which cells are asked for.
        category: The only category of a model that is for one.

    Raises:
        UserError: The track or protocol is unknown, the category does not go with it, ``limit`` is
            not positive, or nothing is left to score.
    """
    rule = track_named(track)
    if limit is not None and limit < 1:
        raise UserError(f"Expected --limit of at least 1, but found {limit}.")
    rules, splits = protocol_named(protocol, category), dataset.splits
    asked = set(getattr(splits, rule.syllables) if rule.syllables else dataset.characters)
    asked.difference_update(splits.references)
    characters = [c for c in dataset.characters if c in asked]
    tasks = tuple(
        _task(dataset, font_id, characters, limit)
        for font_id in rule.fonts(splits)
        if category in (None, dataset.font(font_id).category)
        if ("sfsc" if font_id in splits.seen_fonts else "ufsc") in rules.cells
    )
    if not any(task.characters for task in tasks):
        raise UserError(
            f"Dataset {dataset.path} holds no evaluation font or no syllable of track {track}; "
            f"{rule.remedy}."
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
        references=dataset.images(font_id, references),
        reference_characters=tuple(references),
        content=dataset.images(dataset.splits.content_font, characters),
        seed=font_seed(seed, font_id),
    )


def run_name(
    track: str,
    shots: int,
    *,
    seed: int = 0,
    perturb: str | None = None,
    protocol: str = OPEN.name,
    category: str | None = None,
) -> str:
    """What files of a run are called after: ``lite``, ``lite-seed1``, ``paper-printed-lite``."""
    name = track if shots == 1 else f"{track}-{shots}shot"
    name = f"{name}-{perturb}" if perturb else name
    name = f"{name}-seed{seed}" if seed else name
    return name if protocol == OPEN.name else f"{protocol}-{category}-{name}"


def shots_text(shots: int) -> str:
    """How tables name the number of references: ``1 reference``, ``4 references``."""
    return f"{shots} reference{'s' if shots != 1 else ''}"


def font_seed(seed: int, font_id: str) -> int:
    """A font's own seed in [0, 2**63), so that no font's noise depends on the others."""
    digest = hashlib.sha256(f"{seed}:{font_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def unrankable_cells(
    trained_on: TrainedOn | None,
    dataset: "GlyphDataset",
    *,
    limit: int | None,
    track: str = "lite",
    protocol: str = OPEN.name,
    category: str | None = None,
) -> dict[str, str]:
    """Which cells a model takes no rank in, and why.

    A weight of an unseen family in the training set spoils every unseen-font cell. An unseen
    syllable spoils the unseen-character cells and ``uf``, but under the paper's own protocol,
    which trains on all of them; there a font of another category spoils all.

    Args:
        trained_on: What the model has seen; None if that is not declared.
        dataset: The evaluation fonts with their lineages, and the unseen syllables.
        limit: The run's ``--limit``; a part of a track takes no rank.
        track: As in :func:`plan`; each has its own unseen fonts.
        protocol: As in :func:`plan`.
        category: As in :func:`plan`.

    Returns:
        Cell -> one clause that says why.
    """
    rules = protocol_named(protocol, category)
    if limit is not None:
        return dict.fromkeys(CELLS, f"only {limit} syllables of each cell a font were asked")
    if trained_on is None:
        return dict.fromkeys(CELLS, "what it was trained on is not declared")
    others = (cell for cell in rules.cells if cell not in rules.ranked)
    reasons = dict.fromkeys(others, f"the protocol {protocol} ranks {', '.join(rules.ranked)} only")
    unseen = sorted(trained_on.characters & set(dataset.splits.unseen_characters))
    if unseen and not rules.all_characters:
        reason = f"trained on {len(unseen)} unseen syllables such as {unseen[0]}"
        reasons |= dict.fromkeys(("sfuc", "ufuc", UNSEEN_FONTS), reason)
    if rules.one_category and _other_category(trained_on, dataset, category):
        reason = f"trained on fonts that are not {category}; one model a category is asked for"
        reasons |= dict.fromkeys(rules.cells, reason)
    if fonts := _seen_in_training(trained_on, dataset, track):
        reason = f"trained on the family of unseen fonts: {', '.join(fonts)}"
        reasons |= dict.fromkeys((*UNSEEN_FONT_CELLS, UNSEEN_FONTS), reason)
    return reasons


def _other_category(trained_on: TrainedOn, dataset: "GlyphDataset", category: str | None) -> bool:
    return any(
        font.font_id in trained_on.font_ids and font.category != category for font in dataset.fonts
    )


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
    font = dataset.font(font_id)
    return FontTask(font_id, font.category, font.lineage, tuple(cell_of), tuple(cell_of.values()))


def _fixed_order(syllable: str) -> bytes:
    return hashlib.sha256(syllable.encode()).digest()


def _seen_in_training(trained_on: TrainedOn, dataset: "GlyphDataset", track: str) -> list[str]:
    return [
        font_id
        for font_id in track_named(track).unseen_fonts(dataset.splits)
        if font_id in trained_on.font_ids or dataset.font(font_id).lineage in trained_on.lineages
    ]
