"""A reference is the syllable in the picture, whatever the light, the ink or the file was.

References say what they show by option or by name; what they plainly are not is noticed.
"""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fontmaker.ink_boxes import InkBox, ink_boxes, overlap, several_syllables, usual_ink_box
from fontmaker.reference import (
    check_single,
    examine,
    load_reference,
    load_references,
    reference_from_picture,
)
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.pictures import MAX_PIXELS
from hangeul_bench.fonts.raster import Rasterizer
from hangeul_bench.hangeul.charset import codepoint_name
from hangeul_bench.hangeul.phonetics import LAYOUTS
from hangeul_bench.reader.reader import JamoReader
from support.fontmaker import make_font
from support.photos import coverage, photograph

USUAL = usual_ink_box("vertical-final")
CLOSE = 0.06  # RMSE of grey levels in [0, 1]; an empty page has 0.42, half a pixel's shift 0.09


@pytest.fixture(scope="module")
def clean(tmp_path_factory) -> np.ndarray:
    """What all photographs below should become: the syllable drawn clean and large."""
    path = tmp_path_factory.mktemp("clean") / "clean.png"
    return load_reference(save(photograph(paper=255, ink=0), path), "한").image


def save(pixels: np.ndarray, path: Path, **options) -> Path:
    Image.fromarray(pixels).save(path, **options)
    return path


def rmse(image: np.ndarray, other: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square((image / 255.0) - other / 255.0))))


def test_clean_picture_becomes_the_syllable_itself(clean):
    box = ink_boxes(clean[None])[0]
    left, top, right, bottom = box
    drawn = Image.fromarray((255 * (1 - coverage(400))).astype(np.uint8))
    expected = np.full((128, 128), 255, np.uint8)
    expected[top:bottom, left:right] = drawn.resize(
        (right - left, bottom - top), Image.Resampling.BOX
    )
    assert rmse(clean, expected) < CLOSE
    assert rmse(clean, np.full_like(clean, 255)) > 0.4


@pytest.mark.parametrize(
    "changes",
    [
        {"slant": 0.6},
        {"shadow": 0.4},
        {"slant": 0.3, "shadow": 0.3, "noise": 4, "dust": 20},
        {"inverted": True},
        {"inverted": True, "slant": 0.4, "noise": 4},
        {"ink": 150, "noise": 5},
        {"side": 560, "height": 580, "width": 570, "at": (8, 5), "slant": 0.3},
        {"side": 500, "height": 500, "width": 500, "at": (0, 0)},
        {"side": 500, "height": 500, "width": 500, "at": (0, 0), "inverted": True},
        {"side": 160, "height": 900, "width": 700, "at": (500, 400), "slant": 0.3, "noise": 3},
        {"side": 420, "height": 2200, "width": 1500, "at": (700, 500), "slant": 0.5, "dust": 40},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_photograph_gives_the_same_glyph(changes, clean, tmp_path):
    path = save(photograph(**changes), tmp_path / "photo.png")
    reference = load_reference(path, "한")
    assert rmse(reference.image, clean) < CLOSE, reference.notes


def test_tiny_picture_gives_a_soft_glyph(clean, tmp_path):
    path = save(photograph(side=28, height=40, width=40, at=(6, 6)), tmp_path / "tiny.png")
    reference = load_reference(path, "한")
    assert rmse(reference.image, clean) < 0.2
    assert any("soft" in note for note in reference.notes)


def test_turned_by_exif(clean, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: turn a quarter clockwise to see it right
    path = tmp_path / "turned.jpg"
    lying = Image.fromarray(photograph()).transpose(Image.Transpose.ROTATE_90)
    lying.save(path, exif=exif, quality=92)
    reference = load_reference(path, "한")
    assert rmse(reference.image, clean) < CLOSE
    assert any("EXIF" in note for note in reference.notes)


@pytest.mark.parametrize("ink", [0, 255])
def test_transparent_ground_is_paper_for_dark_and_for_light_ink(ink, clean, tmp_path):
    alpha = 255 - photograph(paper=255, ink=0)
    pixels = np.dstack([np.full_like(alpha, ink)] * 3 + [alpha])
    reference = load_reference(save(pixels, tmp_path / "transparent.png"), "한")
    assert rmse(reference.image, clean) < CLOSE


def test_sixteen_bits_and_colour_and_palette(clean, tmp_path):
    grey = photograph()
    save(grey.astype(np.uint16) * 257, tmp_path / "deep.png")
    save(np.dstack([grey, grey, 255 - (255 - grey) // 2]), tmp_path / "colour.png")
    Image.fromarray(grey).convert("RGB").quantize(32).save(tmp_path / "palette.gif")
    for name in ("deep.png", "colour.png", "palette.gif"):
        assert rmse(load_reference(tmp_path / name, "한").image, clean) < CLOSE, name


def test_normal_glyph_is_left_untouched(clean, tmp_path):
    reference = load_reference(save(clean, tmp_path / "glyph.png"), "한")
    assert np.array_equal(reference.image, clean)
    assert len(reference.notes) == 1
    assert "left as it is" in reference.notes[0]


def test_glyph_in_an_odd_place_is_moved(clean, tmp_path):
    small = np.full_like(clean, 255)
    small[:40, :40] = np.asarray(Image.fromarray(clean).resize((40, 40), Image.Resampling.BOX))
    reference = load_reference(save(small, tmp_path / "small.png"), "한")
    assert overlap(InkBox(*ink_boxes(reference.image[None])[0]), USUAL) > 0.8


def test_what_was_done_is_said(tmp_path):
    path = save(photograph(inverted=True, dust=6), tmp_path / "board.png")
    notes = " / ".join(load_reference(path, "한").notes)
    assert "inverted: the ink was lighter than the paper" in notes
    assert "specks" in notes
    assert "scaled 0." in notes


def test_ink_lies_where_the_layout_usually_has_it(tmp_path):
    path = save(photograph(), tmp_path / "photo.png")
    for character, layout_name in (("한", "vertical-final"), ("그", "horizontal")):
        usual = usual_ink_box(layout_name)
        found = InkBox(*ink_boxes(load_reference(path, character).image[None])[0])
        assert found.width * found.height == pytest.approx(usual.width * usual.height, rel=0.05)
        assert (found.left + found.right) / 2 == pytest.approx(
            (usual.left + usual.right) / 2, abs=1
        )
        assert (found.top + found.bottom) / 2 == pytest.approx(
            (usual.top + usual.bottom) / 2, abs=1
        )


@pytest.mark.parametrize(
    ("pixels", "words"),
    [
        (np.full((200, 200), 255, np.uint8), "blank"),
        (np.full((200, 200), 0, np.uint8), "all ink"),
        (np.random.default_rng(1).normal(200, 8, (300, 300)).astype(np.uint8), "blank"),
        (photograph(side=8, height=40, width=40, at=(16, 16)), "at least 16 pixels"),
        (np.pad(np.zeros((100, 100), np.uint8), 50, constant_values=255), "100% ink"),
    ],
    ids=["white", "black", "noise", "speck", "block"],
)
def test_picture_without_a_syllable_is_refused(pixels, words, tmp_path):
    with pytest.raises(UserError, match=words):
        load_reference(save(pixels, tmp_path / "bad.png"), "한")


def test_unreadable_files_are_refused(tmp_path):
    text = tmp_path / "notes.png"
    text.write_text("not an image")
    whole = save(photograph(), tmp_path / "whole.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.png").touch()
    for name, words in (
        ("notes.png", "is none"),
        ("empty.png", "is none"),
        ("cut.png", "broken"),
        ("absent.png", "found nothing"),
        (".", "found a folder"),
    ):
        with pytest.raises(UserError, match=words):
            load_reference(tmp_path / name, "한")


def test_huge_picture_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    side = int(MAX_PIXELS**0.5) + 1
    path = tmp_path / "huge.png"
    Image.new("1", (side, side), 1).save(path)
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    with pytest.raises(UserError, match="40 megapixels"):
        load_reference(path, "한")


def test_character_must_be_one_syllable(tmp_path):
    path = save(photograph(), tmp_path / "photo.png")
    for character in ("", "A", "한글", "ㅎ"):
        with pytest.raises(UserError, match="one precomposed Hangeul syllable"):
            load_reference(path, character)


def test_font_gives_its_own_glyph_at_its_own_place(tmp_path):
    path = tmp_path / "font.ttf"
    # A low bar: cut from a picture it would be put into the middle.
    make_font(path, {"한": [(100, 0, 900, 300)], "가": [(100, 0, 900, 900)]})
    reference = load_reference(path, "한")
    left, top, right, bottom = ink_boxes(reference.image[None])[0]
    assert (right - left) / (bottom - top) == pytest.approx(800 / 300, rel=0.05)
    assert top > 70


def test_font_that_lacks_the_syllable_is_refused(tmp_path):
    path = tmp_path / "font.ttf"
    make_font(path, {"가": [(100, 0, 900, 900)]})
    with pytest.raises(UserError, match=r"does not draw 한 \(U\+D55C\)"):
        load_reference(path, "한")
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(UserError):
        load_reference(path, "가")


def test_usual_boxes_agree_with_real_fonts(eval_dataset):
    """The shipped table, measured on the training fonts, fits the ones that it never saw."""
    from fontmaker.ink_boxes import measure_ink_boxes
    from hangeul_bench.dataset.glyphs import GlyphDataset

    dataset = GlyphDataset.open(eval_dataset)
    rows = measure_ink_boxes(dataset, dataset.splits.unseen_fonts[:4])
    assert tuple(row["layout"] for row in rows) == LAYOUTS
    for row in rows:
        measured = InkBox(*(float(row[edge]) for edge in InkBox._fields))
        assert overlap(measured, usual_ink_box(row["layout"])) > 0.75


def test_dataset_glyphs_are_left_untouched(eval_dataset, tmp_path):
    from hangeul_bench.dataset.glyphs import GlyphDataset

    dataset = GlyphDataset.open(eval_dataset)
    for font_id in dataset.splits.seen_fonts[:3]:
        image = dataset.images(font_id, ["한"])[0]
        path = save(image, tmp_path / f"{codepoint_name('한')}-{font_id}.png")
        assert np.array_equal(load_reference(path, "한").image, image)


@pytest.fixture(scope="module")
def gamja(real_fonts):
    return next(real_fonts.rglob("gamja-flower-regular.*"))


@pytest.fixture(scope="module")
def pages(gamja):
    with Rasterizer(gamja) as rasterizer:
        return {s: rasterizer.render(s) for s in "한글빛뜻쪽의휘맑가나"}


def write(path, page):
    Image.fromarray(page).save(path)
    return path


def test_names_say_the_syllables(tmp_path, pages):
    files = [write(tmp_path / "글.png", pages["글"]), write(tmp_path / "U+BE5B.png", pages["빛"])]
    assert [s.character for s in load_references(files, [])] == ["글", "빛"]
    assert [s.character for s in load_references(files, ["빛", "글"])] == ["빛", "글"]


def test_one_picture_of_another_name_shows_han(tmp_path, pages):
    (reference,) = load_references([write(tmp_path / "photo.png", pages["한"])], [])
    assert reference.character == "한"
    assert np.array_equal(reference.image, pages["한"])
    assert reference.advance is None


def test_a_font_gives_several_glyphs_its_name_and_its_advance(gamja):
    references = load_references([gamja], ["한", "글"])
    assert [s.character for s in references] == ["한", "글"]
    assert {s.family for s in references} == {"Gamja Flower"}
    assert references[0].advance.kind == "fixed"
    assert references[0].handwritten


@pytest.mark.parametrize(
    ("names", "characters", "said"),
    [
        (["a.png", "b.png"], [], "one --reference-character for each"),
        (["a.png", "b.png"], ["한"], "one --reference-character for each"),
        (["a.png", "b.png"], ["한", "한"], "twice"),
        ([], [], "1 to 8"),
        ([f"{c}.png" for c in "abcdefghi"], list("한글빛뜻쪽의휘맑가"), "1 to 8"),
    ],
)
def test_counts_must_agree(tmp_path, pages, names, characters, said):
    files = [write(tmp_path / name, pages["한"]) for name in names]
    with pytest.raises(UserError, match=said):
        load_references(files, characters)


def test_several_syllables_are_refused_and_single_ones_are_not(tmp_path, pages):
    reader = JamoReader.load()
    row = write(tmp_path / "한.png", np.concatenate([pages["가"], pages["나"]], axis=1))
    with pytest.raises(UserError, match="several"):
        examine(load_references([row], []), reader)
    files = [write(tmp_path / f"{s}.png", pages[s]) for s in "글빛뜻쪽의휘맑"]
    assert examine(load_references(files, []), reader) == ()


def test_rows_columns_and_grids_look_like_several(pages):
    side = np.concatenate([pages["가"], pages["나"]], axis=1)
    assert several_syllables(side)
    assert several_syllables(side.T)
    assert several_syllables(np.concatenate([side, side], axis=0))
    assert not several_syllables(pages["한"])
    assert not several_syllables(np.full((128, 128), 255, np.uint8))


def test_pictures_of_other_syllables_stop_unless_they_are_accepted(tmp_path, pages):
    names = {"쪽": "나", "의": "글", "한": "한"}
    files = [write(tmp_path / f"{name}.png", pages[shown]) for name, shown in names.items()]
    references, reader = load_references(files, []), JamoReader.load()
    with pytest.raises(UserError, match=r"쪽\.png reads as 나.*의\.png reads as 글.*--accept"):
        examine(references, reader)
    assert ["쪽" in said for said in examine(references, reader, accept=True)] == [True, False]


def test_one_wrong_jamo_is_enough(tmp_path, pages):
    path = write(tmp_path / "각.png", pages["가"])
    with pytest.raises(UserError, match="reads as 가"):
        examine(load_references([path], []), JamoReader.load())


def test_specks_are_no_reference(tmp_path):
    page = np.full((400, 400), 255, np.uint8)
    page[190:194, 100:300:8] = 0
    path = write(tmp_path / "한.png", page)
    with pytest.raises(UserError, match=r"한\.png (reads as|shows)"):
        examine(load_references([path], []), JamoReader.load())


def test_a_glyph_of_a_font_is_doubted_at_most(gamja, monkeypatch):
    references = [replace(s, image=255 - s.image * 0) for s in load_references([gamja], ["한"])]
    assert len(examine(references, JamoReader.load())) == 1


def png(page):
    buffer = io.BytesIO()
    Image.fromarray(page).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_picture_is_a_source_under_the_name_it_is_given(pages):
    reference = reference_from_picture(png(pages["글"]), "내/사진.png", "글")
    assert (reference.character, reference.name, reference.family) == ("글", "내/사진.png", "")
    assert np.array_equal(reference.image, pages["글"])


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (np.full((200, 200), 255, np.uint8), "no-ink"),
        (np.zeros((200, 200), np.uint8), "all-ink"),
        (np.pad(np.zeros((9, 9), np.uint8), 60, constant_values=255), "small"),
    ],
)
def test_what_is_wrong_with_a_picture_has_a_name(page, reason):
    with pytest.raises(UserError) as error:
        reference_from_picture(png(page), "a.png", "한")
    assert error.value.reason == reason


def test_a_font_is_no_picture(gamja):
    with pytest.raises(UserError, match="is none") as error:
        reference_from_picture(gamja.read_bytes(), "a.png", "한")
    assert error.value.reason == "no-picture"


def test_what_is_no_syllable_is_refused_before_the_picture_is_read():
    with pytest.raises(UserError) as error:
        reference_from_picture(b"", "a.png", "A")
    assert error.value.reason == "no-syllable"


def test_several_syllables_have_a_name(pages):
    both = np.concatenate([pages["가"], pages["나"]], axis=1)
    reference = reference_from_picture(png(both), "a.png", "한")
    with pytest.raises(UserError) as error:
        check_single(reference, JamoReader.load())
    assert error.value.reason == "several"
