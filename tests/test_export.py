"""Each layout is read back here the way its codebase reads it."""

import csv
import json

import numpy as np
import pytest
from PIL import Image
from small_dataset import CHARACTERS, UNSEEN, SmallDataset

from hangeul_bench import export as export_module
from hangeul_bench.adapter import Request, load_model
from hangeul_bench.charset import all_syllables, parse_codepoint_name
from hangeul_bench.components import component_counts
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.errors import UserError
from hangeul_bench.export import export_dataset
from hangeul_bench.export_layouts import LAYOUTS, Selection


def ink(path):
    return int(np.asarray(Image.open(path).convert("L")).min())


def rows(path):
    return list(csv.DictReader(path.open(encoding="utf-8")))


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
        size=80,
    )
    (folder,) = LAYOUTS["dg-font"](selection).folders
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


@pytest.mark.parametrize("layout", ["png", "diff-font", "dg-font", "fontdiffuser", "ffg"])
def test_missing_glyphs_are_not_written(tmp_path, layout):
    dataset = SmallDataset((("alpha", "뷁"), ("alpha", "힝"), ("zeta", "가")))
    result = export_dataset(dataset, tmp_path / "out", layout=layout)
    font = {row["folder"]: row["font_id"] for row in rows(tmp_path / "out/fonts.csv")}
    counts = {
        font_id: len(list((tmp_path / "out" / folder).iterdir()))
        for folder, font_id in font.items()
    }
    assert (counts["alpha"], counts["gamma"], counts["zeta"]) == (5, 7, 6)
    assert result.missing == 3
    assert "3 glyphs are missing" in (tmp_path / "out/README.txt").read_text(encoding="utf-8")


def test_fonts_split_and_characters_narrow_the_export(tmp_path):
    out = tmp_path / "out"
    export_dataset(
        SmallDataset(), out, layout="ffg", fonts=["alpha", "beta"], split="train", seen_only=True
    )
    assert [path.name for path in (out / "train").iterdir()] == ["alpha"]
    assert not (out / "test").exists()
    assert {path.stem for path in (out / "train/alpha").iterdir()} == set(CHARACTERS) - set(UNSEEN)


def test_size_resizes(tmp_path):
    export_dataset(SmallDataset(), tmp_path / "out", layout="png", size=80)
    assert Image.open(tmp_path / "out/alpha/U+AC00.png").size == (80, 80)


def test_a_png_export_is_read_back_as_a_model(eval_dataset, tmp_path):
    dataset, asked = GlyphDataset.open(eval_dataset), ("힝", "가")
    export_dataset(dataset, tmp_path / "out", layout="png", fonts=["gugi-regular"])
    model = load_model(f"dir:{tmp_path / 'out'}", dataset=dataset)
    request = Request(
        characters=asked,
        phonetics=dataset.phonetics(asked),
        references=dataset.images("gugi-regular", ("한",)),
        reference_characters=("한",),
        content=dataset.images(dataset.splits.content_font, asked),
        seed=0,
    )
    assert (model.generate(request) == dataset.images("gugi-regular", asked)).all()


def test_a_second_run_keeps_finished_folders_and_ends_alike(tmp_path, monkeypatch):
    dataset, out = SmallDataset(), tmp_path / "out"
    export_dataset(dataset, tmp_path / "whole", layout="diff-font")

    encode, encoded = export_module._image_file, []

    def stop_at_the_tenth(*arguments):
        if len(encoded) == 10:
            raise KeyboardInterrupt
        encoded.append(arguments)
        return encode(*arguments)

    monkeypatch.setattr(export_module, "_image_file", stop_at_the_tenth)
    with pytest.raises(KeyboardInterrupt):
        export_dataset(dataset, out, layout="diff-font")
    assert not (out / "README.txt").exists()
    assert [path.name for path in (out / "train").iterdir()] == ["alpha"]

    # What kill -9 leaves behind has a temporary name and goes away.
    (out / "train/gamma.tmp-1").mkdir()
    monkeypatch.setattr(export_module, "_image_file", encode)
    assert export_dataset(dataset, out, layout="diff-font").kept == 7
    files = {p.relative_to(out): p.read_bytes() for p in out.rglob("*") if p.is_file()}
    whole = tmp_path / "whole"
    assert files == {p.relative_to(whole): p.read_bytes() for p in whole.rglob("*") if p.is_file()}


def test_a_folder_with_something_else_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="is not empty"):
        export_dataset(SmallDataset(), tmp_path, layout="png")
    with pytest.raises(UserError, match="is a file"):
        export_dataset(SmallDataset(), tmp_path / "notes.txt", layout="png")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_export_of_other_options_is_refused(tmp_path):
    export_dataset(SmallDataset(), tmp_path / "out", layout="png")
    with pytest.raises(UserError, match="other options"):
        export_dataset(SmallDataset(), tmp_path / "out", layout="ffg")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layout": "zi2zi"}, "layout of png, diff-font"),
        ({"layout": "png", "fonts": ["alfa"]}, "no font 'alfa'"),
        ({"layout": "png", "fonts": ["alpha"], "split": "test"}, "nothing to export"),
        ({"layout": "png", "split": "val"}, "split of all, train, test"),
        ({"layout": "png", "size": 4}, "16 to 1024 pixels"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_written(tmp_path, options, message):
    with pytest.raises(UserError, match=message):
        export_dataset(SmallDataset(), tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()
