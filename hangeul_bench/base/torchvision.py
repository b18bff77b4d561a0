"""Make `import torchvision` work where a CUDA build of it stands beside a CPU build of torch."""

import importlib
import sys
from typing import Any

# The operators that such a torchvision expects its missing binary to have defined.
_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_SYMPTOM = "operator torchvision::nms does not exist"
_LIBRARY_NAME = "_hangeul_bench_operator_schemas"


def ensure_torchvision() -> bool:
    """Import torchvision, healing the one break that users of the CPU build meet.

    Call it before importing torchvision, torchmetrics, lpips or pytorch_fid. The plain import
    is tried first; only its failure with ``operator torchvision::nms does not exist`` is healed,
    by defining the two operators' schemas and importing again. Networks run after that, but
    ``torchvision.ops.nms``, ``deform_conv2d`` and ``torchvision.io`` stay without a kernel.

    Returns:
        Whether the import had to be healed, now or earlier in this process.
    """
    try:
        torchvision = importlib.import_module("torchvision")
    except RuntimeError as error:
        if _SYMPTOM not in str(error):
            raise
        torchvision = _import_with_schemas()
    return hasattr(torchvision, _LIBRARY_NAME)


def _import_with_schemas() -> Any:
    import torch

    for name in [n for n in sys.modules if n == "torchvision" or n.startswith("torchvision.")]:
        del sys.modules[name]
    library = torch.library.Library("torchvision", "FRAGMENT")
    for schema in _SCHEMAS:
        library.define(schema)
    torchvision = importlib.import_module("torchvision")
    # The schemas are undefined again when the library object dies, so the module keeps it.
    setattr(torchvision, _LIBRARY_NAME, library)
    return torchvision
