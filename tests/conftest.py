"""Fixtures with real fonts: fetched once into ``.cache``, shared by all runs and workers."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from hangeul_bench.base.errors import UserError
from hangeul_bench.builder.run import BuildOptions, build
from hangeul_bench.fonts.corpus import CorpusFont, corpus_fonts
from hangeul_bench.fonts.download import fetch_fonts
from hangeul_bench.fonts.table import FontsLock

# The same examples in every run, and no deadline: a busy machine is no bug.
settings.register_profile("steady", derandomize=True, deadline=None, database=None)
settings.load_profile("steady")

CACHE = Path(__file__).parent.parent / ".cache"


# What `make quick` leaves out: tests on real fonts or in a browser, and files that train, kill or
# draw for long.
SLOW_FIXTURES = {"real_fonts", "core_fonts", "eval_dataset", "browser", "driver"}
SLOW_FILES = {
    *("adapter/test_requests.py", "base/test_processes.py", "evaluate/test_processes.py"),
    *("baselines/diffusion/test_trainer.py", "baselines/retrieval_font/test_learns.py"),
    *(
        "baselines/retrieval_font/test_retrieval_font.py",
        "baselines/style_encoder/test_training.py",
    ),
    *("baselines/test_determinism.py", "baselines/test_model_adapters.py"),
    *("baselines/training/test_command.py", "baselines/training/test_recipe.py"),
    *("dkfont/test_learns.py", "experiments/test_gaming.py", "experiments/test_training_kit.py"),
    *("fontmaker/app/test_browser.py", "fontmaker/app/test_browser_manners.py"),
    *("fontmaker/cli/test_app.py", "fontmaker/cli/test_font.py"),
    *("fontmaker/cli/test_font_left_out.py", "fontmaker/sheet/test_crossing.py"),
    *("fontmaker/sheet/test_reading.py", "results/report/test_browser.py", "test_fuzz.py"),
    *("test_kills.py", "test_training_guide.py"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        file = item.path.relative_to(Path(__file__).parent).as_posix()
        if fixtures & SLOW_FIXTURES or file in SLOW_FILES:
            item.add_marker(pytest.mark.slow)


@contextmanager
def _one_at_a_time(name: str) -> Iterator[None]:
    """Hold a lock file, as pytest-xdist runs a session fixture once in every worker."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def real_fonts() -> Path:
    """A folder with handwritten/ and printed/: the 20 evaluation fonts and the content font.

    They come from ``$HANGEUL_BENCH_FONTS`` where it has them; what else is in it stays out.
    """
    given, folder = os.environ.get("HANGEUL_BENCH_FONTS"), CACHE / "fonts"
    with _one_at_a_time("fonts"):
        try:
            if given:
                _copy_evaluation_fonts(Path(given), folder)
            fetched = fetch_fonts(_benchmark_fonts(), folder)
        except UserError as error:
            pytest.skip(f"no real fonts: {error}")
    if fetched.failures:
        pytest.skip(f"no real fonts: {fetched.failures}")
    return folder


def _benchmark_fonts() -> list[CorpusFont]:
    """Those of the set `eval` but for the wide test set, which no test here needs."""
    return [font for font in corpus_fonts("eval") if font.source == "npm"]


def _copy_evaluation_fonts(given: Path, folder: Path) -> None:
    there, here = FontsLock.read(given), FontsLock.read(folder)
    for fields in (font.lock_fields for font in _benchmark_fonts()):
        if there.holds(fields) and not here.holds(fields):
            entry = here.fonts[fields["font_id"]] = there.fonts[fields["font_id"]]
            (folder / entry["file"]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(given / entry["file"], folder / entry["file"])
            here.write()


@pytest.fixture(scope="session")
def core_fonts() -> Path:
    """All 135 fonts of the corpus, where ``$HANGEUL_BENCH_CORE`` names their folder."""
    given = os.environ.get("HANGEUL_BENCH_CORE")
    if not given:
        pytest.skip("$HANGEUL_BENCH_CORE does not name a folder of 'fonts fetch --set core'")
    return Path(given)


@pytest.fixture(scope="session")
def eval_dataset(real_fonts: Path) -> Path:
    """The dataset built from ``real_fonts``, 128 pixels, the 2,350 syllables."""
    folder = CACHE / "eval-dataset"
    with _one_at_a_time("eval-dataset"):
        build(real_fonts, folder, BuildOptions(name="eval"))
    return folder
