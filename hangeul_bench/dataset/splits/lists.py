"""Which fonts and syllables are seen and unseen: what a split is, and the benchmark's lists."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal, Protocol

from hangeul_bench.base.documents import Schema, read_json
from hangeul_bench.base.errors import UserError
from hangeul_bench.fonts.table import CATEGORIES
from hangeul_bench.hangeul.charset import codepoint_name, is_syllable

Cell = Literal["sfsc", "sfuc", "ufsc", "ufuc"]
Side = Literal["train", "unseen", "wide", "excluded"]
SIDES: tuple[Side, ...] = ("train", "unseen", "wide", "excluded")
# Seen or unseen font x seen or unseen character; "uf" is UFSC and UFUC together: unseen fonts, all
# characters. The DK-Font paper's test has the fonts of UFSC alone, as it trains on all characters.
UNSEEN_FONTS = "uf"
CELLS = ("sfsc", "sfuc", "ufsc", "ufuc", UNSEEN_FONTS)

CONTENT_FONT = "noto-sans-kr-regular"


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
    """One of the fonts that pin the benchmark's tracks."""

    font_id: str
    lineage: str
    category: str
    role: str  # unseen, seen, wide or excluded


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
        wide_fonts: Fonts that test a model on the track ``wide``; they train none either.
        excluded_fonts: Fonts that neither train nor test: other weights of wide test families.
        wide_characters: The syllables of the track ``wide``; empty without wide fonts.
    """

    train_fonts: tuple[str, ...]
    unseen_fonts: tuple[str, ...]
    seen_fonts: tuple[str, ...]
    seen_characters: tuple[str, ...]
    unseen_characters: tuple[str, ...]
    references: tuple[str, ...]
    lite_characters: tuple[str, ...]
    content_font: str
    wide_fonts: tuple[str, ...] = ()
    excluded_fonts: tuple[str, ...] = ()
    wide_characters: tuple[str, ...] = ()

    def side(self, font_id: str) -> Side:
        """What a font is for; fonts that are in no list count as training fonts."""
        for side in SIDES[1:]:
            if font_id in getattr(self, f"{side}_fonts"):
                return side
        return "train"

    @property
    def test_fonts(self) -> tuple[str, ...]:
        """Every font that some track asks for and that no model may train on."""
        return (*self.unseen_fonts, *self.wide_fonts)

    @property
    def evaluated_fonts(self) -> tuple[str, ...]:
        """Every font that some track asks for, sorted."""
        return tuple(sorted((*self.test_fonts, *self.seen_fonts)))

    def cell(self, font_id: str, syllable: str) -> Cell:
        """Which of the four cells a glyph belongs to.

        Raises:
            KeyError: The font or the syllable is in no split.
        """
        font = "u" if font_id in self.test_fonts else "s"
        character = "u" if syllable in self.unseen_characters else "s"
        if font == "s" and font_id not in self.train_fonts:
            raise KeyError(font_id)
        if character == "s" and syllable not in self.seen_characters:
            raise KeyError(syllable)
        cell: Cell = f"{font}f{character}c"  # type: ignore[assignment]
        return cell


@dataclass(frozen=True)
class Track:
    """Which fonts and syllables are asked of a model, by their lists in :class:`Splits`.

    Attributes:
        name: As ``--track`` and the names of results have it.
        unseen: The list of its unseen fonts.
        seen: The list of its seen fonts; empty if it has none.
        syllables: The list of its syllables; empty for all of a dataset.
        fingerprint: The hash in ``dataset.json`` of what its scores depend on.
        remedy: What to do with a dataset that has nothing to ask.
    """

    name: str
    unseen: str = "unseen_fonts"
    seen: str = "seen_fonts"
    syllables: str = ""
    fingerprint: str = "benchmark_fingerprint"
    remedy: str = "build it from fonts of at least one unseen family"

    def unseen_fonts(self, splits: Splits) -> tuple[str, ...]:
        """The fonts that a model may not have trained on, sorted."""
        fonts: tuple[str, ...] = getattr(splits, self.unseen)
        return fonts

    def fonts(self, splits: Splits) -> tuple[str, ...]:
        """The fonts that the track asks for, sorted."""
        seen = getattr(splits, self.seen) if self.seen else ()
        return tuple(sorted((*self.unseen_fonts(splits), *seen)))

    def pins(self, font: EvaluationFont) -> bool:
        """Whether one of the benchmark's own fonts is of this track."""
        return f"{font.role}_fonts" in (self.unseen, self.seen)


TRACKS = {
    track.name: track
    for track in (
        Track("lite", syllables="lite_characters"),
        Track("full"),
        Track(
            "wide",
            unseen="wide_fonts",
            seen="",
            syllables="wide_characters",
            fingerprint="wide_fingerprint",
            remedy="build it from the fonts of 'hangeul-bench fonts fetch --set open'",
        ),
    )
}
SCORED_CATEGORIES = (*CATEGORIES, "all")
UNSEEN_FONT_CELLS = ("ufsc", "ufuc")
SEEN_FONT_CELLS = ("sfsc", "sfuc")
LISTS = tuple(field.name for field in fields(Splits) if field.name != "content_font")
FONT_LISTS = tuple(name for name in LISTS if name.endswith("_fonts"))
# A dataset that has nothing in one of these lists has no file of it, and a hash without it.
OPTIONAL_LISTS = ("wide_fonts", "excluded_fonts", "wide_characters")
_CHARACTER_LISTS = ("seen_characters", "unseen_characters")


def cells_of(base_cell: str) -> tuple[str, ...]:
    """The cells a glyph counts in: its own, and ``uf`` if its font is unseen."""
    return (base_cell, UNSEEN_FONTS) if base_cell in UNSEEN_FONT_CELLS else (base_cell,)


def track_named(name: str) -> Track:
    """The track of a name.

    Raises:
        UserError: There is none.
    """
    if name not in TRACKS:
        raise UserError(f"Expected --track {' or '.join(TRACKS)}, but found {name!r}.")
    return TRACKS[name]


@cache
def evaluation_fonts() -> tuple[EvaluationFont, ...]:
    """The ten unseen and ten seen fonts that pin the tracks lite and full, by font id."""
    return _font_rows("evaluation_fonts.csv")


@cache
def wide_fonts() -> tuple[EvaluationFont, ...]:
    """The forty fonts of the track ``wide``, and the other weights of their families, by font id.

    Their role is ``wide`` or ``excluded``. They were chosen by hash within quotas of foundries.
    """
    return _font_rows("wide_fonts.csv")


@cache
def fixed_characters(
    name: Literal["characters_unseen", "references", "lite", "wide"],
) -> tuple[str, ...]:
    """A committed list of syllables; references come in their order, the others sorted."""
    return tuple(_data(f"{name}.txt").split())


def check_splits(splits: Splits, fonts: Sequence[SplitFont], characters: Sequence[str]) -> None:
    """Check splits against the fonts and characters they are of.

    Raises:
        UserError: They name what is not there or something twice, leave a font or a syllable out,
            leave nothing for training, or put a lineage, a syllable or a reference on both sides.
    """
    lineages, known = {font.font_id: font.lineage for font in fonts}, set(characters)
    for name in (*FONT_LISTS, "content_font"):
        value = getattr(splits, name)
        for font_id in (value,) if isinstance(value, str) else value:
            if font_id not in lineages:
                raise UserError(
                    f"The splits name the font {font_id[:80]!r} in {name}, but there is none."
                )
    for name in (*_CHARACTER_LISTS, "references", "lite_characters", "wide_characters"):
        for syllable in getattr(splits, name):
            if syllable not in known:
                shown = codepoint_name(syllable) if is_syllable(syllable) else "no syllable"
                raise UserError(
                    f"The splits name {syllable[:20]!r} ({shown}) in {name}, but it is not in the "
                    "character set."
                )
    for name in LISTS:
        if doubles := [item for item, n in Counter(getattr(splits, name)).items() if n > 1]:
            raise UserError(f"The splits name {doubles[0]} twice in {name}; keep one.")
    _check_sides(splits, lineages)
    _check_characters(splits, characters)


def _check_characters(splits: Splits, characters: Sequence[str]) -> None:
    seen, unseen = set(splits.seen_characters), set(splits.unseen_characters)
    for syllable in characters:
        if (syllable in seen) == (syllable in unseen):
            where = "both" if syllable in seen else "neither"
            raise UserError(
                f"The syllable {syllable} is in {where} of seen_characters and unseen_characters; "
                "put it into one."
            )
    if not splits.references:
        raise UserError("The splits name no reference; list at least one seen syllable.")


def _check_sides(splits: Splits, lineages: Mapping[str, str]) -> None:
    trained = {lineages[font_id]: font_id for font_id in splits.train_fonts}
    for side in SIDES[1:]:
        for font_id in getattr(splits, f"{side}_fonts"):
            if lineages[font_id] in trained:
                raise UserError(
                    f"The family {lineages[font_id]} is on both sides of the splits: "
                    f"{trained[lineages[font_id]]} trains and {font_id} is {side}; move one."
                )
    _check_one_side(splits, lineages)
    for what, names in (("font", splits.train_fonts), ("character", splits.seen_characters)):
        if not names:
            raise UserError(f"The splits leave no {what} for training; make fewer unseen.")
    for font_id in sorted(set(splits.seen_fonts) - set(splits.train_fonts)):
        raise UserError(f"seen_fonts names {font_id}, which does not train; move it.")
    for syllable in splits.references:
        if syllable in (
            *splits.unseen_characters,
            *splits.lite_characters,
            *splits.wide_characters,
        ):
            raise UserError(
                f"The reference {syllable} is also an unseen, lite or wide character; references "
                "are seen and never scored: take it out of one list."
            )


def _check_one_side(splits: Splits, lineages: Mapping[str, str]) -> None:
    sides = Counter(f for side in SIDES for f in getattr(splits, f"{side}_fonts"))
    for font_id in sorted(lineages):
        if font_id not in sides:
            raise UserError(
                f"The splits leave out the font {font_id}; put it on a side or remove it."
            )
        if sides[font_id] > 1:
            raise UserError(f"The splits put the font {font_id} on two sides; keep one.")


def _font_rows(name: str) -> tuple[EvaluationFont, ...]:
    rows = csv.DictReader(_data(name).splitlines())
    return tuple(EvaluationFont(**row) for row in rows)


def _data(name: str) -> str:
    folder = resources.files("hangeul_bench.dataset.splits")
    return (folder / name).read_text(encoding="utf-8")


_NAMES = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
_PROPERTIES = {
    name: _NAMES if name in FONT_LISTS else {**_NAMES, "type": ["array", "string"]}
    for name in LISTS
    if name != "seen_characters"
} | {"content_font": {"type": "string"}}
_SCHEMA = Schema({"type": "object", "properties": _PROPERTIES, "additionalProperties": False})


def read_splits_file(path: Path) -> dict[str, Sequence[str] | str]:
    """Read a user's own splits.

    A JSON object in which every key is optional: ``unseen_fonts``, ``seen_fonts``, ``train_fonts``
    (lists of font ids), ``unseen_characters``, ``references``, ``lite_characters`` (strings or
    lists of syllables) and ``content_font`` (a font id). What is left out follows the rules;
    fonts and characters that are not unseen are for training.

    Raises:
        UserError: It is no such file.
    """
    keys = ", ".join(sorted(_PROPERTIES))
    content: dict[str, Sequence[str] | str] = read_json(
        path, _SCHEMA, expected=f"a splits file with keys among {keys}", remedy="correct it"
    )
    return content
