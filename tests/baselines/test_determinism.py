"""A glyph is the same bytes for any batch, any number of threads, and in any process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from baselines.dg_font.model import DGFont, DGFontConfig
from baselines.diff_font.model import DiffFont
from baselines.diffusion.model import ModelConfig
from baselines.style_encoder.encoder import StyleEncoder, style_encoder_sha256
from baselines.style_encoder.train import save
from baselines.training.checkpoint import save_weights
from dkfont.model import DKFont

CHARACTERS = "한글빛뜻힣"
# Argument 1: the threads. Argument 2: JSON of {name: [model, batch sizes, options]}.
# Prints JSON of {name: [hash of the glyphs for each batch size]}.
PROGRAM = """
import hashlib, json, sys
import numpy as np
from hangeul_bench.base.processes import wait_asleep
wait_asleep()
import torch
from hangeul_bench.adapter import Request, load_model
torch.set_num_threads(int(sys.argv[1]))
reference = np.full((1, 128, 128), 255, np.uint8)
reference[0, 30:90, 40:60] = 0
reference[0, 60:70, 20:100] = 90

def draw(model, characters):
    content = np.full((len(characters), 128, 128), 255, np.uint8)
    for page, character in zip(content, characters):
        page[ord(character) % 61 : ord(character) % 61 + 40, 20:90] = 0
    return model.generate(Request(tuple(characters), reference, ("한",), content, 7))

found = {}
for name, (registered, sizes, characters, options) in json.loads(sys.argv[2]).items():
    model = load_model(registered, device="cpu", dataset=None, batch_size=None, options=options)
    found[name] = []
    for size in sizes:
        parts = [characters[start : start + size] for start in range(0, len(characters), size)]
        glyphs = np.concatenate([draw(model, part) for part in parts])
        assert glyphs.shape == (len(characters), 128, 128)
        assert len(np.unique(glyphs)) > 2
        found[name].append(hashlib.sha256(glyphs.tobytes()).hexdigest())
print(json.dumps(found))
"""


def drawn(threads, models):
    """Hash of the glyphs for each model and batch size, from a process of its own."""
    surroundings = {**os.environ, "PYTHONHASHSEED": str(threads)}
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        surroundings.pop(name, None)
    command = [sys.executable, "-c", PROGRAM, str(threads), json.dumps(models)]
    done = subprocess.run(
        command, env=surroundings, cwd=Path(__file__).parents[2], check=True, capture_output=True
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Options of adapters that load tiny models with random weights, by registered name."""
    folder = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(0)
    style = folder / "style.safetensors"
    save(StyleEncoder(), style, {})
    options = {}
    for kind in (DKFont, DiffFont):
        model = kind(ModelConfig(preset="tiny", characters=tuple(CHARACTERS[:4])))
        path = folder / f"{kind.name}.safetensors"
        facts = {"model": kind.name, "config": model.config.to_json(), "samples": 1}
        facts |= {"font_ids": [], "lineages": [], "characters": CHARACTERS[:4]}
        facts["style_encoder_sha256"] = style_encoder_sha256(style)
        save_weights(path, model.state_dict(), facts)
        options[kind.name] = {"checkpoint": str(path), "style_encoder": str(style), "steps": "2"}
    options["dg-font"] = {"checkpoint": str(tiny_dg_font(folder / "dg-font.safetensors"))}
    return options


def tiny_dg_font(path):
    model = DGFont(DGFontConfig("tiny", tuple(CHARACTERS[:4])))
    facts = {"model": model.name, "config": model.config.to_json(), "samples": 1}
    facts |= {"font_ids": [], "lineages": [], "characters": CHARACTERS[:4]}
    save_weights(path, model.state_dict(), facts)
    return path


def test_tiny_models_draw_the_same_for_batches_threads_and_processes(tiny):
    models = {name: [name, [1, 5], CHARACTERS, options] for name, options in tiny.items()}
    one, two = drawn(1, models), drawn(2, models)
    for name in tiny:
        assert len({*one[name], *two[name]}) == 1, name
    assert one["dkfont"] != one["diff-font"]


def test_shipped_models_draw_the_same_for_batches_threads_and_processes():
    names = ("dkfont", "diff-font")
    models = {name: [name, [1, 3], CHARACTERS[:3], {"steps": "2"}] for name in names}
    one, two = drawn(1, models), drawn(2, models)
    for name in names:
        assert len({*one[name], *two[name]}) == 1, name
    assert one["dkfont"] != one["diff-font"]
