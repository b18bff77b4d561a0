import errno
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from fontmaker import make_font
from small_fonts import SYLLABLES, boxes, write_charset, write_fonts

from hangeul_bench import shard
from hangeul_bench.build import BuildOptions, build
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.phonetics import parse_phonetic_line
from hangeul_bench.raster import Rasterizer
from hangeul_bench.verify import verify


@pytest.fixture
def fonts(tmp_path):
    return write_fonts(tmp_path / "fonts")


@pytest.fixture
def options(tmp_path):
    return BuildOptions(charset=write_charset(tmp_path / "charset.txt"), size=32, name="small")


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def times(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in sorted(folder.rglob("*"))}


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
        "from hangeul_bench.build import BuildOptions, build\n"
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


def test_a_stopped_build_goes_on_where_it_stopped(fonts, options, tmp_path, monkeypatch):
    build(fonts, tmp_path / "whole", options)
    real, calls = shard._parquet, []

    def stop(*arguments):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(shard, "_parquet", stop)
    with pytest.raises(KeyboardInterrupt):
        build(fonts, tmp_path / "out", options)
    assert not (tmp_path / "out" / "dataset.json").exists()
    monkeypatch.setattr(shard, "_parquet", real)
    assert build(fonts, tmp_path / "out", options).n_drawn == 3
    assert hashes(tmp_path / "out") == hashes(tmp_path / "whole")


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_kill_in_the_middle_and_a_second_run_give_the_same_bytes(fonts, options, tmp_path):
    build(fonts, tmp_path / "whole", options)
    out = tmp_path / "out"
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from hangeul_bench import dataset_format, shard\n"
        "from hangeul_bench.build import BuildOptions, build\n"
        "real = Path.write_bytes\n"
        "def slow(path, data):\n"  # half a file under its temporary name, for a long time
        "    if 'parquet' in path.name and len(list(path.parent.glob('*.parquet'))) == 2:\n"
        "        real(path, data[: len(data) // 2])\n"
        "        time.sleep(60)\n"
        "    return real(path, data)\n"
        "Path.write_bytes = slow\n"
        f"options = BuildOptions(charset={options.charset!r}, size=32, name='small')\n"
        f"build(Path({str(fonts)!r}), Path({str(out)!r}), options)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    while not list(out.glob("images/*.tmp-*")):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(list(out.glob("images/*.tmp-*"))) == 1
    assert build(fonts, out, options).n_drawn == 4
    assert hashes(out) == hashes(tmp_path / "whole")


def test_what_a_killed_run_left_half_written_is_removed(fonts, options, tmp_path):
    build(fonts, tmp_path / "whole", options)
    build(fonts, tmp_path / "out", options)
    (tmp_path / "out" / "dataset.json").unlink()
    for name in ("building.json", "images/a.parquet", "texts/U+AC00.txt", "splits/lite.txt"):
        (tmp_path / "out" / f"{name}.tmp-1").touch()
    assert build(fonts, tmp_path / "out", options).n_drawn == 0
    assert hashes(tmp_path / "out") == hashes(tmp_path / "whole")


@pytest.mark.parametrize("name", ["U+AC00.txt", "family-p1"])
def test_full_disk_leaves_nothing_half_written(name, fonts, options, tmp_path, monkeypatch):
    build(fonts, tmp_path / "whole", options)
    real = Path.write_bytes

    def full(path, data):
        if path.name.startswith(name):
            real(path, data[:5])
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return real(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        build(fonts, tmp_path / "out", options)
    monkeypatch.undo()
    assert not list((tmp_path / "out").rglob("*tmp*"))
    assert not (tmp_path / "out" / "dataset.json").exists()
    build(fonts, tmp_path / "out", options)
    assert hashes(tmp_path / "out") == hashes(tmp_path / "whole")


def test_a_broken_shard_is_drawn_again(fonts, options, tmp_path):
    build(fonts, tmp_path / "out", options)
    before = hashes(tmp_path / "out")
    path = next(iter(sorted((tmp_path / "out" / "images").iterdir())))
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)
    assert build(fonts, tmp_path / "out", options).n_drawn == 1
    assert hashes(tmp_path / "out") == before


def test_a_lost_text_file_comes_back(fonts, options, tmp_path):
    build(fonts, tmp_path / "out", options)
    before = hashes(tmp_path / "out")
    (tmp_path / "out" / "texts" / "U+AC00.txt").unlink()
    assert build(fonts, tmp_path / "out", options).n_drawn == 0
    assert hashes(tmp_path / "out") == before


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


def test_shards_are_images_to_hugging_face_and_pandas(fonts, options, tmp_path, monkeypatch):
    import datasets
    import pandas as pd
    import pyarrow.parquet as pq
    from PIL import Image

    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    build(fonts, tmp_path / "out", options)
    path = tmp_path / "out" / "images" / "family-h0-regular.parquet"
    assert pq.ParquetFile(path).num_row_groups == 1
    features = datasets.Features.from_arrow_schema(pq.read_schema(path))
    assert features["image"] == datasets.Image()
    loaded = datasets.Dataset.from_parquet(str(path), cache_dir=str(tmp_path / "hf"))
    expected = GlyphDataset.open(tmp_path / "out").images("family-h0-regular")
    assert np.array_equal(np.asarray(loaded[1]["image"]), expected[1])
    frame = pd.read_parquet(path)
    assert list(frame["codepoint"]) == [ord(syllable) for syllable in SYLLABLES]
    image = Image.open(io.BytesIO(frame["image"][2]["bytes"]))
    assert np.array_equal(np.asarray(image), expected[2])


def test_dataset_json_names_every_table(fonts, options, tmp_path):
    build(fonts, tmp_path / "out", options)
    state = json.loads((tmp_path / "out" / "dataset.json").read_text())
    listed = {path for path in hashes(tmp_path / "out") if not path.startswith(("images", "texts"))}
    assert set(state["files"]) == listed - {"dataset.json"}
    assert state["benchmark_fingerprint"] is None


def test_benchmark_fingerprint_is_pinned(eval_dataset):
    """The same on every machine, and the same with more training fonts."""
    assert GlyphDataset.open(eval_dataset).benchmark_fingerprint == (
        "0df11b27de1ae1d5285bb38533df98deb9aa61d619af1308977d8fc0059ef237"
    )


def test_variable_font_gives_its_instances(options, tmp_path):
    glyphs = {syllable: [(100, 0, 900, 800)] for syllable in SYLLABLES}
    make_font(tmp_path / "fonts" / "printed" / "V.ttf", glyphs, family="Vary", wght_axis=True)
    make_font(tmp_path / "fonts" / "printed" / "O.ttf", glyphs, family="Other", upm=1001)
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
