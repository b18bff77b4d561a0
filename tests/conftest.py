"""Fixtures with real fonts: fetched once into ``.cache``, shared by all runs and workers."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hangeul_bench.build import BuildOptions, build
from hangeul_bench.corpus import fetch
from hangeul_bench.errors import UserError

CACHE = Path(__file__).parent.parent / ".cache"


@contextmanager
def _one_at_a_time(name: str) -> Iterator[None]:
    """Hold a lock file, as pytest-xdist runs a session fixture once in every worker."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def real_fonts() -> Path:
    """A folder with handwritten/ and printed/: the 20 evaluation fonts and the content font."""
    given = os.environ.get("HANGEUL_BENCH_FONTS")
    folder = Path(given) if given else CACHE / "fonts"
    with _one_at_a_time("fonts"):
        try:
            fetched = fetch("eval", folder)
        except UserError as error:
            pytest.skip(f"no real fonts: {error}")
    if fetched.failures:
        pytest.skip(f"no real fonts: {fetched.failures}")
    return folder


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
