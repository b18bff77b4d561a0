"""Does a font made from one glyph show what the model drew, and does it read right?

    python experiments/fonts.py --data hangeul-dataset --fonts fonts --out leaderboards/fonts.csv

For each unseen font of the dataset, a font of 2,350 syllables is made from its 한 as
`hangeul-bench font` makes it, with no drawing taken from before. A row holds the SSIM of the font
drawn back with its pages, with their edges made crisp and as soft as the model drew them; the jamo
error of the first drawings (the model's own), of the finished font and of the true glyphs; how many
syllables were drawn again and stay doubtful; the processor's seconds for all of it and each step's
share of the time; and the TrueType file's bytes. Rows that are there already stay; `--anew` makes
them again.
"""

import csv
import tempfile
import time
from pathlib import Path

import click
import torch

from fontmaker import (
    FontOrder,
    Generator,
    MadeFont,
    choose_advance,
    family_name,
    load_references,
    make_font,
    write_font,
    write_specimen,
)
from fontmaker.content import open_content
from fontmaker.latin import find_companions
from fontmaker.reading import read_glyphs
from hangeul_bench.adapter.contract import FontModel
from hangeul_bench.adapter.registry import default_model, load_model
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import write_whole
from hangeul_bench.base.tables import csv_text, fixed
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.hangeul.charset import load_charset
from hangeul_bench.reader.reader import JamoReader

REFERENCE = "한"
_STEPS = {
    "draw": ("drawing", "drawing again"),
    "read": ("reading",),
    "trace": ("tracing",),
    "build": ("companion", "building"),
    "check": ("checking", "mending"),
}
HEADER = (
    *("font", "category", "model", "syllables", "ssim", "ssim_least", "ssim_as_drawn"),
    *("jer_of_first", "jer", "jer_of_truth", "drawn_again", "doubtful", "cpu_seconds"),
    *(f"{step}_share" for step in _STEPS),
    "bytes",
)


def ordered(
    path: Path, name: str, model: FontModel, *, dataset: GlyphDataset, fonts: Path, syllables: str
) -> FontOrder:
    """The order of a font of the syllables in the style of the font at ``path``."""
    references = load_references([path], [REFERENCE])
    return FontOrder(
        family=family_name("From One Glyph"),
        syllables=load_charset(syllables),
        generator=Generator(
            model=model, name=name, references=references, content=open_content(dataset, fonts)
        ),
        advance=choose_advance("auto", references),
        companions=find_companions(fonts),
    )


def _write(made: MadeFont, order: FontOrder, out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    write_font(made, out, woff2=True)
    write_specimen(out.with_suffix(".html"), made, order)


def row_of(
    font_id: str, made: MadeFont, cpu_seconds: float, *, dataset: GlyphDataset, reader: JamoReader
) -> list[str]:
    """The font's row of the table."""
    checked, drawing, seconds = (made.record[key] for key in ("proof", "drawing", "seconds"))
    total = sum(seconds.values())
    known = [s for s in made.drawn.syllables if s not in dataset.missing(font_id)]
    truth = read_glyphs(reader, dataset.images(font_id, known), known)
    return [
        *(font_id, dataset.font(font_id).category, made.record["model"]["name"]),
        str(len(made.drawn.syllables)),
        *(fixed(checked[key], 4) for key in ("ssim_mean", "ssim_least", "ssim_as_drawn_mean")),
        *(fixed(drawing["jamo_error_of_first"], 4), fixed(checked["jamo_error"], 4)),
        fixed(float(truth.wrong_jamo.mean() / 3), 4),
        *(str(len(drawing["drawn_again"])), str(len(made.doubtful)), fixed(cpu_seconds, 0)),
        *(fixed(sum(seconds.get(n, 0.0) for n in names) / total, 3) for names in _STEPS.values()),
        str(len(made.font)),
    ]


def read_rows(path: Path) -> dict[str, list[str]]:
    """Font to row of a table that this program wrote; empty if there is no file.

    Raises:
        UserError: The table has other columns.
    """
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    if tuple(header) != HEADER:
        raise UserError(f"{path} has other columns than this version writes; remove it.")
    return {row[0]: row for row in rows}


@click.command(help=__doc__.splitlines()[0])
@click.option("--data", type=click.Path(path_type=Path), help="Dataset; default ./hangeul-dataset.")
@click.option("--fonts", type=click.Path(path_type=Path), default=Path("fonts"), show_default=True)
@click.option("--model", help="Default: the best with weights.")
@click.option("--syllables", default="ksx1001", show_default=True)
@click.option("--threads", type=int, default=2, show_default=True)
@click.option("--font", "only", multiple=True, help="Only this one; may be given again.")
@click.option("--keep", type=click.Path(path_type=Path), help="Folder that gets the fonts, too.")
@click.option("--anew", is_flag=True, help="Make again what has a row already.")
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(
    data: Path | None,
    fonts: Path,
    model: str | None,
    syllables: str,
    threads: int,
    only: tuple[str, ...],
    keep: Path | None,
    anew: bool,
    out: Path,
) -> None:
    """Make a font from each unseen one and write a table."""
    torch.set_num_threads(threads)
    dataset = GlyphDataset.open(data)
    name = model or default_model(with_dataset=True)
    loaded, reader = load_model(name, dataset=dataset), JamoReader.load()
    rows = read_rows(out)
    for font_id in sorted(only or dataset.splits.unseen_fonts):
        if font_id in rows and not anew:
            continue
        path = next(p for p in sorted(fonts.rglob(f"{font_id}.*")) if p.suffix != ".json")
        order = ordered(path, name, loaded, dataset=dataset, fonts=fonts, syllables=syllables)
        start = time.process_time()
        with tempfile.TemporaryDirectory() as work:
            made = make_font(order, work=Path(work), reader=reader)
        rows[font_id] = row_of(
            font_id, made, time.process_time() - start, dataset=dataset, reader=reader
        )
        if keep:
            _write(made, order, keep / f"{font_id}.ttf")
        write_whole(out, csv_text(HEADER, [rows[key] for key in sorted(rows)]))
        click.echo(", ".join(map(" ".join, zip(HEADER, rows[font_id], strict=True))))


if __name__ == "__main__":
    main()
