"""`hangeul-bench template`: a sheet to write reference syllables on."""

from pathlib import Path

import click

from hangeul_bench.base.errors import UserError

_EXAMPLES = """\b
Examples:
  hangeul-bench template --out sheet.pdf
  hangeul-bench template --out sheet.pdf --text 한글날
"""
_PATH = click.Path(path_type=Path)


@click.command(epilog=_EXAMPLES)
@click.option("--out", required=True, type=_PATH, help="PDF to print, or PNG for a tablet.")
@click.option("--count", type=click.IntRange(1, 28), help="Number of boxes.  [default: 8]")
@click.option("--text", help="The syllables of the boxes, 1 to 28.")
@click.option("--fonts", type=_PATH, help="Fetched fonts; default ./fonts or ./demo/fonts.")
def template(out: Path, count: int | None, text: str | None, fonts: Path | None) -> None:
    """Write a sheet with boxes for reference syllables.

    Print it, write on it, photograph it; `font --sheet` makes a font of the photograph.
    """
    from fontmaker.cli.inputs import fonts_folder, korean_font_in
    from fontmaker.sheet.layout import SYLLABLES
    from fontmaker.sheet.template import write_template
    from hangeul_bench.hangeul.charset import listed_syllables

    if out.is_dir() or out.suffix.lower() not in (".pdf", ".png"):
        raise UserError(f"Expected --out to be a file named *.pdf or *.png, but found {out}.")
    if text is not None and count is not None:
        raise UserError("Expected --count or --text, but found both; --text says how many.")
    asked = listed_syllables(text) if text is not None else SYLLABLES[: count or 8]
    korean = korean_font_in(fonts_folder(fonts))
    if korean is None:
        click.echo(
            "No Korean font was found, so boxes are labelled in Latin; `hangeul-bench fonts "
            "fetch` brings one, --fonts names another folder.",
            err=True,
        )
    write_template(out, asked, korean_font=korean)
    click.echo(f"{out}: {len(asked)} boxes, {asked}")
