"""A half UFO is completed in a new place: her glyphs keep their bytes, new ones are marked."""

import plistlib
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ufoLib import UFOReader

from fontmaker.completion.hers import measure
from fontmaker.completion.opening import open_half
from fontmaker.completion.run import CompletionOrder, complete_font
from fontmaker.completion.writing import copy_half, write_completion
from fontmaker.reference import Reference
from fontmaker.ufo import DOUBTFUL, DRAWN, LAYER, MARK
from hangeul_bench.base.errors import UserError
from support.fontmaker_stubs import Stages, StubModel, StubReader, generator
from support.half_fonts import HERS, half_ufo

NEW = ("갸", "냐")


def completed(path, out, work):
    half = open_half(path)
    hers = measure(half)
    shown = (Reference(hers.images[0], hers.syllables[0], path.name, ""),)
    asked = CompletionOrder(half, hers, generator(StubModel(), references=shown), NEW)
    made = complete_font(asked, work=work, reader=StubReader((), otherwise="갸"), stages=Stages())
    return write_completion(made, half, out)


def read(path):
    with UFOReader(str(path), validate=True) as reader:
        glyphs, layer = reader.getGlyphSet(), reader.getGlyphSet(LAYER)
        found = {}
        for name in glyphs.contents:
            pen, glyph = RecordingPen(), glyphs[name]
            glyph.draw(pen)
            found[name] = glyph, pen.value
        return found, sorted(layer.keys()), reader.readLib(), reader.readKerning()


def files(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


@pytest.mark.parametrize("quadratic", [False, True])
def test_her_files_keep_their_bytes_and_new_glyphs_are_marked(tmp_path, quadratic):
    path, out = half_ufo(tmp_path / "Half 🙂.ufo", quadratic=quadratic), tmp_path / "Whole.ufo"
    before = files(path)
    changed = completed(path, out, tmp_path / "work")
    assert files(path) == before
    after = files(out)
    assert changed == [
        "glyphs/contents.plist",
        "glyphs/nya.glif",
        "layercontents.plist",
        "lib.plist",
    ]
    assert {name for name, data in before.items() if after[name] != data} == set(changed)
    glyphs, layer, lib, kerning = read(out)
    assert layer == ["nya", "uniAC38"]
    assert lib["public.glyphOrder"][-1] == "uniAC38" and len(lib["public.glyphOrder"]) == 13
    assert kerning == {("public.kern1.ga", "uniB098"): -90}
    libs = {name: getattr(glyph, "lib", {}) for name, (glyph, _) in glyphs.items()}
    marks = {name: own[MARK] for name, own in libs.items() if MARK in own}
    assert marks == {"uniAC38": DRAWN, "nya": DOUBTFUL}
    empty, outline = glyphs["nya"]
    assert (empty.note, empty.unicodes, empty.width) == ("to come", [ord("냐")], 940)
    kinds = {kind for kind, _ in outline}
    assert kinds <= {"moveTo", "lineTo", "closePath", "qCurveTo" if quadratic else "curveTo"}
    assert kinds


def test_points_and_curves_are_counted_as_she_has_them(tmp_path):
    cubic = measure(open_half(half_ufo(tmp_path / "Cubic.ufo")))
    quadratic = measure(open_half(half_ufo(tmp_path / "Quadratic.ufo", quadratic=True)))
    assert cubic.syllables == tuple(sorted(HERS))
    assert (cubic.median_points, quadratic.median_points) == (18, 15)
    assert np.abs(cubic.images.astype(int) - quadratic.images).mean() < 3


def test_a_zip_is_completed_to_a_zip_or_a_folder(tmp_path):
    folder = half_ufo(tmp_path / "Half.ufo")
    path = tmp_path / "Half.ufoz"
    with zipfile.ZipFile(path, "w") as packed:
        for file in filter(Path.is_file, folder.rglob("*")):
            packed.write(file, f"Half.ufo/{file.relative_to(folder)}")
    completed(path, tmp_path / "Whole.ufoz", tmp_path / "work")
    completed(path, tmp_path / "Whole.ufo", tmp_path / "work")
    assert read(tmp_path / "Whole.ufoz")[1] == read(tmp_path / "Whole.ufo")[1]


def test_a_copy_is_equal(tmp_path):
    path = half_ufo(tmp_path / "Half.ufo")
    copy_half(open_half(path), tmp_path / "Whole.ufo")
    assert files(tmp_path / "Whole.ufo") == files(path)


def without_glyph(path: Path):
    (path / "glyphs" / "uniA_C_00.glif").unlink()


def without_component(path: Path):
    contents = path / "glyphs" / "contents.plist"
    known = plistlib.loads(contents.read_bytes())
    del known["bar"]
    contents.write_bytes(plistlib.dumps(known))


def older(path: Path):
    (path / "metainfo.plist").write_bytes(plistlib.dumps({"creator": "e", "formatVersion": 2}))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (without_glyph, "is broken"),
        (without_component, "is broken"),
        (older, "UFO 2"),
        (lambda path: (path / "glyphs" / "bar.glif").write_text("<glyph"), "is broken"),
        (lambda path: (path / "metainfo.plist").unlink(), "is broken"),
        (shutil.rmtree, "there is none"),
        (lambda path: [g.unlink() for g in path.glob("glyphs/*")], "is broken"),
    ],
)
def test_a_broken_ufo_is_one_sentence(tmp_path, spoil, said):
    path = half_ufo(tmp_path / "Half.ufo")
    spoil(path)
    with pytest.raises(UserError, match=said):
        open_half(path)
