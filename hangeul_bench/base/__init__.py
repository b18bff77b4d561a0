"""What every other package uses: files, pictures, tables, processes; nothing of Hangeul."""

from typing import TYPE_CHECKING

from hangeul_bench.base.lazy import lazy

if TYPE_CHECKING:
    from hangeul_bench.base.errors import UserError as UserError
    from hangeul_bench.base.torchvision import ensure_torchvision as ensure_torchvision
    from hangeul_bench.base.weights import VGG19 as VGG19
    from hangeul_bench.base.weights import load_weights as load_weights

__all__ = ["UserError", "VGG19", "ensure_torchvision", "load_weights"]

__getattr__ = lazy(
    __name__,
    {
        "UserError": "errors",
        "VGG19": "weights",
        "ensure_torchvision": "torchvision",
        "load_weights": "weights",
    },
)
