"""Read a half-finished UFO: that all of it is there, and a plain font of its syllables."""

import hashlib
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fontmaker.completion.half import HalfFont, no_hangeul
from fontmaker.ufo import unpacked
from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul import is_syllable

_USUAL_EM = 1000  # where a UFO says nothing
_ERROR = 0.5  # font units that a cubic curve beside quadratic ones may be moved by


def open_ufo(path: Path) -> HalfFont:
    """Read a half-finished UFO.

    Args:
        path: The folder, or the folder in a zip.

    Raises:
        UserError: It is absent, broken, of another version than 3, or has no Hangeul.
    """
    if not path.exists():
        raise UserError(f"Expected a UFO for --complete at {path}, but there is none.")
    with unpacked(path) as folder:
        try:
            sfnt, quadratic = _read(folder, path)
        except UserError:
            raise
        except Exception as error:  # fontTools raises many kinds on broken files
            raise UserError(
                f"Expected a sound UFO for --complete, but {path} is broken "
                f"({type(error).__name__}: {error}); save it again from your editor."
            ) from error
        return HalfFont(path, "ufo", sfnt, quadratic, _sha256(folder))


def _read(folder: Path, path: Path) -> tuple[bytes, bool]:
    """A plain font of the syllables, and whether its curves are quadratic."""
    from fontTools.ufoLib import UFOReader

    with UFOReader(str(folder), validate=True) as reader:
        version = reader.formatVersionTuple[0]
        if version != 3:  # noqa: PLR2004
            raise UserError(
                f"Expected UFO 3 for --complete, but {path} is UFO {version}; save it as UFO 3."
            )
        info = SimpleNamespace()
        reader.readInfo(info)
        for read in (reader.readGroups, reader.readKerning, reader.readLib, reader.readFeatures):
            read()
        glyph_set = reader.getGlyphSet()
        names = {
            chr(codepoint): name
            for name, codepoints in sorted(glyph_set.getUnicodes().items())
            for codepoint in codepoints
            if is_syllable(chr(codepoint))
        }
        outlines = _outlines(glyph_set)
    if not names:
        raise no_hangeul(path)
    glyphs = {syllable: outlines[name] for syllable, name in sorted(names.items())}
    return _plain_font(glyphs, getattr(info, "unitsPerEm", None) or _USUAL_EM)


_Drawn = tuple[int, Any]  # advance and what a pen recorded


def _outlines(glyph_set: Any) -> dict[str, _Drawn]:
    """Every glyph of the font, so that one that is broken is found before anything is drawn."""
    from fontTools.pens.recordingPen import DecomposingRecordingPen

    found = {}
    for name in sorted(glyph_set.keys()):
        pen, glyph = DecomposingRecordingPen(glyph_set), glyph_set[name]
        glyph.draw(pen)
        found[name] = round(getattr(glyph, "width", 0)), pen
    return found


def _plain_font(glyphs: dict[str, _Drawn], units_per_em: float) -> tuple[bytes, bool]:
    from fontTools.fontBuilder import FontBuilder

    recorded = [kind for _, pen in glyphs.values() for kind, _ in pen.value]
    quadratic = "qCurveTo" in recorded
    names = {syllable: f"uni{ord(syllable):04X}" for syllable in glyphs}
    builder = FontBuilder(round(units_per_em), isTTF=quadratic)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap({ord(syllable): name for syllable, name in names.items()})
    drawn = {".notdef": (0, None)} | {names[s]: glyph for s, glyph in glyphs.items()}
    left = dict.fromkeys(drawn, 0)
    if quadratic:
        builder.setupGlyf({name: _glyf(*glyph) for name, glyph in drawn.items()})
        # A side bearing that is not the box's edge makes FreeType shift the glyph.
        left = {name: getattr(builder.font["glyf"][name], "xMin", 0) for name in drawn}
    else:
        outlines = {name: _charstring(*glyph) for name, glyph in drawn.items()}
        builder.setupCFF("Half", {}, outlines, {})
    builder.setupHorizontalMetrics({n: (width, left[n]) for n, (width, _) in drawn.items()})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupPost()
    buffer = BytesIO()
    builder.save(buffer)
    return buffer.getvalue(), quadratic


def _glyf(width: int, recorded: Any) -> Any:
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    del width  # it stands in hmtx
    pen = TTGlyphPen(None)
    if recorded is not None:
        recorded.replay(Cu2QuPen(pen, max_err=_ERROR))
    return pen.glyph()


def _charstring(width: int, recorded: Any) -> Any:
    from fontTools.pens.t2CharStringPen import T2CharStringPen

    pen = T2CharStringPen(width, None)
    if recorded is not None:
        recorded.replay(pen)
    return pen.getCharString()


def _sha256(folder: Path) -> str:
    """Hash of all files, each with its name."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
