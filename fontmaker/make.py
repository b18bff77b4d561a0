"""The whole way: draw, read, draw again, trace, build, prove, mend; and the files it ends in."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fontmaker.font_file import Design, build_font
from fontmaker.generation import Drawn, Stages, draw_font, mend, write_glyphs
from fontmaker.latin import Companion, fit_companion
from fontmaker.naming import Story
from fontmaker.order import FontOrder, MadeFont
from fontmaker.reading import Reading
from fontmaker.report import make_record
from fontmaker.shapes import Traced, trace_syllables
from fontmaker.store import GlyphStore
from fontmaker.undrawn import without_blank, without_content
from fontmaker.verification import Proof, prove
from hangeul_bench import __version__
from hangeul_bench.base.files import pretty_json, write_whole
from hangeul_bench.base.images import Glyphs
from hangeul_bench.base.progress import Progress, progress

if TYPE_CHECKING:
    from hangeul_bench.reader import JamoReader

_FITTED_ON = 40  # drawn syllables on which a companion is fitted


def make_font(
    order: FontOrder,
    *,
    work: Path,
    reader: "JamoReader | None" = None,
    stages: Stages = progress,
) -> MadeFont:
    """Make a font and prove it; what was drawn before in ``work`` is not drawn again.

    Args:
        order: What to make.
        work: Folder for drawings, which others may use at the same time.
        reader: Who reads; the shipped jamo reader by default.
        stages: Shows how far each stage is; ``progress(title, total, unit)`` by default.

    Raises:
        UserError: The model failed, or the reader's weights are not there.
    """
    if reader is None:
        from hangeul_bench.reader import JamoReader

        reader = JamoReader.load()
    clock = _Clock()
    stages = clock.watched(stages)
    order, no_content = without_content(order)
    store = GlyphStore(work, order.artist.claim())
    drawn = draw_font(
        order.artist, order.syllables, kept=order.kept, store=store, reader=reader, stages=stages
    )
    drawn, blank = without_blank(drawn)
    order = replace(order, syllables=drawn.syllables)
    with stages("Tracing", len(order.syllables), "glyphs") as bar:
        traced = trace_syllables(drawn.pages, order.syllables, order.advance, progress=bar)
    with clock.counted("companion"):
        companion = _companion(order, drawn)
    design = _design(order, companion, store.key)
    font, proof = _forge(traced, design, drawn, reader, clock, stages)
    bare = replace(design, companion={})

    def read_in_font(pages: Glyphs, syllables: Sequence[str], bar: Progress) -> Reading:
        half = _Half(bar)
        few = trace_syllables(pages, syllables, order.advance, progress=half)
        shown = build_font(few, bare)
        return prove(shown, pages, few, as_drawn=pages, reader=reader, progress=half).reading

    others = mend(order.artist, drawn, proof, read_in_font=read_in_font, store=store, stages=stages)
    if len(others):
        syllables = [order.syllables[row] for row in others.tolist()]
        with stages("Tracing", len(syllables), "glyphs") as bar:
            few = trace_syllables(drawn.pages[others], syllables, order.advance, progress=bar)
        traced = traced.with_others(few)
        font, proof = _forge(traced, design, drawn, reader, clock, stages)
    record = make_record(order, drawn, proof, companion=companion, reader=reader)
    record["font"]["left_out"] = sorted((*no_content, *blank))
    record["font"] |= {"sha256": sha256(font).hexdigest(), "bytes": len(font)}
    record["seconds"] = clock.seconds()
    return MadeFont(font, drawn, proof, record)


def write_font(made: MadeFont, out: Path, *, woff2: bool) -> list[Path]:
    """Write a font, its record and, for pages to repair, its doubtful glyphs.

    Args:
        made: The font.
        out: ``NAME.ttf``; ``NAME.json`` and ``NAME.doubtful/`` go beside it.
        woff2: Whether to write ``NAME.woff2``, too.

    Returns:
        What was written.

    Raises:
        OSError: The disk is full or the folder cannot be written to; nothing is half-written.
    """
    files = {out: made.font}
    if woff2:
        files[out.with_suffix(".woff2")] = made.woff2
    for path, data in files.items():
        write_whole(path, data)
    record = out.with_suffix(".json")
    write_whole(record, pretty_json(made.record))
    return [*files, record, *_write_doubtful(made, out.with_suffix(".doubtful"))]


def _write_doubtful(made: MadeFont, folder: Path) -> list[Path]:
    """The doubtful pages that were drawn, for a designer to repair; never over the user's own."""
    row = {syllable: number for number, syllable in enumerate(made.drawn.syllables)}
    drawn = [s for s in made.doubtful if made.drawn.origins[row[s]] == "drawn"]
    pages = {syllable: made.drawn.crisp[row[syllable]] for syllable in drawn}
    if not pages:
        return []
    write_glyphs(folder, pages)
    return [folder]


class _Clock:
    """How long each stage takes, in seconds."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    @contextmanager
    def counted(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[name] = self._seconds.get(name, 0.0) + time.perf_counter() - start

    def watched(self, stages: Stages) -> Stages:
        """The same stages, each counted under its title's first word."""

        @contextmanager
        def stage(title: str, total: float, unit: str) -> Iterator[Any]:
            name = title.split(" (")[0].lower()
            with self.counted(name), stages(title, total, unit) as bar:
                yield bar

        return stage

    def seconds(self) -> dict[str, float]:
        return {name: round(seconds, 2) for name, seconds in self._seconds.items()}


@dataclass(frozen=True)
class _Half:
    """Progress of one of two steps that count the same things."""

    whole: Progress

    def advance(self, amount: float = 1) -> None:
        self.whole.advance(amount / 2)

    def note(self, text: str) -> None:
        self.whole.note(text)


def _forge(
    traced: Traced,
    design: Design,
    drawn: Drawn,
    reader: "JamoReader",
    clock: _Clock,
    stages: Stages,
) -> tuple[bytes, Proof]:
    with clock.counted("building"):
        font = build_font(traced, design)
    with stages("Checking", len(drawn.syllables), "glyphs") as bar:
        proof = prove(font, drawn.crisp, traced, as_drawn=drawn.pages, reader=reader, progress=bar)
    return font, proof


def _companion(order: FontOrder, drawn: Drawn) -> Companion | None:
    """The companion, fitted to some drawn syllables that spread over all."""
    inked = np.flatnonzero((drawn.crisp < 128).any(axis=(1, 2)))
    if not order.companions or not len(inked):
        return None
    some = inked[:: max(1, len(inked) // _FITTED_ON)]
    return fit_companion(order.companions, drawn.crisp[some], [drawn.syllables[i] for i in some])


def _design(order: FontOrder, companion: Companion | None, key: str) -> Design:
    return Design(
        family=order.family,
        story=_story(order, companion, key),
        advance=order.advance,
        companion=companion.glyphs if companion else {},
        x_height=companion.x_height if companion else 0,
        cap_height=companion.cap_height if companion else 0,
        handwritten=order.artist.references[0].handwritten,
    )


def _story(order: FontOrder, companion: Companion | None, key: str) -> Story:
    artist = order.artist
    weights = artist.model.checkpoint_sha256
    shown = ", ".join(f"{s.character} (SHA-256 {s.sha256[:16]})" for s in artist.references)
    made = (
        f"Drawn by hangeul-bench {__version__} with the model {artist.model.name}"
        f"{f', weights {weights[:16]}' if weights else ''}, seed {artist.seed}, from {shown}."
    )
    rights = "Syllables drawn by a program from its user's reference glyphs."
    if companion:
        latin = f"{companion.family} {companion.style}"
        made += f" Latin, punctuation and jamo: {latin}, scaled and fitted in weight."
        rights += f" Latin, punctuation and jamo: {companion.copyright}"
    return Story(rights, made, f"1.000;{order.family.postscript};{key}", companion is not None)
