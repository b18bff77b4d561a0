import json
import os
import unicodedata
from io import BytesIO
from pathlib import Path

import pytest
from fontmaker import make_font
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Subsetter
from fontTools.ttLib import TTCollection, TTFont

from hangeul_bench.errors import UserError
from hangeul_bench.font_files import MAX_FONT_BYTES, face_sfnt, units_per_em
from hangeul_bench.font_names import lineage_of, slug
from hangeul_bench.fonts import FontFace, find_faces, scan_faces, sfnt_bytes
from hangeul_bench.raster_freetype import FreeTypeFace

GLYPHS = {"가": [(100, 0, 900, 800)], "각": [(0, 0, 500, 500), (600, 100, 700, 900)]}


def outline_of(face: FontFace, syllable: str) -> object:
    open_face = FreeTypeFace(sfnt_bytes(face), "test")
    return open_face.outline(open_face.glyph_index(ord(syllable)))


def error_of(folder: Path) -> str:
    with pytest.raises(UserError) as error:
        find_faces(folder)
    return str(error.value)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("NanumGothic", "nanum-gothic"),
        ("RIDIBatang", "ridi-batang"),
        ("IBM Plex Sans KR", "ibm-plex-sans-kr"),
        ("SemiBold", "semibold"),
        ("Extra Light", "extralight"),
        ("나눔 손글씨", "나눔-손글씨"),
        (unicodedata.normalize("NFD", "나눔 손글씨"), "나눔-손글씨"),
        ("../../etc", "etc"),
    ],
)
def test_slug_splits_words_and_keeps_hangeul(name, expected):
    assert slug(name) == expected


@pytest.mark.parametrize(
    ("family", "lineage"),
    [("Nanum ExtraBold", "nanum"), ("Black Han Sans", "black-han-sans"), ("Black", "black")],
)
def test_lineage_drops_weights_at_the_end_only(family, lineage):
    assert lineage_of(family) == lineage


def test_names_and_sub_folder_describe_a_face(tmp_path):
    make_font(tmp_path / "handwritten/b.ttf", GLYPHS, family="Hi Melody", style="Bold")
    make_font(tmp_path / "printed/a.otf", GLYPHS, family="RIDIBatang", cff=True)
    first, second = find_faces(tmp_path)
    assert (first.font_id, first.category, first.lineage) == (
        "hi-melody-bold",
        "handwritten",
        "hi-melody",
    )
    assert (second.font_id, second.category) == ("ridi-batang-regular", "printed")
    assert (first.face_index, first.instance, first.licence) == (0, None, "unknown")


def test_hidden_and_other_files_are_ignored(tmp_path):
    make_font(tmp_path / "printed/a.ttf", GLYPHS)
    for name in ("printed/._a.ttf", ".cache/b.ttf", "LICENSE.txt", "printed/OFL"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("no font")
    assert [face.path.name for face in find_faces(tmp_path)] == ["a.ttf"]


@pytest.mark.parametrize(
    ("panose", "category"), [(3, "handwritten"), (2, "printed"), (0, None), (5, None)]
)
def test_panose_tells_the_category_outside_the_sub_folders(tmp_path, panose, category):
    make_font(tmp_path / "a.ttf", GLYPHS, panose_family=panose)
    assert find_faces(tmp_path)[0].category == category


def test_fonts_csv_goes_over_everything_and_matches_nfd_names(tmp_path):
    name = unicodedata.normalize("NFD", "나눔 글씨.ttf")
    make_font(tmp_path / "printed" / name, GLYPHS)
    table = "file,category,family,lineage,licence\n"
    row = "printed/나눔 글씨.ttf,handwritten,나눔 글씨,nanum,OFL-1.1\n"
    (tmp_path / "fonts.csv").write_text(table + row, encoding="utf-8-sig")
    (face,) = find_faces(tmp_path)
    assert face.font_id == "나눔-글씨-regular"
    assert (face.category, face.lineage, face.licence) == ("handwritten", "nanum", "OFL-1.1")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name,category\na.ttf,printed\n", "expected the columns"),
        ("file,kind\na.ttf,printed\n", "expected the columns"),
        ("file\nb.ttf\n", "no file 'b.ttf'"),
        ("file,category\na.ttf,brush\n", "found 'brush'"),
    ],
)
def test_bad_fonts_csv(tmp_path, text, told):
    make_font(tmp_path / "a.ttf", GLYPHS)
    (tmp_path / "fonts.csv").write_text(text)
    assert told in error_of(tmp_path)


def test_absent_and_empty_folders(tmp_path):
    assert "found no folder" in error_of(tmp_path / "nowhere")
    (tmp_path / "readme.txt").write_text("hello")
    assert "No font in" in error_of(tmp_path)


def test_text_file_named_ttf(tmp_path):
    (tmp_path / "a.ttf").write_text("I am a letter")
    assert "is not a font" in error_of(tmp_path)
    assert "a.ttf" in error_of(tmp_path)


@pytest.mark.parametrize("flavor", [None, "woff", "woff2"])
@pytest.mark.parametrize("keep", [0.05, 0.5, 0.97])
def test_truncated_font(tmp_path, flavor, keep):
    path = make_font(tmp_path / "a.ttf", GLYPHS, flavor=flavor)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    assert "a.ttf" in error_of(tmp_path)


def test_font_without_hangeul(tmp_path):
    make_font(tmp_path / "latin.ttf", {"A": [(0, 0, 500, 500)]})
    assert "no Hangul syllable" in error_of(tmp_path)


def test_unreadable_file(tmp_path, monkeypatch):
    make_font(tmp_path / "a.ttf", GLYPHS)

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert "cannot be read" in error_of(tmp_path)


def test_pipe_and_dangling_link_do_not_hang(tmp_path):
    os.mkfifo(tmp_path / "a.ttf")
    assert "no regular file" in error_of(tmp_path)
    (tmp_path / "a.ttf").unlink()
    (tmp_path / "b.ttf").symlink_to(tmp_path / "nowhere")
    assert "there is none" in error_of(tmp_path)


def test_huge_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "a.ttf"
    with path.open("wb") as file:
        file.truncate(500 << 20)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("read"))
    assert "524 MB" in error_of(tmp_path)


@pytest.mark.parametrize("n_faces", [0, 257, 0xFFFFFFFF])
def test_collection_with_an_absurd_number_of_faces(tmp_path, n_faces):
    header = b"ttcf\0\1\0\0" + n_faces.to_bytes(4, "big")
    (tmp_path / "a.ttc").write_bytes(header + b"\0" * 64)
    assert f"{n_faces:,} faces" in error_of(tmp_path)


def test_tables_that_overlap_to_more_than_256_mb(tmp_path):
    one = 4 << 20
    entries = b"".join(
        bytes([65, 65, 65 + k // 64, 64 + k % 64])
        + bytes(4)
        + (0).to_bytes(4, "big")
        + one.to_bytes(4, "big")
        for k in range(100)
    )
    header = b"\0\1\0\0" + (100).to_bytes(2, "big") + bytes(6)
    (tmp_path / "a.ttf").write_bytes((header + entries).ljust(one, b"\0"))
    assert "claims to unpack to more than 256 MB" in error_of(tmp_path)


def test_woff2_that_unpacks_to_more_than_256_mb(tmp_path):
    import brotli

    packed = brotli.compress(bytes(MAX_FONT_BYTES + 1000), quality=1)
    path = make_font(tmp_path / "a.woff2", GLYPHS, flavor="woff2")
    header = bytearray(path.read_bytes()[:48])
    header[12:14] = (0).to_bytes(2, "big")  # number of tables
    header[20:24] = len(packed).to_bytes(4, "big")
    header[8:12] = (48 + len(packed)).to_bytes(4, "big")
    path.write_bytes(bytes(header) + packed)
    assert "claims to unpack to more than 256 MB" in error_of(tmp_path)


def test_woff_whose_table_unpacks_to_more_than_it_says(tmp_path):
    path = make_font(tmp_path / "a.woff", GLYPHS, flavor="woff")
    data = bytearray(path.read_bytes())
    data[44 + 12 : 44 + 16] = (5).to_bytes(4, "big")  # original length of the first table
    path.write_bytes(bytes(data))
    assert "broken font" in error_of(tmp_path)


def test_all_unusable_files_are_told_at_once(tmp_path):
    make_font(tmp_path / "good.ttf", GLYPHS)
    make_font(tmp_path / "latin.ttf", {"A": [(0, 0, 500, 500)]})
    (tmp_path / "text.ttf").write_text("text")
    message = error_of(tmp_path)
    assert message.startswith("2 of 3 font files are not usable")
    assert "latin.ttf" in message and "text.ttf" in message
    faces, problems = scan_faces(tmp_path)
    assert [face.path.name for face in faces] == ["good.ttf"]
    assert [path.name for path, _ in problems] == ["latin.ttf", "text.ttf"]


def test_two_files_of_one_font(tmp_path):
    path = make_font(tmp_path / "a.ttf", GLYPHS, family="Dokdo")
    (tmp_path / "copy of a.ttf").write_bytes(path.read_bytes())
    assert "are both dokdo-regular byte by byte" in error_of(tmp_path)


def test_fonts_csv_tells_two_fonts_of_one_name_apart(tmp_path):
    make_font(tmp_path / "a.ttf", GLYPHS, family="Dokdo")
    make_font(tmp_path / "b.ttf", {"가": [(0, 0, 10, 10)]}, family="Dokdo")
    assert "fonts.csv" in error_of(tmp_path)
    (tmp_path / "fonts.csv").write_text("file,family\nb.ttf,Dokdo Two\n")
    assert [face.font_id for face in find_faces(tmp_path)] == ["dokdo-regular", "dokdo-two-regular"]


@pytest.mark.parametrize("cff", [False, True])
@pytest.mark.parametrize("flavor", ["woff", "woff2"])
def test_packed_fonts_draw_the_same_outlines(tmp_path, cff, flavor):
    (plain,) = find_faces(make_font(tmp_path / "a/a.ttf", GLYPHS, cff=cff).parent)
    (packed,) = find_faces(
        make_font(tmp_path / f"b/b.{flavor}", GLYPHS, cff=cff, flavor=flavor).parent
    )
    for syllable in GLYPHS:
        assert outline_of(plain, syllable) == outline_of(packed, syllable)


def test_each_face_of_a_collection(tmp_path):
    fonts = [
        TTFont(make_font(tmp_path / f"{name}.x", {"가": [(0, 0, 100, height)]}, family=name))
        for name, height in (("One", 300), ("Two", 600))
    ]
    collection = TTCollection()
    collection.fonts = fonts
    collection.save(tmp_path / "both.ttc")
    first, second = find_faces(tmp_path)
    assert (first.face_index, second.face_index) == (0, 1)
    assert (first.font_id, second.font_id) == ("one-regular", "two-regular")
    assert outline_of(first, "가").box == (0, 0, 100, 300)
    assert outline_of(second, "가").box == (0, 0, 100, 600)


def test_variable_font_at_its_default_and_at_its_named_instances(tmp_path):
    make_font(tmp_path / "v.ttf", {"가": [(200, 0, 900, 800)]}, family="Vary", wght_axis=True)
    (default,) = find_faces(tmp_path)
    assert (default.font_id, default.instance) == ("vary-regular", None)
    bold, regular = find_faces(tmp_path, instances=True)
    assert (bold.font_id, bold.instance) == ("vary-bold", {"wght": 700})
    assert outline_of(default, "가") == outline_of(regular, "가")
    assert outline_of(regular, "가").box[0] == 200
    assert outline_of(bold, "가").box[0] == 100


def test_changed_file_is_no_longer_the_locked_one(tmp_path):
    path = make_font(tmp_path / "printed/a.ttf", GLYPHS)
    fields = ("font_id", "category", "family", "style", "lineage", "licence")
    entry = dict.fromkeys(fields, "x") | {"file": "printed/a.ttf", "sha256": "0" * 64}
    (tmp_path / "fonts.lock.json").write_text(json.dumps({"format": 1, "fonts": [entry]}))
    message = error_of(tmp_path)
    assert str(path) in message and "fonts fetch" in message


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 1, "fonts": [{}]}', '{"format": 1}'])
def test_broken_lock_file(tmp_path, text):
    make_font(tmp_path / "a.ttf", GLYPHS)
    (tmp_path / "fonts.lock.json").write_text(text)
    assert "is not a lock file" in error_of(tmp_path)


def packed_by_fonttools(font: TTFont) -> bytes:
    output = BytesIO()
    font.flavor = "woff2"
    font.save(output)
    return output.getvalue()


def glyphs_of(sfnt: bytes) -> list[tuple]:
    """Everything that a glyf table says of each glyph, and its metrics."""
    font = TTFont(BytesIO(sfnt))
    order, glyf = font.getGlyphOrder(), font["glyf"]
    found = []
    for name in order:
        glyph = glyf[name]
        parts: tuple = ()
        if glyph.isComposite():
            parts = tuple((c.glyphName, c.x, c.y, c.flags) for c in glyph.components)
        elif glyph.numberOfContours:
            on_curve = [flag & 1 for flag in glyph.flags]
            parts = (list(glyph.coordinates), list(glyph.endPtsOfContours), on_curve)
        box = (glyph.xMin, glyph.yMin, glyph.xMax, glyph.yMax) if glyph.numberOfContours else ()
        found.append((name, glyph.numberOfContours, parts, box, font["hmtx"][name]))
    return found


def test_woff2_composites_and_curves_come_back_exactly(tmp_path):
    font = TTFont(make_font(tmp_path / "a.ttf", GLYPHS | {"간": [], "갇": []}))
    curve = TTGlyphPen(None)
    curve.moveTo((-3000, 7))
    curve.qCurveTo((5, 800), (1300, -12), (9000, 400))
    curve.lineTo((9000, 401))
    curve.closePath()
    font["glyf"]["uAC04"] = curve.glyph()
    both = TTGlyphPen(font.getGlyphSet())
    both.addComponent("uAC00", (1, 0, 0, 1, 300, -20))
    both.addComponent("uAC01", (0.5, 0, 0, 0.25, 0, 0))
    font["glyf"]["uAC07"] = both.glyph()
    original = BytesIO()
    font.save(original)
    unpacked = face_sfnt(packed_by_fonttools(TTFont(BytesIO(original.getvalue()))), 0, Path("x"))
    assert glyphs_of(unpacked) == glyphs_of(original.getvalue())


def test_woff2_of_a_real_font_comes_back_exactly(real_fonts):
    font = TTFont(real_fonts / "printed/gugi-regular.ttf")
    subsetter = Subsetter()
    subsetter.populate(unicodes=range(0xAC00, 0xAD00))
    subsetter.subset(font)
    original = BytesIO()
    font.save(original)
    unpacked = face_sfnt(packed_by_fonttools(font), 0, Path("gugi"))
    assert glyphs_of(unpacked) == glyphs_of(original.getvalue())
    assert len(glyphs_of(unpacked)) > 50
    assert units_per_em(unpacked) == 1000


def test_the_real_evaluation_fonts(real_fonts):
    faces = find_faces(real_fonts)
    assert len(faces) == 21
    assert {face.category for face in faces} == {"handwritten", "printed"}
    assert {face.licence for face in faces} == {"OFL-1.1"}
    assert [face.path.stem for face in faces] == [face.font_id for face in faces]
