"""DG-Font as a model of the benchmark."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from baselines.dg_font.adapter import DGFontAdapter
from baselines.dg_font.model import DGFont, DGFontConfig
from baselines.glyphs.alignment import Fitting, Frame
from baselines.training.checkpoint import save_weights
from hangeul_bench.adapter.contract import Request
from hangeul_bench.adapter.registry import load_model
from hangeul_bench.base.errors import UserError
from support.fake_dataset import FakeDataset

CHARACTERS = ("한", "글", "힣")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    torch.manual_seed(1)
    model = DGFont(DGFontConfig("tiny", ("글", "한")))
    path = tmp_path_factory.mktemp("weights") / "weights.safetensors"
    facts = {"model": "dg-font", "config": model.config.to_json(), "samples": 64}
    facts |= {"font_ids": ["a-regular"], "lineages": ["a"], "characters": "글한"}
    save_weights(path, model.state_dict(), facts)
    return path


def request(rows=(0, 1, 2), references=1):
    content = np.full((3, 128, 128), 255, np.uint8)
    for row in range(3):
        content[row, 30 * row + 10 : 30 * row + 30, 20:100] = 0
    shown = np.full((references, 128, 128), 255, np.uint8)
    for row in range(references):
        shown[row, 30:90, 40 : 60 + 20 * row] = 0
    characters = tuple(CHARACTERS[row] for row in rows)
    return Request(
        characters=characters,
        references=shown,
        reference_characters=tuple("한글빛"[:references]),
        content=content[list(rows)],
        seed=5,
    )


def test_glyphs_have_the_contract_s_shape_and_do_not_depend_on_order_or_company(checkpoint):
    adapter = load_model("dg-font", options={"checkpoint": str(checkpoint)})
    glyphs = adapter.generate(request())
    assert glyphs.shape == (3, 128, 128) and glyphs.dtype == np.uint8
    assert len(np.unique(glyphs)) > 2
    assert np.array_equal(adapter.generate(request((2, 1, 0))), glyphs[::-1])
    assert np.array_equal(adapter.generate(request((1,))), glyphs[1:2])
    assert adapter.generate(request(())).shape == (0, 128, 128)


def test_several_references_are_the_mean_of_their_codes(checkpoint):
    adapter = DGFontAdapter(checkpoint=str(checkpoint))
    one, two = request(references=1), request(references=2)
    assert not np.array_equal(adapter.generate(one), adapter.generate(two))
    twice = Request(**{**vars(two), "references": np.repeat(one.references, 2, 0)})
    assert np.array_equal(adapter.generate(twice), adapter.generate(one))


def test_small_references_are_enlarged_and_drawings_made_small_again(checkpoint):
    framed = DGFontAdapter(checkpoint=str(checkpoint))
    plain = DGFontAdapter(checkpoint=str(checkpoint), frame="none")
    asked = request(references=1)
    frame = Frame.around(asked.references)
    assert frame.enlarged > 1
    large = Request(**{**vars(asked), "references": frame.enlarge(asked.references)})
    assert np.array_equal(framed.generate(asked), Fitting(frame.back)(plain.generate(large)))
    assert not np.array_equal(framed.generate(asked), plain.generate(asked))
    with pytest.raises(UserError, match="frame=usual or frame=none, found frame=yes"):
        DGFontAdapter(checkpoint=str(checkpoint), frame="yes")


def test_what_the_weights_have_seen_is_declared(checkpoint):
    adapter = DGFontAdapter(checkpoint=str(checkpoint))
    assert adapter.trained_on.characters == frozenset("글한")
    assert adapter.trained_on.lineages == frozenset({"a"})
    said = {"preset": "tiny", "samples": 64, "frame": "usual"}
    assert json.loads(json.dumps(adapter.details)) == said
    assert adapter.parameters == sum(p.numel() for p in adapter.model.parameters())


def test_weights_ship_and_say_what_they_have_seen():
    adapter = load_model("dg-font")
    assert adapter.details["samples"] >= 100_000
    assert len(adapter.trained_on.characters) == 2115
    drawn = adapter.generate(request(references=1))
    assert drawn.min() < 64 and drawn.max() > 192  # ink on paper


def test_weights_of_another_model_are_refused(checkpoint, tmp_path):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(checkpoint.read_bytes())
    facts = json.loads(checkpoint.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps({**facts, "model": "diff-font"}))
    with pytest.raises(UserError, match="weights of diff-font"):
        DGFontAdapter(checkpoint=str(path))


def test_fitted_drawings_are_what_all_references_ask_for(checkpoint):
    dataset = FakeDataset()
    options = {"checkpoint": str(checkpoint), "frame": "none"}
    fitted = DGFontAdapter(dataset=dataset, fit="references", **options)
    plain, asked = DGFontAdapter(**options), request(references=2)
    shown = asked.reference_characters
    own = replace(asked, characters=shown, content=dataset.images("content", shown))
    expected = Fitting.between(plain.generate(own), asked.references)(plain.generate(asked))
    assert np.array_equal(fitted.generate(asked), expected)
    assert not np.array_equal(expected, plain.generate(asked))
    assert fitted.details["fit"] == "references" and "fit" not in plain.details
    with pytest.raises(UserError, match="give it one, or fit=none"):
        DGFontAdapter(fit="references", **options)
