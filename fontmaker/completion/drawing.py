"""Draw the syllables that a font lacks, each from those of its own that share most with it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fontmaker.choice import learned, nearest
from fontmaker.generation import Drawn, Generator, Stages, corrected, draw_font
from fontmaker.reading import read_glyphs
from fontmaker.reference import MOST_REFERENCES, Reference
from fontmaker.store import GlyphStore
from hangeul_bench.base.images import Glyphs
from hangeul_bench.base.progress import Progress
from hangeul_bench.hangeul import decompose, layout

if TYPE_CHECKING:
    from hangeul_bench.reader import JamoReader

_AT_ONCE = 256  # glyphs that are read


def readable(references: Sequence[Reference], reader: "JamoReader") -> tuple[Reference, ...]:
    """The references that read as what they are; all, if none does.

    A font under work may hold a copy of another glyph where a syllable is still to come.
    """
    right: list[bool] = []
    for start in range(0, len(references), _AT_ONCE):
        part = references[start : start + _AT_ONCE]
        images = np.stack([reference.image for reference in part])
        right += read_glyphs(reader, images, [r.character for r in part]).right.tolist()
    return tuple(r for r, ok in zip(references, right, strict=True) if ok) or tuple(references)


def grouped(syllables: Sequence[str]) -> list[tuple[str, ...]]:
    """Syllables of one initial and one layout together: they are drawn from the same references.

    Each choice of references costs a model as much as drawing that many glyphs, so that it is not
    made for every syllable.
    """
    groups: dict[tuple[int, str], list[str]] = {}
    for syllable in sorted(syllables):
        groups.setdefault((decompose(syllable).initial, layout(syllable)), []).append(syllable)
    return [tuple(group) for group in groups.values()]


def corrected_by_hers(generator: Generator, work: Path, stages: Stages) -> Generator:
    """The generator with a correction, measured on glyphs spread over all that the font has."""
    references = generator.references
    own = {reference.character: reference for reference in references}
    most = getattr(generator.model, "most_references", None) or MOST_REFERENCES

    def shown(asked: Reference) -> list[Reference]:
        others = [character for character in own if character != asked.character]
        chosen = nearest((asked.character,), learned(others or own), most)
        return [own[character] for character in chosen]

    some = references[:: max(1, len(references) // MOST_REFERENCES)][:MOST_REFERENCES]
    few = replace(generator, references=tuple(some))
    found = corrected(few, work, stages, shown=shown)
    return replace(generator, correction=found.correction)


def draw_missing(
    generator: Generator,
    syllables: Sequence[str],
    *,
    kept: Mapping[str, Glyphs],
    work: Path,
    reader: "JamoReader",
    stages: Stages,
) -> tuple[Drawn, dict[str, str]]:
    """Draw syllables, each from the references nearest to it.

    Args:
        generator: Who draws; its references are all that may be shown.
        syllables: (N) which, none of them a reference.
        kept: Syllable to an image of the user's own.
        work: Folder for drawings.
        reader: Who reads.
        stages: Shows how far it is.

    Returns:
        The images in code-point order, and each syllable's references.

    Raises:
        UserError: The model failed, or drew white on black.
    """
    own = {reference.character: reference for reference in generator.references}
    most = getattr(generator.model, "most_references", None) or MOST_REFERENCES
    parts: list[Drawn] = []
    shown: dict[str, str] = {}
    with stages("Drawing", len(syllables), "glyphs") as bar:
        for group in grouped(syllables):
            chosen = nearest(group, learned(own), most)
            one = replace(generator, references=tuple(own[s] for s in chosen))
            store = GlyphStore(work, one.settings())
            inner = _Within(bar)
            parts.append(
                draw_font(one, group, kept=kept, store=store, reader=reader, stages=inner.stage)
            )
            bar.advance(len(group) - inner.counted)  # those that the user gave
            shown |= dict.fromkeys(group, "".join(chosen))
    return joined(parts), shown


@dataclass
class _Within:
    """The stages of one group inside the bar of all: first drawings count."""

    bar: Progress
    counted: float = 0
    counting: bool = False

    @contextmanager
    def stage(self, title: str, total: float, unit: str) -> Iterator[Any]:
        self.counting = title == "Drawing"
        yield self

    def advance(self, amount: float = 1) -> None:
        """Count, in the first drawing alone."""
        if self.counting:
            self.counted += amount
            self.bar.advance(amount)

    def note(self, text: str) -> None:
        """Say something beside the bar."""
        self.bar.note(text)


def joined(parts: Sequence[Drawn]) -> Drawn:
    """Drawn groups as one, in code-point order."""
    syllables = [syllable for part in parts for syllable in part.syllables]
    whole = Drawn(
        tuple(syllables),
        np.concatenate([part.images for part in parts]),
        np.concatenate([part.crisp for part in parts]),
        tuple(origin for part in parts for origin in part.origins),
        tries={s: n for part in parts for s, n in part.tries.items()},
        chosen={s: n for part in parts for s, n in part.chosen.items()},
        uncorrected=tuple(s for part in parts for s in part.uncorrected),
    )
    return whole.only(np.array(np.argsort(syllables), np.int64))
