"""Imports point one way: from a room to those below it, and models see faces only."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# From the roof to the ground: a room imports only rooms that stand after it.
ROOMS = (
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
# Whose faces a model may import, and which modules of the ground floor: what a model needs to read
# and write its files, to train alone in a folder and to end a command in one sentence.
OPEN_TO_MODELS = ("adapter", "dataset", "hangeul")
GROUND_FLOOR = (
    *("documents", "errors", "files", "images", "lock"),
    *("provenance", "tables", "torchvision", "weights"),
)
# What the font maker takes: the names on these faces, these modules of the ground floor, and few
# names beyond, each of which a face could give.
OPEN_TO_FONTMAKER = ("adapter", "dataset", "hangeul", "fonts", "reader", "metrics")
FONTMAKER_GROUND_FLOOR = (
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
    "fonts.sfnt.FONT_SUFFIXES",
    *("hangeul.charset.FIRST_SYLLABLE", "hangeul.charset.LAST_SYLLABLE"),
    *("hangeul.charset.all_syllables", "hangeul.charset.listed_syllables"),
    *("hangeul.charset.load_charset", "hangeul.charset.parse_codepoint_name"),
    *("hangeul.phonetics.LAYOUTS", "hangeul.phonetics.romanize"),
    "metrics.ssim.ssim_scores",
}
OUTSIDE = (*MODEL_PACKAGES, "fontmaker")
MOST_NAMES = 10  # of a face
# Each class of a metric stands on the face of its room.
LONG_FACES = ("metrics",)
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


def room_of(module):
    return (module.split(".") + [""])[1]


def faces():
    inner = sorted((ROOT / "hangeul_bench").rglob("__init__.py"))
    outer = sorted((ROOT / "fontmaker").rglob("__init__.py"))
    return [path for path in (*inner, *outer) if path.parent.name not in ("hangeul_bench", "cli")]


def test_every_room_has_its_place():
    folders = {path.parent.name for path in (ROOT / "hangeul_bench").glob("*/__init__.py")}
    assert folders <= set(ROOMS)
    assert [p.name for p in (ROOT / "hangeul_bench").glob("*.py")] == ["__init__.py"]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_rooms_below_it(room):
    below = ROOMS[ROOMS.index(room) :]
    for path in sources(f"hangeul_bench/{room}"):
        rooms = {room_of(name) for name in benchmark_modules(path)} - {"", "__version__"}
        assert rooms <= set(below), f"{path.relative_to(ROOT)} imports {rooms - set(below)}"


@pytest.mark.parametrize("path", faces(), ids=lambda path: path.parent.name)
def test_a_face_says_what_its_room_is_for_in_few_names(path):
    module = importlib.import_module(".".join(path.parent.relative_to(ROOT).parts))
    assert module.__doc__ and module.__doc__.split("\n")[0].endswith(".")
    names = getattr(module, "__all__", ())
    assert len(names) <= MOST_NAMES or path.parent.name in LONG_FACES, names
    for name in names:  # a lazy face holds what it promises
        assert getattr(module, name) is not None


def test_the_benchmark_never_names_what_stands_outside():
    files = [p for p in (ROOT / "hangeul_bench").rglob("*") if p.suffix in (".py", ".j2", ".html")]
    assert files
    for path in files:
        text = path.read_text(encoding="utf-8").lower()
        for name in OUTSIDE:
            assert name not in text, f"{path.relative_to(ROOT)} names {name}"


@pytest.mark.parametrize("package", MODEL_PACKAGES)
def test_models_import_faces_and_what_of_the_ground_floor_is_theirs(package):
    allowed = {f"hangeul_bench.{room}" for room in OPEN_TO_MODELS}
    allowed |= {f"hangeul_bench.base.{module}" for module in GROUND_FLOOR}
    for path in sources(package):
        beyond = benchmark_modules(path) - allowed
        assert not beyond, f"{path.relative_to(ROOT)} imports {beyond}"


def test_no_module_is_open_to_models_that_none_uses():
    used = {m for package in MODEL_PACKAGES for path in sources(package) for m in imported(path)}
    assert {f"hangeul_bench.base.{module}" for module in GROUND_FLOOR} <= used


def names_from_the_benchmark(path):
    """Each name that a file imports from the benchmark, with its module below hangeul_bench."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        first = "hangeul_bench."
        yield from (name.removeprefix(first) for name in names if name.startswith(first))


def test_the_font_maker_imports_what_is_public_and_what_is_listed():
    faces = {room: importlib.import_module(f"hangeul_bench.{room}") for room in OPEN_TO_FONTMAKER}
    public = {f"{room}.{name}" for room, face in faces.items() for name in face.__all__}
    ground, beyond = set(), set()
    for path in sources("fontmaker"):
        assert not [m for m in imported(path) if m.startswith(MODEL_PACKAGES)], path
        for name in set(names_from_the_benchmark(path)) - public:
            if name.startswith("base."):
                ground.add(name.split(".")[1])
            else:
                beyond.add(name)
    assert ground == set(FONTMAKER_GROUND_FLOOR)
    assert beyond == FONTMAKER_BEYOND


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
        for path in faces()
        if path.parent.parent.name == "hangeul_bench"
    ],
)
def test_importing_loads_nothing_heavy(statement):
    probe = f"import sys\n{statement}\nprint(*sorted(set(sys.modules) & set({HEAVY!r})))"
    loaded = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert loaded.stdout.split() == []
