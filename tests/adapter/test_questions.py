"""Tracks, cells, requests and the contamination check."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hangeul_bench import results
from hangeul_bench.adapter.contract import Request, TrainedOn
from hangeul_bench.adapter.questions import (
    OPEN,
    PAPER,
    PROTOCOLS,
    build_request,
    font_seed,
    plan,
    protocol_named,
    run_name,
    unrankable_cells,
)
from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset.splits.lists import CELLS, TRACKS, Track, cells_of
from support.fake_dataset import REFERENCES, SEEN, SPLITS, UNSEEN, FakeDataset


@pytest.fixture
def dataset():
    return FakeDataset()


def test_the_full_track_asks_every_syllable_but_the_references(dataset):
    tasks = plan(dataset, "full")
    assert [task.font_id for task in tasks] == ["brush", "gothic", "pen", "slab"]
    assert all(task.characters == tuple(sorted((*SEEN, *UNSEEN))) for task in tasks)
    assert not any(set(REFERENCES) & set(task.characters) for task in tasks)


def test_the_lite_track_asks_its_fixed_syllables(dataset):
    assert all(task.characters == SPLITS.lite_characters for task in plan(dataset, "lite"))


def test_every_glyph_has_its_cell(dataset):
    cells = {
        (task.font_id, character): cell
        for task in plan(dataset, "full")
        for character, cell in zip(task.characters, task.cells, strict=True)
    }
    assert cells["gothic", "가"] == "sfsc"
    assert cells["gothic", "고"] == "sfuc"
    assert cells["slab", "가"] == "ufsc"
    assert cells["slab", "고"] == "ufuc"


def test_paper_is_the_unseen_fonts():
    assert [cells_of(cell) for cell in CELLS[:4]] == [
        ("sfsc",),
        ("sfuc",),
        ("ufsc", "uf"),
        ("ufuc", "uf"),
    ]


def test_a_syllable_that_the_font_lacks_is_not_asked():
    tasks = plan(FakeDataset(absent=(("slab", "가"),)), "full")
    lacking = {task.font_id for task in tasks if "가" not in task.characters}
    assert lacking == {"slab"}


def test_a_limit_takes_so_many_of_each_cell_and_nests(dataset):
    small, large = plan(dataset, "full", limit=2), plan(dataset, "full", limit=3)
    for few, more in zip(small, large, strict=True):
        counts = {cell: few.cells.count(cell) for cell in few.cells}
        assert set(counts.values()) == {2}
        assert set(few.characters) < set(more.characters)
        assert few.characters == tuple(sorted(few.characters))


@pytest.mark.parametrize(
    ("track", "limit", "message"), [("small", None, "--track lite or full"), ("lite", 0, "--limit")]
)
def test_an_unknown_track_or_limit_is_refused(dataset, track, limit, message):
    with pytest.raises(UserError, match=message):
        plan(dataset, track, limit=limit)


def test_a_request_shows_references_and_content_but_no_answer(dataset):
    request = build_request(dataset, "slab", ("당", "고"), seed=3, shots=1)
    assert request.characters == ("당", "고")
    assert request.phonetics == ("ᄃ ᅡ ᆼ", "ᄀ ᅩ")
    assert request.reference_characters == ("한",)
    assert np.array_equal(request.references, dataset.images("slab", ("한",)))
    assert np.array_equal(request.content, dataset.images("content", ("당", "고")))
    shown = np.concatenate([request.references, request.content])
    for answer in dataset.images("slab", request.characters):
        assert not any(np.array_equal(answer, page) for page in shown)
    assert set(Request.__dataclass_fields__) == {
        "characters",
        "references",
        "reference_characters",
        "content",
        "seed",
    }


@pytest.mark.parametrize("shots", [0, 3])
def test_the_number_of_references_is_bounded(dataset, shots):
    with pytest.raises(UserError, match="from 1 to 2"):
        build_request(dataset, "slab", ("가",), seed=0, shots=shots)


def test_a_font_without_the_reference_is_named():
    dataset = FakeDataset(absent=(("slab", "한"),))
    with pytest.raises(UserError, match=r"slab does not draw the reference syllable 한 \(U\+D55C"):
        build_request(dataset, "slab", ("가",), seed=0, shots=1)


def test_every_font_has_its_own_seed_that_a_run_repeats():
    # Golden value: SHA-256 of "0:slab", first eight bytes, halved.
    assert font_seed(0, "slab") == font_seed(0, "slab") == 2360755655613741979
    assert len({font_seed(0, "slab"), font_seed(0, "brush"), font_seed(1, "slab")}) == 3
    assert 0 <= font_seed(0, "brush") < 2**63


def test_a_clean_model_takes_a_rank_everywhere(dataset):
    seen = TrainedOn(frozenset({"pen"}), frozenset({"pen-family"}), frozenset(SEEN))
    assert unrankable_cells(seen, dataset, limit=None) == {}


@pytest.mark.parametrize(
    "seen",
    [
        TrainedOn(font_ids=frozenset({"slab"})),
        TrainedOn(lineages=frozenset({"slab-family"})),
    ],
)
def test_an_unseen_family_in_training_spoils_the_unseen_fonts(dataset, seen):
    reasons = unrankable_cells(seen, dataset, limit=None)
    assert sorted(reasons) == ["uf", "ufsc", "ufuc"]
    assert all("slab" in reason for reason in reasons.values())


def test_unseen_syllables_in_training_spoil_the_unseen_characters(dataset):
    reasons = unrankable_cells(TrainedOn(characters=frozenset("가고")), dataset, limit=None)
    assert sorted(reasons) == ["sfuc", "uf", "ufuc"]
    assert "1 unseen syllables such as 고" in reasons["sfuc"]


def test_a_limited_or_undeclared_run_takes_no_rank(dataset):
    assert set(unrankable_cells(TrainedOn(), dataset, limit=3)) == set(CELLS)
    assert set(unrankable_cells(None, dataset, limit=None)) == set(CELLS)


WIDE = FakeDataset(
    splits=replace(
        SPLITS,
        train_fonts=("content", "gothic", "pen"),
        wide_fonts=("round",),
        wide_characters=("가", "고"),
    )
)


def test_the_wide_track_asks_its_own_fonts_and_syllables():
    (task,) = plan(WIDE, "wide")
    assert (task.font_id, task.characters, task.cells) == ("round", ("가", "고"), ("ufsc", "ufuc"))
    assert {task.font_id for task in plan(WIDE, "lite")} == {"brush", "gothic", "pen", "slab"}


def test_a_dataset_without_wide_fonts_says_where_they_are(dataset):
    with pytest.raises(UserError, match="no evaluation font .* of track wide; .*--set open"):
        plan(dataset, "wide")


def test_a_further_track_is_one_declaration(dataset, monkeypatch):
    track = Track("strangers", seen="", syllables="lite_characters")
    monkeypatch.setitem(TRACKS, track.name, track)
    asked = plan(dataset, "strangers")
    assert tuple(task.font_id for task in asked) == SPLITS.unseen_fonts
    assert all(task.characters == SPLITS.lite_characters for task in asked)
    assert run_name("strangers", 1) == "strangers"
    with pytest.raises(UserError, match="lite or full or wide or strangers"):
        plan(dataset, "another")


def test_a_wide_family_in_training_spoils_the_wide_track_alone():
    seen = TrainedOn(lineages=frozenset({"round-family"}))
    assert unrankable_cells(seen, WIDE, limit=None, track="lite") == {}
    reasons = unrankable_cells(seen, WIDE, limit=None, track="wide")
    assert sorted(reasons) == ["uf", "ufsc", "ufuc"]
    assert all("round" in reason for reason in reasons.values())


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
