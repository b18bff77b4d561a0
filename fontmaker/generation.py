"""Draw all syllables of a font: the reader looks at each, and what reads wrong is drawn again."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from fontmaker.edges import crisp
from fontmaker.glyphs import Content, draw_glyphs
from fontmaker.reference import Reference
from fontmaker.references import Source
from fontmaker.store import GlyphStore
from fontmaker.verification import Reading, joined, read_pages
from hangeul_bench.adapter import FontModel
from hangeul_bench.adapter.generate import check_polarity
from hangeul_bench.base.images import Glyphs
from hangeul_bench.base.progress import Progress

if TYPE_CHECKING:
    from hangeul_bench.reader import JamoReader

Index = NDArray[np.int64]
Origin = Literal["drawn", "reference", "kept"]
# Title, number of units and their name => a context that counts them, as progress.progress.
Stages = Callable[[str, float, str], AbstractContextManager[Progress]]

TRIES = 4  # drawings of a syllable that reads wrong, the first one included
_AT_ONCE = 256  # glyphs that are read
_NEXT_SEED = 1_000_003  # a prime: no two fonts' seeds meet in their tries


@dataclass(frozen=True)
class Artist:
    """Who draws, and from what.

    Attributes:
        model: The model.
        name: What the user called it.
        sources: The reference glyphs.
        content: Syllables in the content font.
        content_sha256: Hash of what ``content`` gives, where the model looks at it; else empty.
        seed: Of the first drawing; each further one has another.
        tries: Drawings of a syllable that reads wrong, the first one included.
    """

    model: FontModel
    name: str
    sources: tuple[Source, ...]
    content: Content
    content_sha256: str = ""
    seed: int = 0
    tries: int = TRIES

    def claim(self) -> dict[str, Any]:
        """All that decides how a syllable is drawn; JSON."""
        import hashlib

        references = {
            s.character: hashlib.sha256(s.image.tobytes()).hexdigest() for s in self.sources
        }
        return {
            "model": self.name,
            "checkpoint_sha256": self.model.checkpoint_sha256,
            "details": self.model.details,
            "references": references,
            "content_sha256": self.content_sha256,
            "seed": self.seed,
        }

    def seed_of(self, attempt: int) -> int:
        """The seed of the n-th drawing of a syllable."""
        return (self.seed + attempt * _NEXT_SEED) % (1 << 31)


@dataclass
class Drawn:
    """All syllables of a font as pages.

    Attributes:
        syllables: In code-point order.
        pages: (N, 128, 128) uint8, 0 = ink, 255 = paper: what is traced.
        crisp: The same with edges as sharp as a font's: what is read, shown and compared with.
        origins: Where each page comes from.
        tries: Syllable to how often it was drawn, where that is more than once.
        chosen: Syllable to the drawing that was taken, from 0, where it is not the first.
        first_jamo_error: Of the first drawings, share of wrong jamo; the model's own.
        same_each_time: Whether the model draws the same for every seed, so that drawing again
            helps nothing.
    """

    syllables: tuple[str, ...]
    pages: Glyphs
    crisp: Glyphs
    origins: tuple[Origin, ...]
    tries: dict[str, int] = field(default_factory=dict)
    chosen: dict[str, int] = field(default_factory=dict)
    first_jamo_error: float | None = None
    same_each_time: bool = False

    def only(self, rows: Index) -> "Drawn":
        """The same with some syllables alone."""
        return replace(
            self,
            syllables=tuple(self.syllables[row] for row in rows.tolist()),
            pages=self.pages[rows],
            crisp=self.crisp[rows],
            origins=tuple(self.origins[row] for row in rows.tolist()),
        )


def draw_font(
    artist: Artist,
    syllables: Sequence[str],
    *,
    kept: Mapping[str, Glyphs],
    store: GlyphStore,
    reader: "JamoReader",
    stages: Stages,
) -> Drawn:
    """Draw syllables, read them, and draw again what reads wrong.

    A reference stands for its own syllable, and a kept page for its own before it.

    Args:
        artist: Who draws, and from what.
        syllables: (N) each once, in code-point order.
        kept: Syllable to a page of the user's own.
        store: Where drawings lie; those that are there already are not drawn again.
        reader: Who reads.
        stages: Shows how far each stage is.

    Raises:
        UserError: The model failed, or drew white on black.
    """
    drawn = _given(artist, syllables, kept)
    rows = np.flatnonzero([origin == "drawn" for origin in drawn.origins])
    asked = tuple(syllables[row] for row in rows.tolist())
    if asked:
        drawn.pages[rows] = draw_attempt(artist, asked, 0, store=store, stages=stages)
        check_polarity(drawn.pages[rows], where=artist.name)
        reading = _read(reader, drawn, rows, stages=stages)
        drawn.first_jamo_error = float(reading.wrong_jamo.mean() / 3)
        wrong = {asked[i]: float(reading.confidence[i]) for i in np.flatnonzero(~reading.right)}
        _draw_again(artist, drawn, wrong, store=store, reader=reader, stages=stages)
    return drawn


def _given(artist: Artist, syllables: Sequence[str], kept: Mapping[str, Glyphs]) -> Drawn:
    """Glyphs that need no model; the others are still blank."""
    given = {s.character: s.image for s in artist.sources} | dict(kept)
    pages = np.full((len(syllables), 128, 128), 255, np.uint8)
    for page, syllable in zip(pages, syllables, strict=True):
        if syllable in given:
            page[:] = given[syllable]
    origins: tuple[Origin, ...] = tuple(
        "kept" if s in kept else "reference" if s in given else "drawn" for s in syllables
    )
    return Drawn(tuple(syllables), pages, crisp(pages), origins)


def draw_attempt(
    artist: Artist, syllables: Sequence[str], attempt: int, *, store: GlyphStore, stages: Stages
) -> Glyphs:
    """The n-th drawings of syllables, (N, 128, 128) uint8; those in the store are taken from it.

    Args:
        artist: Who draws, and from what.
        syllables: (N) which ones.
        attempt: Which drawing, from 0; it decides the seed.
        store: Where drawings lie.
        stages: Shows how far it is.

    Raises:
        UserError: The model failed.
    """
    lacking = store.lacking(syllables, attempt)
    title = "Drawing" if attempt == 0 else f"Drawing again ({attempt})"
    references = [Reference(s.image, s.character, ()) for s in artist.sources]
    with stages(title, len(syllables), "glyphs") as progress:
        progress.advance(len(syllables) - len(lacking))
        for batch in draw_glyphs(
            artist.model,
            references,
            lacking,
            content=artist.content,
            seed=artist.seed_of(attempt),
            progress=progress,
        ):
            store.write(attempt, batch)
    return store.read(syllables, attempt)


def _read(reader: "JamoReader", drawn: Drawn, rows: Index, *, stages: Stages) -> Reading:
    """Make some pages crisp and read them, not all at once: a font's fill 180 MB."""
    readings = []
    with stages("Reading", len(rows), "glyphs") as progress:
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            drawn.crisp[some] = crisp(drawn.pages[some])
            syllables = [drawn.syllables[row] for row in some.tolist()]
            readings.append(read_pages(reader, drawn.crisp[some], syllables))
            progress.advance(len(some))
    return joined(readings)


def _draw_again(
    artist: Artist,
    drawn: Drawn,
    wrong: dict[str, float],
    *,
    store: GlyphStore,
    reader: "JamoReader",
    stages: Stages,
) -> None:
    """Try other seeds for syllables that read wrong; the one that reads best is taken."""
    row = {syllable: number for number, syllable in enumerate(drawn.syllables)}
    for attempt in range(1, artist.tries):
        if not wrong or drawn.same_each_time:
            return
        asked = tuple(wrong)
        before = store.read(asked, attempt - 1)
        pages = draw_attempt(artist, asked, attempt, store=store, stages=stages)
        drawn.same_each_time = bool((pages == before).all())
        sharp = crisp(pages)
        reading = read_pages(reader, sharp, asked)
        for number, syllable in enumerate(asked):
            drawn.tries[syllable] = attempt + 1
            if reading.confidence[number] > wrong[syllable] or reading.right[number]:
                drawn.chosen[syllable] = attempt
                drawn.pages[row[syllable]] = pages[number]
                drawn.crisp[row[syllable]] = sharp[number]
                wrong[syllable] = float(reading.confidence[number])
            if reading.right[number]:
                del wrong[syllable]
