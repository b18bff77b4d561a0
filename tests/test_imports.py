"""Imports point one way: commands -> stages -> dataset, raster, charset (models from outside)."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODEL_PACKAGES = ("baselines", "dkfont")
# All that a model may import of the benchmark.
OPEN_TO_MODELS = {"hangeul_bench.adapter", "hangeul_bench.dataset"}
HEAVY = ("torch", "torchvision", "pandas", "pyarrow", "matplotlib", "scipy", "diffusers")


def sources(package):
    return sorted((ROOT / package).rglob("*.py"))


def imported(path):
    """Every module that a file imports, also inside its functions; relative ones made absolute."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            if module == "hangeul_bench":
                yield from (f"{module}.{alias.name}" for alias in node.names)
            else:
                yield module


def benchmark_modules(path):
    """The modules of the benchmark that a file imports, as ``hangeul_bench.<module>``."""
    names = (name for name in imported(path) if name.split(".")[0] == "hangeul_bench")
    return {".".join(name.split(".")[:2]) for name in names}


def test_the_benchmark_never_names_a_model_package():
    files = [p for p in (ROOT / "hangeul_bench").rglob("*") if p.suffix in (".py", ".j2", ".html")]
    assert files
    for path in files:
        text = path.read_text(encoding="utf-8").lower()
        for name in MODEL_PACKAGES:
            assert name not in text, f"{path.relative_to(ROOT)} names {name}"


@pytest.mark.parametrize("package", MODEL_PACKAGES)
def test_models_import_only_the_adapter_and_the_dataset(package):
    for path in sources(package):
        assert benchmark_modules(path) <= OPEN_TO_MODELS, path.relative_to(ROOT)


def test_baselines_do_not_import_the_model_built_on_them():
    for path in sources("baselines"):
        assert not {name for name in imported(path) if name.split(".")[0] == "dkfont"}, path


def test_library_code_does_not_import_the_command_line():
    for path in sources("hangeul_bench"):
        if "cli" not in path.relative_to(ROOT).parts:
            assert "hangeul_bench.cli" not in benchmark_modules(path), path.relative_to(ROOT)


@pytest.mark.parametrize(
    "statement",
    ["import hangeul_bench", "import hangeul_bench.cli", "import hangeul_bench.metrics"],
)
def test_importing_loads_nothing_heavy(statement):
    probe = f"import sys\n{statement}\nprint(*sorted(set(sys.modules) & set({HEAVY!r})))"
    loaded = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert loaded.stdout.split() == []
