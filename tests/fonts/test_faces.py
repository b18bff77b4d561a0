"""Which faces a folder holds, what they are called, and that broken files are told."""

import json
import os
import unicodedata
from pathlib import Path

import pytest
from fontTools.ttLib import TTCollection, TTFont

from hangeul_bench.base.errors import UserError
from hangeul_bench.fonts.faces import FontFace, find_faces, open_face, scan_faces, sfnt_bytes
from hangeul_bench.fonts.freetype import FreeTypeFace
from hangeul_bench.fonts.sfnt import MAX_FONT_BYTES
from support.fontmaker import make_font

GLYPHS = {"가": [(100, 0, 900, 800)], "각": [(0, 0, 500, 500), (600, 100, 700, 900)]}


def outline_of(face: FontFace, syllable: str) -> object:
    opened = FreeTypeFace(sfnt_bytes(face), "test")
    return opened.outline(opened.glyph_index(ord(syllable)))


def error_of(folder: Path) -> str:
    with pytest.raises(UserError) as error:
        find_faces(folder)
    return str(error.value)


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
    entry["category"] = "printed"
    (tmp_path / "fonts.lock.json").write_text(json.dumps({"format": 1, "fonts": [entry]}))
    message = error_of(tmp_path)
    assert str(path) in message and "fonts fetch" in message


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 1, "fonts": [{}]}', '{"format": 1}'])
def test_broken_lock_file(tmp_path, text):
    make_font(tmp_path / "a.ttf", GLYPHS)
    (tmp_path / "fonts.lock.json").write_text(text)
    message = error_of(tmp_path)
    assert "a lock file of" in message and message.endswith("remove it.")


def test_the_real_evaluation_fonts(real_fonts):
    faces = find_faces(real_fonts)
    assert len(faces) == 21
    assert {face.category for face in faces} == {"handwritten", "printed"}
    assert {face.licence for face in faces} == {"OFL-1.1"}
    assert [face.path.stem for face in faces] == [face.font_id for face in faces]


def test_a_family_without_a_letter_of_an_id_is_named_by_its_file(tmp_path):
    make_font(tmp_path / "printed/source-han.ttf", GLYPHS, family="思源宋体", style="Bold")
    (face,) = find_faces(tmp_path)
    assert (face.font_id, face.lineage) == ("source-han-bold", "source-han")
    assert face.family == "思源宋体"


def test_a_font_that_nothing_names_is_refused(tmp_path):
    make_font(tmp_path / "printed/思.ttf", GLYPHS, family="思源宋体")
    assert "give it a family in fonts.csv or rename the file" in error_of(tmp_path)


def test_one_file_is_opened_without_its_folder(tmp_path):
    path = make_font(tmp_path / "a.ttf", GLYPHS, family="Test Hand", panose_family=3)
    face = open_face(path)
    assert (face.path, face.family, face.category) == (path, "Test Hand", "handwritten")
    assert face.sha256 == find_faces(tmp_path)[0].sha256
    with pytest.raises(UserError, match="there is none"):
        open_face(tmp_path / "absent.ttf")


def test_a_copy_of_a_pinned_font_has_its_id_where_the_table_says_its_lineage(tmp_path):
    make_font(tmp_path / "printed" / "jua-regular.ttf", GLYPHS)
    make_font(tmp_path / "printed" / "do-hyeon-regular.ttf", GLYPHS, family="Other")
    rows = "printed/jua-regular.ttf,jua\nprinted/do-hyeon-regular.ttf,mine\n"
    (tmp_path / "fonts.csv").write_text("file,lineage\n" + rows)
    found = {face.path.stem: face.font_id for face in find_faces(tmp_path)}
    assert found["jua-regular"] == "jua-regular" and found["do-hyeon-regular"] == "other-regular"


def test_fonts_csv_may_name_the_id(tmp_path):
    make_font(tmp_path / "printed" / "a.ttf", GLYPHS)
    (tmp_path / "fonts.csv").write_text("file,font_id\nprinted/a.ttf,mine\n")
    assert [face.font_id for face in find_faces(tmp_path)] == ["mine"]
