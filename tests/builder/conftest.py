"""Six small fonts and how they are built."""

import pytest

from hangeul_bench.builder.run import BuildOptions
from support.small_fonts import write_charset, write_fonts


@pytest.fixture
def fonts(tmp_path):
    return write_fonts(tmp_path / "fonts")


@pytest.fixture
def options(tmp_path):
    return BuildOptions(charset=write_charset(tmp_path / "charset.txt"), size=32, name="small")
