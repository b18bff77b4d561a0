"""Imports point one way: from a package to those below it, and models import public names only."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# From top to bottom: a package imports only packages that stand after it.
ORDER = (
    *("cli", "evaluate", "results", "metrics", "builder", "reader"),
    *("adapter", "dataset", "fonts", "hangeul", "base"),
)
MODEL_PACKAGES = ("baselines", "dkfont")
MODELS = (
    *("dkfont", "baselines.diff_font", "baselines.dg_font"),
    *("baselines.font_diffuser", "baselines.retrieval_font"),
)
# What they share: a package imports only packages that stand before it.
SHARED = (
    *("baselines.glyphs", "baselines.training", "baselines.perceptual"),
    *("baselines.style_encoder", "baselines.diffusion"),
)
# Whose public names a model may import, and which modules of base: what a model needs to read
# and write its files, to train alone in a folder and to end a command in one sentence.
OPEN_TO_MODELS = ("adapter", "dataset", "hangeul")
BASE_MODULES = (
    *("documents", "errors", "files", "images", "lock"),
    *("provenance", "tables", "torchvision", "weights"),
)
# What the font maker takes: the public names of these packages, these modules of base, and few
# names beyond, each of which a package could make public.
OPEN_TO_FONTMAKER = ("adapter", "dataset", "hangeul", "fonts", "reader", "metrics")
FONTMAKER_BASE_MODULES = (
    *("documents", "errors", "files", "images", "lazy", "lock", "pictures", "processes"),
    *("options", "progress"),
)
FONTMAKER_BEYOND = {
    "__version__",
    *("adapter.generate.ask", "adapter.generate.check_polarity", "adapter.registry.default_model"),
    *("dataset.glyphs.DATASET_VARIABLE", "dataset.glyphs.DEFAULT_DATASET"),
    "dataset.splits.lists.CONTENT_FONT",
    *("fonts.corpus.corpus_fonts", "fonts.faces.open_face", "fonts.faces.sfnt_bytes"),
    *("fonts.freetype.FreeTypeFace", "fonts.placement.MARGIN", "fonts.placement.blank_frame"),
    *("fonts.placement.Placement", "fonts.sfnt.FONT_SUFFIXES"),
    *("fonts.sfnt.face_sfnt", "fonts.sfnt.read_font_file"),
    *("hangeul.charset.FIRST_SYLLABLE", "hangeul.charset.LAST_SYLLABLE"),
    *("hangeul.charset.all_syllables", "hangeul.charset.listed_syllables"),
    *("hangeul.charset.load_charset", "hangeul.charset.parse_codepoint_name"),
    *("hangeul.phonetics.FINALS", "hangeul.phonetics.INITIALS", "hangeul.phonetics.LAYOUTS"),
    *("hangeul.phonetics.MEDIALS", "hangeul.phonetics.romanize"),
    "metrics.ssim.ssim_scores",
}
# Imports for types and those inside functions count too.
NO_CIRCLE = tuple(
    f"hangeul_bench/{package}" for package in ORDER if package not in ("evaluate", "metrics")
)
OUTSIDE = (*MODEL_PACKAGES, "fontmaker")
MOST_NAMES = 10  # of a package
# Each class of a metric is public in its package.
MANY_NAMES = ("metrics",)
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
    """The modules of the benchmark that a file imports, whole."""
    return {name for name in imported(path) if name.split(".")[0] == "hangeul_bench"}


def package_of(module):
    return (module.split(".") + [""])[1]


def public_packages():
    inner = sorted((ROOT / "hangeul_bench").rglob("__init__.py"))
    outer = sorted((ROOT / "fontmaker").rglob("__init__.py"))
    return [path for path in (*inner, *outer) if path.parent.name not in ("hangeul_bench", "cli")]


def test_every_package_has_its_place():
    folders = {path.parent.name for path in (ROOT / "hangeul_bench").glob("*/__init__.py")}
    assert folders <= set(ORDER)
    modules = {path.name for path in (ROOT / "hangeul_bench").glob("*.py")}
    assert modules == {"__init__.py", "__main__.py"}


@pytest.mark.parametrize("package", ORDER)
def test_a_package_imports_only_packages_below_it(package):
    below = ORDER[ORDER.index(package) :]
    for path in sources(f"hangeul_bench/{package}"):
        packages = {package_of(name) for name in benchmark_modules(path)} - {"", "__version__"}
        assert packages <= set(below), f"{path.relative_to(ROOT)} imports {packages - set(below)}"


def test_no_modules_import_each_other_in_a_circle():
    paths = {
        ".".join(p.relative_to(ROOT).with_suffix("").parts): p
        for f in NO_CIRCLE
        for p in sources(f)
    }
    paths = {name.removesuffix(".__init__"): path for name, path in paths.items()}
    open_ends = {
        name: paths.keys() & {*imported(path), *names_imported(path)} - {name}
        for name, path in paths.items()
    }
    while free := [name for name, ends in open_ends.items() if not ends & open_ends.keys()]:
        for name in free:
            del open_ends[name]
    assert open_ends == {}, "each of these is in a circle or imports one that is"


@pytest.mark.parametrize("path", public_packages(), ids=lambda path: path.parent.name)
def test_a_package_says_what_it_is_for_in_few_names(path):
    module = importlib.import_module(".".join(path.parent.relative_to(ROOT).parts))
    assert module.__doc__ and module.__doc__.split("\n")[0].endswith(".")
    names = getattr(module, "__all__", ())
    assert len(names) <= MOST_NAMES or path.parent.name in MANY_NAMES, names
    for name in names:  # a lazy package holds what it promises
        assert getattr(module, name) is not None


def test_the_benchmark_never_names_what_stands_outside():
    files = [p for p in (ROOT / "hangeul_bench").rglob("*") if p.suffix in (".py", ".j2", ".html")]
    assert files
    for path in files:
        text = path.read_text(encoding="utf-8").lower()
        for name in OUTSIDE:
            assert name not in text, f"{path.relative_to(ROOT)} names {name}"


@pytest.mark.parametrize("package", MODEL_PACKAGES)
def test_models_import_public_names_and_what_of_base_is_theirs(package):
    allowed = {f"hangeul_bench.{package}" for package in OPEN_TO_MODELS}
    allowed |= {f"hangeul_bench.base.{module}" for module in BASE_MODULES}
    for path in sources(package):
        beyond = benchmark_modules(path) - allowed
        assert not beyond, f"{path.relative_to(ROOT)} imports {beyond}"


def test_no_module_is_open_to_models_that_none_uses():
    used = {m for package in MODEL_PACKAGES for path in sources(package) for m in imported(path)}
    assert {f"hangeul_bench.base.{module}" for module in BASE_MODULES} <= used


def names_in(path):
    """What a file imports: modules, and names with the module that each is imported from."""
    names = set(imported(path))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def names_from_the_benchmark(path):
    """Each name that a file imports from the benchmark, with its module below hangeul_bench."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            first = "hangeul_bench."
            yield from (name.removeprefix(first) for name in names if name.startswith(first))
        elif isinstance(node, ast.Import):
            assert not [a for a in node.names if a.name.startswith("hangeul_bench")], path


def names_imported(path):
    """What a file imports from modules, as if each name were a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_font_maker_imports_what_is_public_and_what_is_listed():
    public = {
        f"{package}.{name}"
        for package in OPEN_TO_FONTMAKER
        for name in importlib.import_module(f"hangeul_bench.{package}").__all__
    }
    ground, beyond = set(), set()
    for path in sources("fontmaker"):
        assert not [m for m in imported(path) if m.startswith(MODEL_PACKAGES)], path
        for name in set(names_from_the_benchmark(path)) - public:
            if name.startswith("base."):
                ground.add(name.split(".")[1])
            else:
                beyond.add(name)
    assert ground == set(FONTMAKER_BASE_MODULES)
    assert beyond == FONTMAKER_BEYOND


def test_no_module_of_the_font_maker_imports_itself_through_others():
    """Imports in functions and for type checkers count, too."""
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sources("fontmaker")
    }
    ahead = {name: modules.keys() & names_in(path) for name, path in modules.items()}
    while leaves := [name for name, imports in ahead.items() if not imports & ahead.keys()]:
        for name in leaves:
            del ahead[name]
    assert sorted(ahead) == [], "these modules stand in a circle, or import one that does"


def test_what_models_share_imports_only_what_stands_before_it():
    for number, package in enumerate(SHARED):
        later = (*SHARED[number + 1 :], "baselines.trained_model", *MODELS)
        for path in sources(package.replace(".", "/")):
            wrong = [name for name in imported(path) if name.startswith(later)]
            assert not wrong, f"{path.relative_to(ROOT)} imports {wrong}"


def test_no_model_is_built_on_another_but_dkfont_on_diff_font():
    for package in ("baselines", *MODELS):
        others = ("dkfont",) if package == "baselines" else tuple(set(MODELS) - {package})
        if package == "dkfont":  # the paper extends Diff-Font
            others = tuple(set(others) - {"baselines.diff_font"})
        for path in sources(package.replace(".", "/")):
            assert not [name for name in imported(path) if name.startswith(others)], path


@pytest.mark.parametrize(
    "statement",
    ["import hangeul_bench", "import hangeul_bench.cli", "import fontmaker", "import fontmaker.cli"]
    + [
        f"import hangeul_bench.{path.parent.name}"
        for path in public_packages()
        if path.parent.parent.name == "hangeul_bench"
    ],
)
def test_importing_loads_nothing_heavy(statement):
    probe = f"import sys\n{statement}\nprint(*sorted(set(sys.modules) & set({HEAVY!r})))"
    loaded = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert loaded.stdout.split() == []
