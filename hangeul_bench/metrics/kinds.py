"""The two kinds of metrics, as types: a number a glyph, or a distance of two sets of glyphs."""

from hangeul_bench.metrics.base import DistributionMetric, GlyphMetric
from hangeul_bench.metrics.jer import JamoErrorRate
from hangeul_bench.metrics.style_distance import StyleDistance

PerGlyph = GlyphMetric | JamoErrorRate
OfSets = DistributionMetric | StyleDistance
AnyMetric = PerGlyph | OfSets
