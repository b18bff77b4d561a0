"""Which code a result comes from: the versions of packages and the commit of this program."""

import importlib.metadata
import platform
import subprocess
from pathlib import Path

from hangeul_bench import __version__

_PACKAGES = ("torch", "numpy", "scipy", "torchmetrics", "lpips", "pytorch-fid", "diffusers")


def versions() -> dict[str, str]:
    """Package -> version, of what a score depends on."""
    installed = {"hangeul-bench": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            installed[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return installed


def git_revision() -> str | None:
    """The commit of this program where it runs from a git checkout, else None."""
    here = Path(__file__).parent
    command = ["git", "-C", str(here), "rev-parse", "HEAD"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return run.stdout.strip() if run.returncode == 0 else None
