import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from hangeul_bench.base import ensure_torchvision
from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset.glyphs import GlyphDataset
from support.small_fonts import SYLLABLES, build_small

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return build_small(tmp_path_factory.mktemp("dataset"))


@pytest.fixture
def dataset(folder):
    return GlyphDataset.open(folder)


def test_what_it_holds(dataset, folder):
    assert dataset.path == folder and dataset.name == "out" and dataset.size == 32
    assert "".join(dataset.characters) == SYLLABLES
    assert [font.font_id for font in dataset.fonts] == sorted(f.font_id for f in dataset.fonts)
    assert len(dataset.fingerprint) == 64 and dataset.benchmark_fingerprint is None
    assert dataset.font("lacks-regular").n_missing == 1
    assert dataset.font("family-h0-regular").category == "handwritten"


def test_some_images_are_those_of_all(dataset):
    everything = dataset.images("family-h1-regular")
    assert everything.shape == (len(SYLLABLES), 32, 32) and everything.dtype == np.uint8
    for asked in ("휘가", "한", SYLLABLES[::-1], "가가"):
        expected = everything[[SYLLABLES.index(syllable) for syllable in asked]]
        assert np.array_equal(dataset.images("family-h1-regular", asked), expected)


def test_images_belong_to_the_caller(dataset):
    dataset.images("family-h1-regular")[:] = 7
    assert not (dataset.images("family-h1-regular") == 7).any()


def test_missing_syllable_is_blank_paper(dataset):
    assert dataset.missing("lacks-regular") == {"한"}
    assert dataset.missing("family-h1-regular") == frozenset()
    images = dataset.images("lacks-regular", "한가")
    assert (images[0] == 255).all() and (images[1] < 255).any()


def test_training_arrays(dataset):
    images, present = dataset.training_arrays(["lacks-regular", "family-p0-regular"], "가한")
    assert images.shape == (2, 2, 32, 32)
    assert present.tolist() == [[True, False], [True, True]]
    assert np.array_equal(images[1], dataset.images("family-p0-regular", "가한"))


def test_phonetics_are_those_of_the_text_files(dataset, folder):
    lines = [(folder / f"texts/{name}.txt").read_text().strip() for name in ("U+AC01", "U+AC00")]
    assert dataset.phonetics("각가") == tuple(lines) == ("ᄀ ᅡ ᆨ", "ᄀ ᅡ")


def test_torch_view_leaves_out_what_is_missing(dataset):
    glyphs = dataset.torch_dataset(["lacks-regular", "family-p0-regular"], ["가", "한"])
    items = [glyphs[index] for index in range(len(glyphs))]
    assert [(item["font_id"], item["syllable"]) for item in items] == [
        ("lacks-regular", "가"),
        ("family-p0-regular", "가"),
        ("family-p0-regular", "한"),
    ]
    expected = dataset.images("family-p0-regular", "한")[0]
    assert np.array_equal(items[2]["image"].numpy(), expected)
    assert items[2]["phonetic"] == "ᄒ ᅡ ᆫ"


def test_torch_view_hands_images_to_a_transform_of_torchvision(dataset):
    ensure_torchvision()
    from torchvision.transforms import v2

    steps = [v2.Resize(16), v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.5], [0.5])]
    glyphs = dataset.torch_dataset(["family-p0-regular"], "한가", transform=v2.Compose(steps))
    batch = next(iter(torch.utils.data.DataLoader(glyphs, batch_size=2)))
    assert batch["image"].shape == (2, 1, 16, 16) and batch["image"].dtype == torch.float32
    assert batch["image"].max() == 1 and batch["syllable"] == ["한", "가"]


def test_torch_view_takes_the_training_part_by_default(dataset):
    splits = dataset.splits
    n_missing = sum(
        len(dataset.missing(font_id).intersection(splits.seen_characters))
        for font_id in splits.train_fonts
    )
    expected = len(splits.train_fonts) * len(splits.seen_characters) - n_missing
    assert len(dataset.torch_dataset()) == expected


def test_a_pickled_dataset_opens_again(dataset):
    dataset.images("family-h1-regular")
    again = pickle.loads(pickle.dumps(dataset))
    assert again.fingerprint == dataset.fingerprint
    assert np.array_equal(again.images("family-h1-regular"), dataset.images("family-h1-regular"))


def test_place_comes_from_argument_variable_or_default(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("HANGEUL_BENCH_DATA", str(folder))
    assert GlyphDataset.open().path == folder
    monkeypatch.delenv("HANGEUL_BENCH_DATA")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hangeul-dataset").symlink_to(folder)
    assert GlyphDataset.open().name == "out"


def test_unknown_font_and_syllable_are_refused(dataset):
    with pytest.raises(UserError, match="has no font 'nobody'"):
        dataset.images("nobody")
    with pytest.raises(UserError, match="has no character '뷁'"):
        dataset.images("family-h1-regular", "뷁")


def test_no_dataset(tmp_path):
    with pytest.raises(UserError, match="found no dataset.json there"):
        GlyphDataset.open(tmp_path)


def test_unfinished_dataset(tmp_path):
    (tmp_path / "building.json").write_text("{}")
    with pytest.raises(UserError, match="is not finished"):
        GlyphDataset.open(tmp_path)


def test_newer_format(tmp_path):
    (tmp_path / "dataset.json").write_text('{"format": 3}')
    with pytest.raises(UserError, match="format 3, but this program reads format 2; update"):
        GlyphDataset.open(tmp_path)


def test_older_format(folder, tmp_path):
    state = json.loads((folder / "dataset.json").read_text())
    (tmp_path / "dataset.json").write_text(json.dumps(state | {"format": 1}))
    with pytest.raises(UserError, match="format 1, but .* 2; run the same 'hangeul-bench build'"):
        GlyphDataset.open(tmp_path)


def test_broken_tables(tmp_path):
    (tmp_path / "dataset.json").write_text('{"format": 2}')
    with pytest.raises(UserError, match="field name is missing; build"):
        GlyphDataset.open(tmp_path)
    (tmp_path / "dataset.json").write_text("{")
    with pytest.raises(UserError, match="is no JSON"):
        GlyphDataset.open(tmp_path)


def test_opening_a_dataset_loads_neither_torch_nor_pyarrow(folder):
    script = (
        "import sys\n"
        "from hangeul_bench.dataset import GlyphDataset\n"
        f"GlyphDataset.open({str(folder)!r})\n"
        "assert not {'torch', 'pyarrow', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_reading_loads_neither_freetype_nor_torch(folder):
    # In a process of its own: what another test imported would hide it.
    probe = (
        "import sys\n"
        "from hangeul_bench.dataset import GlyphDataset\n"
        f"dataset = GlyphDataset.open({str(folder)!r})\n"
        "assert len(dataset.images(dataset.fonts[0].font_id)) == len(dataset.characters)\n"
        "print(*sorted({'freetype', 'torch'} & set(sys.modules)))\n"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert loaded.stdout.split() == []
