"""The page: every section's content put together and poured into the templates."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from hangeul_bench.hangeul.phonetics import LAYOUTS
from hangeul_bench.results.report import confusion, facts, labels, scores
from hangeul_bench.results.report import plots as intervals
from hangeul_bench.results.report.letters import letter_shapes
from hangeul_bench.results.report.runs import Run
from hangeul_bench.results.report.specimens import (
    Book,
    WorstGlyph,
    font_name,
    make_book,
    outputs,
    with_images,
    worst_glyphs,
)
from hangeul_bench.results.report.sprites import Sheet, Sprite, write_syllables

if TYPE_CHECKING:
    import jinja2

    from hangeul_bench.dataset.glyphs import GlyphDataset


@dataclass(frozen=True)
class Ration:
    """How much a report may show: pixels a glyph, syllables a figure row, worst glyphs a model."""

    pixels: int
    characters: int
    worst: int


# The richest page that stays below the size limit is taken.
RATIONS = (
    Ration(pixels=128, characters=8, worst=50),
    Ration(pixels=96, characters=8, worst=50),
    Ration(pixels=64, characters=8, worst=50),
    Ration(pixels=48, characters=6, worst=50),
    Ration(pixels=48, characters=4, worst=12),
)


@dataclass(frozen=True)
class Page:
    """The finished page and one sentence for each thing that it leaves out."""

    html: str
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class ModelSection:
    """What the page shows of one result; ``left_out`` says what it cannot show, and why."""

    run: Run
    facts: tuple[facts.Fact, ...]
    unrankable: tuple[tuple[str, str], ...]
    outputs: Mapping[str, tuple[Sprite, ...]]
    plots: tuple[intervals.Plot, ...]
    worst: tuple[WorstGlyph, ...]
    matrices: tuple[confusion.Matrix, ...]
    left_out: tuple[str, ...]


def render(runs: Sequence[Run], dataset: "GlyphDataset | None", ration: Ration) -> Page:
    """The whole page.

    Args:
        runs: The results, in order.
        dataset: Where the ground truth comes from; None leaves the images out.
        ration: How much to show.
    """
    truth = Sheet("sheet-truth", ration.pixels)
    drawn = [run for run in runs if run.predicted_fonts]
    book = None
    if dataset is not None and drawn:
        book = make_book(drawn, dataset, truth, n_characters=ration.characters)
    sheets = [truth]
    sections = []
    for run in runs:
        sheet = Sheet(f"sheet-{run.key}", ration.pixels)
        sections.append(_section(run, runs, dataset, book=book, sheet=sheet, ration=ration))
        sheets.append(sheet)
    html = _fill_template(
        runs=runs,
        sections=sections,
        book=book,
        names=_font_names(dataset),
        sheets=[(sheet.key, sheet.data_uri()) for sheet in sheets],
        written=write_syllables(_named(sections, book), dataset),
    )
    reasons = [f"{section.run.label}: {text}" for section in sections for text in section.left_out]
    return Page(html, tuple(reasons))


def _section(
    run: Run,
    runs: Sequence[Run],
    dataset: "GlyphDataset | None",
    *,
    book: Book | None,
    sheet: Sheet,
    ration: Ration,
) -> ModelSection:
    worst = worst_glyphs(run, ration.worst)
    if dataset is not None and run.predicted_fonts:
        folder = run.predictions(size=dataset.size)
        worst = with_images(
            worst,
            sheet,
            output=lambda font_id, syllables: folder.read(font_id, syllables).images,
            truth=dataset.images,
        )
    return ModelSection(
        run=run,
        facts=facts.model_facts(run),
        unrankable=_by_reason(run.result["unrankable"]),
        outputs=_outputs(run, dataset, book=book, sheet=sheet),
        plots=intervals.font_plots(run, runs, _font_names(dataset)),
        worst=worst,
        matrices=confusion.confusion_matrices(run),
        left_out=tuple(_left_out(run, dataset, book=book)),
    )


def _named(sections: Sequence[ModelSection], book: Book | None) -> set[str]:
    """Every syllable that the page names in its text."""
    named = {*book.characters, book.reference_character} if book else set()
    for glyph in (glyph for section in sections for glyph in section.worst):
        named |= {glyph.syllable, glyph.read or ""}
    return named


def _outputs(
    run: Run, dataset: "GlyphDataset | None", *, book: Book | None, sheet: Sheet
) -> dict[str, tuple[Sprite, ...]]:
    if dataset is None or book is None or not run.predicted_fonts:
        return {}
    return outputs(run, book, sheet, size=dataset.size)


def _left_out(run: Run, dataset: "GlyphDataset | None", *, book: Book | None) -> list[str]:
    reasons = []
    if run.glyphs is None:
        reasons.append(
            f"Worst glyphs and jamo confusion: there is no file {run.glyphs_path.name} "
            "beside the result."
        )
    elif not run.was_read:
        reasons.append("What the reader read: the jamo error rate was not measured.")
    if dataset is None:
        reasons.append("All images of glyphs: no dataset was given (--data).")
    elif not run.predicted_fonts:
        reasons.append("All images of glyphs: there are no predictions beside the result.")
    elif book is None:
        reasons.append("The figure: the results have no font or no syllable in common.")
    return reasons


def _by_reason(unrankable: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    cells: dict[str, list[str]] = {}
    for cell, reason in unrankable.items():
        cells.setdefault(reason, []).append(cell)
    return tuple((", ".join(names), reason) for reason, names in cells.items())


def _font_names(dataset: "GlyphDataset | None") -> dict[str, str]:
    if dataset is None:
        return {}
    return {font.font_id: font_name(font.family, font.style) for font in dataset.fonts}


@cache
def _environment() -> "jinja2.Environment":
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("hangeul_bench.results.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["ord"] = ord
    return environment


def _fill_template(**content: Any) -> str:
    runs = content["runs"]
    script = _asset("report.js")
    page: str = (
        _environment()
        .get_template("page.html.j2")
        .render(
            **content,
            style=_asset("report.css"),
            script=script,
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii"),
            table=scores.score_table(runs),
            layouts=LAYOUTS,
            layout_rows=scores.layout_rows(runs),
            model_plots=intervals.model_plots(runs),
            comparison=facts.comparison_facts(runs),
            signatures=facts.signatures(runs),
            versions=facts.versions(runs),
            labels=labels,
            confusion=confusion,
            shapes=letter_shapes(),
        )
    )
    return page


def _asset(name: str) -> str:
    folder = resources.files("hangeul_bench.results.report") / "templates"
    return (folder / name).read_text(encoding="utf-8")
