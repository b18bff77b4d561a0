"""One rule for files of several faces or weights: Hangul, nearest weight 400; and it is said."""

import numpy as np
import pytest
from fontTools.ttLib import TTCollection, TTFont

from fontmaker.reference import load_reference, load_references
from hangeul_bench.base.errors import UserError
from hangeul_bench.builder import BuildOptions, build
from hangeul_bench.builder.audit.folder import audit_fonts
from hangeul_bench.builder.audit.report import audit_text
from hangeul_bench.fonts.faces import find_faces, open_face
from hangeul_bench.fonts.raster import Rasterizer
from support.fontmaker import make_font

WIDE, NARROW = [(100, 0, 900, 700)], [(400, 0, 600, 700)]
OTHER = [(0, 0, 300, 300)]  # .notdef, which no syllable may look like


def collection(path, *members):
    """A TTC of fonts: (family, glyphs, OS/2 weight)."""
    fonts = TTCollection()
    for number, (family, glyphs, weight) in enumerate(members):
        part = make_font(path.parent / f".{number}.ttf", glyphs, family=family, notdef=OTHER)
        font = TTFont(part)
        font["OS/2"].usWeightClass = weight
        fonts.fonts.append(font)
    fonts.save(path)
    return path


def variable(path, *, named=True, low=100):
    """A font that is variable from ``low``, its default, to 700, where its left edge has moved."""
    make_font(path, {"한": WIDE, "글": NARROW, "A": WIDE}, wght_axis=True, notdef=OTHER)
    font = TTFont(path)
    font["fvar"].axes[0].minValue = font["fvar"].axes[0].defaultValue = low
    thin, bold = font["fvar"].instances
    thin.coordinates, bold.coordinates = {"wght": 400}, {"wght": 700}
    if not named:
        font["fvar"].instances = []
    font.save(path)
    return path


def outline(face, character="한"):
    with Rasterizer(face) as rasterizer:
        return rasterizer.outline(character)


def test_of_several_faces_with_hangul_the_one_nearest_400_is_taken_and_said(tmp_path):
    glyphs = {"한": WIDE}, {"한": NARROW}
    path = collection(tmp_path / "two.ttc", ("One", glyphs[0], 700), ("Two", glyphs[1], 400))
    face = open_face(path)
    assert (face.face_index, face.family) == (1, "Two")
    assert face.choice == ("face 1 of 0 One Regular, 1 Two Regular is taken (--face names another)")
    for asked in ("0", "one", "One Regular"):
        assert open_face(path, face=asked).face_index == 0
    assert face.choice in load_reference(path, "한").notes
    first = load_reference(path, "한", face="0")
    assert not np.array_equal(first.image, load_reference(path, "한").image)
    (reference,) = load_references([path], ["한"], face="One")
    assert reference.family == "One" and np.array_equal(reference.image, first.image)
    with pytest.raises(UserError, match="no face '2' with Hangeul; expected one of 0 One"):
        load_reference(path, "한", face="2")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_face_without_hangul_is_passed_over_and_said(tmp_path, order):
    members = ("Latin", {"A": WIDE}, 400), ("Korean", {"한": NARROW}, 900)
    path = collection(tmp_path / "mixed.ttc", *(members[i] for i in order))
    number = order.index(1)
    (face,) = find_faces(tmp_path)
    assert (face.face_index, face.family) == (number, "Korean")
    assert face.choice == f"left out, as without Hangeul or broken: face {1 - number}"
    opened = open_face(path)
    assert opened.face_index == number and f"without Hangeul: {1 - number} is" in opened.choice
    report = audit_fonts(tmp_path)
    assert [font.family for font in report.fonts] == ["Korean"] and not report.unusable
    assert report.choices == {"mixed.ttc": face.choice}
    assert f"mixed.ttc: {face.choice}" in audit_text(report)


def test_a_collection_without_hangul_is_refused(tmp_path):
    collection(tmp_path / "latin.ttc", ("A", {"A": WIDE}, 400), ("B", {"B": WIDE}, 400))
    with pytest.raises(UserError, match="has no Hangul syllable"):
        find_faces(tmp_path)


@pytest.mark.parametrize("named", [True, False])
def test_a_variable_font_is_taken_nearest_400_and_it_is_said(tmp_path, named):
    path = variable(tmp_path / "vari.ttf", named=named)
    for face in (open_face(path), *find_faces(tmp_path)):
        assert face.instance == {"wght": 400}
        assert "variable (wght 100 to 700), taken at " in face.choice
        assert "(wght 400)" in face.choice
    # Half of the way from 100 to 700, where the edge has moved by 100 units.
    assert outline(face).box == (50, 0, 900, 700)
    assert outline(face, "A") is not None  # a companion's Latin is frozen, too
    assert face.choice.split(" (--")[0] in " ".join(load_reference(path, "한").notes)


@pytest.mark.parametrize(
    ("asked", "place", "left"),
    [
        ("default", None, 100),
        ("bold", {"wght": 700}, 0),
        ("700", {"wght": 700}, 0),
        ("wght=250", {"wght": 250}, 75),
    ],
)
def test_an_instance_is_chosen_by_name_weight_or_place(tmp_path, asked, place, left):
    path = variable(tmp_path / "vari.ttf")
    face = open_face(path, instance=asked)
    assert face.instance == place and outline(face).box[0] == left
    assert face.style == {0: "Bold", 75: "wght250", 100: "Regular"}[left]


@pytest.mark.parametrize("asked", ["black", "701", "wdth=80", "wght=", "nan"])
def test_an_instance_that_is_not_there_is_refused_with_those_that_are(tmp_path, asked):
    path = variable(tmp_path / "vari.ttf")
    with pytest.raises(UserError, match="axes are wght 100 to 700, its named instances Regular, B"):
        load_reference(path, "한", instance=asked)


def test_a_default_as_near_to_400_stays_the_font_as_it_is(tmp_path):
    path = variable(tmp_path / "vari.ttf", low=400)
    assert open_face(path).instance is None
    assert "taken at its default (wght 400)" in open_face(path).choice


def test_an_instance_of_a_static_font_and_a_face_of_a_picture_are_refused(tmp_path):
    path = make_font(tmp_path / "static.ttf", {"한": WIDE}, notdef=OTHER)
    assert open_face(path).choice == ""
    with pytest.raises(UserError, match="is not variable"):
        load_reference(path, "한", instance="Bold")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    with pytest.raises(UserError, match="Expected a font file for --face and --instance"):
        load_reference(tmp_path / "picture.png", "한", face="1")


def test_a_build_says_what_it_took(tmp_path):
    variable(tmp_path / "fonts" / "printed" / "vari.ttf")
    (tmp_path / "set.txt").write_text("한글", encoding="utf-8")
    for number, name in enumerate(("a", "b", "c")):
        shapes = {"한": [(number, 0, 800, 700)], "글": NARROW}
        make_font(tmp_path / f"fonts/printed/{name}.ttf", shapes, family=name)
    report = build(
        tmp_path / "fonts", tmp_path / "out", BuildOptions(charset=str(tmp_path / "set.txt"))
    )
    assert any(note.startswith("vari.ttf: variable (wght 100 to 700)") for note in report.notes)
