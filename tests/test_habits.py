"""What a project that others carry on has: one version, bounds that are tested, no large files."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from hangeul_bench import __version__

ROOT = Path(__file__).parents[1]
PACKAGES = ("hangeul_bench", "fontmaker", "baselines", "dkfont", "experiments")
MAX_BYTES = 1_000_000


def test_the_version_stands_in_one_place():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version"] and "version" not in project["project"]
    assert f"version: {__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_the_oldest_dependencies_are_the_lower_bounds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bounds = re.compile(r"([A-Za-z0-9._-]+)(?:\[\w+\])?>=([\d.]+)")
    found = [bounds.match(line) for line in project["dependencies"]]
    expected = [f"{match[1]}=={match[2]}" for match in found if match]
    text = (ROOT / "constraints-oldest.txt").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if not line.startswith("#")] == expected


def test_no_large_file_but_final_weights():
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and path.stat().st_size > MAX_BYTES:
            final = path.suffix == ".safetensors" and path.parent.name == "weights"
            # A board grows by every row that is submitted; git packs it to a tenth.
            board = path.suffix == ".csv" and path.parent.name == "leaderboards"
            assert final or board, f"{name} is larger than 1 MB"


def test_no_file_of_code_is_longer_than_450_lines():
    for folder in (*PACKAGES, "benchmarks", "docs", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            count = len(path.read_text(encoding="utf-8").splitlines())
            assert count <= 450, f"{path.relative_to(ROOT)} has {count} lines: split it"


def test_no_folder_of_tests_is_left_out(pytestconfig):
    # pytest has a list of its own.
    left_out = pytestconfig.getini("norecursedirs")
    folders = [path.parent for path in (ROOT / "tests").rglob("test_*.py")]
    assert not [
        f
        for f in folders
        for p in left_out
        if any(Path(part).match(p) for part in f.relative_to(ROOT).parts)
    ]


def names_in(path):
    """Modules that a file may mean: what it imports, and texts such as "module:Class"."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = f"tests.{node.module}" if node.module.startswith("support") else node.module
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.partition(":")[0]


def package_of(module):
    """The package of a module: below hangeul_bench and tests, else the first."""
    first, *rest = module.split(".")
    return rest[0] if first in ("hangeul_bench", "tests") and rest else first


def test_every_module_is_imported_by_the_tests_of_its_package():
    paths = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for folder in (*PACKAGES, "tests")
        for path in (ROOT / folder).rglob("*.py")
    }
    named = {module: paths.keys() & set(names_in(path)) for module, path in paths.items()}
    alone = []
    for package in sorted({package_of(module) for module in paths}):
        reached, ahead = (
            set(),
            {module for module in paths if module.startswith(f"tests.{package}.")},
        )
        while ahead:
            reached |= ahead
            inside = [module for module in ahead if package_of(module) in (package, "support")]
            ahead = {name for module in inside for name in named[module]} - reached
        own = {module for module, path in paths.items() if not path.name.startswith("__")}
        own = {m for m in own if package_of(m) == package and m.startswith(PACKAGES)}
        alone += sorted(own - reached)
    assert alone == [], "tests of its own package should import a module, or a public name of it"
