"""``hangeul-bench export``: a dataset as the folders that another tool reads."""

from pathlib import Path

import click

from hangeul_bench.builder.export.asked import answers_of, write_drawing
from hangeul_bench.builder.export.layouts import LAYOUTS
from hangeul_bench.builder.export.writer import SPLITS, export_dataset
from hangeul_bench.dataset.splits.lists import TRACKS

_HELP = "\n".join(
    [
        "Write DATASET (default: ./hangeul-dataset) in the folder layout of another tool.",
        "",
        "\b",
        *(f"{name:<14}{layout.looks}" for name, layout in LAYOUTS.items()),
        "",
        "README.txt in the folder says how to use it. A second run continues an interrupted one.",
    ]
)


@click.command(help=_HELP)
@click.argument("dataset", required=False, type=click.Path(path_type=Path))
@click.option("--layout", required=True, type=click.Choice(list(LAYOUTS)), help="Whose layout.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new folder.")
@click.option("--fonts", metavar="ID,ID", help="Only these fonts (default: all).")
@click.option("--split", default="all", type=click.Choice(SPLITS), help="Only these fonts' split.")
@click.option("--seen-only", is_flag=True, help="Leave out the unseen characters.")
@click.option(
    "--requests",
    type=click.Choice(TRACKS),
    help="Also what must be drawn for this track: table, references, content glyphs.",
)
@click.option(
    "--shots", default=1, help="With --requests: references that its own program is shown."
)
@click.option("--size", type=int, metavar="PIXELS", help="Resize (default: the dataset's size).")
def export(
    dataset: Path | None,
    layout: str,
    out: Path,
    fonts: str | None,
    split: str,
    seen_only: bool,
    requests: str | None,
    shots: int,
    size: int | None,
) -> None:
    """The command; its help is made of the layouts' rows."""
    from hangeul_bench.adapter.requests import write_requests
    from hangeul_bench.dataset.glyphs import GlyphDataset

    opened = GlyphDataset.open(dataset)
    result = export_dataset(
        opened,
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
    if requests is not None:
        asked = write_requests(
            opened,
            result.out / "requests",
            track=requests,
            name=answers_of(layout),
            fonts=result.selection.train,
            characters=result.train_characters,
        )
        readme = write_drawing(opened, result, layout=layout, track=requests, shots=shots)
        click.echo(
            f"{asked.out}: {asked.glyphs:,} glyphs of {asked.fonts} fonts to draw; "
            f"see {readme or asked.out / 'README.txt'}"
        )
