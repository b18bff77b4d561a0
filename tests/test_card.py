import hashlib
import json

import pytest
from small_fonts import write_charset, write_fonts

from hangeul_bench.build import BuildOptions, build
from hangeul_bench.dataset import GlyphDataset


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    root = tmp_path_factory.mktemp("dataset")
    options = BuildOptions(charset=write_charset(root / "charset.txt"), size=32)
    build(write_fonts(root / "fonts"), root / "out", options)
    return GlyphDataset.open(root / "out")


def test_hugging_face_loads_the_folder_by_its_card(dataset, tmp_path):
    import datasets

    loaded = datasets.load_dataset(str(dataset.path), cache_dir=str(tmp_path))
    splits = dataset.splits
    assert set(loaded["train"]["font_id"]) == set(splits.train_fonts)
    assert set(loaded["test"]["font_id"]) == set(splits.unseen_fonts)
    assert loaded["test"][0]["image"].size == (32, 32)


def test_card_says_table_one_and_fingerprint(dataset):
    card = (dataset.path / "README.md").read_text(encoding="utf-8")
    assert "| Total       |         12 |     6 |        4 |       2 |" in card
    assert dataset.fingerprint in card
    assert "{" not in card  # every placeholder is filled


def test_croissant_names_every_shard_with_its_hash(dataset):
    content = json.loads((dataset.path / "croissant.json").read_text(encoding="utf-8"))
    assert content["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    files = {entry["@id"]: entry for entry in content["distribution"]}
    for font in dataset.fonts:
        assert files[f"images/{font.font_id}.parquet"]["sha256"] == font.shard_sha256
    for name in ("fonts.csv", "characters.csv"):
        found = hashlib.sha256((dataset.path / name).read_bytes()).hexdigest()
        assert files[name]["sha256"] == found


def test_croissant_fields_are_columns_of_the_files(dataset):
    import pyarrow.parquet as pq

    content = json.loads((dataset.path / "croissant.json").read_text(encoding="utf-8"))
    columns = set(pq.read_schema(next(iter((dataset.path / "images").iterdir()))).names)
    for records in content["recordSet"]:
        for field in records["field"]:
            column = field["source"]["extract"]["column"]
            if records["name"] == "glyphs":
                assert column in columns
            else:
                header = (dataset.path / f"{records['name']}.csv").read_text(encoding="utf-8")
                assert column in header.splitlines()[0].split(",")
