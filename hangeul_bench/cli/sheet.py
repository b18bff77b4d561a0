"""``hangeul-bench sheet``: a type specimen of a dataset."""

import io
from pathlib import Path

import click
from PIL import Image

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import write_whole
from hangeul_bench.builder.sheet import PANGRAM, draw_sheet


@click.command()
@click.argument("dataset", required=False, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A PNG file.")
@click.option(
    "--fonts",
    metavar="ID,ID",
    help="These fonts in this order (default: up to fifty, the unseen ones first).",
)
@click.option("--characters", default=PANGRAM, show_default=True, help="The syllables to show.")
def sheet(dataset: Path | None, out: Path, fonts: str | None, characters: str) -> None:
    """Draw DATASET (default: ./hangeul-dataset) as a specimen: rows of fonts, columns of syllables.

    Fonts that test carry a red mark. Of more than fifty fonts, fifty are shown: as many of each
    category, the unseen ones first; the sheet says how many there are.
    """
    if out.suffix.lower() != ".png" or out.is_dir():
        raise UserError(f"Expected the name of a PNG file, but found {out}; end it in .png.")
    from hangeul_bench.dataset.glyphs import GlyphDataset

    chosen = None if fonts is None else [name.strip() for name in fonts.split(",")]
    page = draw_sheet(GlyphDataset.open(dataset), fonts=chosen, text=characters)
    # 64 colours hold the greys of the ink and the one red, in a quarter of the bytes.
    page = page.quantize(64, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    page.save(buffer, "PNG", optimize=True)
    write_whole(out, buffer.getvalue())
    click.echo(f"{out}: {page.width} x {page.height} pixels")
