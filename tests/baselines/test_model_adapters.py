import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from baselines.diff_font.adapter import DiffFontAdapter
from baselines.diffusion.model import ModelConfig
from baselines.glyphs.alignment import Fitting, Frame
from baselines.style_encoder.encoder import StyleEncoder, style_encoder_sha256
from baselines.style_encoder.train import save
from baselines.training.checkpoint import save_weights
from dkfont.adapter import DKFontAdapter
from hangeul_bench.adapter.contract import Request
from hangeul_bench.base.errors import UserError

CHARACTERS = ("한", "글", "힣")
ADAPTERS = (DiffFontAdapter, DKFontAdapter)


@pytest.fixture(scope="module")
def style(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("style") / "style.safetensors"
    save(StyleEncoder(), path, {})
    return path


def make(kind, style, folder, **options):
    torch.manual_seed(1)
    model = kind.model_class(ModelConfig(preset="tiny", characters=("글", "한")))
    path = folder / "weights.safetensors"
    facts = {
        "model": kind.name,
        "config": model.config.to_json(),
        "samples": 64,
        "font_ids": ["a-regular"],
        "lineages": ["a"],
        "characters": "글한",
        "style_encoder_sha256": style_encoder_sha256(style),
    }
    save_weights(path, model.state_dict(), facts)
    return kind(checkpoint=str(path), style_encoder=str(style), **{"steps": "2", **options})


def request(characters=CHARACTERS, seed=5):
    references = np.full((1, 128, 128), 255, np.uint8)
    references[0, 30:90, 40:60] = 0
    return Request(
        characters=tuple(characters),
        references=references,
        reference_characters=("한",),
        content=np.full((len(characters), 128, 128), 255, np.uint8),
        seed=seed,
    )


@pytest.mark.parametrize("kind", ADAPTERS)
def test_glyphs_have_the_contract_s_shape_and_do_not_depend_on_order(kind, style, tmp_path):
    adapter = make(kind, style, tmp_path)
    glyphs = adapter.generate(request())
    assert glyphs.shape == (3, 128, 128) and glyphs.dtype == np.uint8
    assert np.array_equal(adapter.generate(request(CHARACTERS[::-1])), glyphs[::-1])
    assert not np.array_equal(adapter.generate(request(seed=6)), glyphs)


@pytest.mark.parametrize("kind", ADAPTERS)
def test_the_reference_decides_the_style(kind, style, tmp_path):
    adapter = make(kind, style, tmp_path)
    other = request()
    other.references[0, 10:120, 10:120] = 0
    assert not np.array_equal(adapter.generate(other), adapter.generate(request()))


@pytest.mark.parametrize("kind", ADAPTERS)
def test_drawings_are_fitted_to_the_references_unless_asked_otherwise(kind, style, tmp_path):
    fitted = make(kind, style, tmp_path, frame="none")
    plain = make(kind, style, tmp_path, frame="none", fit="none")
    assert (plain.details["fit"], fitted.details["fit"]) == ("none", "references")
    asked = request()
    own = plain.generate(request(asked.reference_characters))
    expected = Fitting.between(own, asked.references)(plain.generate(asked))
    assert np.array_equal(fitted.generate(asked), expected)
    assert not np.array_equal(fitted.generate(asked), plain.generate(asked))


@pytest.mark.parametrize("kind", ADAPTERS)
def test_small_references_are_enlarged_and_drawings_made_small_again(kind, style, tmp_path):
    framed = make(kind, style, tmp_path, fit="none")
    plain = make(kind, style, tmp_path, fit="none", frame="none")
    assert (plain.details["frame"], framed.details["frame"]) == ("none", "usual")
    asked = request()
    asked.references[:] = 255
    asked.references[0, 30:80, 40:90] = 0
    frame = Frame.around(asked.references)
    large = replace(asked, references=frame.enlarge(asked.references))
    expected = Fitting(frame.back)(plain.generate(large))
    assert np.array_equal(framed.generate(asked), expected)
    large.references[0, 10:120, 10:120] = 0  # of the usual size
    assert np.array_equal(framed.generate(large), plain.generate(large))


def test_what_the_weights_have_seen_is_declared(style, tmp_path):
    adapter = make(DKFontAdapter, style, tmp_path)
    assert adapter.trained_on.characters == frozenset("글한")
    assert adapter.trained_on.lineages == frozenset({"a"})
    assert adapter.details["samples"] == 64
    assert json.dumps(adapter.details)
    assert adapter.parameters == sum(p.numel() for p in adapter.model.parameters())


def test_diff_font_s_own_procedure_can_be_asked_for(style, tmp_path):
    adapter = make(DiffFontAdapter, style, tmp_path, rule="diff-font", steps="3")
    assert (adapter.options.sampler, adapter.options.guidance) == ("ddim", 3.0)
    assert adapter.generate(request(("한",))).shape == (1, 128, 128)


def test_another_style_encoder_than_the_trained_one_is_refused(style, tmp_path):
    torch.manual_seed(9)
    save(StyleEncoder(), tmp_path / "other.safetensors", {})
    make(DKFontAdapter, style, tmp_path)
    with pytest.raises(UserError, match="trained with the style encoder"):
        DKFontAdapter(
            checkpoint=str(tmp_path / "weights.safetensors"),
            style_encoder=str(tmp_path / "other.safetensors"),
        )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stepz": "3"}, "Unknown option stepz"),
        ({"fit": "yes"}, "Expected fit=references or fit=none, found fit=yes"),
        ({"frame": "yes"}, "Expected frame=usual or frame=none, found frame=yes"),
        ({"steps": "many"}, "Expected steps to be of type int"),
    ],
)
def test_wrong_options_are_named(style, tmp_path, options, message):
    with pytest.raises(UserError, match=message):
        make(DKFontAdapter, style, tmp_path, **options)
