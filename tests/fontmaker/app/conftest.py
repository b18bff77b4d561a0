"""The page's program with a model that waits where a test says so, and pictures to upload."""

import pytest

from support.app_page import Gate
from support.app_server import make_context, running


@pytest.fixture()
def model():
    return Gate()


@pytest.fixture()
def address(model, tmp_path):
    with running(make_context(model), tmp_path / "root") as address:
        yield address
        model.open.set()


@pytest.fixture()
def files(tmp_path):
    """Pictures by the names that a user gives them."""

    def write(name, data):
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)

    return write
