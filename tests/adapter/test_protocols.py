"""The paper's own protocol: what it asks, and what may have been trained on."""

import json
from pathlib import Path

import pytest

from hangeul_bench import results
from hangeul_bench.adapter.contract import TrainedOn
from hangeul_bench.adapter.protocols import OPEN, PAPER, PROTOCOLS, protocol_named
from hangeul_bench.adapter.questions import plan, run_name, unrankable_cells
from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset.splits.lists import CELLS
from support.fake_dataset import SPLITS, FakeDataset

# Of the fake dataset: a handwritten and a printed font to train on, and every syllable.
PEN, GOTHIC, EVERY = frozenset({"pen"}), frozenset({"gothic"}), frozenset(FakeDataset().characters)
HAND = {"protocol": "paper", "category": "handwritten"}


def test_the_paper_s_protocol_asks_for_the_unseen_fonts_of_one_category():
    tasks = plan(FakeDataset(), "full", **HAND)
    assert [(task.font_id, task.category) for task in tasks] == [("brush", "handwritten")]
    assert set(tasks[0].characters) == EVERY - set(SPLITS.references)
    whole = {task.font_id: task for task in plan(FakeDataset(), "full")}
    assert tasks[0] == whole["brush"]  # the same questions as ours: only the rules differ


def test_a_model_that_trained_on_every_syllable_ranks_there_and_not_in_ours():
    seen = TrainedOn(PEN, frozenset({"pen-family"}), EVERY)
    theirs = unrankable_cells(seen, FakeDataset(), limit=None, **HAND)
    assert set(theirs) == {"ufsc", "ufuc"}  # the paper has one test, not our cells
    assert "uf" in unrankable_cells(seen, FakeDataset(), limit=None)


def test_a_model_of_both_categories_takes_no_rank_there():
    seen = TrainedOn(PEN | GOTHIC, frozenset(), EVERY)
    reasons = unrankable_cells(seen, FakeDataset(), limit=None, **HAND)
    assert "not handwritten" in reasons["uf"]


def test_an_unseen_family_and_a_part_of_a_track_spoil_it_too():
    seen = TrainedOn(frozenset({"brush"}))
    reasons = unrankable_cells(seen, FakeDataset(), limit=None, **HAND)
    assert "brush" in reasons["uf"]
    assert set(unrankable_cells(TrainedOn(), FakeDataset(), limit=3, **HAND)) == set(CELLS)
    assert set(unrankable_cells(None, FakeDataset(), limit=None, **HAND)) == set(CELLS)


def test_files_of_a_protocol_have_names_of_their_own():
    assert run_name("lite", 1) == "lite"
    assert run_name("lite", 1, seed=2) == "lite-seed2"
    assert run_name("lite", 4, **HAND) == "paper-handwritten-lite-4shot"


@pytest.mark.parametrize(
    ("protocol", "category", "said"),
    [
        ("mine", None, "Expected --protocol open or paper, but found 'mine'"),
        ("paper", None, "one model a category; say which with --category handwritten or printed"),
        ("paper", "both", "one model a category; say which"),
        ("open", "printed", "one model for all fonts; leave --category out"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(protocol, category, said):
    with pytest.raises(UserError, match=said):
        protocol_named(protocol, category)


def test_the_schema_knows_every_protocol():
    path = Path(results.__file__).with_name("result.schema.json")
    schema = json.loads(path.read_text(encoding="utf-8"))
    assert schema["properties"]["protocol"]["enum"] == [*PROTOCOLS] == [OPEN.name, PAPER.name]
