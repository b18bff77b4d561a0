"""Who trains and who tests: the benchmark's own lists, and lists chosen for other fonts."""

from typing import TYPE_CHECKING

from hangeul_bench.base.lazy import lazy

if TYPE_CHECKING:
    from hangeul_bench.dataset.splits.choice import make_splits as make_splits
    from hangeul_bench.dataset.splits.lists import CELLS as CELLS
    from hangeul_bench.dataset.splits.lists import Splits as Splits
    from hangeul_bench.dataset.splits.lists import evaluation_fonts as evaluation_fonts

__all__ = ["CELLS", "Splits", "evaluation_fonts", "make_splits"]

__getattr__ = lazy(
    __name__,
    {"CELLS": "lists", "Splits": "lists", "evaluation_fonts": "lists", "make_splits": "choice"},
)
