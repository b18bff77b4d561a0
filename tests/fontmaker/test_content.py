"""Content glyphs come from the dataset, and what it lacks from the content font's file."""

import numpy as np
import pytest

from fontmaker.content import open_content
from hangeul_bench.fonts.raster import Rasterizer
from support.small_dataset import SmallDataset


@pytest.fixture(scope="module")
def noto(real_fonts):
    with Rasterizer(next(real_fonts.rglob("noto-sans-kr-regular.*"))) as rasterizer:
        return rasterizer.render_many("가뷁쀍")


def test_the_font_alone_draws_as_a_dataset_would(real_fonts, noto):
    content = open_content(None, real_fonts)
    assert np.array_equal(content("가뷁쀍"), noto)
    assert content.lacking("가뷁쀍") == ()


def test_the_dataset_counts_first(real_fonts, noto):
    dataset = SmallDataset()
    pages = open_content(dataset, real_fonts)("가쀍")
    assert np.array_equal(pages[0], dataset.images("noto-sans-kr-regular", "가")[0])
    assert np.array_equal(pages[1], noto[2])


def test_without_either_paper_stays_blank(tmp_path):
    content = open_content(None, tmp_path)
    assert (content("가") == 255).all()
    assert content.lacking("가나") == ("가", "나")


def test_its_hash_tells_its_sources_apart(real_fonts):
    hashes = {
        open_content(dataset, fonts).sha256
        for dataset in (None, SmallDataset())
        for fonts in (None, real_fonts)
    }
    assert len(hashes) == 4
