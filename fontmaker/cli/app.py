"""`hangeul-bench app`: a page in the browser that goes from a glyph to a font."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fontmaker.cli.inputs import (
    find_latin,
    fonts_folder,
    korean_font_in,
    load_named_model,
    open_dataset,
    say,
)

if TYPE_CHECKING:
    from fontmaker.app import AppContext

_PATH = click.Path(path_type=Path)
_PORT = 8128
_BATCH = 16  # glyphs asked at once: others wait no longer than these take


@dataclass(frozen=True)
class _Asked:
    """The command line, as it was given, but for the port."""

    model: str | None
    options: tuple[str, ...]
    seed: int
    device: str
    data: Path | None
    fonts: Path | None
    latin: str


@click.command(epilog="Needs the extra: pip install 'hangeul-bench[app]'.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=_PORT,
    show_default=True,
    help="Of 127.0.0.1; 0 takes any that is free.",
)
@click.option("--model", help="NAME, FILE.py:Class or dir:FOLDER; default: the best with weights.")
@click.option("--option", "options", multiple=True, metavar="KEY=VALUE", help="For the model.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True
)
@click.option("--data", type=_PATH, help="Dataset; default ./hangeul-dataset.")
@click.option("--fonts", type=_PATH, help="Fetched fonts; default ./fonts or ./demo/fonts.")
@click.option(
    "--latin",
    default="auto",
    show_default=True,
    help="Open font for Latin, punctuation, jamo; auto looks in --fonts; none leaves them out.",
)
def app(port: int, **arguments: Any) -> None:
    """Serve a page to this computer alone: a photograph or a drawing in, a font out.

    It asks no network. What users upload and draw is removed when they leave, or at the end.
    """
    from fontmaker.app.serve import check_installed, listen, serve

    check_installed()
    asked = _Asked(**arguments)
    with listen(port) as listener:
        serve(_context(asked), listener, started=_say_address)
    say("Ended; what users uploaded and drew is removed.")


def _context(asked: _Asked) -> "AppContext":
    """Everything cheap is checked before a model is loaded."""
    from fontmaker.app import AppContext
    from fontmaker.content import open_content
    from hangeul_bench.base.options import parse_options
    from hangeul_bench.reader import JamoReader

    options = parse_options(asked.options)
    fonts = fonts_folder(asked.fonts)
    companions = find_latin(asked.latin, fonts)
    dataset = open_dataset(asked.data)
    name, model = load_named_model(
        asked.model, dataset, device=asked.device, options=options, batch_size=_BATCH
    )
    looks = getattr(model, "uses_content", False)
    content = open_content(dataset, fonts if looks else None)
    return AppContext(
        model=model,
        name=name,
        reader=JamoReader.load(),
        content=content,
        content_sha256=content.sha256 if looks else "",
        companions=companions,
        korean_font=korean_font_in(fonts),
        seed=asked.seed,
    )


def _say_address(address: str) -> None:
    click.echo(f"{address}  (Ctrl-C ends it)")
