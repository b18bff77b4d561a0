"""Metrics that share a reader: one look at a page, and the numbers of two."""

import pytest
import torch

from hangeul_bench.metrics.shared_reader import SharedReader
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


def test_maps_and_embedding_come_from_one_look(reader):
    images, shared = pages(40), SharedReader(reader)
    expected_maps, expected = reader.features(images), reader.embed(images)
    before = reader.looked
    maps, embedded = shared.features(images), shared.embed(images.clone())
    assert reader.looked - before == 40
    assert all(torch.equal(a, b) for a, b in zip(maps, expected_maps, strict=True))
    assert torch.equal(embedded, expected)


def test_other_pages_are_looked_at(reader):
    images, shared = pages(3), SharedReader(reader)
    shared.features(images)
    other = images.clone()
    other[1, 5, 5] ^= 255
    assert torch.equal(shared.embed(other), reader.embed(other))
    assert torch.equal(shared.embed(images[:2]), reader.embed(images[:2]))
    assert torch.equal(shared.read(images), reader.read(images))
