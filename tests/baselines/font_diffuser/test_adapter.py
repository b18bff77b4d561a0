"""FontDiffuser as a model of the benchmark."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from baselines.diffusion.model import ModelConfig
from baselines.font_diffuser.adapter import FontDiffuserAdapter
from baselines.font_diffuser.model import FontDiffuser
from baselines.glyphs.alignment import Fitting, Frame
from baselines.training.checkpoint import save_weights
from hangeul_bench.adapter import list_models, load_model
from hangeul_bench.adapter.contract import Request
from hangeul_bench.base.errors import UserError
from support.fake_dataset import FakeDataset

CHARACTERS = ("한", "글", "힣")


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    torch.manual_seed(1)
    model = FontDiffuser(ModelConfig(preset="tiny", characters=("글", "한")))
    path = tmp_path_factory.mktemp("weights") / "weights.safetensors"
    facts = {
        "model": model.name,
        "config": model.config.to_json(),
        "samples": 64,
        "phase": 1,
        "font_ids": ["a-regular"],
        "lineages": ["a"],
        "characters": "글한",
    }
    save_weights(path, model.state_dict(), facts)
    return path


def make(weights, **options):
    return FontDiffuserAdapter(checkpoint=str(weights), **{"steps": "2", **options})


def request(order=slice(None), seed=5):
    references = np.full((2, 128, 128), 255, np.uint8)
    references[0, 30:90, 40:60] = 0
    content = np.full((len(CHARACTERS), 128, 128), 255, np.uint8)
    for number in range(len(CHARACTERS)):
        content[number, 20 * number : 20 * number + 50, 30:90] = 0
    return Request(
        characters=CHARACTERS[order],
        references=references,
        reference_characters=("한", "글"),
        content=content[order],
        seed=seed,
    )


def test_glyphs_have_the_contract_s_shape_and_do_not_depend_on_order(weights):
    adapter = make(weights)
    glyphs = adapter.generate(request())
    assert glyphs.shape == (3, 128, 128) and glyphs.dtype == np.uint8
    assert np.array_equal(adapter.generate(request(slice(None, None, -1))), glyphs[::-1])
    assert not np.array_equal(adapter.generate(request(seed=6)), glyphs)


def test_content_and_the_first_reference_decide_what_is_drawn(weights):
    adapter = make(weights)
    plain, styled, asked, second = (request() for _ in range(4))
    styled.references[0, 10:120, 10:120] = 0
    second.references[1, 10:120, 10:120] = 0
    asked.content[:] = 255 - asked.content
    drawn = adapter.generate(plain)
    assert not np.array_equal(adapter.generate(styled), drawn)
    assert not np.array_equal(adapter.generate(asked), drawn)
    assert np.array_equal(adapter.generate(second), drawn)


def test_weights_of_several_references_draw_from_all(weights, tmp_path):
    facts = json.loads(weights.with_suffix(".json").read_text(encoding="utf-8"))
    path = tmp_path / weights.name
    shutil.copy(weights, path)
    facts["options"] = {"references": 4}
    path.with_suffix(".json").write_text(json.dumps(facts), encoding="utf-8")
    adapter, second = make(path), request()
    assert adapter.most_references == 4
    drawn = adapter.generate(request())
    second.references[1, 10:120, 10:120] = 0
    assert not np.array_equal(adapter.generate(second), drawn)


def test_a_small_reference_is_enlarged_and_the_drawings_made_small_again(weights):
    framed, plain, asked = make(weights), make(weights, frame="none"), request()
    frame = Frame.around(asked.references[:1])
    assert frame.enlarged > 1
    large = Request(**{**vars(asked), "references": frame.enlarge(asked.references[:1])})
    assert np.array_equal(framed.generate(asked), Fitting(frame.back)(plain.generate(large)))
    assert not np.array_equal(framed.generate(asked), plain.generate(asked))
    with pytest.raises(UserError, match="frame=usual or frame=none, found frame=yes"):
        make(weights, frame="yes")


def test_what_the_weights_have_seen_is_declared(weights):
    adapter = make(weights)
    assert adapter.trained_on.characters == frozenset("글한")
    assert (adapter.details["samples"], adapter.details["phase"]) == (64, 1)
    assert json.dumps(adapter.details)
    assert (adapter.details["steps"], adapter.details["guidance"]) == (2, 3.0)


def test_weights_ship_and_say_what_they_have_seen():
    adapter = load_model("font-diffuser")
    (info,) = [info for info in list_models() if info.name == "font-diffuser"]
    assert info.checkpoint is not None and info.parameters == adapter.parameters
    details = adapter.details
    assert (details["samples"], details["carrier"], details["phase"]) == (1_574_400, "sdf64", 1)
    assert (details["fonts"], adapter.most_references) == (283, 4)
    assert (details["steps"], details["guidance"], details["frame"]) == (3, 2.0, "usual")


def test_fitted_drawings_are_what_the_first_reference_asks_for(weights):
    dataset = FakeDataset()
    fitted = make(weights, dataset=dataset, fit="references", frame="none")
    plain = make(weights, frame="none")
    asked = request()
    own = replace(
        asked,
        characters=asked.reference_characters[:1],
        content=dataset.images("content", asked.reference_characters[:1]),
    )
    fitting = Fitting.between(plain.generate(own), asked.references[:1])
    expected = fitting(plain.generate(asked))
    assert np.array_equal(fitted.generate(asked), expected)
    assert not np.array_equal(expected, plain.generate(asked))
    parts = [fitted.generate(request(slice(0, 1))), fitted.generate(request(slice(1, 3)))]
    assert np.array_equal(np.concatenate(parts), expected)
    assert fitted.details["fit"] == "references" and "fit" not in plain.details


def test_fitting_needs_a_dataset_and_a_known_value(weights):
    with pytest.raises(UserError, match="give it one, or fit=none"):
        make(weights, fit="references")
    with pytest.raises(UserError, match="fit=references or fit=none, found fit=yes"):
        make(weights, fit="yes")
