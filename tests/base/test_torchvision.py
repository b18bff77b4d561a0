"""The torchvision break is healed, a sound torchvision is left alone, other errors are raised."""

import subprocess
import sys
import textwrap
from pathlib import Path

# A torchvision that fails as the CUDA build beside a CPU torch does, until its operators exist.
_BROKEN = """
import torch
from torchvision import part

@torch.library.register_fake("torchvision::nms")
def nms(dets, scores, iou_threshold):
    return scores
"""


def _run(tmp_path: Path, stub: str | None, code: str) -> subprocess.CompletedProcess[str]:
    if stub is not None:
        package = tmp_path / "torchvision"
        package.mkdir()
        (package / "__init__.py").write_text(stub)
        (package / "part.py").write_text("")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n" + textwrap.dedent(code)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_a_torchvision_without_its_binary_is_healed(tmp_path: Path) -> None:
    found = _run(
        tmp_path,
        _BROKEN,
        """
        import gc
        from hangeul_bench.base.torchvision import ensure_torchvision
        print(ensure_torchvision(), ensure_torchvision())
        gc.collect()
        import torch, torchvision
        print(torchvision.__file__.startswith(sys.path[0]), torch.ops.torchvision.nms)
        """,
    )
    assert found.stdout.splitlines() == ["True True", "True torchvision.nms"], found.stderr


def test_a_sound_torchvision_is_left_alone(tmp_path: Path) -> None:
    found = _run(
        tmp_path,
        "",
        """
        from hangeul_bench.base.torchvision import ensure_torchvision
        print(ensure_torchvision(), "torch" in sys.modules)
        """,
    )
    assert found.stdout.split() == ["False", "False"], found.stderr


def test_another_failure_of_torchvision_is_not_hidden(tmp_path: Path) -> None:
    found = _run(
        tmp_path,
        "raise RuntimeError('Detected that PyTorch and torchvision were compiled differently')",
        "from hangeul_bench.base.torchvision import ensure_torchvision; ensure_torchvision()",
    )
    assert found.returncode != 0
    assert "compiled differently" in found.stderr


def test_the_packages_that_need_torchvision_import_after_it(tmp_path: Path) -> None:
    found = _run(
        tmp_path,
        None,
        """
        from hangeul_bench.base.torchvision import ensure_torchvision
        ensure_torchvision()
        import lpips, pytorch_fid.inception, torchmetrics
        """,
    )
    assert found.returncode == 0, found.stderr
