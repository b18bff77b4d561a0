"""The dataset card (README.md) and the Croissant metadata of a dataset."""

from collections.abc import Mapping

from hangeul_bench.dataset_format import Contents


def dataset_card(contents: Contents) -> str:
    """The text of README.md."""
    return f"# {contents.name}\n"


def croissant_json(contents: Contents, files: Mapping[str, str]) -> str:
    """The text of croissant.json."""
    return "{}\n"
