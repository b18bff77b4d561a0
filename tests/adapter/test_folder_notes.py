"""What a folder of glyphs holds that is no answer is said, and so is what it lacks."""

import os
from unicodedata import normalize

import pytest
from PIL import Image

from hangeul_bench.adapter.folder import Folder, find_glyphs
from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul.charset import codepoint_name
from support.fake_dataset import FakeDataset


@pytest.fixture
def dataset():
    return FakeDataset()


def write_pictures(folder, characters="가나"):
    folder.mkdir(parents=True, exist_ok=True)
    for character in characters:
        Image.new("L", (128, 128), 255).save(folder / f"{codepoint_name(character)}.png")


def test_folders_of_no_font_are_named_with_the_font_that_each_may_be_for(tmp_path, dataset):
    for name in ("slab", "printed/Brush", "gothik", "another", "content"):
        write_pictures(tmp_path / name)
    model = Folder(folder=str(tmp_path), dataset=dataset)
    (note,) = model.notes
    assert "another, gothik (for gothic?), printed/Brush (for brush?)." in note
    folders = ["another", "gothik", "printed/Brush"]
    assert model.details["passed_over"] == {"folders": folders, "files": []}


def test_without_any_font_the_refusal_has_the_near_name(tmp_path, dataset):
    write_pictures(tmp_path / "Slab")
    with pytest.raises(UserError, match=r"found none but Slab \(for slab\?\)"):
        Folder(folder=str(tmp_path), dataset=dataset)
    write_pictures(tmp_path)
    with pytest.raises(UserError, match="found none but the folder itself, Slab"):
        Folder(folder=str(tmp_path), dataset=dataset)


def test_files_that_are_no_pictures_are_named_and_texts_are_not(tmp_path, dataset):
    write_pictures(tmp_path / "slab")
    for name in ("U+AC01.svg", "각.png.bak", "notes.md", "characters.csv", ".hidden", "Thumbs.db"):
        (tmp_path / "slab" / name).write_text("file,character\n")
    model = Folder(folder=str(tmp_path), dataset=dataset)
    assert model.notes == (
        f"Passed over in {tmp_path}: no pictures: slab/U+AC01.svg, slab/각.png.bak.",
    )


def test_a_long_list_is_cut_and_counted(tmp_path, dataset):
    write_pictures(tmp_path / "slab")
    for number in range(9):
        write_pictures(tmp_path / f"x{number}", "가")
    (note,) = Folder(folder=str(tmp_path), dataset=dataset).notes
    assert note.endswith("x0, x1, x2, x3, x4 and 4 more.")


def test_a_folder_in_which_all_is_understood_has_no_note(tmp_path, dataset):
    for name in ("slab", "round", "__MACOSX/odd"):  # round is a font for training
        write_pictures(tmp_path / name)
    model = Folder(folder=str(tmp_path), dataset=dataset)
    assert model.notes == () and "passed_over" not in model.details


def test_decomposed_names_of_folders_and_tables_are_the_same_names(tmp_path):
    decomposed = normalize("NFD", "나눔손글씨")
    write_pictures(tmp_path / decomposed, "")
    Image.new("L", (128, 128)).save(tmp_path / decomposed / "0.png")
    rows = f"file,character\n0.png,{normalize('NFD', '각')}\n"
    (tmp_path / decomposed / "characters.csv").write_text(rows, encoding="utf-8")
    found = find_glyphs(tmp_path, ["나눔손글씨"])
    assert {font: list(glyphs) for font, glyphs in found.glyphs.items()} == {"나눔손글씨": ["각"]}


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_folders_behind_links_are_found_and_rings_end(tmp_path, dataset):
    write_pictures(tmp_path / "elsewhere" / "slab")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "printed").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "ring").symlink_to(tmp_path / "mine")
    model = Folder(folder=str(tmp_path / "mine"), dataset=dataset)
    assert model.details["n_fonts"] == 1
