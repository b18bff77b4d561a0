"""Cheats of the board: what each draws, and that none ranks above copying the nearest font."""

import numpy as np
import pytest

from experiments import gaming
from experiments.gaming import CHEATS, beating_nearest, play
from hangeul_bench.adapter.generate import ask
from hangeul_bench.adapter.questions import build_request, plan
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.evaluate import run
from hangeul_bench.evaluate.run import Settings
from hangeul_bench.metrics import METRICS as KNOWN
from hangeul_bench.results import composite
from hangeul_bench.results.ranking import _too_soft, rank_results
from support.board_results import NUMBERS, board_result
from support.fake_dataset import FakeDataset

CHARACTERS = ("가", "각", "간")
DRAWN = (gaming.MovedTruth, gaming.BlurredNearest, gaming.ReferencePasted)


@pytest.mark.parametrize("cheat", CHEATS, ids=lambda cheat: cheat.name)
def test_every_cheat_draws_as_a_model(cheat):
    dataset = FakeDataset()
    request = build_request(dataset, "brush", CHARACTERS, seed=0, shots=1)
    drawn = ask(cheat(dataset=dataset), request, font_id="brush").images
    assert (drawn.shape, drawn.dtype, cheat.kind) == ((3, 128, 128), np.uint8, "model")


def test_cheats_are_what_they_say():
    dataset = FakeDataset()
    request = build_request(dataset, "brush", CHARACTERS, seed=0, shots=1)
    truth = dataset.images("brush", CHARACTERS)
    drawn = {
        cheat: ask(cheat(dataset=dataset), request, font_id="brush").images for cheat in CHEATS
    }
    assert np.array_equal(drawn[gaming.MirroredTruth][:, :, ::-1], truth)
    assert np.array_equal(drawn[gaming.MovedTruth][:, 1:], truth[:, :-1])
    assert np.array_equal(drawn[gaming.ReferencePasted][2], request.references[0])
    odd = [ord(c) % 2 == 1 for c in CHARACTERS]
    assert (drawn[gaming.BlankHalf][odd] == 255).all()


def test_a_cheat_that_won_would_be_named():
    names = ("ground-truth", "nearest-font", "dkfont")
    results = [board_result(name) for name in names]
    better = board_result("cheat", numbers=NUMBERS["shifted-3px"], kind="model")
    illegible = board_result("swap", numbers=NUMBERS["jamo-swapped"], kind="model")
    assert "cheat" in beating_nearest([*results, better, illegible])
    assert "swap" not in beating_nearest([*results, better, illegible])


def test_on_real_glyphs_the_truth_moved_leads_and_no_cheat_passes(
    eval_dataset, tmp_path, monkeypatch
):
    style = "style_distance" if "style_distance" in KNOWN else "style_error"
    families = {**composite.FAMILIES, "style": (style,)}
    weights = {m: 1 / len(families) / len(own) for own in families.values() for m in own}
    monkeypatch.setattr(composite, "FAMILIES", families)
    monkeypatch.setattr(composite, "_WEIGHTS", weights)
    settings = Settings(limit=1, metrics=("jer", "edge_blur", *weights))
    controls = ("ground-truth", "nearest-font")
    dataset = GlyphDataset.open(eval_dataset)
    unseen = [t for t in plan(dataset, "lite", limit=1) if t.font_id in dataset.splits.unseen_fonts]
    monkeypatch.setattr(run, "plan", lambda *args, **rules: unseen)
    results = play(dataset, tmp_path, settings, controls=controls, cheats=DRAWN)
    results = [{**result, "unrankable": {}} for result in results]
    assert beating_nearest(results) == []
    rows = [r for r in rank_results(results) if (r.cell, r.category) == ("uf", "all")]
    assert [row.model for row in rows][:2] == ["ground-truth", "truth-1px-down"]
    places = {row.model: row for row in rows}
    assert places["nearest-font"].value("composite") == pytest.approx(1, abs=1e-5)
    assert "below the sharpness gate" in _too_soft(places["blurred-nearest"])
    assert "below the legibility gate" in places["reference-pasted"].why_unranked
