"""Made-up results of three models."""

import pytest

from support.report_results import FakeDataset, make_result


@pytest.fixture
def dataset():
    return FakeDataset()


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    folder, dataset = tmp_path_factory.mktemp("results"), FakeDataset()
    return [
        make_result(folder, dataset, "blank", kind="control", jer=1.0),
        make_result(folder, dataset, "diff-font", jer=0.3),
        make_result(folder, dataset, "dkfont", jer=0.05),
    ]
