"""How other papers and libraries compute SSIM, RMSE, LPIPS and FID, to repeat their numbers."""

from typing import TYPE_CHECKING

from hangeul_bench.base.lazy import lazy

if TYPE_CHECKING:
    from hangeul_bench.metrics.conventions.table import CONVENTIONS as CONVENTIONS
    from hangeul_bench.metrics.conventions.table import Variant as Variant
    from hangeul_bench.metrics.conventions.table import variants_of as variants_of

__all__ = ["CONVENTIONS", "Variant", "variants_of"]

__getattr__ = lazy(__name__, dict.fromkeys(__all__, "table"))
