"""A folder to run `hangeul-bench font` in."""

from pathlib import Path

import pytest
from PIL import Image

from hangeul_bench.fonts.raster import Rasterizer
from support.font_command import MODEL, TEXT


@pytest.fixture()
def folder(tmp_path, monkeypatch, real_fonts):
    """An empty working folder with a picture, a model file, a character set and no dataset."""
    monkeypatch.chdir(tmp_path)
    for name in ("HANGEUL_BENCH_DATA", "HANGEUL_BENCH_FONTS"):
        monkeypatch.delenv(name, raising=False)
    Path("model.py").write_text(MODEL, encoding="utf-8")
    Path("some.txt").write_text(TEXT, encoding="utf-8")
    Path("latin").mkdir()
    noto = next(real_fonts.rglob("noto-sans-kr-regular.*"))
    (Path("latin") / noto.name).symlink_to(noto)
    with Rasterizer(next(real_fonts.rglob("gamja-flower-regular.*"))) as rasterizer:
        Image.fromarray(rasterizer.render("한")).save("한.png")
    return tmp_path
