"""Dataset and benchmark toolkit for Korean (Hangeul) font generation.

from hangeul_bench import METRICS, GlyphDataset, build_dataset, evaluate, load_model

Importing this package loads none of its modules; a name is imported when it is used.
"""

from typing import TYPE_CHECKING

from hangeul_bench.base.lazy import lazy

if TYPE_CHECKING:
    from hangeul_bench.adapter.registry import load_model as load_model
    from hangeul_bench.builder.run import build as build_dataset
    from hangeul_bench.dataset.glyphs import GlyphDataset as GlyphDataset
    from hangeul_bench.evaluate.run import evaluate as evaluate
    from hangeul_bench.metrics import METRICS as METRICS

__version__ = "0.1.0"

__all__ = ["METRICS", "GlyphDataset", "build_dataset", "evaluate", "load_model"]

__getattr__ = lazy(
    __name__,
    {
        "METRICS": "metrics",
        "GlyphDataset": "dataset.glyphs",
        "build_dataset": "builder.run:build",
        # A package of the same name, which can be called as the function can.
        "evaluate": "evaluate:",
        "load_model": "adapter.registry",
    },
)
