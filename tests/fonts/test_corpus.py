import re
from itertools import pairwise
from pathlib import Path

import pytest

from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset.splits.lists import CONTENT_FONT, evaluation_fonts
from hangeul_bench.fonts import corpus
from hangeul_bench.fonts.corpus import SETS, corpus_csv, corpus_fonts, opened_fonts


def test_corpus_counts():
    core = corpus_fonts("core")
    assert [len(corpus_fonts(name)) for name in SETS] == [21, 31, 85, 135, 135]
    assert sum(font.category == "handwritten" for font in core) == 30
    assert sum(font.source == "npm" for font in core) == 85
    assert len({font.font_id for font in core}) == 135
    for smaller, larger in pairwise(SETS):
        assert set(corpus_fonts(smaller)) <= set(corpus_fonts(larger))


def test_corpus_rows_are_pinned_and_safe():
    for font in corpus_fonts("core"):
        assert re.fullmatch("[0-9a-z-]+", font.font_id)
        assert re.fullmatch("[0-9a-f]{64}", font.sha256)
        assert re.fullmatch("[0-9a-f]{64}", font.package_sha256)
        assert font.category in ("handwritten", "printed")
        assert font.licence in ("OFL-1.1", "GPL-2", "Artistic", "Baekmuk")
        assert not font.file.startswith("/") and ".." not in font.file


def test_eval_set_is_the_evaluation_fonts_and_the_content_font():
    fonts = {font.font_id: font for font in corpus_fonts("eval")}
    assert set(fonts) == {font.font_id for font in evaluation_fonts()} | {CONTENT_FONT}
    for font in evaluation_fonts():
        assert (fonts[font.font_id].lineage, fonts[font.font_id].category) == (
            font.lineage,
            font.category,
        )
        assert not fonts[font.font_id].note


def test_notice_names_every_family_and_the_baekmuk_trademark():
    notice = (Path(__file__).parents[2] / "NOTICE").read_text(encoding="utf-8")
    for font in corpus_fonts("core"):
        assert f"\n{font.family} ({font.package}" in notice or f", {font.package})" in notice
    assert "Baekmuk Headline are registered trademarks owned by" in notice
    assert "SIL OPEN FONT LICENSE Version 1.1" in notice


def test_unknown_set():
    with pytest.raises(UserError, match="found 'all'"):
        corpus_fonts("all")


def test_rows_are_written_as_they_stand_in_the_table():
    table = Path(corpus.__file__).with_name("corpus.csv").read_text(encoding="utf-8")
    assert corpus_csv(opened_fonts()) == table
