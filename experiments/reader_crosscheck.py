"""Does an independent reader agree with the jamo reader? Tesseract reads some of the same glyphs.

    python experiments/reader_crosscheck.py --data hangeul-dataset --out crosscheck.csv

Needs the program `tesseract` with its Korean data (Debian: tesseract-ocr, tesseract-ocr-kor).
Its Korean network can only answer with some 1,076 of the 2,350 syllables, so only these are asked.
It was made for lines of text and misses many single glyphs that people read: what counts is less
its accuracy than how often the jamo reader is right where the two agree.
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

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import write_whole
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.hangeul.charset import is_syllable
from hangeul_bench.hangeul.phonetics import Jamo, compose
from hangeul_bench.reader.reader import JamoReader

_SIDE, _MARGIN = 48, 10  # pixels; of 32 to 256 the size that Tesseract reads best, in seen fonts
_SINGLE_CHARACTER = "10"  # page segmentation mode
_ADVICE = "install the Debian packages tesseract-ocr and tesseract-ocr-kor"
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
        UserError: There is no Tesseract.
    """
    if shutil.which("tesseract") is None or shutil.which("combine_tessdata") is None:
        raise UserError(f"Expected the program tesseract, but found none; {_ADVICE}.")
    return _output(["tesseract", "--version"]).splitlines()[0]


def known_syllables() -> set[str]:
    """The syllables that Tesseract's Korean network can answer with.

    Raises:
        UserError: Tesseract lacks the Korean data.
    """
    listing = _output(["tesseract", "--list-langs"])  # its first line names the folder in quotes
    data = Path(listing.split('"')[1]) / "kor.traineddata"
    if not data.is_file():
        raise UserError(f"Expected Tesseract's Korean data at {data}, but found none; {_ADVICE}.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kor.lstm-unicharset"
        _output(["combine_tessdata", "-e", str(data), str(path)])
        lines = path.read_text(encoding="utf-8").splitlines()[1:]
    return {name for name in (line.split(" ")[0] for line in lines) if is_syllable(name)}


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
    page = Image.fromarray(image).resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    sheet = Image.new("L", (_SIDE + 2 * _MARGIN, _SIDE + 2 * _MARGIN), 255)
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
        table = _compare_fonts(GlyphDataset.open(data), JamoReader.load(), glyphs, seed)
    except UserError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{version}; {glyphs} syllables a font, seed {seed}")
    click.echo(table)
    if out is not None:
        write_whole(out, table)


def _compare_fonts(dataset: GlyphDataset, reader: JamoReader, glyphs: int, seed: int) -> str:
    rng = np.random.default_rng(seed)
    syllables = sorted(known_syllables() & set(dataset.characters))
    rows: list[list[object]] = []
    for font_id in dataset.splits.unseen_fonts:
        chosen = sorted(rng.choice(len(syllables), glyphs, replace=False).tolist())
        asked = [syllables[place] for place in chosen]
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
