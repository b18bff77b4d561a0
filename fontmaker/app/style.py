"""One style: glyphs drawn from references, read and traced, and a font of what is there so far."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fontmaker.app.context import AppContext
from fontmaker.app.jobs import Job
from fontmaker.font_file import Design, build_font
from fontmaker.fullwidth import fullwidth_forms
from fontmaker.generation import Drawn, Generator, corrected, draw_font
from fontmaker.latin import Companion, fit_companion
from fontmaker.naming import FamilyName, Provenance
from fontmaker.reading import read_glyphs
from fontmaker.reference import Reference
from fontmaker.shapes import Shape, Traced, trace_syllables
from fontmaker.spacing import choose_advance
from fontmaker.store import GlyphStore

STEP = 16  # syllables drawn between two looks at who else waits: two or three seconds on a CPU
_FAMILY = FamilyName("Preview", "Preview", "Preview-Regular")
_PROVENANCE = Provenance(
    "Drawn by a program from its user's reference glyphs.", "Preview.", "preview", False
)


@dataclass(frozen=True)
class Glyph:
    """A syllable in a style.

    Attributes:
        shape: Its outline.
        offset: Where its image's left edge stands, font units from the origin.
        read_as: What the reader reads where it is another syllable, empty for a blank image; None
            where it is right.
        final: Whether it will not be drawn again.
    """

    shape: Shape
    offset: int
    read_as: str | None
    final: bool


class Style:
    """Draws syllables once and keeps them; what it draws is what the whole font will have.

    Args:
        context: Who draws and reads.
        references: What is continued.
        work: Folder of drawings.

    Attributes:
        glyphs: Syllable to what is drawn of it.
        font: A TrueType font of these, as bytes; empty before the first.
        version: Grows with each new font.
    """

    def __init__(self, context: AppContext, references: Sequence[Reference], work: Path) -> None:
        self.glyphs: dict[str, Glyph] = {}
        self.font, self.version = b"", 0
        self.generator: Generator = context.generator(references)
        self.advance = choose_advance("auto", self.generator.references)
        self._context = context
        self._store = GlyphStore(work, self.generator.settings())
        self._companion: Companion | None = None
        self._work, self._corrected = work, False

    @property
    def others(self) -> frozenset[str]:
        """What the font has beside syllables."""
        own = self._companion.glyphs if self._companion else {}
        return frozenset(own) | frozenset(fullwidth_forms(own))

    def draw(self, syllables: Sequence[str], job: Job) -> None:
        """Draw those that lack, in this order; afterwards those again that read wrong.

        Args:
            syllables: Each once.
            job: Tells how far it is, and may be cancelled.

        Raises:
            UserError: The model failed.
            Cancelled: Nobody waits for it any more.
        """
        if not self._corrected:
            self.generator = corrected(self.generator, self._work, job.stages)
            self._corrected = True
        lacking = [s for s in syllables if s not in self.glyphs]
        for part in _steps(lacking):
            self._draw_part(part, 1, job)
        for part in _steps([s for s in syllables if not self.glyphs[s].final]):
            self._draw_part(part, self.generator.tries, job)

    def _draw_part(self, part: Sequence[str], tries: int, job: Job) -> None:
        reader = self._context.reader
        drawn = draw_font(
            replace(self.generator, tries=tries),
            sorted(part),
            kept={},
            store=self._store,
            reader=reader,
            stages=job.stages,
        )
        read = read_glyphs(reader, drawn.crisp, drawn.syllables)
        with job.stages("Tracing", len(part), "glyphs") as bar:
            traced = trace_syllables(drawn.images, drawn.syllables, self.advance, progress=bar)
        final = tries == self.generator.tries
        for syllable, right, seen in zip(drawn.syllables, read.right, read.read, strict=True):
            self.glyphs[syllable] = Glyph(
                traced.shapes[syllable],
                traced.offsets[syllable],
                None if right else seen,
                bool(right) or final,
            )
        self._fit_companion(drawn)
        self._build()

    def _fit_companion(self, drawn: Drawn) -> None:
        """Latin once, by the first glyphs with ink; the whole font fits it by glyphs of its own."""
        inked = [i for i, image in enumerate(drawn.crisp) if (image < 128).any()]
        if self._companion is None and self._context.companions and inked:
            syllables = [drawn.syllables[i] for i in inked]
            self._companion = fit_companion(self._context.companions, drawn.crisp[inked], syllables)

    def _build(self) -> None:
        ordered = sorted(self.glyphs)
        traced = Traced(
            {s: self.glyphs[s].shape for s in ordered}, {s: self.glyphs[s].offset for s in ordered}
        )
        companion = self._companion.glyphs if self._companion else {}
        self.font = build_font(traced, Design(_FAMILY, _PROVENANCE, self.advance, companion))
        self.version += 1


def _steps(syllables: Sequence[str]) -> Iterator[Sequence[str]]:
    return (syllables[i : i + STEP] for i in range(0, len(syllables), STEP))
