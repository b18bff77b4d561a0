"""Chooses the splits of a dataset: the benchmark's, by rule for other folders, or a user's own."""

from collections.abc import Iterable, Mapping, Sequence

from hangeul_bench.charset import ksx1001
from hangeul_bench.split_rules import (
    choose_families,
    choose_lite,
    choose_unseen,
    hash_order,
    syllable_order,
)
from hangeul_bench.splits import (
    CONTENT_FONT,
    SplitFont,
    Splits,
    check_splits,
    evaluation_fonts,
    fixed_characters,
)

N_UNSEEN_CHARACTERS = 235
N_LITE_SEEN, N_LITE_UNSEEN = 60, 40
N_TEST_FAMILIES = 5  # in each category
N_REFERENCES = 8


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
    check_splits(splits, fonts, characters)
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
    content = {font.lineage for font in fonts if font.font_id == CONTENT_FONT}  # has to train
    lineages = {font.lineage for font in fonts} & fixed
    for category in sorted({font.category or "" for font in fonts}):
        families = {font.lineage for font in fonts if font.category == category}
        if not families & fixed:
            count = min(N_TEST_FAMILIES, len(families) // 2)
            lineages.update(choose_families(families - content, count))
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
