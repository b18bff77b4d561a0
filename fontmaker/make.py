"""The whole way: draw, read, draw again, trace, build, verify, redraw; and the files it ends in."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fontmaker.font_file import Design, build_font
from fontmaker.generation import (
    Drawn,
    ReadInFont,
    Stages,
    corrected,
    draw_font,
    redraw,
    write_glyphs,
)
from fontmaker.latin import Companion, fit_companion
from fontmaker.naming import Provenance, vendor_id
from fontmaker.order import FontOrder, MadeFont
from fontmaker.reading import Reading
from fontmaker.reference import Advance
from fontmaker.report import make_record
from fontmaker.shapes import Traced, trace_syllables
from fontmaker.store import GlyphStore
from fontmaker.undrawn import without_blank, without_content
from fontmaker.verification import Verification, verify
from hangeul_bench import __version__
from hangeul_bench.base.files import pretty_json, write_whole
from hangeul_bench.base.images import Glyphs
from hangeul_bench.base.progress import Progress, progress

if TYPE_CHECKING:
    from hangeul_bench.reader import JamoReader

_RECORDED_AS = {"redrawing": "mending"}  # a key of records that users keep
_FITTED_ON = 40  # drawn syllables on which a companion is fitted


def make_font(
    order: FontOrder,
    *,
    work: Path,
    reader: "JamoReader | None" = None,
    stages: Stages = progress,
) -> MadeFont:
    """Make a font and verify it; what was drawn before in ``work`` is not drawn again.

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
    if order.correct:
        order = replace(order, generator=corrected(order.generator, work, stages))
    store = GlyphStore(work, order.generator.settings())
    drawn = draw_font(
        order.generator, order.syllables, kept=order.kept, store=store, reader=reader, stages=stages
    )
    drawn, blank = without_blank(drawn)
    order = replace(order, syllables=drawn.syllables)
    traced = _trace(drawn, order.advance, stages)
    with clock.counted("companion"):
        companion = _companion(order, drawn)
    design = _design(order, companion, store.key)
    font, verification = _build_and_verify(traced, design, drawn, reader, clock, stages)
    others = redraw(
        order.generator,
        drawn,
        verification,
        read_in_font=_reading_in_font(replace(design, companion={}), reader),
        store=store,
        stages=stages,
    )
    if len(others):
        traced = traced.with_others(_trace(drawn.only(others), order.advance, stages))
        font, verification = _build_and_verify(traced, design, drawn, reader, clock, stages)
    record = make_record(order, drawn, verification, companion=companion, reader=reader)
    record["font"]["left_out"] = sorted((*no_content, *blank))
    record["font"] |= {"sha256": sha256(font).hexdigest(), "bytes": len(font)}
    record["seconds"] = clock.seconds()
    return MadeFont(font, drawn, verification, record)


def write_font(made: MadeFont, out: Path, *, woff2: bool) -> list[Path]:
    """Write a font, its record and, for images to repair, its doubtful glyphs.

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
    """The doubtful images that were drawn, for a designer to repair; never over the user's own."""
    row = {syllable: number for number, syllable in enumerate(made.drawn.syllables)}
    drawn = [s for s in made.doubtful if made.drawn.origins[row[s]] == "drawn"]
    images = {syllable: made.drawn.crisp[row[syllable]] for syllable in drawn}
    if not images:
        return []
    write_glyphs(folder, images)
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
            name = _RECORDED_AS.get(name, name)
            with self.counted(name), stages(title, total, unit) as bar:
                yield bar

        return stage

    def seconds(self) -> dict[str, float]:
        return {name: round(seconds, 2) for name, seconds in self._seconds.items()}


@dataclass
class _Half:
    """Progress of two steps that count the same things, told in whole numbers of them."""

    whole: Progress
    _halves: int = 0

    def advance(self, amount: float = 1) -> None:
        steps, self._halves = divmod(self._halves + round(amount), 2)
        if steps:
            self.whole.advance(steps)

    def note(self, text: str) -> None:
        self.whole.note(text)


def _trace(drawn: Drawn, advance: Advance, stages: Stages) -> Traced:
    with stages("Tracing", len(drawn.syllables), "glyphs") as bar:
        return trace_syllables(drawn.images, drawn.syllables, advance, progress=bar)


def _reading_in_font(design: Design, reader: "JamoReader") -> ReadInFont:
    """Reads images as a font of this design would show them."""

    def read(images: Glyphs, syllables: Sequence[str], bar: Progress) -> Reading:
        half = _Half(bar)
        traced = trace_syllables(images, syllables, design.advance, progress=half)
        font = build_font(traced, design)
        return verify(font, images, traced, as_drawn=images, reader=reader, progress=half).reading

    return read


def _build_and_verify(
    traced: Traced,
    design: Design,
    drawn: Drawn,
    reader: "JamoReader",
    clock: _Clock,
    stages: Stages,
) -> tuple[bytes, Verification]:
    with clock.counted("building"):
        font = build_font(traced, design)
    with stages("Checking", len(drawn.syllables), "glyphs") as bar:
        verification = verify(
            font, drawn.crisp, traced, as_drawn=drawn.images, reader=reader, progress=bar
        )
    return font, verification


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
        provenance=_provenance(order, companion, key),
        advance=order.advance,
        companion=companion.glyphs if companion else {},
        x_height=companion.x_height if companion else 0,
        cap_height=companion.cap_height if companion else 0,
        handwritten=order.generator.references[0].handwritten,
        vendor=vendor_id(order.vendor),
    )


def _provenance(order: FontOrder, companion: Companion | None, key: str) -> Provenance:
    generator = order.generator
    weights = generator.model.checkpoint_sha256
    shown = ", ".join(f"{s.character} (SHA-256 {s.sha256[:16]})" for s in generator.references)
    made = (
        f"Drawn by hangeul-bench {__version__} with the model {generator.model.name}"
        f"{f', weights {weights[:16]}' if weights else ''}, seed {generator.seed}, from {shown}."
    )
    rights = "Syllables drawn by a program from its user's reference glyphs."
    if companion:
        latin = f"{companion.family} {companion.style}"
        made += f" Latin, punctuation and jamo: {latin}, scaled and fitted in weight."
        rights += f" Latin, punctuation and jamo: {companion.copyright}"
    return Provenance(rights, made, f"1.000;{order.family.postscript};{key}", companion is not None)
