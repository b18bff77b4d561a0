"""Draw all syllables of a font: the reader looks at each, and what reads wrong is drawn again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from fontmaker.content import Content
from fontmaker.correction import Correction, between
from fontmaker.outline import crisp
from fontmaker.reading import Reading, joined, read_glyphs
from fontmaker.reference import MOST_REFERENCES, Reference
from fontmaker.store import GlyphStore
from fontmaker.verification import Verification
from hangeul_bench.adapter import FontModel, Request
from hangeul_bench.adapter.generate import ask, check_polarity
from hangeul_bench.base.files import write_whole
from hangeul_bench.base.images import Glyphs, encode
from hangeul_bench.base.progress import Progress
from hangeul_bench.hangeul import codepoint_name

if TYPE_CHECKING:
    from hangeul_bench.reader import JamoReader

Index = NDArray[np.int64]
Origin = Literal["drawn", "reference", "kept"]
# Title, number of units and their name => a context that counts them, as progress.progress.
Stages = Callable[[str, float, str], AbstractContextManager[Progress]]
TRIES = 4  # drawings of a syllable that reads wrong, the first one included
_AT_ONCE = 256  # glyphs that are read
_NEXT_SEED = 1_000_003  # a prime: no two fonts' seeds meet in their tries
# Images, their syllables, a count of them => what the reader makes of them in a font.
ReadInFont = Callable[[Glyphs, Sequence[str], Progress], Reading]
_DEFAULT_BATCH_SIZE = 64  # glyphs asked at once where the model says nothing


@dataclass(frozen=True)
class Generator:
    """Who draws, and from what.

    Attributes:
        model: The model.
        name: What the user called it.
        references: The reference glyphs.
        content: Syllables in the content font.
        content_sha256: Hash of what ``content`` gives, where the model looks at it; else empty.
        seed: Of the first drawing; each further one has another.
        tries: Drawings of a syllable that reads wrong, the first one included.
        correction: Of all that it draws, see :func:`corrected`.
    """

    model: FontModel
    name: str
    references: tuple[Reference, ...]
    content: Content
    content_sha256: str = ""
    seed: int = 0
    tries: int = TRIES
    correction: Correction = Correction()

    def settings(self) -> dict[str, Any]:
        """All that decides how a syllable is drawn, before it is corrected; JSON."""
        import hashlib

        references = {
            s.character: hashlib.sha256(s.image.tobytes()).hexdigest() for s in self.references
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
    """All syllables of a font as images.

    Attributes:
        syllables: In code-point order.
        images: (N, 128, 128) uint8, 0 = ink, 255 = paper: what is traced.
        crisp: The same with edges as sharp as a font's: what is read, shown and compared with.
        origins: Where each image comes from.
        tries: Syllable to how often it was drawn, where that is more than once.
        chosen: Syllable to the drawing that was taken, from 0, where it is not the first.
        uncorrected: The syllables that read right only as the model drew them.
        first_jamo_error: Of the first drawings, share of wrong jamo; the model's own.
        same_each_time: Whether the model draws the same for every seed, so that drawing again
            helps nothing.
    """

    syllables: tuple[str, ...]
    images: Glyphs
    crisp: Glyphs
    origins: tuple[Origin, ...]
    tries: dict[str, int] = field(default_factory=dict)
    chosen: dict[str, int] = field(default_factory=dict)
    uncorrected: tuple[str, ...] = ()
    first_jamo_error: float | None = None
    same_each_time: bool = False

    def only(self, rows: Index) -> "Drawn":
        """The same with some syllables alone."""
        return replace(
            self,
            syllables=tuple(self.syllables[row] for row in rows.tolist()),
            images=self.images[rows],
            crisp=self.crisp[rows],
            origins=tuple(self.origins[row] for row in rows.tolist()),
        )


def draw_font(
    generator: Generator,
    syllables: Sequence[str],
    *,
    kept: Mapping[str, Glyphs],
    store: GlyphStore,
    reader: "JamoReader",
    stages: Stages,
) -> Drawn:
    """Draw syllables, read them, and draw again what reads wrong.

    A reference stands for its own syllable, and a kept image for its own before it.

    Args:
        generator: Who draws, and from what.
        syllables: (N) each once, in code-point order.
        kept: Syllable to an image of the user's own.
        store: Where drawings lie; those that are there already are not drawn again.
        reader: Who reads.
        stages: Shows how far each stage is.

    Raises:
        UserError: The model failed, or drew white on black.
    """
    drawn = _given(generator, syllables, kept)
    rows = np.flatnonzero([origin == "drawn" for origin in drawn.origins])
    asked = tuple(syllables[row] for row in rows.tolist())
    if asked:
        drawn.images[rows] = draw_attempt(generator, asked, 0, store=store, stages=stages)
        check_polarity(drawn.images[rows], where=generator.name)
        reading = _read(reader, drawn, rows, stages=stages)
        drawn.first_jamo_error = float(reading.wrong_jamo.mean() / 3)
        wrong = {asked[i]: float(reading.confidence[i]) for i in np.flatnonzero(~reading.right)}
        if wrong and generator.correction.needed:
            _take_uncorrected(drawn, wrong, store=store, reader=reader)
        _draw_again(generator, drawn, wrong, store=store, reader=reader, stages=stages)
    return drawn


def _given(generator: Generator, syllables: Sequence[str], kept: Mapping[str, Glyphs]) -> Drawn:
    """Glyphs that need no model; the others are still blank."""
    given = {s.character: s.image for s in generator.references} | dict(kept)
    images = np.full((len(syllables), 128, 128), 255, np.uint8)
    for image, syllable in zip(images, syllables, strict=True):
        if syllable in given:
            image[:] = given[syllable]
    origins: tuple[Origin, ...] = tuple(
        "kept" if s in kept else "reference" if s in given else "drawn" for s in syllables
    )
    return Drawn(tuple(syllables), images, crisp(images), origins)


def content_lacking(generator: Generator, syllables: Sequence[str]) -> tuple[str, ...]:
    """The syllables for which a model that looks at content would see blank paper."""
    if not generator.content_sha256 or not syllables:  # the model does not look at content
        return ()
    blank = (generator.content(syllables) == 255).all(axis=(1, 2))
    return tuple(s for s, lacks in zip(syllables, blank, strict=True) if lacks)


def corrected(
    generator: Generator,
    work: Path,
    stages: Stages,
    *,
    shown: Callable[[Reference], Sequence[Reference]] | None = None,
) -> Generator:
    """The same, but what it draws gets the references' stroke width and size.

    It draws its references, and the correction is what takes these drawings to the true glyphs.
    Each is drawn from the others where there are several: a model that is shown the very syllable
    which it is to draw does not tell how it draws other ones. One whose content the model would
    have to see blank tells nothing.

    Args:
        generator: Who draws, and from what.
        work: Folder for drawings.
        stages: Shows how far it is.
        shown: Gives what a reference is drawn from; all others by default.

    Raises:
        UserError: The model failed.
    """
    blank = content_lacking(generator, [one.character for one in generator.references])
    references = [one for one in generator.references if one.character not in blank]
    references = references[:MOST_REFERENCES]
    if not references:
        return generator
    drawn = []
    with stages("Measuring", len(references), "references") as bar:

        @contextmanager
        def within(*_: object) -> Iterator[Progress]:
            yield bar

        for own in references:
            others = [other for other in references if other is not own] or [own]
            one = replace(generator, references=tuple(others if shown is None else shown(own)))
            store = GlyphStore(work, one.settings())
            drawn.append(draw_attempt(one, (own.character,), 0, store=store, stages=within)[0])
    true = np.stack([reference.image for reference in references])
    return replace(generator, correction=between(np.stack(drawn), true))


def draw_attempt(
    generator: Generator,
    syllables: Sequence[str],
    attempt: int,
    *,
    store: GlyphStore,
    stages: Stages,
) -> Glyphs:
    """The n-th drawings of syllables, corrected: (N, 128, 128) uint8.

    Those in the store, where they lie as the model drew them, are taken from it.

    Args:
        generator: Who draws, and from what.
        syllables: (N) which ones.
        attempt: Which drawing, from 0; it decides the seed.
        store: Where drawings lie.
        stages: Shows how far it is.

    Raises:
        UserError: The model failed.
    """
    lacking = store.lacking(syllables, attempt)
    title = "Drawing" if attempt == 0 else f"Drawing again ({attempt})"
    with stages(title, len(syllables), "glyphs") as progress:
        progress.advance(len(syllables) - len(lacking))
        for batch in draw_glyphs(
            generator.model,
            generator.references,
            lacking,
            content=generator.content,
            seed=generator.seed_of(attempt),
            progress=progress,
        ):
            store.write(attempt, batch)
    return generator.correction(store.read(syllables, attempt))


def _take_uncorrected(
    drawn: Drawn, wrong: dict[str, float], *, store: GlyphStore, reader: "JamoReader"
) -> None:
    """Take first drawings that read wrong as they were before correction, if they read right so."""
    asked = tuple(wrong)
    images = store.read(asked, 0)
    sharp = crisp(images)
    right = np.flatnonzero(read_glyphs(reader, sharp, asked).right).tolist()
    row = {syllable: number for number, syllable in enumerate(drawn.syllables)}
    for number in right:
        drawn.images[row[asked[number]]] = images[number]
        drawn.crisp[row[asked[number]]] = sharp[number]
        del wrong[asked[number]]
    drawn.uncorrected = tuple(asked[number] for number in right)


def _read(reader: "JamoReader", drawn: Drawn, rows: Index, *, stages: Stages) -> Reading:
    """Make some images crisp and read them, not all at once: a font's fill 180 MB."""
    readings = []
    with stages("Reading", len(rows), "glyphs") as progress:
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            drawn.crisp[some] = crisp(drawn.images[some])
            syllables = [drawn.syllables[row] for row in some.tolist()]
            readings.append(read_glyphs(reader, drawn.crisp[some], syllables))
            progress.advance(len(some))
    return joined(readings)


def _draw_again(
    generator: Generator,
    drawn: Drawn,
    wrong: dict[str, float],
    *,
    store: GlyphStore,
    reader: "JamoReader",
    stages: Stages,
) -> None:
    """Try other seeds for syllables that read wrong; the one that reads best is taken."""
    row = {syllable: number for number, syllable in enumerate(drawn.syllables)}
    for attempt in range(1, generator.tries):
        if not wrong or drawn.same_each_time:
            return
        asked = tuple(wrong)
        before = generator.correction(store.read(asked, attempt - 1))
        images = draw_attempt(generator, asked, attempt, store=store, stages=stages)
        drawn.same_each_time = bool((images == before).all())
        sharp = crisp(images)
        reading = read_glyphs(reader, sharp, asked)
        for number, syllable in enumerate(asked):
            drawn.tries[syllable] = attempt + 1
            if reading.confidence[number] > wrong[syllable] or reading.right[number]:
                drawn.chosen[syllable] = attempt
                drawn.images[row[syllable]] = images[number]
                drawn.crisp[row[syllable]] = sharp[number]
                wrong[syllable] = float(reading.confidence[number])
            if reading.right[number]:
                del wrong[syllable]


def redraw(
    generator: Generator,
    drawn: Drawn,
    verification: Verification,
    *,
    read_in_font: ReadInFont,
    store: GlyphStore,
    stages: Stages,
) -> NDArray[np.int64]:
    """Take another drawing of what reads wrong in the font, if one of its tries reads right there.

    Args:
        generator: Who draws, and from what.
        drawn: The font's images, into which the other drawings are put.
        verification: What the reader makes of the font.
        read_in_font: Reads other images as the font would show them.
        store: Where drawings lie.
        stages: Shows how far each stage is.

    Returns:
        Which rows of ``drawn`` hold other images now.
    """
    own = np.array([origin == "drawn" for origin in drawn.origins])
    wrong = np.flatnonzero(~verification.reading.right & own).tolist()
    changed = []
    for attempt in range(generator.tries):
        if not wrong or drawn.same_each_time:
            break
        asked = tuple(drawn.syllables[row] for row in wrong)
        if store.lacking(asked, attempt):
            draw_attempt(generator, asked, attempt, store=store, stages=stages)
        images = generator.correction(store.read(asked, attempt))
        with stages(f"Redrawing ({attempt + 1})", len(asked), "glyphs") as progress:
            right = read_in_font(images, asked, progress).right
        for syllable in asked if attempt else ():
            drawn.tries[syllable] = max(drawn.tries.get(syllable, 1), attempt + 1)
        for number in np.flatnonzero(right).tolist():
            _take(drawn, wrong[number], attempt, images[number])
            changed.append(wrong[number])
        wrong = [row for row, good in zip(wrong, right, strict=True) if not good]
    return np.array(sorted(changed), np.int64)


def _take(drawn: Drawn, row: int, attempt: int, image: Glyphs) -> None:
    drawn.images[row] = image
    drawn.crisp[row] = crisp(image[None])[0]
    drawn.chosen.pop(drawn.syllables[row], None)
    if attempt:
        drawn.chosen[drawn.syllables[row]] = attempt


def draw_glyphs(
    model: FontModel,
    references: Sequence[Reference],
    syllables: Sequence[str],
    *,
    content: Content,
    seed: int,
    progress: Progress,
) -> Iterator[dict[str, Glyphs]]:
    """Have a model draw syllables in the style of reference glyphs, as many at once as it likes.

    Args:
        model: Who draws.
        references: The style: (K) glyphs.
        syllables: (N) each once.
        content: Gives the same syllables in the content font, or blank paper.
        seed: A glyph depends on it and on the syllable alone.
        progress: Counts glyphs.

    Yields:
        Syllable -> (128, 128) uint8, 0 = ink, 255 = paper, for each batch.

    Raises:
        UserError: The model failed, or returned something else than asked for.
    """
    step = getattr(model, "batch_size", None) or _DEFAULT_BATCH_SIZE
    for start in range(0, len(syllables), step):
        part = tuple(syllables[start : start + step])
        request = Request(
            characters=part,
            references=np.stack([reference.image for reference in references]),
            reference_characters=tuple(reference.character for reference in references),
            content=content(part),
            seed=seed,
        )
        images = ask(model, request, font_id="of the reference").images
        yield dict(zip(part, images, strict=True))
        progress.advance(len(part))


def write_glyphs(folder: Path, glyphs: Mapping[str, Glyphs]) -> None:
    """Write one PNG a syllable, ``U+XXXX.png``, 128 x 128, grey."""
    syllables = sorted(glyphs)
    pngs = encode(np.stack([glyphs[syllable] for syllable in syllables]))
    for syllable, png in zip(syllables, pngs, strict=True):
        write_whole(folder / f"{codepoint_name(syllable)}.png", png)
