"""A made font as UFO sources: marked by colour, and the drawn images' outlines kept in a layer."""

import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fontmaker.conjoining import composition_rules
from fontmaker.curves import Contour, draw_contours, trace_curves
from fontmaker.order import MadeFont
from fontmaker.outline import TOP, UNITS
from fontmaker.reference import Advance
from fontmaker.spacing import ink_spans
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import whole_file

SUFFIXES = (".ufo", ".ufoz")
LAYER = "drawn image"
MARK = "public.markColor"
# Red, green, blue, opacity.
HERS, DRAWN, DOUBTFUL = "0.2,0.7,0.3,1", "0.3,0.6,1,1", "1,0.3,0.2,1"
_CREATOR = "hangeul-bench"
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest there is, since no file may tell when it was made
_MOST_BYTES = 1 << 30  # that a zip may unpack to
_NAMES = {  # attribute of fontinfo.plist to the number of the name
    "familyName": 1,
    "styleName": 2,
    "openTypeNameUniqueID": 3,
    "postscriptFontName": 6,
    "copyright": 0,
    "openTypeNameDescription": 10,
    "openTypeNameLicense": 13,
    "openTypeNameLicenseURL": 14,
}


class UfoGlyph:
    """What a .glif file says beside the outline; fontTools reads its attributes."""

    def __init__(self, width: int, unicodes: Sequence[int] = (), colour: str = "") -> None:
        self.width, self.unicodes = width, list(unicodes)
        self.lib = {MARK: colour} if colour else {}


def check_new(path: Path) -> None:
    """Raise UserError if UFO sources cannot be written to a path, or would replace others."""
    if path.suffix.lower() not in SUFFIXES:
        raise UserError(f"Expected a UFO to be named *.ufo or *.ufoz, but found {path}.")
    if os.path.lexists(path):
        raise UserError(
            f"Expected a new name for UFO sources, since edited ones are never written over, but "
            f"{path} is there; name another or move it away."
        )


@contextmanager
def new_ufo(path: Path) -> Iterator[Path]:
    """An empty place for a UFO folder, which stands at ``path`` when the block ends well.

    Args:
        path: ``NAME.ufo``, or ``NAME.ufoz`` for the folder in a zip.

    Raises:
        UserError: Something is at ``path``, or it is named otherwise.
        OSError: The disk is full or the folder cannot be written to; nothing is left.
    """
    check_new(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{path.stem}.", dir=path.parent) as place:
        folder = Path(place) / f"{path.stem}.ufo"
        yield folder
        if path.suffix.lower() == ".ufo":
            check_new(path)
            folder.rename(path)
        else:
            with whole_file(path) as temporary:
                _pack(folder, temporary)


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The folder of a UFO, or of one in a zip, which is gone afterwards.

    Raises:
        UserError: The zip is broken, or holds no UFO.
    """
    if path.is_dir():
        yield path
        return
    with TemporaryDirectory() as place:
        _unpack(path, Path(place))
        found = [folder.parent for folder in Path(place).glob("*/metainfo.plist")]
        if len(found) != 1:
            raise UserError(
                f"Expected one UFO in {path}, but found {len(found)}; zip one folder alone."
            )
        yield found[0]


def write_ufo(path: Path, made: MadeFont, advance: Advance) -> None:
    """Write the sources of a made font.

    Syllables have cubic curves with points at their extrema; the layer ``drawn image`` keeps them
    as they were traced. Green are the user's own, blue drawn ones, red what the reader doubts.

    Args:
        path: ``NAME.ufo`` or ``NAME.ufoz``.
        made: The font.
        advance: How far its syllables move the pen.

    Raises:
        UserError: Something is at ``path``.
        OSError: The disk is full or the folder cannot be written to; nothing is left.
    """
    from fontTools.ttLib import TTFont
    from fontTools.ufoLib import UFOWriter

    font: Any = TTFont(BytesIO(made.font))
    outlines = _outlines(made, advance)
    with new_ufo(path) as folder:
        writer = UFOWriter(str(folder), fileCreator=_CREATOR)
        writer.writeInfo(_Info(font))
        writer.writeLib({"public.glyphOrder": font.getGlyphOrder()})
        if "GSUB" in font:
            writer.writeFeatures(composition_rules(font.getBestCmap(), made.drawn.syllables))
        _write_glyphs(writer, font, outlines, _colours(made))
        writer.writeLayerContents()
        writer.close()


def _write_glyphs(
    writer: Any,
    font: Any,
    outlines: dict[str, tuple[Contour, ...]],
    colours: dict[str, str],
) -> None:
    """All glyphs, and the layer of the syllables' outlines."""
    glyphs, layer = writer.getGlyphSet(), writer.getGlyphSet(LAYER, defaultLayer=False)
    unicodes = _unicodes(font)
    for name in font.getGlyphOrder():
        codes, width = unicodes.get(name, []), font["hmtx"][name][0]
        syllable = next((chr(c) for c in codes if chr(c) in outlines), "")
        glyph = UfoGlyph(width, codes, colours.get(syllable, ""))
        if syllable:
            glyphs.writeGlyph(name, glyph, draw_points(outlines[syllable]))
            layer.writeGlyph(name, UfoGlyph(width), draw_points(outlines[syllable]))
        else:
            glyphs.writeGlyph(name, glyph, _cubic(font, name))
    glyphs.writeContents()
    layer.writeContents()


def draw_points(contours: Sequence[Contour], *, quadratic: bool = False) -> Any:
    """Draws contours with a point pen, as fontTools asks for."""
    from fontTools.pens.pointPen import SegmentToPointPen

    return lambda pen: draw_contours(contours, SegmentToPointPen(pen), quadratic=quadratic)


def _outlines(made: MadeFont, advance: Advance) -> dict[str, tuple[Contour, ...]]:
    """Syllable to cubic outline in font units, y upwards."""
    images, found = made.drawn.images, {}
    spans = ink_spans(images).tolist()
    traced = trace_curves(images, quadratic=False)
    for syllable, curves, (left, right) in zip(made.drawn.syllables, traced, spans, strict=True):
        offset, _ = advance.place(left, right)
        found[syllable] = tuple(
            tuple(
                tuple(
                    (float(round(x * UNITS + offset)), float(round(TOP - y * UNITS)))
                    for x, y in segment
                )
                for segment in contour
            )
            for contour in curves.contours
        )
    return found


def _cubic(font: Any, name: str) -> Any:
    """Draws a TrueType glyph with cubic curves, the other way round, as PostScript has it."""
    from fontTools.pens.basePen import BasePen
    from fontTools.pens.pointPen import SegmentToPointPen
    from fontTools.pens.reverseContourPen import ReverseContourPen
    from fontTools.pens.roundingPen import RoundingPen

    class _Cubic(BasePen):  # type: ignore[misc]
        def __init__(self, pen: Any) -> None:
            super().__init__(font.getGlyphSet())
            self._moveTo, self._lineTo = pen.moveTo, pen.lineTo
            self._curveToOne, self._closePath = pen.curveTo, pen.closePath

    glyph = font.getGlyphSet()[name]
    return lambda pen: glyph.draw(_Cubic(RoundingPen(ReverseContourPen(SegmentToPointPen(pen)))))


def _colours(made: MadeFont) -> dict[str, str]:
    origins = zip(made.drawn.syllables, made.drawn.origins, strict=True)
    colours = {s: DRAWN if origin == "drawn" else HERS for s, origin in origins}
    return colours | dict.fromkeys(made.doubtful, DOUBTFUL)


def _unicodes(font: Any) -> dict[str, list[int]]:
    unicodes: dict[str, list[int]] = {}
    for codepoint, name in sorted(font.getBestCmap().items()):
        unicodes.setdefault(name, []).append(codepoint)
    return unicodes


class _Info:
    """What fontinfo.plist says; fontTools reads its attributes."""

    def __init__(self, font: Any) -> None:
        names, hhea, os2 = font["name"], font["hhea"], font["OS/2"]
        for attribute, number in _NAMES.items():
            text = names.getName(number, 3, 1, 0x409)
            if text is not None:
                setattr(self, attribute, text.toUnicode())
        self.openTypeNameRecords = [
            {
                "nameID": record.nameID,
                "platformID": record.platformID,
                "encodingID": record.platEncID,
                "languageID": record.langID,
                "string": record.toUnicode(),
            }
            for record in names.names
            if record.langID != 0x409
        ]
        self.unitsPerEm = font["head"].unitsPerEm
        self.versionMajor, self.versionMinor = 1, 0
        self.ascender, self.descender = os2.sTypoAscender, os2.sTypoDescender
        self.xHeight, self.capHeight = os2.sxHeight, os2.sCapHeight
        self.openTypeHheaAscender, self.openTypeHheaDescender = hhea.ascent, hhea.descent
        self.openTypeHheaLineGap = hhea.lineGap
        self.openTypeOS2TypoAscender = os2.sTypoAscender
        self.openTypeOS2TypoDescender = os2.sTypoDescender
        self.openTypeOS2TypoLineGap = os2.sTypoLineGap
        self.openTypeOS2WinAscent, self.openTypeOS2WinDescent = os2.usWinAscent, os2.usWinDescent
        self.openTypeOS2WeightClass, self.openTypeOS2WidthClass = 400, 5
        self.openTypeOS2VendorID = os2.achVendID
        self.openTypeOS2Selection = [7]
        self.openTypeOS2CodePageRanges = [0, 19]
        self.openTypeOS2Type: list[int] = []


def _pack(folder: Path, target: Path) -> None:
    """The folder as a zip, the same bytes for the same files."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = f"{folder.name}/{file.relative_to(folder).as_posix()}"
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            packed.writestr(entry, file.read_bytes())


def _unpack(path: Path, place: Path) -> None:
    # RuntimeError: the zip has a password, or is packed in a way that Python does not know.
    try:
        with zipfile.ZipFile(path) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > _MOST_BYTES:
                raise UserError(
                    f"{path} unpacks to more than {_MOST_BYTES >> 20} MB, which no UFO does."
                )
            packed.extractall(place)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as error:
        raise UserError(
            f"Expected a UFO in a zip at {path}, but it cannot be unpacked ({error})."
        ) from None
    shutil.rmtree(place / "__MACOSX", ignore_errors=True)
