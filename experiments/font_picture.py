"""The picture of docs/fontmaker.md: a photographed sheet, and text in the font made from it.

    PYTHONPATH=tests python -m experiments.font_picture --data DATASET --fonts FONTS

A font that no model has seen fills in the sheet, which is photographed as in the tests; `font`
makes a font of it with its default model. The last line is in the companion font.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import click
from PIL import Image, ImageDraw, ImageFont

from fontmaker.sheet.layout import SYLLABLES
from hangeul_bench.base.errors import UserError, exit_on_user_error

_PATH = click.Path(path_type=Path)
_WRITER = "gamja-flower-regular"
_LARGE = ("다람쥐 헌 쳇바퀴에", "타고파")
_SMALL = (
    "죽는 날까지 하늘을 우러러 한 점",
    "부끄럼이 없기를, 잎새에 이는",
    "바람에도 나는 괴로워했다. 별을",
    "노래하는 마음으로 모든 죽어 가는",
    "것을 사랑해야지.",
)
_LATIN = "Latin, 0123456789, ₩10,000! ㄱㄴㄷ ㅏㅑ"
_SIZE, _LEFT = (1500, 800), (20, 20, 590, 780)  # pixels
_COLOURS = 128  # in the file, which is then small
_PAPER, _INK, _GREY = "#fdfdfb", "#111111", "#555555"


def picture(photo: Image.Image, font: Path) -> Image.Image:
    """The photograph at the left, the text in a font at the right."""
    left, top, right, bottom = _LEFT
    page = Image.new("RGB", _SIZE, _PAPER)
    page.paste(photo.resize((right - left, bottom - top), Image.Resampling.LANCZOS), (left, top))
    draw, y = ImageDraw.Draw(page), 30
    blocks = ((_LARGE, 110, 125, _INK), (_SMALL, 60, 66, _INK), ((_LATIN,), 46, 60, _GREY))
    for lines, size, step, colour in blocks:
        face = ImageFont.truetype(font, size)
        for line in lines:
            draw.text((650, y), line, colour, face)
            y += step
        y += 15
    return page


@click.command()
@click.option("--data", type=_PATH, required=True, help="Dataset folder.")
@click.option("--fonts", type=_PATH, required=True, help="Fetched fonts.")
@click.option("--out", type=_PATH, default=Path("docs/font.png"), show_default=True)
def main(data: Path, fonts: Path, out: Path) -> None:
    """Write on a sheet, photograph it, make a font of it and set a text."""
    from support.sheet_photos import fill_in, photograph_sheet

    program = str(Path(sys.executable).with_name("hangeul-bench"))
    writer = next(iter(sorted(fonts.rglob(f"{_WRITER}.*"))), None)
    if writer is None:
        raise UserError(f"Expected the font {_WRITER} in {fonts}; fetch the set core.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sheet, photo, text = (folder / file for file in ("sheet.png", "photo.jpg", "text.txt"))
        text.write_text("".join(sorted({*"".join((*_LARGE, *_SMALL))} - {*" ,."})), "utf-8")
        own = ["--fonts", str(fonts)]
        subprocess.run([program, "template", "--out", str(sheet), *own], check=True)
        photograph_sheet(fill_in(sheet, SYLLABLES[:8], writer), photo, degrees=-4)
        font = folder / "Picture.ttf"
        made = ["--sheet", str(photo), "--out", str(font), "--syllables", str(text)]
        subprocess.run([program, "font", *made, "--data", str(data), *own], check=True)
        with Image.open(photo) as taken:
            page = picture(taken.convert("RGB"), font)
        page.quantize(_COLOURS, dither=Image.Dither.NONE).save(out, optimize=True)
    click.echo(f"Wrote {out}.")


if __name__ == "__main__":
    exit_on_user_error(main)
