"""Writing an export: whole, resumable, and never over something else."""

import pytest
from PIL import Image

from hangeul_bench.adapter.registry import load_model
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.lock import LOCK_NAME, alone_in
from hangeul_bench.builder.export import writer as export_module
from hangeul_bench.builder.export.writer import export_dataset
from hangeul_bench.dataset.glyphs import GlyphDataset
from support.exported import rows
from support.small_dataset import CHARACTERS, UNSEEN, SmallDataset


@pytest.mark.parametrize("layout", ["png", "diff-font", "dg-font", "ffg"])
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
    images, delivered = model.look_up("gugi-regular", asked)
    assert delivered.all()
    assert (images == dataset.images("gugi-regular", asked)).all()


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


def test_a_second_export_in_one_folder_is_refused(tmp_path):
    out = tmp_path / "out"
    with (
        alone_in(out, "export"),
        pytest.raises(UserError, match=r"out is in use by export \(process "),
    ):
        export_dataset(SmallDataset(), out, layout="png")
    export_dataset(SmallDataset(), out, layout="png")
    assert not (out / LOCK_NAME).exists()


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
        ({"layout": "emd"}, "layout of png, diff-font"),
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
