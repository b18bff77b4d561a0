"""A model's glyphs, generated and scored."""

from typing import TYPE_CHECKING

from hangeul_bench.base.lazy import lazy

if TYPE_CHECKING:
    from hangeul_bench.evaluate.run import Settings as Settings
    from hangeul_bench.evaluate.run import evaluate as evaluate
    from hangeul_bench.evaluate.selfcheck import check_model as check_model

__all__ = ["Settings", "check_model", "evaluate"]

__getattr__ = lazy(
    __name__,
    {"Settings": "run", "check_model": "selfcheck", "evaluate": "run"},
)
