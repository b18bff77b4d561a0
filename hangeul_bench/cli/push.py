"""``hangeul-bench push``: the part of a dataset that may be published, to the Hugging Face Hub."""

import tempfile
from collections import defaultdict
from pathlib import Path

import click

from hangeul_bench.base.errors import UserError


@click.command()
@click.argument("dataset", required=False, type=click.Path(path_type=Path))
@click.option("--repo", metavar="OWNER/NAME", help="Dataset repository; made if it is not there.")
@click.option("--private", is_flag=True, help="Make a new repository a private one.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Keep the folder that is sent here; without --repo it is only written.",
)
def push(dataset: Path | None, repo: str | None, private: bool, out: Path | None) -> None:
    """Send DATASET (default: ./hangeul-dataset) to the Hugging Face Hub.

    Only images of fonts under the OFL go; it says which fonts it leaves out. What goes is a dataset
    of its own: its test fonts are the same, so scores stay comparable.
    """
    from hangeul_bench.builder.hub import push as send
    from hangeul_bench.builder.hub import write_hub_folder
    from hangeul_bench.dataset.glyphs import GlyphDataset

    if repo is None and out is None:
        raise UserError("Expected --repo OWNER/NAME to send to, or --out FOLDER to write only.")
    with tempfile.TemporaryDirectory(prefix="hangeul-bench-") as temporary:
        folder = out or Path(temporary)
        name = repo.rpartition("/")[2] if repo else None
        published = write_hub_folder(GlyphDataset.open(dataset), folder, name=name)
        left_out: dict[str, list[str]] = defaultdict(list)
        for font_id, licence in published.left_out.items():
            left_out[licence].append(font_id)
        for licence, font_ids in sorted(left_out.items()):
            click.echo(f"Left out, {licence}: {', '.join(font_ids)}.", err=True)
        if not published.is_benchmark:
            click.echo("Note: scores on it are not those of the benchmark.", err=True)
        contents = published.contents
        n_glyphs = sum(font.n_glyphs for font in contents.fonts)
        click.echo(
            f"{n_glyphs:,} images of {len(contents.fonts)} fonts; {len(published.left_out)} fonts "
            "left out."
        )
        click.echo(send(folder, repo, private=private) if repo else f"Written to {folder}.")
