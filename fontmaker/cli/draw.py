"""`hangeul-bench draw`: a text in the style of one picture or font."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import click

from fontmaker.cli.inputs import check_out, open_dataset, say
from hangeul_bench.base.errors import UserError

if TYPE_CHECKING:
    from fontmaker.reference import Reference
    from fontmaker.text import Lines, Page

_EXAMPLES = """\b
Examples:
  hangeul-bench draw --model NAME --reference photo.jpg --reference-character 한 \\
      --text "다람쥐 헌 쳇바퀴에 타고파" --out out.png
  hangeul-bench draw --model NAME --reference my-font.ttf --text 가나다 --out out.png
"""
_FOLDER = click.Path(path_type=Path, file_okay=False)


@dataclass(frozen=True)
class _Order:
    """What to draw and with whom; everything in it has been checked."""

    lines: "Lines"
    rows: tuple[str, ...]
    reference: "Reference"
    model: str
    options: dict[str, Any]
    seed: int


@click.command(epilog=_EXAMPLES)
@click.option("--model", required=True, help="NAME, FILE.py:Class or dir:FOLDER.")
@click.option(
    "--reference",
    required=True,
    type=click.Path(path_type=Path),
    help="Picture of one syllable (a photograph will do), or a font file.",
)
@click.option(
    "--reference-character",
    default="한",
    show_default=True,
    help="The syllable that the picture shows, or that is taken from the font.",
)
@click.option("--face", default="", help="Number or name of a font collection's face.")
@click.option(
    "--instance", default="", help="Of a variable font: its name, default, 700 or wght=700,wdth=80."
)
@click.option("--text", required=True, help="What to draw.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="PNG to write.")
@click.option("--glyphs", type=_FOLDER, help="Folder for one PNG a syllable, U+XXXX.png.")
@click.option("--columns", type=click.IntRange(min=1), help="Characters a line; default: all.")
@click.option("--scale", type=click.FloatRange(min=0.05, max=8), default=1.0, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--option", "options", multiple=True, metavar="KEY=VALUE", help="For the model.")
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True
)
@click.option("--data", type=click.Path(path_type=Path), help="Dataset; default ./hangeul-dataset.")
def draw(
    model: str,
    reference: Path,
    reference_character: str,
    face: str,
    instance: str,
    text: str,
    out: Path,
    glyphs: Path | None,
    columns: int | None,
    scale: float,
    seed: int,
    options: tuple[str, ...],
    device: str,
    data: Path | None,
) -> None:
    """Draw a text in the style of one reference glyph."""
    from fontmaker.reference import load_reference
    from fontmaker.text import check_page, left_out_note, parse_text, wrap
    from hangeul_bench.adapter import resolve_model
    from hangeul_bench.base.options import parse_options

    check_out(out, ".png")
    _check_device(device)
    lines = parse_text(text)
    rows = wrap(lines, columns)
    check_page(rows, scale)
    parsed = parse_options(options)
    resolve_model(model)
    syllable = normalize("NFC", reference_character)
    style = load_reference(reference, syllable, face=face, instance=instance)
    for note in (*style.notes, left_out_note(lines.left_out)):
        if note:
            say(note)
    order = _Order(lines, rows, style, model, parsed, seed)
    images = _draw(order, device=device, data=data)
    _write(order, images, out=out, glyphs=glyphs, scale=scale)


def _draw(order: _Order, *, device: str, data: Path | None) -> "dict[str, Page]":
    from fontmaker.content import content_images
    from fontmaker.generation import draw_glyphs
    from fontmaker.reference import doubt
    from hangeul_bench.adapter import load_model
    from hangeul_bench.base.processes import join_processes
    from hangeul_bench.base.progress import progress

    dataset = open_dataset(data)
    place = join_processes(device).device
    model = load_model(order.model, device=place, dataset=dataset, options=order.options)
    warning = doubt(order.reference)
    if warning:
        say(warning)
    syllables = order.lines.syllables
    _, blank = content_images(dataset, syllables)
    if blank and getattr(model, "uses_content", False):
        say(
            f"{blank} of {len(syllables)} syllables have no content glyph and get blank paper; "
            "give a dataset that has them with --data."
        )
    with progress("Drawing", len(syllables), "glyphs") as shown:
        batches = draw_glyphs(
            model,
            (order.reference,),
            syllables,
            content=lambda part: content_images(dataset, part)[0],
            seed=order.seed,
            progress=shown,
        )
        return {syllable: page for batch in batches for syllable, page in batch.items()}


def _write(
    order: _Order, images: "dict[str, Page]", *, out: Path, glyphs: Path | None, scale: float
) -> None:
    from fontmaker.generation import write_glyphs
    from fontmaker.text import set_page, write_page

    if glyphs is not None:
        write_glyphs(glyphs, images)
        click.echo(f"{glyphs}: {len(images)} glyphs")
    page = set_page(order.rows, images, scale=scale)
    write_page(out, page)
    click.echo(f"{out}: {len(images)} glyphs, {page.shape[1]} x {page.shape[0]} pixels")


def _check_device(device: str) -> None:
    if device != "cuda":
        return
    import torch

    if not torch.cuda.is_available():
        raise UserError(
            "Expected a GPU for --device cuda, but torch finds none; use --device cpu or install "
            "a CUDA build of torch."
        )
