"""Run another project's program, unchanged, on today's Python, with or without a GPU.

    python -m baselines.peers.today DG-Font/main.py --data_path export/train ...

What these programs use and Python, numpy, Pillow or torch have dropped is given back for the length
of the run; what they must have compiled or installed for one process (``DCN``, ``mpi4py``) is lent
in plain Python where it is not there. Nothing of theirs is edited. It runs with your rights.
"""

import collections
import collections.abc
import functools
import importlib
import importlib.machinery
import importlib.util
import multiprocessing
import runpy
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.parallel import DistributedDataParallel
from torch.overrides import TorchFunctionMode

from baselines.deformable import lend_torchvision_deform_conv2d
from hangeul_bench.base.torchvision import ensure_torchvision

_USAGE = "Usage: python -m baselines.peers.today PROGRAM.py [ITS ARGUMENTS]"


def main(arguments: Sequence[str]) -> None:
    """Run ``arguments[0]`` as ``python`` would, with the rest as its arguments."""
    if not arguments or not Path(arguments[0]).is_file():
        raise SystemExit(_USAGE)
    program = Path(arguments[0]).resolve()
    give_back_names()
    give_back_arguments()
    lend_modules()
    prefer_folders_of(program.parent)
    sys.argv = [str(program), *arguments[1:]]
    sys.path.insert(0, str(program.parent))
    if "fork" in multiprocessing.get_all_start_methods():  # a worker shall find all this, too
        multiprocessing.set_start_method("fork", force=True)
    _accept_unwrapped_checkpoints()
    if "import paddle" in program.read_text(encoding="utf-8"):
        _paddle_without_cuda()
    if torch.cuda.is_available():
        runpy.run_path(str(program), run_name="__main__")
        return
    _without_cuda()
    with OnTheCPU():
        runpy.run_path(str(program), run_name="__main__")


def give_back_names() -> None:
    """What went away: names of Python 3.10 (attrdict), numpy 1.24 and Pillow 10, torch 2.6's load.

    Checkpoints of clovaai's programs hold more than weights: read none of a stranger's.
    """
    for name in collections.abc.__all__:
        if not hasattr(collections, name):
            setattr(collections, name, getattr(collections.abc, name))
    for name, kind in (
        ("int", int),
        ("float", float),
        ("bool", bool),
        ("object", object),
        ("str", str),
    ):
        if name not in vars(np):
            setattr(np, name, kind)
    if not hasattr(Image, "ANTIALIAS"):
        Image.ANTIALIAS = Image.Resampling.LANCZOS  # type: ignore[attr-defined]
    load = torch.load

    def load_all(*args: Any, **options: Any) -> Any:
        return load(*args, **{"weights_only": False, **options})

    torch.load = load_all


def give_back_arguments() -> None:
    """What functions no longer take: yaml's without a loader, ``range`` of torchvision's pictures.

    PyYAML 6 asks for the loader and torchvision 0.13 for ``value_range``.
    """
    ensure_torchvision()
    from torchvision import utils

    for name in ("make_grid", "save_image"):
        setattr(utils, name, _with_range(getattr(utils, name)))
    if _installed("yaml"):
        import yaml

        load = yaml.load
        yaml.load = lambda stream, Loader=yaml.SafeLoader: load(stream, Loader)  # noqa: N803


def _with_range(draw: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(draw)
    def either(*args: Any, **options: Any) -> Any:
        if "range" in options:
            options["value_range"] = options.pop("range")
        return draw(*args, **options)

    return either


def lend_modules() -> None:
    """``mpi4py`` for one process and ``DCN`` in torch, where they are not installed.

    ``load_lua``, which read files of Lua's torch, is there to be imported, not to be called.
    """
    lend_torchvision_deform_conv2d()
    name = "torch.utils.serialization"  # went away and came again with other contents
    there = importlib.import_module(name) if _installed(name) else _module(name)
    vars(sys.modules.setdefault(name, there)).setdefault("load_lua", None)
    if not _installed("mpi4py"):
        world = SimpleNamespace(
            rank=0,
            size=1,
            Get_rank=lambda: 0,
            Get_size=lambda: 1,
            bcast=lambda thing, root=0: thing,
        )
        sys.modules["mpi4py"] = _module("mpi4py", MPI=SimpleNamespace(COMM_WORLD=world))
    if not _installed("DCN"):
        sys.modules["DCN"] = _module(
            "DCN",
            modulated_deform_conv_forward=_dcn_forward,
            modulated_deform_conv_backward=_dcn_backward,
        )


def prefer_folders_of(folder: Path) -> None:
    """Let a program's folders without ``__init__.py`` win over installed packages of their names.

    Python prefers a regular package anywhere on its path (Hugging Face ``datasets``) to such a
    folder beside the program (DG-Font's ``datasets/``).
    """
    for path in sorted(folder.iterdir()):
        bare = path.is_dir() and not (path / "__init__.py").exists() and any(path.glob("*.py"))
        if bare and path.name.isidentifier() and _installed(path.name):
            module = _module(path.name, __path__=[str(path)])
            module.__spec__ = importlib.machinery.ModuleSpec(path.name, None, is_package=True)
            module.__spec__.submodule_search_locations = [str(path)]
            sys.modules[path.name] = module


class OnTheCPU(TorchFunctionMode):
    """Where torch is sent to a GPU it stays: ``.cuda()`` and ``device="cuda"`` mean the CPU."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Every call of torch comes by here."""
        del types
        if func is Tensor.cuda:
            return args[0]
        kept = {name: _cpu(value) for name, value in (kwargs or {}).items()}
        return func(*map(_cpu, args), **kept)


def _cpu(value: Any) -> Any:
    device = isinstance(value, torch.device) and value.type == "cuda"
    named = isinstance(value, str) and value.partition(":")[0] == "cuda"
    return torch.device("cpu") if device or named else value


def _without_cuda() -> None:
    for name in ("set_device", "synchronize"):
        setattr(torch.cuda, name, lambda *_: None)
    torch.cuda.current_device = lambda: torch.device("cpu")  # type: ignore[assignment, return-value]
    start, wrap = torch.distributed.init_process_group, DistributedDataParallel.__init__

    def over_gloo(backend: str | None = None, **options: Any) -> None:
        del backend
        start("gloo", **options)

    def anywhere(self: Any, module: Any, *_: Any, **options: Any) -> None:
        wrap(
            self, module, **{k: v for k, v in options.items() if not k.endswith(("ids", "device"))}
        )

    # Diff-Font wraps its model on a GPU alone and asks for what is wrapped everywhere.
    inner = property(lambda self: self._modules.get("module", self))
    torch.nn.Module.module = inner  # type: ignore[attr-defined]
    torch.distributed.init_process_group = over_gloo  # type: ignore[assignment]
    DistributedDataParallel.__init__ = anywhere  # type: ignore[method-assign]


def _paddle_without_cuda() -> None:
    """FS-Font is written for Paddle: where that knows no GPU, ``gpu`` means the CPU."""
    import paddle

    if paddle.is_compiled_with_cuda():
        return
    start, move = paddle.device.set_device, paddle.nn.Layer.to

    def somewhere(device: Any) -> Any:
        return "cpu" if isinstance(device, str) and device.startswith("gpu") else device

    def to(self: Any, device: Any = None, *rest: Any, **options: Any) -> Any:
        return move(self, somewhere(device), *rest, **options)

    paddle.device.set_device = lambda device: start(somewhere(device))
    paddle.nn.Layer.to = to
    paddle.Tensor.cuda = lambda tensor, *_, **__: tensor
    for name in ("max_memory_allocated", "max_memory_reserved"):
        setattr(paddle.device.cuda, name, lambda *_: 0)


def _accept_unwrapped_checkpoints() -> None:
    """CF-Font draws in a wrapper alone, DG-Font saves without one."""
    load = DistributedDataParallel.load_state_dict

    def either(self: Any, state: Mapping[str, Any], *rest: Any, **options: Any) -> Any:
        plain = not any(key.startswith("module.") for key in state)
        named = {f"module.{key}": value for key, value in state.items()} if plain else state
        return load(self, named, *rest, **options)

    DistributedDataParallel.load_state_dict = either  # type: ignore[assignment, method-assign]


def _dcn_forward(
    input: Tensor, weight: Tensor, bias: Tensor, offset: Tensor, mask: Tensor, *sizes: int
) -> Tensor:
    """Deformable-Convolution-V2-PyTorch; ``sizes`` are of kernel, stride, padding, dilation."""
    from torchvision.ops import deform_conv

    stride, padding, dilation = sizes[2:4], sizes[4:6], sizes[6:8]
    result: Tensor = deform_conv.deform_conv2d(
        input, offset, weight, bias, stride, padding, dilation, mask
    )
    return result


def _dcn_backward(
    input: Tensor,
    weight: Tensor,
    bias: Tensor,
    offset: Tensor,
    mask: Tensor,
    gradient: Tensor,
    *sizes: int,
) -> tuple[Tensor, ...]:
    """Gradients of input, offset, mask, weight and bias, by computing forward once more."""
    leaves = [part.detach().requires_grad_() for part in (input, offset, mask, weight, bias)]
    with torch.enable_grad():
        again = _dcn_forward(leaves[0], leaves[3], leaves[4], leaves[1], leaves[2], *sizes)
    return torch.autograd.grad(again, leaves, gradient)


def _installed(name: str) -> bool:
    """Whether there is a regular package or module of that name."""
    spec = importlib.util.find_spec(name)
    return spec is not None and spec.origin is not None


def _module(name: str, **contents: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(contents)
    return module


if __name__ == "__main__":
    main(sys.argv[1:])
