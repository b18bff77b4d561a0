"""One design under two names: refused where one of them trains and the other tests."""

import pytest
from click.testing import CliRunner

from hangeul_bench.base.errors import UserError
from hangeul_bench.builder.copies import copy_notes, refuse_leaks
from hangeul_bench.builder.run import BuildOptions, build
from hangeul_bench.builder.verification import verify
from hangeul_bench.cli import cli
from hangeul_bench.dataset.glyphs import GlyphDataset
from support.fontmaker import make_font
from support.small_fonts import SYLLABLES, boxes


def copied(folder, *, of=0, name="X", scale=1, **options):
    """A copy of the printed font ``of`` under another name."""
    glyphs = {
        syllable: [tuple(scale * value for value in box) for box in boxes(10 + of, syllable)]
        for syllable in options.pop("syllables", SYLLABLES)
    }
    return make_font(folder / f"printed/{name}.ttf", glyphs, family=f"Family {name}", **options)


def split_file(tmp_path, *unseen):
    path = tmp_path / "splits.json"
    path.write_text('{{"unseen_fonts": [{}]}}'.format(", ".join(f'"{name}"' for name in unseen)))
    return path


@pytest.fixture
def one_tests(options, tmp_path):
    """The options of a build in which P0 alone tests."""
    splits = split_file(tmp_path, "family-p0-regular")
    return BuildOptions(options.size, options.charset, splits, name="small")


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"advance": 600},
        {"syllables": SYLLABLES[:-1]},
        {"scale": 2, "upm": 2000, "advance": 2000},
    ],
    ids=["alike", "another advance", "a syllable less", "other units"],
)
def test_one_design_on_both_sides_is_refused(change, fonts, one_tests, tmp_path):
    copied(fonts, **change)
    named = r"family-x-regular \(printed/X.ttf\) and family-p0-regular \(printed/P0.ttf\) draw"
    with pytest.raises(UserError, match=named) as refused:
        build(fonts, tmp_path / "out", one_tests)
    assert "one lineage in fonts.csv, or remove one" in str(refused.value)
    assert not (tmp_path / "out" / "dataset.json").exists()


def test_what_was_drawn_is_kept_and_one_lineage_mends_it(fonts, options, one_tests, tmp_path):
    copied(fonts)
    for _ in range(2):
        with pytest.raises(UserError, match="draw 100% of their syllables alike"):
            build(fonts, tmp_path / "out", one_tests)
    (fonts / "fonts.csv").write_text("file,lineage\nprinted/X.ttf,family-p0\n")
    both = split_file(tmp_path, "family-p0-regular", "family-x-regular")
    report = build(fonts, tmp_path / "out", BuildOptions(32, options.charset, both, name="small"))
    assert report.n_drawn == 0
    splits = {font.font_id: font.split for font in GlyphDataset.open(tmp_path / "out").fonts}
    assert splits["family-p0-regular"] == splits["family-x-regular"] == "unseen"


def test_a_finished_dataset_of_before_is_refused_too(fonts, one_tests, tmp_path, monkeypatch):
    copied(fonts)
    monkeypatch.setattr("hangeul_bench.builder.run.refuse_leaks", lambda *_: None)
    build(fonts, tmp_path / "out", one_tests)
    monkeypatch.undo()
    (problem,) = verify(tmp_path / "out")
    assert problem.kind == "split" and "family-x-regular (printed/X.ttf) and" in problem.message
    with pytest.raises(UserError, match="family-x-regular"):
        build(fonts, tmp_path / "out", one_tests)


def test_copies_on_one_side_are_a_note(fonts, one_tests, tmp_path):
    copied(fonts, of=1)
    notes = build(fonts, tmp_path / "out", one_tests).notes
    assert any("family-p1-regular = family-x-regular" in note for note in notes)


def test_other_designs_are_neither(fonts, one_tests, tmp_path):
    notes = build(fonts, tmp_path / "out", one_tests).notes
    assert not any("same outlines" in note for note in notes)
    dataset = GlyphDataset.open(tmp_path / "out")
    assert not list(copy_notes(dataset.fonts))


def test_a_broken_shard_is_one_sentence(fonts, one_tests, tmp_path):
    build(fonts, tmp_path / "out", one_tests)
    dataset = GlyphDataset.open(tmp_path / "out")
    path = min((tmp_path / "out").glob("images/sfsc/*"))
    path.write_bytes(b"no table")
    shards = {f.font_id: Files(f.font_id, dataset.contents.shards) for f in dataset.fonts}
    with pytest.raises(UserError, match="is broken .* remove it and build again"):
        refuse_leaks(tmp_path / "out", dataset.fonts, shards)


class Files:
    """What of a shard counts here."""

    def __init__(self, font_id, paths):
        self.files = [path for path in paths if path.endswith(f"/{font_id}.parquet")]


def test_the_command_names_both_fonts_and_ends_with_2(fonts, one_tests, tmp_path):
    copied(fonts)
    command = ["build", "--fonts", fonts, "--out", tmp_path / "out", "--size", 32, "--workers", 1]
    command += ["--charset", one_tests.charset, "--splits", one_tests.splits]
    result = CliRunner().invoke(cli, [str(word) for word in command])
    assert result.exit_code == 2
    (sentence,) = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    assert "family-x-regular" in sentence and "family-p0-regular" in sentence
