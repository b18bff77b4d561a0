"""Each layout is read back here the way its codebase reads it."""

import json
import re

import numpy as np
import pytest
from PIL import Image

from hangeul_bench.adapter.folder import find_glyphs
from hangeul_bench.base.errors import UserError
from hangeul_bench.builder.export.layouts import LAYOUTS
from hangeul_bench.builder.export.plan import Selection
from hangeul_bench.builder.export.writer import export_dataset
from hangeul_bench.hangeul.charset import all_syllables, parse_codepoint_name
from hangeul_bench.hangeul.components import component_counts
from support.exported import ink, readme_of, rows
from support.small_dataset import CHARACTERS, UNSEEN, SmallDataset


def test_png_layout_names_glyphs_by_code_point(tmp_path):
    dataset = SmallDataset()
    result = export_dataset(dataset, tmp_path / "out", layout="png")
    files = sorted((tmp_path / "out").glob("*/*.png"))
    assert len(files) == result.glyphs == 5 * 7
    for file in files:
        assert ink(file) == dataset.level(file.parent.name, parse_codepoint_name(file.stem))


def diff_font_classes(data_dir):
    """Class of each file, as Diff-Font numbers them: the rank of the name among all names."""
    files = sorted(data_dir.rglob("*.png"))
    ranks = {name: i for i, name in enumerate(sorted({f.name.split("_")[0] for f in files}))}
    return {file: ranks[file.name] for file in files}


def diff_font_components(path):
    """As Diff-Font parses it: the first and the last field of a line are thrown away."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    vectors = [[int(field) for field in line.split(" ")[1:-1]] for line in lines]
    return [tuple(vector) for vector in vectors]


@pytest.mark.parametrize(
    "absent",
    [
        (),
        (("alpha", "나"),),
        # No training font draws 가 and 닭, so every later class moves up.
        tuple((f, s) for f in ("alpha", "gamma", "noto-sans-kr-regular") for s in "가닭"),
    ],
)
def test_diff_font_class_character_and_components_agree(tmp_path, absent):
    dataset = SmallDataset(absent)
    export_dataset(dataset, tmp_path / "out", layout="diff-font")
    characters = (tmp_path / "out/characters.txt").read_text(encoding="utf-8")
    components = diff_font_components(tmp_path / "out/components.txt")
    classes = diff_font_classes(tmp_path / "out/train")
    assert len(set(classes.values())) == len(characters) == len(components)
    assert {file.parent.name for file in classes} == {"alpha", "gamma", "noto-sans-kr-regular"}
    for file, number in classes.items():
        assert ink(file) == dataset.level(file.parent.name, characters[number])
        assert components[number] == component_counts(characters[number])
    for file in (tmp_path / "out/test").rglob("*.png"):
        assert ink(file) == dataset.level(file.parent.name, characters[int(file.stem)])


def test_diff_font_component_rows_have_24_fields(tmp_path):
    export_dataset(SmallDataset(), tmp_path / "out", layout="diff-font")
    assert {len(row) for row in diff_font_components(tmp_path / "out/components.txt")} == {24}


def test_dg_font_keeps_unseen_characters_last_for_validation(tmp_path):
    dataset = SmallDataset()
    export_dataset(dataset, tmp_path / "out", layout="dg-font")
    character = {row["file"]: row["character"] for row in rows(tmp_path / "out/characters.csv")}
    font = {row["folder"]: row["font_id"] for row in rows(tmp_path / "out/fonts.csv")}
    folders = sorted((tmp_path / "out/train").iterdir(), key=lambda folder: int(folder.name[3:]))
    assert [folder.name for folder in folders] == ["id_0", "id_1", "id_2"]
    for folder in folders:
        files = sorted(file.name for file in folder.iterdir())
        assert {character[name] for name in files[-len(UNSEEN) :]} == set(UNSEEN)
        for name in files:
            font_id = font[f"train/{folder.name}"]
            assert ink(folder / name) == dataset.level(font_id, character[name])
    assert {f for path, f in font.items() if path.startswith("test/")} == {"beta", "zeta"}


def test_dg_font_numbers_sort_as_text_for_all_syllables():
    selection = Selection(
        train=("alpha",),
        test=(),
        characters=all_syllables(),
        unseen=frozenset("가각"),
        references=(),
        content_font="alpha",
        without_content=frozenset(),
        shared=frozenset(all_syllables()),
        size=80,
    )
    (folder,) = LAYOUTS["dg-font"].plan(selection).folders
    by_name = sorted(folder.names, key=lambda syllable: folder.names[syllable])
    assert by_name == [*all_syllables()[2:], "가", "각"]


def test_fontdiffuser_targets_split_into_style_and_content(tmp_path):
    dataset = SmallDataset()
    export_dataset(dataset, tmp_path / "out", layout="fontdiffuser")
    targets = sorted((tmp_path / "out/train/TargetImage").rglob("*"))
    targets = [path for path in targets if path.is_file()]
    assert len(targets) == 3 * 7
    for target in targets:
        style, content = target.name.split(".")[0].split("+")
        assert style == target.parent.name
        assert abs(ink(target) - dataset.level(style, content)) <= 3  # JPEG
        content_image = tmp_path / f"out/train/ContentImage/{content}.jpg"
        assert abs(ink(content_image) - dataset.level("noto-sans-kr-regular", content)) <= 3


def test_fontdiffuser_has_a_content_image_for_every_target(tmp_path):
    dataset = SmallDataset((("noto-sans-kr-regular", "뷁"),))
    export_dataset(dataset, tmp_path / "out", layout="fontdiffuser")
    content = {path.stem for path in (tmp_path / "out/train/ContentImage").iterdir()}
    targets = {path.stem.split("+")[1] for path in (tmp_path / "out/train").rglob("*+*.jpg")}
    assert targets == content == set(CHARACTERS) - {"뷁"}


def test_ffg_lists_split_the_characters(tmp_path):
    dataset = SmallDataset()
    export_dataset(dataset, tmp_path / "out", layout="ffg")
    lists = {path.stem: json.loads(path.read_text()) for path in (tmp_path / "out").glob("*chars*")}
    assert set(lists["val_unseen_chars"]) == set(UNSEEN)
    assert set(lists["train_chars"]) == set(CHARACTERS) - set(UNSEEN)
    assert lists["ref_chars"] == "가나"
    for folder in ("train/alpha", "test/beta"):
        files = list((tmp_path / "out" / folder).glob("*.png"))
        assert {path.stem for path in files} == set(CHARACTERS)
        assert all(ink(p) == dataset.level(p.parent.name, p.stem) for p in files)
    assert len(list((tmp_path / "out/source").glob("*.png"))) == 7


def dg_font_training_files(out):
    """As DG-Font slices each font's files; the number is the README's."""
    val_num = int(re.search(r"--val_num (\d+)", readme_of(out))[1])
    for folder in sorted((out / "train").iterdir()):
        files = sorted(file.name for file in folder.iterdir())
        yield files[:-val_num], files[-val_num:]


def test_dg_font_trains_on_something_and_holds_something_out_with_seen_only(tmp_path):
    out = tmp_path / "out"
    export_dataset(SmallDataset(), out, layout="dg-font", seen_only=True)
    character = {row["file"]: row["character"] for row in rows(out / "characters.csv")}
    for trained, held_out in dg_font_training_files(out):
        assert trained
        assert held_out
        assert {character[name] for name in (*trained, *held_out)} == set(CHARACTERS) - set(UNSEEN)
    assert "--val_num 0: it would train on nothing" in readme_of(out)


def test_dg_font_never_trains_on_an_unseen_character(tmp_path):
    out = tmp_path / "out"
    export_dataset(SmallDataset((("alpha", "감"),)), out, layout="dg-font")
    character = {row["file"]: row["character"] for row in rows(out / "characters.csv")}
    for trained, _ in dg_font_training_files(out):
        assert trained
        assert not {character[name] for name in trained} & set(UNSEEN)


def test_dg_font_without_anything_to_hold_out_is_refused(tmp_path):
    dataset = SmallDataset(characters=("가",))
    with pytest.raises(UserError, match="to train on and others to hold out"):
        export_dataset(dataset, tmp_path / "out", layout="dg-font")
    assert not (tmp_path / "out").exists()


def test_fontdiffuser_finds_a_negative_of_every_target_in_every_training_font(tmp_path):
    dataset = SmallDataset((("alpha", "뷁"), ("beta", "나")))
    out = tmp_path / "out"
    export_dataset(dataset, out, layout="fontdiffuser")
    styles = {folder.name for folder in (out / "train/TargetImage").iterdir()}
    targets = list((out / "train/TargetImage").rglob("*.jpg"))
    assert {target.stem.split("+")[1] for target in targets} == set(CHARACTERS) - {"뷁"}
    for target in targets:
        content = target.stem.split("+")[1]
        assert all((out / f"train/TargetImage/{s}/{s}+{content}.jpg").is_file() for s in styles)
    assert {path.stem for path in (out / "test/ContentImage").iterdir()} == set(CHARACTERS)
    assert "left out of train/: 1" in readme_of(out)
    assert "--num_neg of at most 2" in readme_of(out)
    assert {row["character"] for row in rows(out / "characters.csv")} == set(CHARACTERS)


@pytest.mark.parametrize(
    ("options", "val"), [({"seen_only": True}, "test"), ({"split": "train"}, "train")]
)
def test_ffg_excludes_no_font_by_an_empty_list(tmp_path, options, val):
    out = tmp_path / "out"
    export_dataset(SmallDataset(), out, layout="ffg", **options)
    lists = {path.name: json.loads(path.read_text()) for path in out.glob("*chars.json")}
    assert all(lists.values())
    config = (out / "train.yaml").read_text(encoding="utf-8")
    named = set(re.findall(r"chars: (\w+_chars\.json)", config))
    assert named == {name for name in lists if name.startswith(("train", "val"))}
    assert re.findall(r"data_dir: (\w+)", config)[1:] == [val] * (len(named) - 1)


def test_ffg_trains_the_second_phase_of_lf_font_from_the_first(tmp_path):
    export_dataset(SmallDataset(), tmp_path / "out", layout="ffg")
    commands = readme_of(tmp_path / "out").replace("\\\n", " ").splitlines()
    first, second = (line.split() for line in commands if "train_LF.py" in line)
    for phase, command in enumerate((first, second), start=1):
        assert f"$REPO/cfgs/LF/p{phase}/train.yaml" in command
        assert command[command.index("--phase") + 1] == str(phase)
        assert {"train.yaml", "$SOURCE", "$JAMO"} <= set(command)
    assert second[second.index("--trainer.resume") + 1].startswith("result/lf1/checkpoints/")


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ("diff-font", ("attrdict", "mpi4py")),
        ("dg-font", ("datasets/", "deform_conv2d")),
        ("fontdiffuser", ("huggingface_hub", "--scr_ckpt_path")),
        ("ffg", ("jsonlib-python3", "getsize")),
        ("fs-font", ("paddlepaddle", "set_device")),
        ("cyclegan", ("dominate", "--gpu_ids -1")),
        ("palette", ("pandas<3", "np.str")),
    ],
)
def test_readme_says_what_breaks_on_todays_python(tmp_path, layout, words):
    export_dataset(SmallDataset(), tmp_path / "out", layout=layout)
    readme = readme_of(tmp_path / "out")
    section = readme.partition("On today's Python:")[2]
    assert all(word in section for word in words)
    assert max(map(len, readme.splitlines())) <= 100


def test_zi2zi_pictures_are_a_glyph_and_its_content_in_a_folder_of_links(tmp_path):
    dataset = SmallDataset((("noto-sans-kr-regular", "뷁"),))
    export_dataset(dataset, tmp_path / "out", layout="zi2zi")
    fonts = sorted(folder.name for folder in (tmp_path / "out/train").iterdir())
    pictures = list((tmp_path / "out/train").rglob("*.png"))
    assert len({path.name for path in pictures}) == len(pictures) == 3 * 6
    for path in pictures:
        label = int(path.name.split("_")[0])  # as its package.py reads it
        syllable = path.stem[-1]
        page = np.asarray(Image.open(path))
        assert page.shape == (128, 256)
        assert page[:, :128].min() == dataset.level(fonts[label], syllable)
        assert page[:, 128:].min() == dataset.level("noto-sans-kr-regular", syllable)


@pytest.mark.parametrize("layout", sorted(set(LAYOUTS) - {"zi2zi", "pix2pix"}))
def test_every_layout_is_found_by_font_and_syllable_without_renaming(tmp_path, layout):
    dataset = SmallDataset((("beta", "뷁"),))
    export_dataset(dataset, tmp_path / "out", layout=layout)
    glyphs = find_glyphs(tmp_path / "out", dataset.font_ids).glyphs
    assert sorted(glyphs) == sorted(dataset.font_ids)
    for font_id, paths in glyphs.items():
        assert set(paths) == set(CHARACTERS) - dataset.missing(font_id)
        for syllable, path in paths.items():
            assert "source" not in path.parts
            assert "ContentImage" not in path.parts
            assert not {"trainA", "testA"} & set(path.parts)
            assert abs(ink(path) - dataset.level(font_id, syllable)) <= 3  # JPEG
