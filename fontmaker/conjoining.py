"""Conjoining jamo (U+1100): their glyphs, and the GSUB feature that composes them to syllables.

HarfBuzz composes them by itself; a program that first looks for every character in the font, or
that composes nothing, needs both.
"""

from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from itertools import groupby
from typing import Any
from unicodedata import normalize

from fontmaker.shapes import Shape, blank
from hangeul_bench.hangeul.phonetics import FINALS, INITIALS, MEDIALS

MAX_CONTEXT = 3  # glyphs that a rule looks at, at most: usMaxContext of OS/2
_FILLER = "\u1160"  # stands for no medial, and so has neither ink nor width
_SCRIPTS = ("DFLT", "hang")


def conjoining_shapes(letters: Mapping[str, Shape]) -> dict[str, Shape]:
    """Conjoining jamo that look like the compatibility jamo, for those that stand alone.

    Args:
        letters: Shapes by character.

    Returns:
        Shapes of all 67 modern jamo and of a filler; none if a compatibility jamo is not there.
    """
    import jamo

    alone = {c: jamo.j2hcj(c) for c in (*INITIALS, *MEDIALS, *FINALS[1:])}
    if not letters.keys() >= set(alone.values()):
        return {}
    return {c: letters[letter] for c, letter in alone.items()} | {_FILLER: blank(0)}


def add_composition(font: Any, syllables: Iterable[str]) -> None:
    """Add ``ccmp``: jamo to the syllables of a font, or to ``.notdef`` where it lacks theirs.

    HarfBuzz splits a syllable that a font lacks into its jamo. Were they shown, no browser would
    look for another font: so jamo that compose nothing are missing, as their syllable is.

    Args:
        font: A ``TTFont`` of fontTools, with the glyphs of :func:`conjoining_shapes`.
        syllables: Those that it has.
    """
    from fontTools.feaLib.builder import addOpenTypeFeatures

    rules = StringIO(composition_rules(font.getBestCmap(), syllables))
    addOpenTypeFeatures(font, rules, tables=["GSUB"])


def composition_rules(cmap: Mapping[int, str], syllables: Iterable[str]) -> str:
    """The feature file of :func:`add_composition`.

    Args:
        cmap: Code point to glyph name, of all conjoining jamo and syllables.
        syllables: Those that the font has.
    """
    return "\n".join(_rules(cmap, sorted(syllables))) + "\n"


def _rules(cmap: Mapping[int, str], syllables: Iterable[str]) -> Iterator[str]:
    """In the order in which they apply: those of three jamo first, or their finals would be left.

    A lookup an initial: all in one have offsets of more than 16 bits, and take fontTools' check
    for doubles, which is quadratic, eight seconds.
    """

    def names(characters: Iterable[str]) -> str:
        return " ".join(cmap[ord(character)] for character in characters)

    by_length: dict[int, list[str]] = {3: [], 2: []}
    for syllable in syllables:
        by_length[len(normalize("NFD", syllable))].append(syllable)
    yield from (f"languagesystem {script} dflt;" for script in _SCRIPTS)
    yield f"@L = [{names(INITIALS)}]; @V = [{names(MEDIALS)}]; @T = [{names(FINALS[1:])}];"
    yield f"lookup missing {{ sub @L by .notdef; sub [@V @T] by {names(_FILLER)}; }} missing;"
    yield "feature ccmp {"
    for length, classes in ((3, "LVT"), (2, "LV")):
        for initial, group in groupby(by_length[length], key=lambda s: normalize("NFD", s)[0]):
            lookup = f"compose{length}_{ord(initial):04X}"
            yield f"lookup {lookup} useExtension {{"
            for syllable in group:
                yield f"sub {names(normalize('NFD', syllable))} by {names(syllable)};"
            yield f"}} {lookup};"
        rule = " ".join(f"@{c}' lookup missing" for c in classes)
        yield f"lookup lack{length} {{ sub {rule}; }} lack{length};"
    yield "} ccmp;"
