"""Which fonts and syllables are seen and unseen: fixed lists, and rules for other folders."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Literal, Protocol

from hangeul_bench.charset import codepoint_name, is_syllable, ksx1001
from hangeul_bench.errors import UserError
from hangeul_bench.split_rules import (
    choose_families,
    choose_lite,
    choose_unseen,
    hash_order,
    syllable_order,
)

Cell = Literal["sfsc", "sfuc", "ufsc", "ufuc"]
# Seen or unseen font x seen or unseen character; "paper" is UFSC and UFUC together, as in Table I.
CELLS = ("sfsc", "sfuc", "ufsc", "ufuc", "paper")

CONTENT_FONT = "noto-sans-kr-regular"
N_UNSEEN_CHARACTERS = 235
N_LITE_SEEN, N_LITE_UNSEEN = 60, 40
N_TEST_FAMILIES = 5  # in each category
N_REFERENCES = 8


class SplitFont(Protocol):
    """What a split needs to know of a font."""

    @property
    def font_id(self) -> str:
        """Unique name."""

    @property
    def lineage(self) -> str:
        """Fonts of one lineage stay on one side."""

    @property
    def category(self) -> str | None:
        """``handwritten`` or ``printed``."""


@dataclass(frozen=True)
class EvaluationFont:
    """One of the twenty fonts that pin the benchmark."""

    font_id: str
    lineage: str
    category: str
    role: str  # unseen or seen


@dataclass(frozen=True)
class Splits:
    """Who trains and who tests; every tuple is sorted, but references keep their order.

    Attributes:
        train_fonts: Fonts that a model may train on.
        unseen_fonts: Fonts that test it.
        seen_fonts: Those of ``train_fonts`` that the cells SFSC and SFUC are measured on.
        seen_characters: Syllables that a model may train on.
        unseen_characters: Syllables that test it.
        references: Syllables whose images are given as style; seen, and never scored.
        lite_characters: The syllables of the small track.
        content_font: The font that content images are drawn in.
    """

    train_fonts: tuple[str, ...]
    unseen_fonts: tuple[str, ...]
    seen_fonts: tuple[str, ...]
    seen_characters: tuple[str, ...]
    unseen_characters: tuple[str, ...]
    references: tuple[str, ...]
    lite_characters: tuple[str, ...]
    content_font: str

    def cell(self, font_id: str, syllable: str) -> Cell:
        """Which of the four cells a glyph belongs to.

        Raises:
            KeyError: The font or the syllable is in no split.
        """
        font = "u" if font_id in self.unseen_fonts else "s"
        character = "u" if syllable in self.unseen_characters else "s"
        if font == "s" and font_id not in self.train_fonts:
            raise KeyError(font_id)
        if character == "s" and syllable not in self.seen_characters:
            raise KeyError(syllable)
        cell: Cell = f"{font}f{character}c"  # type: ignore[assignment]
        return cell


LISTS = tuple(field.name for field in fields(Splits) if field.name != "content_font")
FONT_LISTS = tuple(name for name in LISTS if name.endswith("_fonts"))


@cache
def evaluation_fonts() -> tuple[EvaluationFont, ...]:
    """The ten unseen and ten seen fonts that pin the benchmark, by font id."""
    rows = csv.DictReader(_data("evaluation_fonts.csv").splitlines())
    return tuple(EvaluationFont(**row) for row in rows)


@cache
def fixed_characters(name: Literal["characters_unseen", "references", "lite"]) -> tuple[str, ...]:
    """A committed list of syllables; references come in their order, the others sorted."""
    return tuple(_data(f"{name}.txt").split())


def choose_fixed_lists() -> dict[str, tuple[str, ...]]:
    """Make the committed lists anew, by the rules; a test holds the files against this."""
    references = fixed_characters("references")
    unseen = choose_unseen(ksx1001(), N_UNSEEN_CHARACTERS, keep=references)
    seen = [s for s in ksx1001() if s not in unseen and s not in references]
    lite = choose_lite(seen, unseen, n_seen=N_LITE_SEEN, n_unseen=N_LITE_UNSEEN)
    return {"characters_unseen": unseen, "lite": lite}


def make_splits(
    fonts: Sequence[SplitFont],
    characters: Sequence[str],
    override: Mapping[str, Sequence[str] | str] | None = None,
) -> Splits:
    """The splits of a dataset.

    A category that holds one of the benchmark's unseen lineages is split as the benchmark is; any
    other gives up to five families, by SHA-256 of their lineage and never more than half, to the
    test. Of the characters, the committed 235 are unseen; those outside KS X 1001 are unseen too,
    so that the seen ones are the same in every dataset.

    Args:
        fonts: All fonts; each has a category.
        characters: All syllables, in code-point order.
        override: A user's own lists, as :func:`hangeul_bench.split_file.read_splits_file` returns.

    Raises:
        UserError: ``override`` names what is not there, or puts a lineage on both sides.
    """
    given = override or {}
    chosen = _choose_characters(characters, given) | _choose_fonts(fonts, given)
    content_font = str(given.get("content_font") or _content_font(fonts, chosen["train_fonts"]))
    splits = Splits(**chosen, content_font=content_font)
    _check(splits, fonts, characters)
    return splits


def _choose_characters(
    characters: Sequence[str], given: Mapping[str, Sequence[str] | str]
) -> dict[str, tuple[str, ...]]:
    have = set(characters)
    references = tuple(given.get("references", ()))
    if "unseen_characters" in given:
        unseen = tuple(sorted(set(given["unseen_characters"])))
    elif known := have.intersection(ksx1001()):
        fixed = set(fixed_characters("characters_unseen"))
        unseen = tuple(sorted((known & fixed) | (have - known) - set(references)))
    else:  # nothing of the benchmark's set: a tenth, by the same rule
        unseen = choose_unseen(characters, len(characters) // 10, keep=references)
    seen = tuple(sorted(have - set(unseen)))
    references = (
        references
        or tuple(syllable for syllable in fixed_characters("references") if syllable in seen)
        or tuple(syllable_order(seen, "reference ")[:N_REFERENCES])
    )
    lite = given.get("lite_characters") or [
        s for s in fixed_characters("lite") if s in have and s not in references
    ]
    if not lite:
        lite = choose_lite(
            [s for s in seen if s not in references],
            unseen,
            n_seen=N_LITE_SEEN,
            n_unseen=N_LITE_UNSEEN,
        )
    return {
        "seen_characters": seen,
        "unseen_characters": unseen,
        "references": references,
        "lite_characters": tuple(sorted(lite)),
    }


def _choose_fonts(
    fonts: Sequence[SplitFont], given: Mapping[str, Sequence[str] | str]
) -> dict[str, tuple[str, ...]]:
    ids = {font.font_id for font in fonts}
    if "unseen_fonts" in given:
        unseen = set(given["unseen_fonts"])
    elif "train_fonts" in given:
        unseen = ids - set(given["train_fonts"])
    else:
        lineages = _unseen_lineages(fonts)
        unseen = {font.font_id for font in fonts if font.lineage in lineages}
        # Somebody who builds from one font only wants to look at it.
        unseen = set() if unseen == ids else unseen
    others = [font for font in fonts if font.font_id not in unseen]
    train = given.get("train_fonts") or [font.font_id for font in others]
    seen = given.get("seen_fonts") or _seen_fonts([f for f in others if f.font_id in set(train)])
    return {
        "train_fonts": tuple(sorted(train)),
        "unseen_fonts": tuple(sorted(unseen)),
        "seen_fonts": tuple(sorted(seen)),
    }


def _unseen_lineages(fonts: Sequence[SplitFont]) -> set[str]:
    fixed = {font.lineage for font in evaluation_fonts() if font.role == "unseen"}
    lineages = {font.lineage for font in fonts} & fixed
    for category in sorted({font.category or "" for font in fonts}):
        families = {font.lineage for font in fonts if font.category == category}
        if not families & fixed:
            lineages.update(choose_families(families, N_TEST_FAMILIES))
    return lineages


def _seen_fonts(train: Sequence[SplitFont]) -> list[str]:
    """The benchmark's seen fonts, or one style of up to five training families a category."""
    fixed = {font.font_id for font in evaluation_fonts() if font.role == "seen"}
    chosen: list[str] = []
    for category in sorted({font.category or "" for font in train}):
        fonts = {font.font_id: font.lineage for font in train if font.category == category}
        known = fixed & set(fonts)
        if known:
            chosen += known
            continue
        one_style: dict[str, str] = {}
        for font_id in hash_order(fonts, "seen "):
            one_style.setdefault(fonts[font_id], font_id)
        chosen += list(one_style.values())[:N_TEST_FAMILIES]
    return chosen


def _content_font(fonts: Sequence[SplitFont], train: Iterable[str]) -> str:
    """The benchmark's content font; without it, a printed training font, if there is one."""
    known = set(train)
    ids = [font.font_id for font in fonts if font.font_id in known]
    printed = [f.font_id for f in fonts if f.font_id in known and f.category == "printed"]
    if CONTENT_FONT in ids:
        return CONTENT_FONT
    return next(iter(hash_order(printed or ids, "content ")), fonts[0].font_id)


def _check(splits: Splits, fonts: Sequence[SplitFont], characters: Sequence[str]) -> None:
    lineages = {font.font_id: font.lineage for font in fonts}
    for name in (*FONT_LISTS, "content_font"):
        value = getattr(splits, name)
        for font_id in (value,) if isinstance(value, str) else value:
            if font_id not in lineages:
                raise UserError(f"The splits name the font {font_id} in {name}, but there is none.")
    for name in ("unseen_characters", "references", "lite_characters"):
        for syllable in getattr(splits, name):
            if syllable not in set(characters):
                shown = codepoint_name(syllable) if is_syllable(syllable) else "no syllable"
                raise UserError(
                    f"The splits name {syllable!r} ({shown}) in {name}, but it is not in the "
                    "character set."
                )
    _check_sides(splits, lineages)


def _check_sides(splits: Splits, lineages: Mapping[str, str]) -> None:
    trained = {lineages[font_id]: font_id for font_id in splits.train_fonts}
    for font_id in splits.unseen_fonts:
        if lineages[font_id] in trained:
            raise UserError(
                f"The family {lineages[font_id]} is on both sides of the splits: "
                f"{trained[lineages[font_id]]} trains and {font_id} is unseen; move one."
            )
    split = {*splits.train_fonts, *splits.unseen_fonts}
    for font_id in sorted(set(lineages) - split):
        raise UserError(f"The splits leave out the font {font_id}; put it on a side or remove it.")
    for what, names in (("font", splits.train_fonts), ("character", splits.seen_characters)):
        if not names:
            raise UserError(f"The splits leave no {what} for training; make fewer unseen.")
    for font_id in sorted(set(splits.seen_fonts) - set(splits.train_fonts)):
        raise UserError(f"seen_fonts names {font_id}, which does not train; move it.")
    for syllable in splits.references:
        if syllable in splits.unseen_characters or syllable in splits.lite_characters:
            raise UserError(
                f"The reference {syllable} is also an unseen or lite character; references are "
                "seen and never scored: take it out of one list."
            )


def _data(name: str) -> str:
    folder = resources.files("hangeul_bench") / "data" / "splits"
    return (folder / name).read_text(encoding="utf-8")
