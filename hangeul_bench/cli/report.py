"""`hangeul-bench report`: result files to one offline HTML page."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hangeul_bench.cli.options import some_results

if TYPE_CHECKING:
    from hangeul_bench.dataset.glyphs import GlyphDataset

_EXAMPLES = """\b
Examples:
  hangeul-bench report results/ground-truth-lite.json --out report.html
  hangeul-bench report results/*-lite.json --data hangeul-dataset --out report.html
"""


@click.command(epilog=_EXAMPLES)
@some_results
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("report.html"),
    show_default=True,
    help="Page to write.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Dataset of the ground truth. Default: $HANGEUL_BENCH_DATA or ./hangeul-dataset.",
)
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also a PNG of the truth and the models' glyphs; needs the dataset.",
)
@click.option("--no-images", is_flag=True, help="Leave out the glyphs; needs no dataset.")
def report(
    results: tuple[Path, ...], out: Path, data: Path | None, picture: Path | None, no_images: bool
) -> None:
    """Write one HTML page about some results, for any browser, without a network.

    It shows the scores with their intervals, reference, output and ground truth, the worst glyphs
    with what the reader read, each font's interval, and the jamo confusion matrices. Predictions
    and scores a glyph are looked for beside each result.
    """
    from hangeul_bench.base.errors import UserError
    from hangeul_bench.base.files import is_stdout
    from hangeul_bench.results.report.write import write_report

    on_stdout = is_stdout(out)  # refuses a folder before the work
    if picture is not None and picture.suffix.lower() != ".png":
        raise UserError(f"Expected --picture to end in .png, but found {picture}.")
    dataset = None
    if not no_images:
        from hangeul_bench.dataset.glyphs import GlyphDataset

        try:
            dataset = GlyphDataset.open(data)
        except UserError as error:
            # A dataset that was named must open; one that was not is only looked for.
            if data is not None:
                raise
            click.echo(f"Without images: {error}", err=True)
    for reason in write_report(results, out, dataset=dataset):
        click.echo(f"Left out. {reason}", err=True)
    size = f"{out.stat().st_size / 1e6:.1f} MB"
    click.echo(f"Wrote {len(results)} results to {out} ({size}).", err=on_stdout)
    if picture is not None:
        _write_picture(results, dataset, picture)


def _write_picture(
    results: tuple[Path, ...], dataset: "GlyphDataset | None", picture: Path
) -> None:
    from hangeul_bench.base.errors import UserError
    from hangeul_bench.results.picture import write_comparison

    if dataset is None:
        raise UserError("Expected a dataset for --picture, but found none; give it with --data.")
    write_comparison(results, dataset, picture)
    click.echo(f"Wrote {picture}.")
