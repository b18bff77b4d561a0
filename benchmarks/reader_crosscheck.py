"""Does an independent reader agree with the jamo reader? Tesseract reads some of the same glyphs.

    python benchmarks/reader_crosscheck.py --data hangeul-dataset --out crosscheck.csv

Needs the program `tesseract` with its Korean data (Debian: tesseract-ocr, tesseract-ocr-kor).
Tesseract was made for lines of text: of single glyphs it misses many that people read, so that
what counts is not its accuracy but how often the two agree where it answers with one syllable.
"""

import csv
import io
import shutil
import subprocess
import tempfile
from pathlib import Path

import click
import numpy as np
from PIL import Image

from hangeul_bench.atomic import write_text
from hangeul_bench.charset import is_syllable
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.errors import UserError
from hangeul_bench.phonetics import Jamo, compose
from hangeul_bench.reader import JamoReader

_SCALE, _MARGIN = 1, 24  # Tesseract reads glyphs of some 40 to 100 pixels best, with paper around
_SINGLE_CHARACTER = "10"  # page segmentation mode
_HEADER = [
    "font_id",
    "category",
    "glyphs",
    "reader_right",
    "tesseract_answered",
    "tesseract_right",
    "agree",
    "reader_right_where_agree",
    "neither_right",
]


def tesseract_version() -> str:
    """The version of the Tesseract on this machine.

    Raises:
        UserError: There is no Tesseract, or it lacks Korean.
    """
    program = shutil.which("tesseract")
    advice = "install the Debian packages tesseract-ocr and tesseract-ocr-kor"
    if program is None:
        raise UserError(f"Expected the program tesseract, but found none; {advice}.")
    languages = _output([program, "--list-langs"]).split()
    if "kor" not in languages:
        raise UserError(f"{program} has no Korean data (kor); {advice}.")
    return _output([program, "--version"]).splitlines()[0]


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def tesseract_read(images: np.ndarray) -> list[str]:
    """The one syllable that Tesseract sees in each of ``(N, H, W)`` uint8 glyphs, or ''."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = [folder / f"{number}.png" for number in range(len(images))]
        for path, image in zip(paths, images, strict=True):
            _for_tesseract(image).save(path)
        listing = folder / "images.txt"
        listing.write_text("\n".join(map(str, paths)) + "\n", encoding="utf-8")
        command = ["tesseract", str(listing), "stdout", "-l", "kor", "--psm", _SINGLE_CHARACTER]
        pages = _output([*command, "--dpi", "300"]).split("\f")[: len(images)]
    texts = ["".join(page.split()) for page in pages]
    return [text if is_syllable(text) else "" for text in texts]


def _for_tesseract(image: np.ndarray) -> Image.Image:
    height, width = image.shape
    page = Image.fromarray(image).resize(
        (width * _SCALE, height * _SCALE), Image.Resampling.LANCZOS
    )
    sheet = Image.new("L", (page.width + 2 * _MARGIN, page.height + 2 * _MARGIN), 255)
    sheet.paste(page, (_MARGIN, _MARGIN))
    return sheet


def compare(asked: list[str], reader: list[str], tesseract: list[str]) -> list[int]:
    """The counts of one font, in the order of the columns from ``glyphs`` on."""
    triples = list(zip(asked, reader, tesseract, strict=True))
    agree = [(a, r) for a, r, t in triples if r == t]
    return [
        len(triples),
        sum(a == r for a, r, _ in triples),
        sum(t != "" for _, _, t in triples),
        sum(a == t for a, _, t in triples),
        len(agree),
        sum(a == r for a, r in agree),
        sum(a not in (r, t) for a, r, t in triples),
    ]


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Dataset; default ./hangeul-dataset.")
@click.option("--glyphs", default=40, show_default=True, help="Of each unseen font.")
@click.option("--seed", default=0, show_default=True, help="Of the choice of syllables.")
@click.option("--out", type=click.Path(path_type=Path), help="CSV file.")
def main(data: Path | None, glyphs: int, seed: int, out: Path | None) -> None:
    """Let both readers read the same true glyphs of the unseen fonts."""
    try:
        version = tesseract_version()
        dataset = GlyphDataset.open(data)
        table = _compare_fonts(dataset, JamoReader.load(), glyphs, seed)
    except UserError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{version}; {glyphs} syllables a font, seed {seed}")
    click.echo(table)
    if out is not None:
        write_text(out, table)


def _compare_fonts(dataset: GlyphDataset, reader: JamoReader, glyphs: int, seed: int) -> str:
    rng = np.random.default_rng(seed)
    rows: list[list[object]] = []
    for font_id in dataset.splits.unseen_fonts:
        chosen = sorted(rng.choice(len(dataset.characters), glyphs, replace=False).tolist())
        asked = [dataset.characters[place] for place in chosen]
        images = dataset.images(font_id, asked)
        read = [compose(Jamo(*parts)) for parts in reader.read(images).tolist()]
        counts = compare(asked, read, tesseract_read(images))
        rows.append([font_id, dataset.font(font_id).category, *counts])
    totals = np.array([row[2:] for row in rows]).sum(0).tolist()
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_HEADER, *rows, ["all", "all", *totals]])
    return text.getvalue()


if __name__ == "__main__":
    main()
