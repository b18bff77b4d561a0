"""A folder of PNGs as a model."""

import json
import os
from unicodedata import normalize

import numpy as np
import pytest
from PIL import Image

from hangeul_bench.adapter.folder import Folder
from hangeul_bench.adapter.registry import load_model
from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul.charset import codepoint_name
from support.fake_dataset import FakeDataset


@pytest.fixture
def dataset():
    return FakeDataset()


def write_glyphs(root, dataset, characters="가나", fonts=("slab", "pen"), convert=lambda x: x):
    for font_id in fonts:
        folder = root / font_id
        folder.mkdir(parents=True, exist_ok=True)
        for character, page in zip(characters, dataset.images(font_id, characters), strict=True):
            convert(Image.fromarray(page)).save(folder / f"{codepoint_name(character)}.png")
    return root


def ask(model, dataset, characters="나가고"):
    return model.look_up("slab", tuple(characters))


def test_pngs_are_found_by_font_and_code_point_and_absent_ones_are_blank(tmp_path, dataset):
    write_glyphs(tmp_path / "mine", dataset)
    model = load_model(f"dir:{tmp_path / 'mine'}", dataset=dataset)
    images, delivered = ask(model, dataset)
    assert delivered.tolist() == [True, True, False]
    assert np.array_equal(images[:2], dataset.images("slab", "나가"))
    assert images[2].min() == 255
    assert model.name == "mine"


def test_font_folders_may_lie_deeper(tmp_path, dataset):
    write_glyphs(tmp_path / "mine" / "printed", dataset)
    _, delivered = ask(Folder(folder=str(tmp_path / "mine"), dataset=dataset), dataset)
    assert delivered.any()


def test_a_font_without_a_folder_is_not_delivered(tmp_path, dataset):
    write_glyphs(tmp_path, dataset, fonts=("pen",))
    _, delivered = ask(Folder(folder=str(tmp_path), dataset=dataset), dataset)
    assert not delivered.any()


@pytest.mark.parametrize(
    ("convert", "found"),
    [
        (lambda image: image.resize((64, 64)), "found 64 x 64 in mode L"),
        (lambda image: image.convert("RGB"), "found 128 x 128 in mode RGB"),
        (lambda image: image.convert("RGBA"), "in mode RGBA"),
    ],
)
def test_another_size_or_mode_is_converted_only_when_asked(tmp_path, dataset, convert, found):
    write_glyphs(tmp_path, dataset, convert=convert)
    with pytest.raises(UserError, match=f"U\\+AC00.png.*{found}.*--resize"):
        Folder(folder=str(tmp_path), dataset=dataset)
    model = Folder(folder=str(tmp_path), dataset=dataset, resize=True)
    images, delivered = ask(model, dataset, "가")
    truth = dataset.images("slab", "가").astype(float)
    assert delivered.all()
    assert np.abs(images - truth).mean() < 8
    assert model.details["resized"] is True


def test_transparent_paper_is_white(tmp_path, dataset):
    def ink_on_nothing(image):
        page = Image.new("LA", image.size, (0, 0))
        page.putalpha(image.point(lambda level: 255 - level))
        return page

    write_glyphs(tmp_path, dataset, convert=ink_on_nothing)
    images, _ = ask(Folder(folder=str(tmp_path), dataset=dataset, resize=True), dataset, "가")
    assert np.array_equal(images, dataset.images("slab", "가"))


def test_a_number_without_a_list_is_refused(tmp_path, dataset):
    write_glyphs(tmp_path, dataset)
    (tmp_path / "slab" / "U+AC00.png").rename(tmp_path / "slab" / "00001.png")
    with pytest.raises(UserError, match=r"named by syllable .*characters.txt .*00001.png"):
        Folder(folder=str(tmp_path), dataset=dataset)


def test_a_file_that_is_no_picture_is_refused(tmp_path, dataset):
    write_glyphs(tmp_path, dataset)
    (tmp_path / "slab" / "U+AC01.png").write_bytes(b"nothing")
    with pytest.raises(UserError, match="U\\+AC01.png is none"):
        Folder(folder=str(tmp_path), dataset=dataset)


def test_a_truncated_picture_is_refused(tmp_path, dataset):
    write_glyphs(tmp_path, dataset)
    path = tmp_path / "slab" / "U+AC00.png"
    path.write_bytes(path.read_bytes()[:90])
    with pytest.raises(UserError, match="U\\+AC00.png is broken"):
        ask(Folder(folder=str(tmp_path), dataset=dataset), dataset, "가")


def test_a_folder_without_evaluation_fonts_says_what_is_expected(tmp_path, dataset):
    write_glyphs(tmp_path, dataset, fonts=("round",))
    with pytest.raises(UserError, match=r"evaluation fonts \(brush, ...\)"):
        Folder(folder=str(tmp_path), dataset=dataset)


def test_other_pictures_are_another_checkpoint(tmp_path, dataset):
    write_glyphs(tmp_path, dataset)
    first = Folder(folder=str(tmp_path), dataset=dataset).checkpoint_sha256
    assert first == Folder(folder=str(tmp_path), dataset=dataset).checkpoint_sha256
    Image.new("L", (128, 128)).save(tmp_path / "slab" / "U+AC00.png")
    assert first != Folder(folder=str(tmp_path), dataset=dataset).checkpoint_sha256


def test_what_it_was_trained_on_is_read_or_undeclared(tmp_path, dataset):
    write_glyphs(tmp_path, dataset)
    assert Folder(folder=str(tmp_path), dataset=dataset).trained_on is None
    lists = {"font_ids": ["round"], "lineages": [], "characters": []}
    (tmp_path / "trained_on.json").write_text(json.dumps(lists))
    declared = Folder(folder=str(tmp_path), dataset=dataset).trained_on
    assert declared.font_ids == {"round"}


def rename(root, name_of):
    """Give the pictures of 가 and 나 the names that a function makes of their syllable."""
    for character in "가나":
        for path in sorted(root.rglob(f"{codepoint_name(character)}.png")):
            path.rename(path.with_name(name_of(character)))


@pytest.mark.parametrize(
    ("name_of", "lists"),
    [
        (lambda c: f"{c}.png", {}),
        (lambda c: normalize("NFD", f"{c}.png"), {}),
        (lambda c: f"slab+{c}.png", {}),
        (lambda c: f"{'나고가'.index(c):05d}.png", {"characters.txt": "나고가"}),
        (lambda c: f"{'나고가'.index(c)}.png", {"slab/characters.txt": "나\n고\n가\n"}),
        (
            lambda c: f"{'나가'.index(c):04d}.png",
            {"characters.csv": "file,character\n0000.png,나\n0001.png,가\n"},
        ),
    ],
    ids=["syllable", "jamo", "style+syllable", "number", "beside", "table"],
)
def test_pictures_are_found_by_the_names_that_peers_give(tmp_path, dataset, name_of, lists):
    write_glyphs(tmp_path, dataset, fonts=("slab",))
    before = Folder(folder=str(tmp_path), dataset=dataset)
    rename(tmp_path, name_of)
    for name, text in lists.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    model = Folder(folder=str(tmp_path), dataset=dataset)
    images, delivered = ask(model, dataset)
    assert delivered.tolist() == [True, True, False]
    assert np.array_equal(images[:2], dataset.images("slab", "나가"))
    assert model.checkpoint_sha256 == before.checkpoint_sha256


def test_another_list_is_another_checkpoint(tmp_path, dataset):
    write_glyphs(tmp_path, dataset, fonts=("slab",))
    rename(tmp_path, lambda c: f"{'나가'.index(c)}.png")
    hashes = set()
    for text in ("나가", "가나"):
        (tmp_path / "characters.txt").write_text(text, encoding="utf-8")
        hashes.add(Folder(folder=str(tmp_path), dataset=dataset).checkpoint_sha256)
    assert len(hashes) == 2


def test_a_fonts_table_names_the_folders_and_content_is_no_answer(tmp_path, dataset):
    write_glyphs(tmp_path / "test", dataset, fonts=("slab",))
    (tmp_path / "test" / "slab").rename(tmp_path / "test" / "id_3")
    write_glyphs(tmp_path, dataset, fonts=("pen",))
    rows = "folder,font_id,split\ntest/id_3,slab,test\npen,pen,content\n"
    (tmp_path / "fonts.csv").write_text(rows, encoding="utf-8")
    model = Folder(folder=str(tmp_path), dataset=dataset)
    images, delivered = ask(model, dataset, "가")
    assert delivered.all()
    assert np.array_equal(images, dataset.images("slab", "가"))
    assert model.details["n_fonts"] == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("나", "numbers from 0 to 0, .*lists 1 syllables, but found .*1.png"),
        ("나A", "Hangeul syllables alone, but found 'A'"),
        (b"\xff\xfe", "characters.txt is not UTF-8"),
    ],
)
def test_a_list_that_does_not_fit_is_refused(tmp_path, dataset, text, words):
    write_glyphs(tmp_path, dataset, fonts=("slab",))
    rename(tmp_path, lambda c: f"{'나가'.index(c)}.png")
    data = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "characters.txt").write_bytes(data)
    with pytest.raises(UserError, match=words):
        Folder(folder=str(tmp_path), dataset=dataset)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("characters.csv", "file,character\n1.png\n"),
        ("characters.csv", "file,character\n1.png,abc\n"),
        ("fonts.csv", "folder,font\na,b\n"),
        ("fonts.csv", 'folder,font_id,split\n"' + "x" * 200_000 + '",b,c\n'),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path, dataset, name, text):
    write_glyphs(tmp_path, dataset, fonts=("slab",))
    rename(tmp_path, lambda c: f"{'나가'.index(c)}.png")
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=name):
        Folder(folder=str(tmp_path), dataset=dataset)


def test_two_pictures_or_folders_of_one_thing_are_refused(tmp_path, dataset):
    write_glyphs(tmp_path, dataset, fonts=("slab",))
    twice = tmp_path / "slab" / "가.png"
    twice.write_bytes((tmp_path / "slab" / "U+AC00.png").read_bytes())
    with pytest.raises(UserError, match=r"one picture of 가 .*U\+AC00.png and 가.png"):
        Folder(folder=str(tmp_path), dataset=dataset)
    twice.unlink()
    write_glyphs(tmp_path / "old", dataset, fonts=("slab",))
    with pytest.raises(UserError, match="one folder of pictures for font slab"):
        Folder(folder=str(tmp_path), dataset=dataset)


def test_what_the_system_leaves_is_passed_over(tmp_path, dataset):
    write_glyphs(tmp_path, dataset, fonts=("slab",))
    for name in (".DS_Store", "._U+AC00.png", "notes.md"):
        (tmp_path / "slab" / name).write_text("no picture")
    _, delivered = ask(Folder(folder=str(tmp_path), dataset=dataset), dataset, "가")
    assert delivered.all()


def test_sixteen_bit_pictures_are_the_same_glyphs(tmp_path, dataset):
    def faded(page):
        return page // 2 + 100

    def deepen(image):
        return Image.fromarray(faded(np.asarray(image)).astype(np.uint16) * 257)

    write_glyphs(tmp_path, dataset, convert=deepen)
    model = Folder(folder=str(tmp_path), dataset=dataset, resize=True)
    images, _ = ask(model, dataset, "가")
    assert np.array_equal(images, faded(dataset.images("slab", "가")))


def test_a_shape_that_is_not_square_is_refused_also_when_resizing(tmp_path, dataset):
    write_glyphs(tmp_path, dataset, convert=lambda image: image.resize((128, 96)))
    for resize in (False, True):
        with pytest.raises(UserError, match="square picture at .*found 128 x 96"):
            Folder(folder=str(tmp_path), dataset=dataset, resize=resize)


def test_one_inverted_picture_is_noticed_and_named(tmp_path, dataset):
    write_glyphs(tmp_path, dataset)
    path = tmp_path / "slab" / "U+AC00.png"
    Image.fromarray(255 - np.asarray(Image.open(path))).save(path)
    model = Folder(folder=str(tmp_path), dataset=dataset)
    with pytest.raises(UserError, match=r"white paper in .*U\+AC00.png, but its paper is dark"):
        ask(model, dataset, "나가")
    Image.new("L", (128, 128), 0).save(path)  # an answer without any sense, but an answer
    images, _ = ask(Folder(folder=str(tmp_path), dataset=dataset), dataset, "가")
    assert images.max() == 0


def test_a_pipe_named_like_a_glyph_is_refused_and_not_waited_for(tmp_path, dataset):
    write_glyphs(tmp_path, dataset)
    os.mkfifo(tmp_path / "slab" / "U+AC01.png")
    with pytest.raises(UserError, match=r"U\+AC01.png, but it is no regular file"):
        Folder(folder=str(tmp_path), dataset=dataset)
