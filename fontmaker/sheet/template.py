"""The sheet to write reference syllables on, as a PDF to print or a PNG to write on a tablet.

Drawn by matplotlib, which the reports need anyway: its PDFs are vectors, and Korean type goes in
as outlines, so that no font is needed to open or print one.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fontmaker.sheet.layout import (
    CELL,
    HEIGHT,
    MODULE,
    WIDTH,
    Box,
    Guide,
    boxes,
    cells,
    encode,
    guides,
    marks,
)
from hangeul_bench.base.files import write_whole
from hangeul_bench.hangeul import codepoint_name
from hangeul_bench.hangeul.phonetics import romanize

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INCH = 25.4  # millimetres
_DOTS = 200  # of a PNG, per inch
# A red channel does not see it, and printed in grey it is a ninth darker than paper.
_GUIDE = (1.0, 0.84, 0.84)
_DASHES = (4, 4)  # line and gap, in widths of the line
_INK, _SOFT = "black", "0.45"
_KOREAN = "상자마다 한 글자씩, 검은 펜으로 평소처럼 쓰세요.  네 모서리 표시가 모두 보이게 찍으세요."
_ENGLISH = (
    "Write one syllable in each box, black pen, your usual hand. Photograph it with all four marks."
)


def write_template(path: Path, syllables: Sequence[str], *, korean_font: Path | None) -> None:
    """Write a sheet.

    Args:
        path: ``*.pdf``, or ``*.png`` with 200 dots an inch.
        syllables: 1 to 28; a box each.
        korean_font: Gives the outlines of what is printed in Korean; without one each box is
            labelled with romanization and code point.

    Raises:
        UserError: Too many syllables or none, one twice, or something that is no syllable.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_pdf import FigureCanvasPdf
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / _INCH, HEIGHT / _INCH))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    axes.axis("off")
    for box in boxes(syllables):
        _draw_box(axes, box, korean_font)
    for x, y in marks():
        _draw_mark(axes, x, y)
    _draw_code(axes, syllables)
    _draw_title(axes, korean_font)
    buffer = io.BytesIO()
    if path.suffix.lower() == ".pdf":
        about = {"Title": "hangeul-bench sheet", "CreationDate": None}
        FigureCanvasPdf(figure).print_pdf(buffer, metadata=about)
    else:
        FigureCanvasAgg(figure)
        figure.savefig(buffer, format="png", dpi=_DOTS)
    write_whole(path, buffer.getvalue())


def _draw_box(axes: "Axes", box: Box, korean_font: Path | None) -> None:
    left, top = box.left, box.top
    for guide in guides(box):
        _draw_guide(axes, guide)
    sound = f"{romanize(box.syllable)}   {codepoint_name(box.syllable)}"
    if korean_font is None:
        axes.text(left, top - 1.6, sound, fontsize=9, color=_INK)
        return
    _korean(axes, box.syllable, left, top - 1.8, size=6.0, font=korean_font, colour=_INK)
    axes.text(left + 8, top - 1.6, sound, fontsize=6, color=_SOFT)


def _draw_guide(axes: "Axes", guide: Guide) -> None:
    x, y = guide.start
    ends = ((x, x), (y, y + guide.length)) if guide.upright else ((x, x + guide.length), (y, y))
    style: dict[str, Any] = (
        {"dashes": _DASHES} if guide.dashed else {"solid_capstyle": "projecting"}
    )
    axes.plot(*ends, color=_GUIDE, linewidth=guide.width / _INCH * 72, **style)


def _draw_mark(axes: "Axes", x: float, y: float) -> None:
    for modules, colour in ((7, "black"), (5, "white"), (3, "black")):
        side = modules * MODULE
        _square(axes, (x - side / 2, y - side / 2), side, face=colour)


def _draw_code(axes: "Axes", syllables: Sequence[str]) -> None:
    code, middles = encode(syllables), cells()
    for row, column in np.argwhere(code):
        x, y = middles[row, column]
        _square(axes, (x - CELL / 2, y - CELL / 2), CELL, face="black")


def _draw_title(axes: "Axes", korean_font: Path | None) -> None:
    axes.text(WIDTH / 2, 27, _ENGLISH, fontsize=7.2, color=_SOFT, ha="center")
    if korean_font is not None:
        _korean(axes, _KOREAN, WIDTH / 2, 20.5, size=3.5, font=korean_font, centred=True)


def _korean(
    axes: "Axes",
    text: str,
    x: float,
    y: float,
    *,
    size: float,
    font: Path,
    colour: str = _INK,
    centred: bool = False,
) -> None:
    """Text as outlines, ``size`` millimetres an em, from the left end of its baseline."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.patches import PathPatch
    from matplotlib.textpath import TextPath
    from matplotlib.transforms import Affine2D

    path = TextPath((0, 0), text, size=size, prop=FontProperties(fname=str(font)))
    shift = path.get_extents().width / 2 if centred else 0.0
    place = Affine2D().scale(1, -1).translate(x - shift, y)
    axes.add_patch(PathPatch(place.transform_path(path), facecolor=colour, linewidth=0))


def _square(axes: "Axes", corner: tuple[float, float], side: float, *, face: str) -> None:
    """A filled square from its upper left corner, millimetres."""
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle(corner, side, side, facecolor=face, linewidth=0))
