"""`template` writes a sheet: PDF to print or PNG, the same bytes each time."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from fontmaker.sheet.layout import SYLLABLES, boxes, marks
from hangeul_bench.cli import cli


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HANGEUL_BENCH_FONTS", raising=False)


def run(*words):
    return CliRunner().invoke(cli, ["template", *words], catch_exceptions=False)


def test_a_pdf_is_one_a4_page(real_fonts):
    result = run("--out", "sheet.pdf", "--fonts", str(real_fonts))
    assert result.exit_code == 0, result.output
    data = Path("sheet.pdf").read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.count(b"/Type /Page ") == 1
    box = data.split(b"/MediaBox [")[1].split(b"]")[0].split()
    assert [round(float(edge)) for edge in box] == [0, 0, 595, 842]
    assert b"NotoSans" not in data  # Korean type is outlines: no font is embedded
    run("--out", "again.pdf", "--fonts", str(real_fonts))
    assert Path("again.pdf").read_bytes() == data


def test_the_number_of_boxes_is_asked_for():
    assert SYLLABLES[:3] in run("--out", "a.png", "--count", "3").output
    assert SYLLABLES[:8] in run("--out", "a.png").output
    assert "힣뷁" in run("--out", "a.png", "--text", "힣 뷁").output


def test_marks_and_boxes_are_where_the_layout_says():
    assert run("--out", "a.png", "--text", "한글").exit_code == 0
    grey = np.asarray(Image.open("a.png").convert("L"))
    dots = 200 / 25.4
    for x, y in marks():
        assert grey[round(y * dots), round(x * dots)] < 32  # the core
        assert grey[round((y + 4) * dots), round(x * dots)] > 224  # the light ring
        assert grey[round((y + 6) * dots), round(x * dots)] < 32  # the dark ring
    for box in boxes("한글"):
        middle = round((box.top + box.side / 2) * dots)
        assert 200 < grey[middle, round(box.left * dots)] < 245  # a faint frame
        assert grey[round((box.top + 0.3 * box.side) * dots), round((box.left + 10) * dots)] == 255


def test_a_red_light_does_not_see_the_guides():
    assert run("--out", "a.png", "--text", "한글").exit_code == 0
    red = np.asarray(Image.open("a.png").convert("RGB"))[..., 0]
    dots = 200 / 25.4
    for box in boxes("한글"):
        rows = slice(round((box.top - 0.5) * dots), round((box.top + box.side + 0.5) * dots))
        columns = slice(round((box.left - 0.5) * dots), round((box.left + box.side + 0.5) * dots))
        assert red[rows, columns].min() == 255


def test_without_a_korean_font_it_says_so():
    assert "No Korean font" in run("--out", "a.png").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--out", "a.txt"), "*.pdf"),
        (("--out", "a.pdf", "--text", ""), "1 to 28"),
        (("--out", "a.pdf", "--text", "가가"), "twice"),
        (("--out", "a.pdf", "--text", "abc"), "Hangeul"),
        (("--out", "a.pdf", "--text", "가", "--count", "3"), "both"),
        (("--out", "a.pdf", "--count", "29"), "29"),
        (("--out", "a.pdf", "--fonts", "absent"), "absent"),
    ],
)
def test_mistakes_write_nothing(words, said):
    result = run(*words)
    assert result.exit_code == 2
    assert said in result.output
    assert not Path("a.pdf").exists()
