"""What a model is to the benchmark: what it is asked, how it is found, what it answered."""

from typing import TYPE_CHECKING

from hangeul_bench.base.lazy import lazy

if TYPE_CHECKING:
    from hangeul_bench.adapter.contract import FontModel as FontModel
    from hangeul_bench.adapter.contract import Kind as Kind
    from hangeul_bench.adapter.contract import Request as Request
    from hangeul_bench.adapter.contract import TrainedOn as TrainedOn
    from hangeul_bench.adapter.registry import list_models, load_model, resolve_model
    from hangeul_bench.base.errors import UserError as UserError
    from hangeul_bench.base.images import Glyphs

__all__ = [
    "FontModel",
    "Glyphs",
    "Kind",
    "Request",
    "TrainedOn",
    "UserError",
    "list_models",
    "load_model",
    "resolve_model",
]

__getattr__ = lazy(
    __name__,
    {
        "FontModel": "contract",
        "Glyphs": ".base.images",
        "Kind": "contract",
        "Request": "contract",
        "TrainedOn": "contract",
        "UserError": ".base.errors",
        "list_models": "registry",
        "load_model": "registry",
        "resolve_model": "registry",
    },
)
