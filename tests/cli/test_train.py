"""`hangeul-bench train`: which models there are, and what is not one."""

import pytest
from click.testing import CliRunner

from hangeul_bench.adapter.registry import list_models
from hangeul_bench.base.errors import UserError
from hangeul_bench.cli.train import train


def call(*words):
    return CliRunner().invoke(train, words, catch_exceptions=False)


def test_the_help_lists_each_model_that_names_a_training():
    trained = [model.name for model in list_models() if model.train]
    assert len(trained) >= 5
    listed = call("--help").output.partition("Models:")[2]
    assert [name for name in trained if f"  {name} " not in listed] == []
    assert "ground-truth" not in listed


def test_a_model_s_help_has_the_fields_of_its_recipe():
    said = " ".join(call("dkfont", "--help").output.split())
    assert "Fields of the recipe swift:" in said and "batch_size 256" in said
    assert "--recipe [swift|paper|tiny|plain]" in said


@pytest.mark.parametrize(
    ("name", "told"),
    [("dkfnt", "did you mean dkfont?"), ("ground-truth", "known: dg-font, diff-font, dkfont")],
)
def test_what_cannot_be_trained_is_said(name, told):
    with pytest.raises(UserError, match=f"Expected a model to train, but found '{name}'; {told}"):
        call(name)
