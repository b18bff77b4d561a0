"""Write a completed font: a new file or folder, in which all that she had keeps its bytes."""

import filecmp
import shutil
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fontmaker.completion.half import HalfFont
from fontmaker.completion.run import Completion
from fontmaker.completion.sfnt import changed_tables
from fontmaker.ufo import DOUBTFUL, DRAWN, LAYER, MARK, UfoGlyph, draw_points, new_ufo, unpacked
from hangeul_bench.base.files import whole_file, write_whole

_METAINFO, _ORDER = "metainfo.plist", "public.glyphOrder"


def write_completion(made: Completion, half: HalfFont, out: Path) -> list[str]:
    """Write a completed font.

    Args:
        made: The glyphs, and the font of a TTF or an OTF.
        half: What was completed.
        out: A TTF, an OTF or a UFO, as ``half`` is.

    Returns:
        The tables of the half font, or its files, that have other bytes in the new one.

    Raises:
        UserError: A UFO is at ``out`` already.
        OSError: The disk is full or the folder cannot be written to; nothing is half-written.
    """
    if half.kind == "ufo":
        return _write_ufo(made, half, out)
    write_whole(out, made.font)
    return changed_tables(half.sfnt, made.font)


def copy_half(half: HalfFont, out: Path) -> None:
    """Write an equal copy, so that whoever waits for the file has it."""
    if half.kind == "ufo":
        with unpacked(half.path) as source, new_ufo(out) as folder:
            shutil.copytree(source, folder)
        return
    with whole_file(out) as temporary:
        shutil.copyfile(half.path, temporary)


def _write_ufo(made: Completion, half: HalfFont, out: Path) -> list[str]:
    from fontTools.ufoLib import UFOWriter

    with unpacked(half.path) as source, new_ufo(out) as folder:
        shutil.copytree(source, folder)
        writer = UFOWriter(str(folder), validate=True)
        names = _add(writer, made, quadratic=half.quadratic)
        writer.writeLayerContents()
        lib = writer.readLib()
        if _ORDER in lib:
            known = set(lib[_ORDER])
            writer.writeLib(lib | {_ORDER: [*lib[_ORDER], *(n for n in names if n not in known)]})
        writer.close()
        shutil.copyfile(source / _METAINFO, folder / _METAINFO)  # the writer put its own name in
        return _changed(source, folder)


def _add(writer: Any, made: Completion, *, quadratic: bool) -> list[str]:
    """Write the new glyphs, marked by colour, and their traces into a layer; their names."""
    glyphs = writer.getGlyphSet(expectContentsFile=True)
    layer = writer.getGlyphSet(LAYER, defaultLayer=False)
    names, doubtful = _names(glyphs, made.glyphs), set(made.doubtful)
    for syllable, own in made.glyphs.items():
        name, colour = names[syllable], DOUBTFUL if syllable in doubtful else DRAWN
        glyph: Any = UfoGlyph(own.advance, [ord(syllable)], colour)
        if name in glyphs:  # an empty place of hers keeps what else she wrote of it
            glyph = SimpleNamespace()
            glyphs.readGlyph(name, glyph)
            glyph.width, glyph.lib = own.advance, getattr(glyph, "lib", {}) | {MARK: colour}
        glyphs.writeGlyph(name, glyph, draw_points(own.contours, quadratic=quadratic))
        layer.writeGlyph(name, UfoGlyph(own.advance), draw_points(own.fine))
    glyphs.writeContents()
    layer.writeContents()
    return list(names.values())


def _names(glyphs: Any, syllables: Iterable[str]) -> dict[str, str]:
    """The name of each syllable's empty place, or one that no glyph has."""
    empty = {
        chr(codepoint): name
        for name, codepoints in glyphs.getUnicodes().items()
        for codepoint in codepoints
    }
    names = {}
    for syllable in syllables:
        name, number = empty.get(syllable, f"uni{ord(syllable):04X}"), 0
        while name in glyphs and syllable not in empty:
            number += 1
            name = f"uni{ord(syllable):04X}.new{number}"
        names[syllable] = name
    return names


def _changed(source: Path, folder: Path) -> list[str]:
    files = sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file())
    return [
        file.as_posix()
        for file in files
        if not filecmp.cmp(source / file, folder / file, shallow=False)
    ]
