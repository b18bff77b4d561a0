"""What CycleGAN, pix2pix, Palette and FS-Font train from, read back as each of them does."""

import json

import numpy as np
import pytest
from PIL import Image

from hangeul_bench.builder.export.writer import export_dataset
from support.exported import ink, readme_of
from support.small_dataset import CHARACTERS, UNSEEN, SmallDataset

CONTENT = "noto-sans-kr-regular"


def test_cyclegan_a_is_the_content_font_and_b_the_training_fonts(tmp_path):
    dataset = SmallDataset()
    export_dataset(dataset, tmp_path, layout="cyclegan", seen_only=True)
    for part, fonts in (("train", dataset.splits.train_fonts), ("test", ("beta", "zeta"))):
        a = sorted((tmp_path / f"{part}A").rglob("*.png"))
        b = sorted((tmp_path / f"{part}B").rglob("*.png"))
        assert {path.parent.name for path in b} == set(fonts)
        assert {path.stem for path in a} == {path.stem for path in b} == set("가각나닭뷁")
        assert all(ink(path) == dataset.level(CONTENT, path.stem) for path in a)
        assert all(ink(path) == dataset.level(path.parent.name, path.stem) for path in b)


def test_pix2pix_pictures_are_a_glyph_and_its_content(tmp_path):
    dataset = SmallDataset(((CONTENT, "뷁"), ("alpha", "가")))
    export_dataset(dataset, tmp_path, layout="pix2pix")
    pictures = sorted((tmp_path / "train").rglob("*.png"))
    assert len(pictures) == 3 * 6 - 1
    for path in pictures:
        page = np.asarray(Image.open(path))
        assert page[:, :128].min() == dataset.level(path.parent.name, path.stem)
        assert page[:, 128:].min() == dataset.level(CONTENT, path.stem)
    assert "--direction BtoA" in readme_of(tmp_path)


@pytest.mark.parametrize(
    ("size", "network"), [(128, "unet_128"), (256, "unet_256"), (64, "resnet_9blocks")]
)
def test_pix2pix_takes_a_network_that_halves_the_size_as_often_as_it_can(tmp_path, size, network):
    export_dataset(SmallDataset(), tmp_path, layout="pix2pix", size=size)
    assert f"--netG {network} " in readme_of(tmp_path)


def test_palette_finds_a_picture_and_its_content_for_every_name(tmp_path):
    dataset = SmallDataset((("alpha", "가"), (CONTENT, "각")))
    export_dataset(dataset, tmp_path, layout="palette")
    run = json.loads((tmp_path / "train.json").read_text(encoding="utf-8"))
    data = run["datasets"]["train"]["which_dataset"]["args"]
    names = (tmp_path / data["data_flist"]).read_text(encoding="utf-8").split()
    assert len(names) == 3 * (len(CHARACTERS) - 2)
    for name in names:
        assert name == name.zfill(5)
        font_id, code = name.split("/")
        syllable = chr(int(code[2:], 16))
        color = tmp_path / data["data_root"] / f"color/{name}.png"
        assert ink(color) == dataset.level(font_id, syllable)
        assert (tmp_path / f"source/{code}.png").is_file()  # which gray/FONT is a link to
    assert data["image_size"] == [128, 128]
    assert run["path"]["resume_state"] is None


@pytest.mark.parametrize("seen_only", [False, True])
def test_fs_font_has_characters_to_validate_on_and_three_references_each(tmp_path, seen_only):
    export_dataset(SmallDataset(), tmp_path, layout="fs-font", seen_only=seen_only)
    train, val, references = (
        json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("train_unis", "val_unis", "references")
    )
    assert {chr(int(code, 16)) for code in train} == set(CHARACTERS) - set(UNSEEN)
    assert set(val) == (set(train) if seen_only else {f"{ord(s):04X}" for s in UNSEEN})
    assert set(references) == {*train, *val}
    assert {len(shown) for shown in references.values()} == {3}
    assert {code for shown in references.values() for code in shown} <= {"AC00", "B098"}
