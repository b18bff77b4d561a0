"""`hangeul-bench font`: from a few glyphs to an installable, checked Korean font."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fontmaker.cli.asked import Asked
from fontmaker.cli.completion import complete_half
from fontmaker.cli.generator import load_generator
from fontmaker.cli.given import given_references
from fontmaker.cli.inputs import check_out, find_latin, fonts_folder, say

if TYPE_CHECKING:
    from fontmaker import FontOrder, MadeFont

_EXAMPLES = """\b
Examples:
  hangeul-bench font --reference 한.png --out MyHand.ttf --family "My Hand"
  hangeul-bench font --sheet photo.jpg --out MyHand.ttf --syllables all --woff2
  hangeul-bench font --complete Half.otf --out Whole.otf
"""
_PATH = click.Path(path_type=Path)


@click.command(epilog=_EXAMPLES)
@click.option(
    "--reference",
    "references",
    type=_PATH,
    multiple=True,
    help="Picture of one syllable (a photograph will do), up to 8 times, or a font, from which "
    "as many glyphs are chosen as the model looks at.",
)
@click.option(
    "--reference-character",
    "reference_characters",
    multiple=True,
    help="What each reference shows, or which glyphs of a font; default: the file's name, or 한 "
    "on a picture.",
)
@click.option("--face", default="", help="Number or name of a font collection's face.")
@click.option(
    "--instance", default="", help="Of a variable font: its name, default, 700 or wght=700,wdth=80."
)
@click.option("--sheet", type=_PATH, help="Photograph of a filled-in `hangeul-bench template`.")
@click.option("--accept", is_flag=True, help="Take pictures that read as other syllables, too.")
@click.option("--out", required=True, type=_PATH, help="The font to write, NAME.ttf.")
@click.option(
    "--syllables",
    default="ksx1001",
    show_default=True,
    help="ksx1001 (2,350), all (11,172) or a text file that lists them.",
)
@click.option("--family", help="The font's name; default: the file's.")
@click.option("--vendor", default="", help="Four characters that say whose font it is (OS/2).")
@click.option("--model", help="NAME, FILE.py:Class or dir:FOLDER; default: the best with weights.")
@click.option(
    "--advance",
    default="auto",
    show_default=True,
    help="auto (by the reference), fixed, proportional, or font units in 1,024 an em.",
)
@click.option(
    "--latin",
    default="auto",
    show_default=True,
    help="Open font for Latin, punctuation, jamo; auto looks in --fonts; none leaves them out.",
)
@click.option("--keep", type=_PATH, help="Folder of glyphs of your own: 한.png or U+D55C.jpg.")
@click.option(
    "--complete",
    type=_PATH,
    help="TTF, OTF or UFO with some syllables: those that it lacks are drawn from its own, all "
    "else of it stays as it is; --out has the same suffix.",
)
@click.option("--woff2", is_flag=True, help="Write NAME.woff2, too.")
@click.option(
    "--ufo",
    type=_PATH,
    help="Write UFO sources there, too, NAME.ufo or NAME.ufoz: green are your own glyphs, blue "
    "drawn ones, red doubtful ones.",
)
@click.option(
    "--tries",
    type=click.IntRange(1, 16),
    default=4,
    show_default=True,
    help="Drawings of a syllable that reads wrong; the one that reads best is taken.",
)
@click.option(
    "--correct/--no-correct",
    default=True,
    show_default=True,
    help="Bring what is drawn to the stroke width and size of the references.",
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--option", "options", multiple=True, metavar="KEY=VALUE", help="For the model.")
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True
)
@click.option("--data", type=_PATH, help="Dataset; default ./hangeul-dataset.")
@click.option("--fonts", type=_PATH, help="Fetched fonts; default ./fonts or ./demo/fonts.")
@click.option("--work", type=_PATH, help="Where drawings lie; default NAME.drawings.")
def font(**arguments: Any) -> None:
    """Make a Korean font from one to eight glyphs, or complete a half one, and verify it.

    Interrupted, the same command goes on where it was. NAME.json beside the font says how it was
    made and which syllables are doubtful; NAME.html shows it.
    """
    from fontmaker import make_font, write_font, write_specimen
    from fontmaker.ufo import check_new, write_ufo
    from hangeul_bench.base.lock import alone_at

    asked = Asked(**arguments)
    if asked.complete is not None:
        for line in complete_half(asked, asked.complete):
            click.echo(line)
        return
    check_out(asked.out, ".ttf")
    if asked.ufo is not None:
        check_new(asked.ufo)
    order = _order(asked)
    work = asked.work or asked.out.with_suffix(".drawings")
    specimen = asked.out.with_suffix(".html")
    with alone_at(asked.out, "font"):
        made = make_font(order, work=work)
        written = write_font(made, asked.out, woff2=asked.woff2)
        write_specimen(specimen, made, order)
        if asked.ufo is not None:
            write_ufo(asked.ufo, made, order.advance)
            written.append(asked.ufo)
    for line in _summary(made, [*written, specimen]):
        click.echo(line)


def _order(asked: Asked) -> "FontOrder":
    """Everything cheap is checked before a model is loaded."""
    from fontmaker import FontOrder, choose_advance, family_name
    from fontmaker.naming import vendor_id
    from fontmaker.store import passed_over, read_kept
    from hangeul_bench.base.options import parse_options
    from hangeul_bench.hangeul.charset import load_charset

    syllables = load_charset(asked.syllables)
    options = parse_options(asked.options)
    family_name(asked.family or asked.out.stem)
    vendor_id(asked.vendor)
    given = given_references(asked)
    references = given.references
    others = [reference.family for reference in references if reference.family]
    fonts = fonts_folder(asked.fonts)
    companions = find_latin(asked.latin, fonts)
    family = family_name(
        asked.family or asked.out.stem, others=[*others, *(face.family for face in companions)]
    )
    advance = choose_advance(asked.advance, references)
    kept = {} if asked.keep is None else read_kept(asked.keep, syllables)
    if asked.keep is not None and (other := passed_over(asked.keep)):
        say(f"{asked.keep}: passed over, as they are no pictures: {', '.join(other)}.")
    generator = load_generator(asked, given, syllables, options=options, fonts=fonts)
    return FontOrder(
        family,
        syllables,
        generator,
        advance,
        companions,
        kept,
        given.sheet,
        asked.vendor,
        asked.correct,
    )


def _corrected(correction: dict[str, Any]) -> list[str]:
    if not correction["weight"]:
        return []
    before, wanted = correction["before"], correction["wanted"]
    return [
        f"Strokes brought from {2 * before:.1f} to the references' {2 * wanted:.1f} pixels of 128; "
        "--no-correct leaves them as the model drew them"
    ]


def _summary(made: "MadeFont", written: list[Path]) -> list[str]:
    from fontmaker.undrawn import named

    seen, drawing = made.record["proof"], made.record["drawing"]
    n_again, doubtful = len(drawing["drawn_again"]), made.doubtful
    lines = [f"{path}" for path in written]
    lines.append(
        f"{len(made.drawn.syllables):,} syllables; drawn back, SSIM {seen['ssim_mean']:.4f} with "
        f"the pages ({seen['ssim_as_drawn_mean']:.4f} with their edges as soft as drawn); jamo "
        f"error {seen['jamo_error']:.4f}; {n_again} drawn again"
    )
    lines += _corrected(drawing["correction"])
    if made.left_out:
        lines.append(
            f"Left out, since nothing draws them: {named(made.left_out)}; --keep takes glyphs of "
            "your own for them."
        )
    if doubtful:
        beyond = sum(not row["learned_by_reader"] for row in seen["doubtful"])
        more = f", {beyond} of them beyond the 2,350 that it has learned" if beyond else ""
        lines.append(
            f"The reader doubts {len(doubtful)}: {named(doubtful)}{more}; they are in "
            "the JSON, and --keep takes glyphs of your own for them."
        )
    return lines
