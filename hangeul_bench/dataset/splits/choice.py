"""Chooses the splits of a dataset: the benchmark's, by rule for other folders, or a user's own.

The rules are pure functions. Chance comes from SHA-256 of what is chosen among, so the choice needs
no seed, is the same on every machine, and does not depend on the order of a listing.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from hangeul_bench.base.files import hash_order
from hangeul_bench.dataset.splits.lists import (
    CONTENT_FONT,
    SIDES,
    SplitFont,
    Splits,
    check_splits,
    evaluation_fonts,
    fixed_characters,
    wide_fonts,
)
from hangeul_bench.hangeul.charset import codepoint_name, ksx1001
from hangeul_bench.hangeul.phonetics import decompose

N_UNSEEN_CHARACTERS = 235
N_LITE_SEEN, N_LITE_UNSEEN = 60, 40
N_WIDE_SEEN, N_WIDE_UNSEEN = 36, 24
N_TEST_FAMILIES = 5  # in each category
N_REFERENCES = 8

_Part = tuple[str, int]  # a jamo in its position, e.g. ("final", 4)


def choose_fixed_lists() -> dict[str, tuple[str, ...]]:
    """Make the committed lists anew, by the rules; a test holds the files against this."""
    references = fixed_characters("references")
    unseen = choose_unseen(ksx1001(), N_UNSEEN_CHARACTERS, keep=references)
    seen = [s for s in ksx1001() if s not in unseen and s not in references]
    lite = choose_lite(seen, unseen, n_seen=N_LITE_SEEN, n_unseen=N_LITE_UNSEEN)
    wide = choose_lite(seen, unseen, n_seen=N_WIDE_SEEN, n_unseen=N_WIDE_UNSEEN, salt="wide ")
    return {"characters_unseen": unseen, "lite": lite, "wide": wide}


def make_splits(
    fonts: Sequence[SplitFont],
    characters: Sequence[str],
    override: Mapping[str, Sequence[str] | str] | None = None,
) -> Splits:
    """The splits of a dataset.

    Families of the track ``wide`` neither train nor are unseen fonts of the other tracks. A
    category that holds one of the benchmark's unseen lineages is split as the benchmark is; any
    other gives up to five families, by SHA-256 of their lineage and never more than half, to the
    test. Of the characters, the committed 235 are unseen; those outside KS X 1001 are unseen too,
    so that the seen ones are the same in every dataset.

    Args:
        fonts: All fonts; each has a category.
        characters: All syllables, in code-point order.
        override: A user's own lists, as
            :func:`hangeul_bench.dataset.splits.lists.read_splits_file` returns.

    Raises:
        UserError: ``override`` names what is not there, or puts a lineage on both sides.
    """
    given = override or {}
    chosen = _choose_characters(characters, given) | _choose_fonts(fonts, given)
    chosen["wide_characters"] = _wide_characters(chosen, given)
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
    wide, excluded = _wide_fonts(fonts, given)
    fonts = [font for font in fonts if font.font_id not in {*wide, *excluded}]
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
        "wide_fonts": wide,
        "excluded_fonts": excluded,
    }


def _wide_fonts(
    fonts: Sequence[SplitFont], given: Mapping[str, Sequence[str] | str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fonts of the track ``wide``, and those that no track and no training takes."""
    if any(f"{side}_fonts" in given for side in SIDES):  # a user's own sides are whole
        own = (given.get(f"{side}_fonts", ()) for side in ("wide", "excluded"))
        return tuple(sorted(next(own))), tuple(sorted(next(own)))
    tests = {font.font_id for font in wide_fonts() if font.role == "wide"}
    lineages = {font.lineage for font in wide_fonts()}
    held_back = [font.font_id for font in fonts if font.lineage in lineages]
    if len(held_back) == len(fonts):  # nothing would be left to train on
        return (), ()
    wide = tuple(sorted(tests.intersection(held_back)))
    return wide, tuple(sorted(set(held_back) - set(wide)))


def _wide_characters(
    chosen: Mapping[str, tuple[str, ...]], given: Mapping[str, Sequence[str] | str]
) -> tuple[str, ...]:
    if not chosen["wide_fonts"]:
        return ()
    have = {*chosen["seen_characters"], *chosen["unseen_characters"]} - {*chosen["references"]}
    fixed = [s for s in fixed_characters("wide") if s in have]
    return tuple(sorted(given.get("wide_characters") or fixed or chosen["lite_characters"]))


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


def syllable_order(syllables: Iterable[str], salt: str = "") -> list[str]:
    """Syllables in the :func:`hash_order` of their names, such as ``U+AC00``."""
    by_name = {codepoint_name(syllable): syllable for syllable in syllables}
    return [by_name[name] for name in hash_order(by_name, salt)]


def choose_unseen(
    syllables: Collection[str], count: int, *, keep: Collection[str] = ()
) -> tuple[str, ...]:
    """The syllables to hold out of training.

    They come in hash order; one is passed over if without it an initial, medial or final of
    ``syllables`` would no longer occur among the seen ones.

    Args:
        syllables: All of the character set.
        count: How many to choose; fewer come back if the condition allows no more.
        keep: Syllables that stay seen, such as the references.

    Returns:
        The chosen ones in code-point order.
    """
    left = Counter(part for syllable in syllables for part in _parts(syllable))
    chosen: list[str] = []
    for syllable in syllable_order(syllables):
        if len(chosen) == count:
            break
        if syllable not in keep and all(left[part] > 1 for part in _parts(syllable)):
            left.subtract(_parts(syllable))
            chosen.append(syllable)
    return tuple(sorted(chosen))


def choose_lite(
    seen: Collection[str],
    unseen: Collection[str],
    *,
    n_seen: int,
    n_unseen: int,
    salt: str = "lite ",
) -> tuple[str, ...]:
    """A small test set in which every initial, medial and final of the seen syllables occurs.

    The seen ones are those that add most jamo not yet covered, in hash order among equals, until
    all are covered; the rest follows in hash order.

    Returns:
        ``n_seen`` + ``n_unseen`` syllables in code-point order.
    """
    order = syllable_order(seen, salt)
    uncovered = {part for syllable in seen for part in _parts(syllable)}
    chosen: list[str] = []
    while uncovered and len(chosen) < n_seen:
        best = max(order, key=lambda syllable: len(uncovered.intersection(_parts(syllable))))
        chosen.append(best)
        uncovered.difference_update(_parts(best))
    rest = [syllable for syllable in order if syllable not in chosen]
    chosen += rest[: n_seen - len(chosen)]
    return tuple(sorted(chosen + syllable_order(unseen, salt)[:n_unseen]))


def choose_families(families: Collection[str], count: int) -> tuple[str, ...]:
    """The first ``count`` families in hash order, sorted."""
    return tuple(sorted(hash_order(families)[:count]))


def _parts(syllable: str) -> Sequence[_Part]:
    initial, medial, final = decompose(syllable)
    return ("initial", initial), ("medial", medial), ("final", final)
