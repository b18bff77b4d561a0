"""The two kinds of metrics, as types: a number a glyph, or a distance of two sets of glyphs."""

from hangeul_bench.metrics.base import DistributionMetric, GlyphMetric
from hangeul_bench.metrics.jer import JamoErrorRate

PerGlyph = GlyphMetric | JamoErrorRate
AnyMetric = PerGlyph | DistributionMetric
