"""Score models on the training families that no training sees: what choices are made by.

    python -m experiments.held_out --data hangeul-dataset --model retrieval-font \
        --option checkpoint=runs/retrieval-font/weights.safetensors --out leaderboards/trials.csv

The ten unseen fonts stay untouched, and a font that the model's weights say they have seen is left
out. ``composite`` is the board's rule on the same glyphs: 1 is what `nearest-font` has. A model
that looks into the dataset gets a gallery without these families. What decides only which fonts of
the gallery are looked at may be chosen on many more: ``--each-lineage`` takes one font of every
training lineage, which the model has seen, and hides that lineage alone.
"""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from PIL import Image

from baselines.glyphs.alignment import Change, apply
from baselines.glyphs.representation import field, render
from baselines.nearest_font import NearestFont
from baselines.training.data import training_fonts
from hangeul_bench.adapter import Request, load_model
from hangeul_bench.base.errors import UserError, exit_on_user_error
from hangeul_bench.base.images import Glyphs
from hangeul_bench.base.options import parse_options
from hangeul_bench.base.tables import append_row
from hangeul_bench.dataset import Font, GlyphDataset
from hangeul_bench.metrics import (
    RMSE,
    SSIM,
    GlyphFID,
    GlyphLPIPS,
    JamoErrorRate,
    StyleDistance,
    TopologyError,
)
from hangeul_bench.metrics.base import GlyphPair
from hangeul_bench.metrics.columns import BY_NAME, RETIRED
from hangeul_bench.results.composite import FAMILIES, of_errors

Drawn = dict[str, tuple[tuple[str, ...], Glyphs]]  # font -> syllables and their pages
_SEED = 20


@click.command()
@click.option("--data", type=click.Path(path_type=Path))
@click.option("--model", required=True)
@click.option("--option", "options", multiple=True, help="KEY=VALUE of the model.")
@click.option("--hide", default="", help="Option by which a gallery leaves out font ids.")
@click.option("--shots", default=1, show_default=True)
@click.option("--characters", default=40, show_default=True, help="Of each font, evenly spaced.")
@click.option("--label", default="", help="What the row is called; default the model's name.")
@click.option("--each-lineage", is_flag=True, help="One font of every lineage; needs --hide.")
@click.option(
    "--size",
    type=click.FloatRange(min=0.1, max=1),
    default=1.0,
    show_default=True,
    help="Of the fonts' own: made smaller, they are like small handwriting.",
)
@click.option("--out", type=click.Path(path_type=Path), help="CSV to add the row to.")
@click.option("--sheet", type=click.Path(path_type=Path), help="Truth above drawing, as PNG.")
def main(
    data: Path | None,
    model: str,
    options: tuple[str, ...],
    hide: str,
    shots: int,
    characters: int,
    label: str,
    each_lineage: bool,
    size: float,
    out: Path | None,
    sheet: Path | None,
) -> None:
    """Print jer, SSIM, RMSE, style distance, glyph LPIPS and glyph FID; handwritten and printed."""
    dataset = GlyphDataset.open(data)
    chosen = parse_options(options)
    if each_lineage and not hide:
        raise UserError("--each-lineage hides a font's lineage from the model: name --hide OPTION.")
    _check_record(out)
    groups = _lineages(dataset) if each_lineage else [_never_seen(dataset, model, chosen)]
    free = [c for c in dataset.characters if c not in dataset.splits.references]
    places = np.linspace(0, len(free) - 1, characters).round().astype(int)
    asked = tuple(free[place] for place in places)
    references = dataset.splits.references[:shots]
    seconds = 0.0
    drawn: Drawn = {}
    nearest: Drawn = {}
    for group in groups:
        hidden = {hide: ",".join(font.font_id for font in group)} if hide else {}
        drawer = load_model(model, dataset=dataset, options={**chosen, **hidden})
        requests: dict[str, Request] = {}
        begun = time.process_time()
        for font in group:
            request = _request(dataset, font.font_id, asked, references)
            request = replace(request, references=_made_small(request.references, size))
            drawn[font.font_id] = (request.characters, drawer.generate(request))
            requests[font.font_id] = request
        seconds += time.process_time() - begun
        nearest |= _nearest(dataset, group, requests)
    fonts = [font for group in groups for font in group]
    truth = {
        font_id: _made_small(dataset.images(font_id, known), size)
        for font_id, (known, _) in drawn.items()
    }
    count = sum(len(known) for known, _ in drawn.values())
    composites: list[float] = []  # of each font: its category's
    for category in ("handwritten", "printed", "all"):
        own = [f.font_id for f in fonts if category in ("all", f.category)]
        scores = _score({f: drawn[f] for f in own}, truth)
        if category == "all":
            composite = round(float(np.mean(composites)), 4)
        else:
            composite = _composite(scores, _score({f: nearest[f] for f in own}, truth))
            composites += [composite] * len(own)
        row = {
            "trial": label or model,
            "samples": drawer.details.get("samples", ""),
            "shots": shots,
            "category": category,
            "fonts": len(own),
            "composite": composite,
            **scores,
            "core_ms_a_glyph": round(1000 * seconds / count, 1),
            "options": json.dumps(chosen),
        }
        click.echo(", ".join(f"{k} {v}" for k, v in row.items()))
        if out is not None:
            append_row(out, row)
    if sheet is not None:
        _sheet(sheet, drawn, truth)


def _check_record(out: Path | None) -> None:
    """Refuse to add rows to a table that was made with a metric that is no more."""
    header = out.read_text(encoding="utf-8").partition("\n")[0] if out and out.exists() else ""
    if old := RETIRED.keys() & set(header.split(",")):
        raise UserError(f"Table {out} has the column {min(old)}, which is no more: name a new one.")


def _made_small(glyphs: Glyphs, size: float) -> Glyphs:
    """(N, 128, 128) pages with the glyphs shrunk about the page's centre."""
    if size == 1:
        return glyphs
    change = Change(torch.full((1, 2), size), torch.zeros(1, 2), torch.zeros(1))
    return render(apply(field(glyphs), change.expand(len(glyphs)))).numpy()


def _lineages(dataset: GlyphDataset) -> list[tuple[Font, ...]]:
    """One training font of every lineage, the middle one by id."""
    lineages: dict[str, list[Font]] = {}
    for font_id in sorted(dataset.splits.train_fonts):
        font = dataset.font(font_id)
        lineages.setdefault(font.lineage, []).append(font)
    return [(fonts[len(fonts) // 2],) for _, fonts in sorted(lineages.items())]


def _never_seen(dataset: GlyphDataset, model: str, options: dict[str, Any]) -> tuple[Font, ...]:
    """The fonts of held-out families that the model's weights have not seen."""
    trained_on = load_model(model, dataset=dataset, options=options).trained_on
    seen = trained_on.font_ids if trained_on is not None else ()
    left = tuple(f for f in training_fonts(dataset).validation if f.font_id not in seen)
    if not left:
        raise UserError(f"{model} has seen every held-out font of {dataset.path}.")
    return left


def _request(
    dataset: GlyphDataset, font_id: str, asked: tuple[str, ...], references: tuple[str, ...]
) -> Request:
    known = tuple(c for c in asked if c not in dataset.missing(font_id))
    return Request(
        characters=known,
        references=dataset.images(font_id, references),
        reference_characters=references,
        content=dataset.images(dataset.splits.content_font, known),
        seed=_SEED,
    )


def _score(drawn: Drawn, truth: dict[str, Glyphs]) -> dict[str, float]:
    jer, style, fid = JamoErrorRate(), StyleDistance(), GlyphFID()
    per_glyph = (SSIM(), RMSE(), GlyphLPIPS(), TopologyError())
    values: dict[str, list[float]] = {}
    styles = []
    for font_id, (known, pages) in drawn.items():
        pred, target = torch.from_numpy(pages), torch.from_numpy(truth[font_id])
        read = jer.score(GlyphPair(pred, target, known))
        values.setdefault("jer", []).append(float(read["jer"].mean()))
        values.setdefault("syllable_error", []).append(float(read["syllable_error"].mean()))
        for metric in per_glyph:
            score = float(metric.scores(pred, target).mean())
            values.setdefault(metric.name, []).append(score)
        apart = style.distance(style.features(pred), style.features(target))
        styles.append(apart["style_distance"])
        fid.update(pred, target)
    values["style_distance"] = styles
    return {name: round(float(np.mean(v)), 4) for name, v in values.items()} | {
        "glyph_fid": round(float(fid.compute()), 3)
    }


def _nearest(dataset: GlyphDataset, group: tuple[Font, ...], requests: dict[str, Request]) -> Drawn:
    """What `nearest-font` answers without the lineages of a group."""
    control = NearestFont(dataset=dataset)
    control.exclude([font.lineage for font in group])
    return {f: (asked.characters, control.generate(asked)) for f, asked in requests.items()}


def _composite(scores: dict[str, float], nearest: dict[str, float]) -> float:
    """The composite within a category; NaN where the nearest font has no error."""
    names = [metric for metrics in FAMILIES.values() for metric in metrics]
    mine, theirs = ({n: _error(n, own[n]) for n in names} for own in (scores, nearest))
    return round(of_errors(mine, theirs), 4) if all(theirs.values()) else float("nan")


def _error(metric: str, value: float) -> float:
    column = BY_NAME[metric]
    return column.high - value if column.higher_is_better else value


def _sheet(path: Path, drawn: Drawn, truth: dict[str, Glyphs]) -> None:
    rows = []
    for font_id, (_, pages) in drawn.items():
        width = min(20, len(pages))
        rows += [np.concatenate(list(p[:width]), 1) for p in (truth[font_id], pages)]
    picture = Image.fromarray(np.concatenate(rows))
    picture.resize((picture.width // 2, picture.height // 2)).save(path)


if __name__ == "__main__":
    exit_on_user_error(main)
