"""What goes to the Hub, and that it arrives; the Hub is a stand-in on this machine."""

import sys
from dataclasses import replace

import pytest
from click.testing import CliRunner

from hangeul_bench.base.errors import UserError
from hangeul_bench.builder.hub import publishable, push, write_hub_folder
from hangeul_bench.builder.run import BuildOptions, build
from hangeul_bench.builder.verification import verify
from hangeul_bench.cli import cli
from hangeul_bench.dataset.glyphs import GlyphDataset
from support.hub import TOKEN, running_hub
from support.small_fonts import write_charset, write_fonts

LICENCES = {"P0": "GPL-2", "H2": "Artistic"}  # P1 draws the content
KEPT = {f"family-{name}-regular" for name in ("h0", "h1", "p1", "p2")}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    root = tmp_path_factory.mktemp("dataset")
    fonts = write_fonts(root / "fonts")
    rows = [
        f"{path.relative_to(fonts).as_posix()},{LICENCES.get(path.stem, 'OFL-1.1')}"
        for path in sorted(fonts.rglob("*.ttf"))
    ]
    (fonts / "fonts.csv").write_text("\n".join(["file,licence", *rows, ""]))
    options = BuildOptions(charset=write_charset(root / "charset.txt"), size=32)
    build(fonts, root / "out", options)
    return GlyphDataset.open(root / "out")


@pytest.fixture
def hub(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
    with running_hub() as hub:
        yield hub


def files_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_only_fonts_under_the_ofl_are_in_the_folder(dataset, tmp_path):
    published = write_hub_folder(dataset, tmp_path / "hub")
    assert published.left_out == {
        "family-h2-regular": "Artistic",
        "family-p0-regular": "GPL-2",
    }
    free = GlyphDataset.open(tmp_path / "hub")
    assert {font.font_id for font in free.fonts} == KEPT
    assert {path.stem for path in (tmp_path / "hub").glob("images/*/*")} == KEPT
    assert not [t for t in files_of(tmp_path / "hub").values() if b"family-p0" in t]
    for font_id in KEPT:
        assert (free.images(font_id) == dataset.images(font_id)).all()
    assert verify(tmp_path / "hub") == []
    assert "license: ofl-1.1" in (tmp_path / "hub" / "README.md").read_text(encoding="utf-8")


def test_scores_stay_comparable_without_the_other_fonts(eval_dataset, tmp_path):
    whole = GlyphDataset.open(eval_dataset)
    published = write_hub_folder(whole, tmp_path / "hub")
    assert published.is_benchmark
    assert set(published.left_out) == {f.font_id for f in whole.fonts if f.licence != "OFL-1.1"}
    assert GlyphDataset.open(tmp_path / "hub").benchmark_fingerprint == whole.benchmark_fingerprint


def test_a_dataset_without_its_content_font_is_refused(dataset):
    fonts = [replace(f, licence="GPL-2" if "p1" in f.font_id else "OFL-1.1") for f in dataset.fonts]
    with pytest.raises(UserError, match="content font family-p1-regular is not under it"):
        publishable(replace(dataset.contents, fonts=tuple(fonts)))


def test_a_folder_that_holds_something_is_refused(dataset, tmp_path):
    (tmp_path / "mine.txt").touch()
    with pytest.raises(UserError, match="new or empty folder"):
        write_hub_folder(dataset, tmp_path)


def test_a_changed_file_of_images_is_not_published(dataset, tmp_path, monkeypatch):
    changed = dict.fromkeys(dataset.contents.shards, "0" * 64)
    monkeypatch.setitem(vars(dataset.contents), "shards", changed)
    with pytest.raises(UserError, match="is not the file that the dataset names"):
        write_hub_folder(dataset, tmp_path / "hub")


def test_what_is_pushed_is_the_folder_and_nothing_else(dataset, hub, tmp_path):
    import datasets

    write_hub_folder(dataset, tmp_path / "hub", name="glyphs")
    hub.repos["me/glyphs"] = {".gitattributes": b"", "images/sfsc/old.parquet": b"old"}
    address = push(tmp_path / "hub", "me/glyphs", endpoint=hub.url)
    assert address.startswith(hub.url)
    stored = hub.repos["me/glyphs"]
    assert stored.pop(".gitattributes") == b""
    assert stored == files_of(tmp_path / "hub")
    for name, data in stored.items():
        path = tmp_path / "cloned" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    loaded = datasets.load_dataset(str(tmp_path / "cloned"), cache_dir=str(tmp_path / "cache"))
    assert set(loaded["train"]["font_id"]) == KEPT & set(dataset.splits.train_fonts)


def test_the_command_says_what_it_leaves_out(dataset, hub, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    command = ["push", str(dataset.path), "--repo", "me/new", "--private"]
    result = CliRunner().invoke(cli, command)
    assert result.exit_code == 0, result.output
    assert "Left out, GPL-2: family-p0-regular." in result.output
    assert "48 images of 4 fonts; 2 fonts left out." in result.output
    assert "me/new" in hub.private and "dataset.json" in hub.repos["me/new"]


def test_the_command_writes_the_folder_only(dataset, tmp_path):
    command = ["push", str(dataset.path), "--out", str(tmp_path / "hub")]
    result = CliRunner().invoke(cli, command)
    assert result.exit_code == 0, result.output
    assert verify(tmp_path / "hub") == []
    result = CliRunner().invoke(cli, ["push", str(dataset.path)])
    assert result.exit_code == 2 and "Expected --repo OWNER/NAME" in result.output


@pytest.mark.parametrize("repo", ["me/new", "not a name"])
def test_a_refusal_is_one_sentence(repo, dataset, hub, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    write_hub_folder(dataset, tmp_path / "hub")
    with pytest.raises(UserError, match=f"The Hub refused {repo}: .*are you logged in"):
        push(tmp_path / "hub", repo, endpoint=hub.url)


def test_without_the_library_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(UserError, match=r"hangeul-bench\[hub\]"):
        push(tmp_path, "me/new")
