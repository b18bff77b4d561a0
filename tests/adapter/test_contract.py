"""How models are listed, found and constructed."""

import json
import subprocess
import sys

import numpy as np
import pytest

from hangeul_bench.adapter.contract import Request, TrainedOn
from hangeul_bench.adapter.registry import (
    ModelInfo,
    default_model,
    list_models,
    load_model,
    resolve_model,
)
from hangeul_bench.base.errors import UserError
from hangeul_bench.cli.models import _describe

PLUGIN = """
import numpy as np
from hangeul_bench.adapter import TrainedOn

class Grey:
    name = "grey"
    trained_on = TrainedOn()
    parameters = 0
    checkpoint_sha256 = None
    kind = "model"

    def __init__(self, *, device, dataset, batch_size, level=128):
        self.level, self.details = level, {"device": device}

    def generate(self, request):
        return np.full(request.content.shape, self.level, np.uint8)

class Bare:
    def __init__(self, **arguments):
        pass
"""


@pytest.fixture
def plugin(tmp_path):
    path = tmp_path / "plugin.py"
    path.write_text(PLUGIN)
    return path


def request(characters="가나"):
    page = np.full((len(characters), 128, 128), 255, np.uint8)
    return Request(tuple(characters), page[:1], ("한",), page, seed=0)


def test_listing_imports_no_model():
    code = (
        "import sys; from hangeul_bench.adapter import list_models; print(len(list_models()));"
        "bad = [m for m in sys.modules if m.split('.')[0] in ('baselines', 'dkfont', 'torch')];"
        "sys.exit(str(bad) if bad else 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) >= 10


def test_the_controls_are_listed_with_their_summaries():
    listed = {info.name: info for info in list_models()}
    controls = {name for name, info in listed.items() if info.kind == "control"}
    assert controls == {
        "ground-truth",
        "blank",
        "content-font",
        "nearest-font",
        "aligned-font",
        "sdf-blend",
        "mean-font",
        "shifted-3px",
        "jamo-swapped",
        "blurred",
    }
    assert all(listed[name].summary and listed[name].licence for name in controls)


def test_a_class_tells_what_it_was_trained_on(tmp_path, monkeypatch):
    (tmp_path / "plug_ins.py").write_text(
        "from hangeul_bench.adapter import TrainedOn\n"
        "class Says:\n"
        "    trained_on = TrainedOn(frozenset('ab'), frozenset('f'), frozenset('가나다'))\n"
        "class FindsOut: ...\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    says = ModelInfo("says", "plug_ins:Says")
    assert says.trained_on.font_ids == frozenset("ab")
    assert "    trained on  2 fonts of 1 families, 3 syllables" in _describe(says)
    (line,) = [
        line for line in _describe(ModelInfo("finds-out", "plug_ins:FindsOut")) if "on " in line
    ]
    assert line == "    trained on  said by the model itself: hangeul-bench models check finds-out"


def test_a_checkpoint_tells_what_it_was_trained_on(tmp_path):
    path = tmp_path / "weights.json"
    lists = {"font_ids": ["a"], "lineages": ["b"], "characters": ["가"], "samples": 3}
    path.write_text(json.dumps(lists))
    assert TrainedOn.read(path) == TrainedOn(frozenset("a"), frozenset("b"), frozenset("가"))


@pytest.mark.parametrize("text", ["{", "[]", '{"font_ids": []}'])
def test_a_broken_training_list_is_one_sentence(tmp_path, text):
    path = tmp_path / "weights.json"
    path.write_text(text)
    with pytest.raises(
        UserError, match="says what it was trained on at .*; put it back or train again"
    ):
        TrainedOn.read(path)


def test_an_unknown_name_hints_at_the_near_one():
    with pytest.raises(UserError, match="did you mean nearest-font"):
        resolve_model("nearestfont")


def test_an_unknown_name_without_a_near_one_lists_all():
    with pytest.raises(UserError, match="known: .*blank.*ground-truth"):
        resolve_model("zzzzzz")


@pytest.mark.parametrize("name", ["absent.py:Model", "dir:absent"])
def test_an_absent_file_or_folder_is_named(name):
    with pytest.raises(UserError, match="absent"):
        resolve_model(name)


def test_a_class_in_a_file_is_a_model(plugin):
    model = load_model(f"{plugin}:Grey", device="cpu", options={"level": 7})
    assert model.generate(request()).tolist() == np.full((2, 128, 128), 7).tolist()
    assert model.details == {"device": "cpu"}


def test_an_option_that_the_model_does_not_take_is_refused(plugin):
    with pytest.raises(UserError, match="takes no option steps; it takes level"):
        load_model(f"{plugin}:Grey", options={"steps": 3})


def test_options_of_a_parent_class_count(plugin):
    source = (
        plugin.read_text()
        + """
class Lighter(Grey):
    def __init__(self, *, lift=1, **arguments):
        super().__init__(**arguments)
"""
    )
    plugin.write_text(source)
    assert load_model(f"{plugin}:Lighter", options={"lift": 2, "level": 9}).level == 9
    with pytest.raises(UserError, match="takes no option steps; it takes level, lift"):
        load_model(f"{plugin}:Lighter", options={"steps": 3})


def test_a_model_without_the_protocols_attributes_is_refused(plugin):
    with pytest.raises(UserError, match="lacks name, trained_on, .*generate"):
        load_model(f"{plugin}:Bare")


def test_an_absent_class_is_named(plugin):
    with pytest.raises(UserError, match="Expected a class Absent"):
        load_model(f"{plugin}:Absent")


def test_a_file_that_cannot_be_imported_says_why(tmp_path):
    path = tmp_path / "broken.py"
    path.write_text("import no_such_package_at_all")
    with pytest.raises(UserError, match="cannot be imported: ModuleNotFoundError"):
        load_model(f"{path}:Model")


def test_the_default_model_is_the_most_preferred_one_with_weights(monkeypatch, tmp_path):
    here = tmp_path / "weights.safetensors"
    here.touch()
    models = [
        ModelInfo("control", "a:b", kind="control"),
        ModelInfo("plain", "a:b", checkpoint=here, preferred=1),
        ModelInfo("beside", "a:b", checkpoint=here, preferred=2, needs_dataset=True),
        ModelInfo("untrained", "a:b", checkpoint=tmp_path / "absent", preferred=3),
        ModelInfo("other", "a:b", checkpoint=here),
    ]
    monkeypatch.setattr("hangeul_bench.adapter.registry.list_models", lambda: models)
    assert default_model(with_dataset=True) == "beside"
    assert default_model(with_dataset=False) == "plain"
    monkeypatch.setattr("hangeul_bench.adapter.registry.list_models", lambda: models[3:])
    with pytest.raises(UserError, match="--model"):
        default_model(with_dataset=True)


def test_a_model_without_weights_says_how_they_are_made():
    info = ModelInfo("untrained", "absent_package:Model", train="mine.train:command")
    (line,) = [line for line in _describe(info) if "checkpoint" in line]
    assert "no weights yet" in line and "hangeul-bench train untrained" in line
    assert not [line for line in _describe(info) if "trained on" in line]  # nothing to import for


def test_a_registered_model_can_be_the_default():
    assert default_model(with_dataset=False) in {model.name for model in list_models()}
