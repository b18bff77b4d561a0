"""Rules of retrieval-font: its conditions, its gallery, its determinism."""

import json

import numpy as np
import pytest
import torch

from baselines.glyphs.alignment import signature
from baselines.glyphs.bank import open_bank
from baselines.retrieval_font.adapter import RetrievalFontAdapter
from baselines.retrieval_font.data import load_neighbour_sets
from baselines.retrieval_font.model import RetrievalConfig, RetrievalFont
from baselines.training.checkpoint import save_weights
from baselines.training.data import training_fonts
from hangeul_bench.adapter.contract import Request
from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset.glyphs import GlyphDataset
from support.training_dataset import build_training_dataset

CHANNELS = (32, 32, 32)
ASKED = tuple("간갈감")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("retrieval")
    build_training_dataset(folder, families=22)
    return folder


@pytest.fixture(scope="module")
def dataset(place):
    return GlyphDataset.open(place / "dataset")


@pytest.fixture(scope="module")
def weights(place, dataset):
    torch.manual_seed(1)
    model = RetrievalFont(RetrievalConfig(neighbours=2, channels=CHANNELS, characters=ASKED))
    with torch.no_grad():  # the last layer starts with zeros; the inputs shall show
        model.network.unet.conv_out.weight.normal_()
    path = place / "weights.safetensors"
    facts = {
        "model": model.name,
        "config": model.config.to_json(),
        "samples": 64,
        "font_ids": ["a-regular"],
        "lineages": ["a"],
        "characters": "".join(ASKED),
    }
    save_weights(path, model.state_dict(), facts)
    return path


def adapter(weights, dataset, **options):
    return RetrievalFontAdapter(dataset=dataset, checkpoint=str(weights), **{"steps": 2, **options})


def request(dataset, characters=ASKED, *, font=0, shots=1, seed=5):
    font_id = dataset.splits.unseen_fonts[font]
    references = dataset.splits.references[:shots]
    return Request(
        characters=tuple(characters),
        references=dataset.images(font_id, references),
        reference_characters=references,
        content=dataset.images(dataset.splits.content_font, characters),
        seed=seed,
    )


def test_kin_are_chosen_by_their_whole_look_unless_by_shape_is_asked(weights, dataset):
    asked = request(dataset, shots=2)
    look, plain = adapter(weights, dataset), adapter(weights, dataset, ranking="shape")
    assert look.details["ranking"] == "look"
    assert plain.details == {**look.details, "ranking": "shape"}
    own, gallery = look._style(asked), look.gallery
    found = look._unlikeness(asked, own.shown)[0]
    there = torch.stack([gallery.signatures(c) for c in asked.reference_characters], 1)
    total = (signature(own.shown) - there).square().mean((1, 2)) + found
    by_lineage = {}
    for row in total.argsort().tolist():
        by_lineage.setdefault(int(gallery.lineages[row]), gallery.font_ids[row])
    assert own.neighbours == tuple(by_lineage.values())[: len(own.neighbours)]
    assert own.neighbours != plain._style(asked).neighbours
    assert np.array_equal(look.generate(asked), look.generate(asked))
    with pytest.raises(UserError, match="Expected ranking=shape or ranking=look, found ranking=x"):
        adapter(weights, dataset, ranking="x")


def test_a_guidance_rule_for_conditions_that_it_has_not_is_refused(weights, dataset):
    model = adapter(weights, dataset, rule="diff-font")
    with pytest.raises(UserError, match="guides by content and components, but retrieval-font"):
        model.generate(request(dataset))


def test_glyphs_do_not_depend_on_order_batch_or_the_adapter_s_past(weights, dataset):
    model = adapter(weights, dataset)
    glyphs = model.generate(request(dataset))
    assert glyphs.shape == (3, 128, 128)
    assert glyphs.dtype == np.uint8
    assert np.array_equal(model.generate(request(dataset, ASKED[::-1])), glyphs[::-1])
    many = tuple(dataset.splits.seen_characters)[:20]
    model.generate(request(dataset, many, font=1))
    alone = [model.generate(request(dataset, c))[0] for c in ASKED]
    assert np.array_equal(np.stack(alone), glyphs)
    assert not np.array_equal(model.generate(request(dataset, seed=6)), glyphs)


def test_glyphs_do_not_depend_on_the_number_of_threads(weights, dataset):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = adapter(weights, dataset).generate(request(dataset))
        torch.set_num_threads(2)
        assert np.array_equal(adapter(weights, dataset).generate(request(dataset)), one)
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("shots", [1, 2, 8])
def test_one_to_eight_references_are_taken(weights, dataset, shots):
    assert adapter(weights, dataset).generate(request(dataset, shots=shots)).shape[0] == 3


def test_another_reference_gives_another_style(weights, dataset):
    model = adapter(weights, dataset)
    assert not np.array_equal(
        model.generate(request(dataset)), model.generate(request(dataset, font=1))
    )


def network_inputs(dataset, place):
    bank = open_bank(dataset, place / "fields", workers=1)
    data, _ = load_neighbour_sets(dataset, training_fonts(dataset), bank, count=2, augment=True)
    return data, data.batch(4, 0)


@pytest.mark.parametrize(
    "name",
    [
        "neighbours",
        "content",
        "references",
        "reference_neighbours",
        "reference_content",
        "distances",
        "jamo",
    ],
)
def test_each_condition_changes_the_output(dataset, place, name):
    torch.manual_seed(0)
    model = RetrievalFont(RetrievalConfig(neighbours=2, channels=CHANNELS)).eval()
    torch.nn.init.normal_(model.network.unet.conv_out.weight)
    _, batch = network_inputs(dataset, place)
    t = torch.full((4,), 700)
    with torch.no_grad():
        whole = model(batch.x_0, t, batch.inputs)
        without = model(batch.x_0, t, model.drop(batch.inputs, [name]))
    assert not torch.allclose(whole, without, atol=1e-5)


def test_a_batch_hangs_on_its_seed_alone(dataset, place):
    data, batch = network_inputs(dataset, place)
    again, other = data.batch(4, 0), data.batch(4, 1)
    assert torch.equal(batch.x_0, again.x_0)
    assert all(torch.equal(batch.inputs[name], again.inputs[name]) for name in batch.inputs)
    assert not torch.equal(batch.x_0, other.x_0)


def test_no_font_is_its_own_kin_in_training(dataset, place):
    data, _ = network_inputs(dataset, place)
    rows = data.rows.repeat(2)[:8]
    columns = data.drawn[: len(rows)]
    seen = []
    gather = data.inputs

    def spy(shown, references, columns, ranking):
        seen.append(ranking.fonts)
        return gather(shown, references, columns, ranking)

    object.__setattr__(data, "inputs", spy)
    references = data.usual[:1].expand(len(rows), -1)
    data._gather(rows, columns, references, None, pool=None, generator=torch.Generator())
    own = data.lineages[rows].unsqueeze(1)
    assert not (data.lineages[seen[0]] == own).any()


def test_the_held_out_families_are_in_no_gallery(dataset, place):
    data, validation = load_neighbour_sets(
        dataset,
        training_fonts(dataset),
        open_bank(dataset, place / "fields", workers=1),
        count=2,
        augment=True,
    )
    held_out = {font.font_id for font in training_fonts(dataset).validation}
    assert held_out
    for part in (data, validation):
        assert held_out.isdisjoint(part.bank.font_ids[row] for row in part.gallery.tolist())
    unseen = set(dataset.splits.unseen_fonts)
    assert unseen.isdisjoint(data.bank.font_ids)


def test_fonts_that_shall_be_hidden_are_not_in_the_gallery(weights, dataset):
    font_id = dataset.splits.train_fonts[0]
    model = adapter(weights, dataset, exclude=font_id)
    assert font_id not in model.gallery.font_ids
    assert model.details["gallery"] == len(model.gallery.font_ids)
    assert json.dumps(model.details)


def test_an_excluded_lineage_leaves_the_gallery_until_another_is(weights, dataset):
    first, second = dataset.splits.train_fonts[:2]
    model = adapter(weights, dataset, exclude=first)
    before = model.gallery
    model.exclude((dataset.font(second).lineage,))
    assert {first, second}.isdisjoint(model.gallery.font_ids)
    assert model.generate(request(dataset)).shape[0] == 3
    model.exclude(("of no training font",))
    assert model.gallery.font_ids == before.font_ids
    kept = model.gallery
    model.exclude(("of none either",))
    assert model.gallery is kept


def test_a_gallery_of_one_font_draws(weights, dataset):
    others = ",".join(dataset.splits.train_fonts[1:])
    model = adapter(weights, dataset, exclude=others)
    assert len(model.gallery.font_ids) == 1
    assert model.generate(request(dataset)).shape[0] == 3


def test_a_syllable_that_no_kin_draws_comes_from_the_content_glyph(weights, dataset):
    foreign = Request(
        characters=("뷁",),
        references=request(dataset).references,
        reference_characters=request(dataset).reference_characters,
        content=request(dataset, ("간",)).content,
        seed=5,
    )
    assert adapter(weights, dataset).generate(foreign).shape == (1, 128, 128)


def test_a_reference_that_the_gallery_lacks_is_refused_in_one_sentence(weights, dataset):
    foreign = request(dataset)
    object.__setattr__(foreign, "reference_characters", ("뷁",))
    with pytest.raises(UserError, match="뷁"):
        adapter(weights, dataset).generate(foreign)


def test_without_a_dataset_it_says_what_it_needs(weights):
    with pytest.raises(UserError, match="--data"):
        RetrievalFontAdapter(checkpoint=str(weights))


def test_references_that_contradict_each_other_or_are_no_glyph_still_give_glyphs(weights, dataset):
    odd = request(dataset, shots=2)
    odd.references[1] = 255 - odd.references[0]
    assert adapter(weights, dataset).generate(odd).shape[0] == 3
    odd.references[:] = 255
    assert adapter(weights, dataset).generate(odd).shape[0] == 3
