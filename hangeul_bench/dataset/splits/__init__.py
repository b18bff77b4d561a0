"""Who trains and who tests: the benchmark's own lists, and lists chosen for other fonts."""

from hangeul_bench.dataset.splits.lists import CELLS, Splits, evaluation_fonts

__all__ = ["CELLS", "Splits", "evaluation_fonts"]
