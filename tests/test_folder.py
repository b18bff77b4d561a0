"""A folder of PNGs as a model."""

import json

import numpy as np
import pytest
from fake_dataset import FakeDataset
from PIL import Image

from hangeul_bench.adapter import load_model
from hangeul_bench.charset import codepoint_name
from hangeul_bench.errors import UserError
from hangeul_bench.folder import Folder
from hangeul_bench.protocol import build_request


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
    request = build_request(dataset, "slab", tuple(characters), seed=0, shots=1)
    return model.generate(request), model.delivered(request)


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


def test_a_name_that_is_no_code_point_is_refused(tmp_path, dataset):
    write_glyphs(tmp_path, dataset)
    (tmp_path / "slab" / "U+AC00.png").rename(tmp_path / "slab" / "00001.png")
    with pytest.raises(UserError, match=r"named by code point .*00001.png"):
        Folder(folder=str(tmp_path), dataset=dataset)


def test_a_file_that_is_no_picture_is_refused(tmp_path, dataset):
    write_glyphs(tmp_path, dataset)
    (tmp_path / "slab" / "U+AC01.png").write_bytes(b"nothing")
    with pytest.raises(UserError, match="U\\+AC01.png is no readable PNG"):
        Folder(folder=str(tmp_path), dataset=dataset)


def test_a_truncated_picture_is_refused(tmp_path, dataset):
    write_glyphs(tmp_path, dataset)
    path = tmp_path / "slab" / "U+AC00.png"
    path.write_bytes(path.read_bytes()[:90])
    with pytest.raises(UserError, match="U\\+AC00.png is no readable PNG"):
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
