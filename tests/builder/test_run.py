"""A build: the same bytes from the same fonts, whoever and however many draw them."""

import json
import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from hangeul_bench.builder.run import BuildOptions, build
from hangeul_bench.builder.verification import verify
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.fonts.raster import Rasterizer
from hangeul_bench.hangeul.phonetics import parse_phonetic_line
from support.folders import hashes, times
from support.fontmaker import make_font
from support.same_bytes import outcomes
from support.small_fonts import SYLLABLES, boxes


def test_images_are_those_of_the_rasterizer(fonts, options, tmp_path):
    report = build(fonts, tmp_path / "out", options)
    assert (report.n_fonts, report.n_drawn, report.n_glyphs) == (6, 6, 6 * len(SYLLABLES))
    dataset = GlyphDataset.open(tmp_path / "out")
    for font in dataset.fonts:
        rasterizer = Rasterizer(fonts / font.file, 32)
        expected = rasterizer.render_many(SYLLABLES)
        assert np.array_equal(dataset.images(font.font_id), expected)
        assert font.scale == rasterizer.placement.scale
        assert font.baseline == rasterizer.placement.baseline
    assert verify(tmp_path / "out") == []


def test_workers_do_not_change_a_byte(fonts, options, tmp_path):
    build(fonts, tmp_path / "one", options)
    script = (
        "from pathlib import Path\n"
        "from hangeul_bench.builder import BuildOptions, build\n"
        "if __name__ == '__main__':\n"
        f"    options = BuildOptions(32, {options.charset!r}, name='small', workers=2)\n"
        f"    build(Path({str(fonts)!r}), Path({str(tmp_path / 'two')!r}), options)\n"
    )
    (tmp_path / "run.py").write_text(script)
    subprocess.run([sys.executable, tmp_path / "run.py"], check=True)
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")


def test_any_executor_does(fonts, options, tmp_path):
    build(fonts, tmp_path / "one", options)
    with ThreadPoolExecutor(3) as executor:
        threaded = BuildOptions(options.size, options.charset, name="small", executor=executor)
        build(fonts, tmp_path / "two", threaded)
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")


def test_a_finished_dataset_is_not_touched(fonts, options, tmp_path):
    build(fonts, tmp_path / "out", options)
    before = times(tmp_path / "out")
    assert build(fonts, tmp_path / "out", options).n_drawn == 0
    assert times(tmp_path / "out") == before


def test_fresh_processes_give_the_same_bytes(fonts, options):
    *_, found = outcomes(fonts, 4, "--size", "32", "--charset", options.charset)
    assert found.total() == 4
    assert len(found) == 1


def test_a_very_long_family_name_stops_no_build(options, tmp_path):
    for number, ending in enumerate("AB"):
        make_font(
            tmp_path / "fonts" / "printed" / f"{ending}.ttf",
            {syllable: boxes(number, syllable) for syllable in SYLLABLES},
            family=f"{'Very Long ' * 30}{ending}",
        )
    report = build(tmp_path / "fonts", tmp_path / "out", options)
    assert (report.n_fonts, report.n_drawn) == (2, 2)
    ids = [font.font_id for font in GlyphDataset.open(tmp_path / "out").fonts]
    assert len(set(ids)) == 2
    assert all(len(font_id.encode()) <= 120 for font_id in ids)


def test_fonts_that_come_and_go_bring_the_dataset_up_to_date(fonts, options, tmp_path):
    build(fonts, tmp_path / "out", options)
    (fonts / "printed" / "P0.ttf").unlink()
    glyphs = {syllable: boxes(5, syllable) for syllable in SYLLABLES}
    make_font(fonts / "printed" / "P9.ttf", glyphs, family="Family P9")
    assert build(fonts, tmp_path / "out", options).n_drawn == 1
    build(fonts, tmp_path / "fresh", options)
    assert hashes(tmp_path / "out") == hashes(tmp_path / "fresh")


def test_fingerprint_covers_outlines_placement_and_splits_but_no_names(fonts, options, tmp_path):
    first = build(fonts, tmp_path / "a", options).fingerprint
    renamed = BuildOptions(options.size, options.charset, name="other")
    assert build(fonts, tmp_path / "b", renamed).fingerprint == first
    larger = BuildOptions(64, options.charset)
    assert build(fonts, tmp_path / "c", larger).fingerprint != first
    splits = tmp_path / "splits.json"
    splits.write_text('{"unseen_characters": "나", "references": "한", "lite_characters": "가"}')
    other = BuildOptions(options.size, options.charset, splits)
    assert build(fonts, tmp_path / "d", other).fingerprint != first
    glyphs = {syllable: boxes(0, syllable) for syllable in SYLLABLES}
    glyphs["닭"] = [(50, 0, 700, 601)]
    make_font(fonts / "handwritten" / "H0.ttf", glyphs, family="Family H0")
    assert build(fonts, tmp_path / "e", options).fingerprint != first


def test_missing_syllables_are_rows_and_no_pictures(fonts, options, tmp_path):
    glyphs = {syllable: boxes(0, syllable) for syllable in SYLLABLES if syllable != "닭"}
    make_font(fonts / "printed" / "X.ttf", {**glyphs, "휘": []}, family="Lacks")
    report = build(fonts, tmp_path / "out", options)
    assert report.missing == {"lacks-regular": 2}
    dataset = GlyphDataset.open(tmp_path / "out")
    assert dataset.missing("lacks-regular") == {"닭", "휘"}
    assert dataset.font("lacks-regular").n_glyphs == len(SYLLABLES) - 2
    assert set(dataset.pngs("lacks-regular")) == set(SYLLABLES) - {"닭", "휘"}
    assert (dataset.images("lacks-regular", "닭휘") == 255).all()
    rows = (tmp_path / "out" / "missing.csv").read_text(encoding="utf-8").splitlines()
    assert rows[1:] == [
        "lacks-regular,U+B2ED,닭,not in the cmap",
        "lacks-regular,U+D718,휘,empty outline",
    ]


def test_two_thousand_three_hundred_fifty_texts_read_back(eval_dataset):
    texts = {path.stem: path.read_text(encoding="utf-8") for path in eval_dataset.glob("texts/*")}
    assert len(texts) == 2350
    for name, text in texts.items():
        assert f"U+{ord(parse_phonetic_line(text)):04X}" == name


def test_names_with_spaces_hangeul_and_nfd(options, tmp_path):
    for index, name in enumerate(["My font.ttf", "나눔 손글씨.ttf", "훈민.ttf", "정음.ttf"]):
        name = unicodedata.normalize("NFD", name) if index == 3 else name
        glyphs = {syllable: boxes(index, syllable) for syllable in SYLLABLES}
        make_font(tmp_path / "내 글꼴" / "printed" / name, glyphs, family=f"글꼴 {index}")
    report = build(tmp_path / "내 글꼴", tmp_path / "자료 집합", options)
    assert report.n_fonts == 4
    assert verify(tmp_path / "자료 집합") == []


def test_dataset_json_names_every_file_with_its_hash(fonts, options, tmp_path):
    build(fonts, tmp_path / "out", options)
    state = json.loads((tmp_path / "out" / "dataset.json").read_text())
    there = hashes(tmp_path / "out")
    listed = {path: sha256 for path, sha256 in there.items() if not path.startswith("texts")}
    del listed["dataset.json"]
    assert state["files"] == listed
    assert state["benchmark_fingerprint"] is None


def test_benchmark_fingerprint_is_pinned(eval_dataset):
    """The same on every machine, and the same with more training fonts."""
    assert GlyphDataset.open(eval_dataset).benchmark_fingerprint == (
        "0df11b27de1ae1d5285bb38533df98deb9aa61d619af1308977d8fc0059ef237"
    )


def test_variable_font_gives_its_instances(options, tmp_path):
    glyphs = {syllable: [(100, 0, 900, 800)] for syllable in SYLLABLES}
    make_font(tmp_path / "fonts" / "printed" / "V.ttf", glyphs, family="Vary", wght_axis=True)
    other = {syllable: [(100, 0, 900, 750)] for syllable in SYLLABLES}
    make_font(tmp_path / "fonts" / "printed" / "O.ttf", other, family="Other")
    assert build(tmp_path / "fonts", tmp_path / "one", options).n_fonts == 2
    both = BuildOptions(options.size, options.charset, instances=True)
    assert build(tmp_path / "fonts", tmp_path / "two", both).n_fonts == 3
    dataset = GlyphDataset.open(tmp_path / "two")
    regular, bold = dataset.images("vary-regular"), dataset.images("vary-bold")
    assert not np.array_equal(regular, bold)
    assert dataset.font("vary-bold").instance == "wght=700"


@pytest.mark.parametrize("flavor", ["woff", "woff2"])
def test_web_fonts_draw_the_same(options, tmp_path, flavor):
    glyphs = {syllable: boxes(1, syllable) for syllable in SYLLABLES}
    make_font(tmp_path / "a" / "printed" / "A.ttf", glyphs)
    make_font(tmp_path / "b" / "printed" / f"A.{flavor}", glyphs, flavor=flavor)
    build(tmp_path / "a", tmp_path / "ttf", options)
    build(tmp_path / "b", tmp_path / "web", options)
    first, second = (GlyphDataset.open(tmp_path / name) for name in ("ttf", "web"))
    assert first.fingerprint == second.fingerprint
