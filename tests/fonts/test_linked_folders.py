"""Fonts in folders behind links are found, and a ring of links ends."""

import os

import pytest

from hangeul_bench.fonts.faces import find_faces
from support.fontmaker import make_font


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_fonts_behind_a_link_are_found_and_named_by_a_table(tmp_path):
    make_font(tmp_path / "elsewhere" / "a.ttf", {"한": [(0, 0, 500, 500)]})
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    (fonts / "printed").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "ring").symlink_to(fonts)
    (fonts / "fonts.csv").write_text("file,family\nprinted/a.ttf,Linked\n", encoding="utf-8")
    (face,) = find_faces(fonts)
    assert (face.family, face.category) == ("Linked", "printed")
