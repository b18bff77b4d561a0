"""``hangeul-bench export``: a dataset as the folders that another tool reads."""

from pathlib import Path

import click

from hangeul_bench.export import SPLITS, export_dataset
from hangeul_bench.export_layouts import LAYOUTS


@click.command()
@click.argument("dataset", required=False, type=click.Path(path_type=Path))
@click.option("--layout", required=True, type=click.Choice(list(LAYOUTS)), help="Whose layout.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new folder.")
@click.option("--fonts", metavar="ID,ID", help="Only these fonts (default: all).")
@click.option("--split", default="all", type=click.Choice(SPLITS), help="Only these fonts' split.")
@click.option("--seen-only", is_flag=True, help="Leave out the unseen characters.")
@click.option("--size", type=int, metavar="PIXELS", help="Resize (default: the dataset's size).")
def export(
    dataset: Path | None,
    layout: str,
    out: Path,
    fonts: str | None,
    split: str,
    seen_only: bool,
    size: int | None,
) -> None:
    """Write DATASET (default: ./hangeul-dataset) in the folder layout of another tool.

    \b
    png           <font_id>/U+AC00.png, the layout that --model dir:FOLDER reads
    diff-font     train/<font_id>/00000.png, characters.txt and a matching components.txt
    dg-font       train/id_0/0000.png, unseen characters last (--size 80 for its networks)
    fontdiffuser  train/ContentImage/가.jpg and train/TargetImage/<font_id>/<font_id>+가.jpg
    ffg           train/<font_id>/가.png and lists of characters, for clovaai's models

    README.txt in the folder says how to use it. A second run continues an interrupted one.
    """  # noqa: D301  (click reads the backspace character)
    from hangeul_bench.dataset import GlyphDataset

    result = export_dataset(
        GlyphDataset.open(dataset),
        out,
        layout=layout,
        fonts=None if fonts is None else [name.strip() for name in fonts.split(",")],
        split=split,
        seen_only=seen_only,
        size=size,
    )
    click.echo(
        f"{result.out}: {result.glyphs:,} images in {result.folders} folders "
        f"({result.kept:,} were there already), {result.missing:,} missing glyphs left out; "
        f"see {result.out / 'README.txt'}"
    )
