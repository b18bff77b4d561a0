"""What the card and croissant.json say of a dataset holds, in the programs that read them."""

import re
from dataclasses import replace

import numpy as np
import pytest

from hangeul_bench.builder.card import dataset_card
from hangeul_bench.builder.configurations import configurations_of
from hangeul_bench.builder.run import BuildOptions, build
from hangeul_bench.dataset.format import configurations, shard_paths
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.dataset.splits.lists import CELLS
from support.fontmaker import make_font
from support.small_fonts import SYLLABLES, boxes, write_charset, write_fonts


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    root = tmp_path_factory.mktemp("dataset")
    fonts = write_fonts(root / "fonts")
    glyphs = {syllable: boxes(3, syllable) for syllable in SYLLABLES if syllable not in "가각"}
    make_font(fonts / "printed" / "X.ttf", glyphs, family="Lacks")
    options = BuildOptions(charset=write_charset(root / "charset.txt"), size=32)
    build(fonts, root / "out", options)
    return GlyphDataset.open(root / "out")


@pytest.fixture
def card(dataset):
    return (dataset.path / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def load(dataset, tmp_path):
    """``datasets.load_dataset`` on the folder, which asks no network."""
    import datasets

    def load(*configuration):
        return datasets.load_dataset(str(dataset.path), *configuration, cache_dir=str(tmp_path))

    return load


def expected_of(dataset, name):
    """Fonts and syllables of a configuration, from the splits."""
    splits = dataset.splits
    scored = set(splits.seen_characters) - set(splits.references)
    return {
        "train": (splits.train_fonts, splits.seen_characters),
        "sfsc": (splits.seen_fonts, scored),
        "sfuc": (splits.seen_fonts, splits.unseen_characters),
        "ufsc": (splits.unseen_fonts, scored),
        "ufuc": (splits.unseen_fonts, splits.unseen_characters),
        "references": ((*splits.unseen_fonts, *splits.seen_fonts), splits.references),
        "all": ((*splits.train_fonts, *splits.unseen_fonts), dataset.characters),
    }[name]


@pytest.mark.parametrize("name", ["train", "sfsc", "sfuc", "ufsc", "ufuc", "references", "all"])
def test_hugging_face_loads_each_configuration(name, dataset, load):
    (split,) = load(name).items()
    font_ids, syllables = expected_of(dataset, name)
    expected = {(f, s) for f in font_ids for s in syllables if s not in dataset.missing(f)}
    glyphs = list(zip(split[1]["font_id"], split[1]["syllable"], strict=True))
    assert len(glyphs) == len(expected) and set(glyphs) == expected
    (row,) = (row for row in configurations_of(dataset.contents) if row.name == name)
    assert (row.n_glyphs, row.n_fonts, row.split) == (len(glyphs), len(set(font_ids)), split[0])


def test_no_unseen_syllable_and_no_unseen_font_is_in_train(dataset, load):
    loaded = load()  # whoever names no configuration gets that one
    assert list(loaded) == ["train"]
    assert not set(loaded["train"]["syllable"]) & set(dataset.splits.unseen_characters)
    assert not set(loaded["train"]["font_id"]) & set(dataset.splits.unseen_fonts)


def test_hugging_face_reads_columns_and_images(dataset, load):
    row = load("ufuc")["test"][0]
    image = dataset.images(row["font_id"], row["syllable"])[0]
    assert np.array_equal(np.asarray(row["image"]), image)
    font = dataset.font(row["font_id"])
    assert (row["codepoint"], row["category"]) == (f"U+{ord(row['syllable']):04X}", font.category)
    jamo = [row["initial"], row["medial"], row["final"]]
    assert " ".join(part for part in jamo if part) == row["phonetic"]


def test_patterns_match_just_the_files_of_their_configuration(dataset):
    for files in configurations(dataset.splits).values():
        for pattern, paths in files:
            found = (path.relative_to(dataset.path) for path in dataset.path.glob(pattern))
            assert sorted(path.as_posix() for path in found) == sorted(paths)
    assert set(shard_paths(dataset.splits)) == set(dataset.contents.shards)


def test_a_configuration_without_a_file_is_left_out(tmp_path):
    charset = tmp_path / "charset.txt"
    charset.write_text("가갇글한", encoding="utf-8")  # all seen
    build(write_fonts(tmp_path / "fonts", 1), tmp_path / "out", BuildOptions(32, str(charset)))
    dataset = GlyphDataset.open(tmp_path / "out")
    names = set(configurations(dataset.splits))
    assert names == {"train", "sfsc", "references", "all"}


def test_card_says_table_one_and_fingerprint(dataset, card):
    assert "| Total       |         12 |     7 |        4 |       3 |" in card
    assert dataset.fingerprint in card
    assert not re.search(r"\{\w*\}", card.partition("```bibtex")[0])  # every placeholder is filled


def test_card_has_licence_citation_date_and_warning(card):
    front = card.split("---\n")[1]
    assert 'license: other\nlicense_name: "unknown"\n' in front
    assert "@misc{hangeul-bench," in card and "Format 2 of 20" in card
    assert "## Do not train on the test" in card and "never train on this" in card


def test_card_counts_fonts_by_category_split_and_licence(dataset, card):
    assert "fonts (3 handwritten, 4 printed)" in card
    assert "4 `train`, 3 `unseen`. Only those of `train` may train" in card
    assert "| unknown |           3 |       4 |     7 |" in card
    assert "lawyer" not in card  # none is under the GPL
    fonts = dataset.fonts
    other = replace(fonts[0], licence="GPL-2.0", split="wide")
    told = dataset_card(replace(dataset.contents, fonts=(other, *fonts[1:])))
    assert "1 `wide`" in told and "| GPL-2.0 |           1 |       0 |     1 |" in told
    assert "Ask a lawyer before you publish images of fonts under the GPL." in told
    assert "3 handwritten, 4 printed; 7 unknown" in (
        (dataset.path / "croissant.json").read_text(encoding="utf-8")
    )


def test_hub_reads_the_licence_of_a_dataset_under_the_ofl(dataset, tmp_path):
    from huggingface_hub import DatasetCard

    free = [font.__class__(**{**vars(font), "licence": "OFL-1.1"}) for font in dataset.fonts]
    contents = dataset.contents.__class__(**{**vars(dataset.contents), "fonts": tuple(free)})
    data = DatasetCard(dataset_card(contents), ignore_metadata_errors=False).data
    assert data.license == "ofl-1.1"
    assert data.configs[0]["config_name"] == "train" and data.configs[0]["default"]


def test_the_examples_of_the_card_run(dataset, card, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path))
    blocks = re.findall(r"```python\n(.*?)```", card, flags=re.DOTALL)
    assert [re.search(r"(polars|duckdb|datasets|hangeul_bench)", b)[1] for b in blocks] == [
        *("datasets", "hangeul_bench", "polars", "duckdb")
    ]
    for block in blocks:
        exec(compile(block.replace("path/of/this/folder", str(dataset.path)), "card", "exec"), {})
    said = capsys.readouterr().out
    assert "(32, 32)" in said and "vertical-final" in said and "unknown" in said


def test_polars_and_duckdb_join_every_glyph(dataset):
    import duckdb
    import polars as pl

    n_glyphs = sum(font.n_glyphs for font in dataset.fonts)
    glyphs = pl.read_parquet(f"{dataset.path}/images/*/*.parquet")
    for name, key in (("characters", "codepoint"), ("fonts", "font_id")):
        table = pl.read_csv(f"{dataset.path}/{name}.csv")
        assert len(glyphs.join(table, on=key, how="inner")) == n_glyphs
        query = "SELECT count(*) FROM '{0}/images/*/*.parquet' JOIN '{0}/{1}.csv' USING ({2})"
        counted = duckdb.sql(query.format(dataset.path, name, key)).fetchall()
        assert counted == [(n_glyphs,)]


def test_croissant_is_valid_and_without_a_warning(dataset, caplog):
    import mlcroissant

    metadata = mlcroissant.Dataset(jsonld=str(dataset.path / "croissant.json")).metadata
    assert metadata.ctx.issues.errors == metadata.ctx.issues.warnings == set()
    assert not [record for record in caplog.records if record.levelname == "WARNING"]
    assert metadata.name == "out" and metadata.cite_as and metadata.date_published


@pytest.mark.parametrize("name", [*CELLS[:4], "train", "characters", "fonts"])
def test_croissant_gives_the_records(name, dataset):
    import mlcroissant

    records = mlcroissant.Dataset(jsonld=str(dataset.path / "croissant.json")).records(name)
    rows = list(records)
    if name in ("characters", "fonts"):
        assert len(rows) == len(getattr(dataset, name))
        return
    font_ids, syllables = expected_of(dataset, name)
    expected = {(f, s) for f in font_ids for s in syllables if s not in dataset.missing(f)}
    found = {
        tuple(row[f"{name}/{key}"].decode() for key in ("font_id", "syllable")) for row in rows
    }
    assert found == expected and len(rows) == len(expected)
    assert rows[0][f"{name}/image"].size == (32, 32)
