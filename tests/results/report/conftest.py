"""The page of three models."""

import pytest

from hangeul_bench.results.report.write import write_report
from support.report_results import FakeDataset


@pytest.fixture(scope="module")
def written(three, tmp_path_factory):
    """The page about the three results: its file, its text and what it leaves out."""
    out = tmp_path_factory.mktemp("report") / "report.html"
    left_out = write_report(three, out, dataset=FakeDataset())
    return out, out.read_text(encoding="utf-8"), left_out
