"""A model's glyphs, generated and scored.

The package can be called as its function can: ``hangeul_bench.evaluate`` names both, as Python sets
a package's attribute to a module of that name once it is imported.
"""

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

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


class _CallableModule(ModuleType):
    def __call__(self, *args: Any, **keywords: Any) -> Any:
        run = importlib.import_module("hangeul_bench.evaluate.run")
        return run.evaluate(*args, **keywords)


sys.modules[__name__].__class__ = _CallableModule
