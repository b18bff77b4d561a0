"""What several metrics need of the same glyphs is computed once."""

import pytest
import torch

from hangeul_bench.metrics import GlyphFID, GlyphLPIPS
from hangeul_bench.metrics.base import GlyphPair
from hangeul_bench.reader.reader import JamoReader
from support.metric_glyphs import pages


class CountingReader(JamoReader):
    """Counts the pages that its network looks at whole."""

    looked = 0

    def _looks(self, images):
        self.looked += len(images)
        return super()._looks(images)


@pytest.fixture(scope="module")
def reader() -> JamoReader:
    loaded = JamoReader.load()
    return CountingReader(loaded.network, loaded.sha256, details={})


def test_the_perceptual_distance_leaves_its_embedding_to_the_other(reader):
    pair = GlyphPair(pages(70, seed=1), pages(70))
    lpips, fid = GlyphLPIPS(reader=reader), GlyphFID(reader=reader)
    before = reader.looked
    lpips.score(pair)
    found = [fid.features_of(pair, side) for side in ("pred", "target")]
    assert reader.looked - before == 140
    for side, images in zip(found, (pair.pred, pair.target), strict=True):
        assert torch.equal(side, fid.features(images))


def test_what_is_not_known_is_made_once():
    pair, made = GlyphPair(pages(1), pages(1)), []
    for _ in range(2):
        assert pair.once("sum", lambda: made.append(1) or 3) == 3
    assert made == [1]


def test_other_glyphs_are_looked_at(reader):
    metric, first = GlyphFID(reader=reader), GlyphPair(pages(3, seed=1), pages(3))
    GlyphLPIPS(reader=reader).score(first)
    other = pages(3)
    other[1, 5, 5] ^= 255
    found = metric.features_of(GlyphPair(pages(3, seed=1), other), "target")
    assert torch.equal(found, reader.embed(other).double())
