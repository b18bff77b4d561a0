import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from experiments import cut_fonts, training_kit
from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.fonts import find_faces
from support.training_dataset import build_training_dataset


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Folder with ``fonts`` and their ``dataset``."""
    folder = tmp_path_factory.mktemp("whole")
    build_training_dataset(folder)
    return folder


@pytest.fixture(scope="module")
def kit(whole, tmp_path_factory):
    kit = tmp_path_factory.mktemp("kit")
    training_kit.pack(whole / "fonts", kit, GlyphDataset.open(whole / "dataset"))
    return kit


def test_a_kit_gives_the_dataset_of_the_whole_fonts(whole, kit, tmp_path):
    built = GlyphDataset.open(training_kit.build_dataset(kit, tmp_path / "dataset", workers=1))
    dataset = GlyphDataset.open(whole / "dataset")
    assert built.fingerprint == dataset.fingerprint
    assert built.splits == dataset.splits
    shown = dataset.characters[:5]
    for font in dataset.fonts:
        own, cut = dataset.images(font.font_id, shown), built.images(font.font_id, shown)
        assert (own == cut).all()


def test_fonts_are_packed_once(whole, kit):
    files = {path: path.stat().st_mtime_ns for path in (kit / "fonts").rglob("*.woff2")}
    assert len(files) == len(find_faces(whole / "fonts"))
    training_kit.pack(whole / "fonts", kit, GlyphDataset.open(whole / "dataset"))
    assert files == {path: path.stat().st_mtime_ns for path in files}


def test_what_the_syllables_do_not_need_is_left_out(whole, tmp_path):
    face = find_faces(whole / "fonts")[0]
    before = TTFont(face.path)
    assert ord("빛") in before.getBestCmap()
    after = TTFont(cut_fonts.cut_font(face, folder=tmp_path, characters="한글"))
    assert set(after.getBestCmap()) == {ord("한"), ord("글")}
    assert len(after.getGlyphOrder()) < len(before.getGlyphOrder())
    assert after["name"].getDebugName(1) == before["name"].getDebugName(1)


def test_fonts_of_another_dataset_are_refused(whole, tmp_path):
    (tmp_path / "fonts" / "printed").mkdir(parents=True)
    one = next((whole / "fonts").rglob("*.ttf"))
    (tmp_path / "fonts" / "printed" / one.name).write_bytes(one.read_bytes())
    with pytest.raises(UserError, match="differ in fonts"):
        training_kit.pack(
            tmp_path / "fonts", tmp_path / "kit", GlyphDataset.open(whole / "dataset")
        )


def test_other_glyphs_than_those_packed_are_refused(kit, tmp_path):
    copy = tmp_path / "kit"
    copy.mkdir()
    (copy / "fonts").symlink_to(kit / "fonts")
    facts = (kit / "kit.json").read_text(encoding="utf-8")
    first = facts.index('"fingerprint": "') + 16
    (copy / "kit.json").write_text(facts[:first] + "0" * 64 + facts[first + 64 :], encoding="utf-8")
    with pytest.raises(UserError, match="Expected the dataset 0000000000000000"):
        training_kit.build_dataset(copy, tmp_path / "dataset", workers=1)


def test_weights_come_back_in_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr(training_kit, "PIECE_BYTES", 10)
    run, back = tmp_path / "run", tmp_path / "back"
    run.mkdir()
    (run / "weights.safetensors").write_bytes(bytes(range(25)))
    (run / "weights.json").write_text('{"samples": 3}', encoding="utf-8")
    training_kit.give_back(run, back)
    assert {p.name for p in back.iterdir()} == {f"weights.{n}" for n in ("00", "01", "02", "json")}
    training_kit.join(back / "weights.json", tmp_path / "joined.safetensors")
    assert (tmp_path / "joined.safetensors").read_bytes() == bytes(range(25))
    assert '"samples": 3' in (tmp_path / "joined.json").read_text(encoding="utf-8")

    (back / "weights.01").write_bytes(bytes(10))
    with pytest.raises(UserError, match="not those that it names"):
        training_kit.join(back / "weights.json", tmp_path / "joined.safetensors")
    (back / "weights.01").unlink()
    with pytest.raises(UserError, match=r"weights\.01 is missing"):
        training_kit.join(back / "weights.json", tmp_path / "joined.safetensors")


def test_a_run_trains_gives_back_and_goes_on(kit, tmp_path):
    root = Path(__file__).parents[2]

    def call(*arguments):
        command = [sys.executable, "-m", "experiments.training_kit", *arguments]
        return subprocess.run(
            command, cwd=root, capture_output=True, text=True, check=False,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )  # fmt: skip

    steps = []
    for wanted in (2, 3):
        done = call(
            "run", str(kit), str(tmp_path / "back"), "--minutes", "5", "--work", str(tmp_path),
            "diff-font", "--recipe", "tiny", "--set", "batch_size=2", "--steps", str(wanted),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        said = training_kit.read_json(tmp_path / "back" / "weights.json")
        steps.append(said["facts"]["steps"])
    assert steps == [2, 3]
    joined = call("join", str(tmp_path / "back" / "weights.json"), str(tmp_path / "w.safetensors"))
    assert joined.returncode == 0, joined.stderr
    refused = call("run", str(tmp_path / "no"), "back", "--minutes", "1", "dkfont")
    assert refused.returncode == 2
    assert "Expected a training kit" in refused.stderr


def test_a_font_that_does_not_survive_is_taken_along_whole(whole, tmp_path, monkeypatch):
    one, other = find_faces(whole / "fonts")[:2]
    cut = cut_fonts._cut
    monkeypatch.setattr(cut_fonts, "_cut", lambda _, characters: cut(other, characters))
    path = cut_fonts.cut_font(one, folder=tmp_path, characters="한글")
    assert path.read_bytes() == one.path.read_bytes()
    assert list(tmp_path.rglob("*.*")) == [path]
    collection = replace(one, face_index=1)
    with pytest.raises(UserError, match="changes when cut down"):
        cut_fonts.cut_font(collection, folder=tmp_path / "refused", characters="한글")
    assert not list((tmp_path / "refused").rglob("*.*"))
