"""Batches: what is asked, what is shown, and what phase 2 compares with."""

import pytest
import torch

from baselines.font_diffuser.data import OneShotOptions, load_one_shot_sets, random_crop
from baselines.glyphs.representation import REPRESENTATIONS
from baselines.training.data import training_fonts
from hangeul_bench.dataset.glyphs import GlyphDataset


@pytest.fixture(scope="module")
def dataset(place):
    return GlyphDataset.open(place / "dataset")


def sets(dataset, tmp_path, representation="pixels", **more):
    return load_one_shot_sets(
        dataset,
        training_fonts(dataset),
        tuple(dataset.splits.seen_characters),
        representation=REPRESENTATIONS[representation],
        device=torch.device("cpu"),
        bank_folder=tmp_path,
        options=OneShotOptions(**more),
    )


def places(data, pages):
    """Font and character of each page; of equal glyphs the first."""
    all_pages = data.images.all().flatten(0, 1)
    flat = [int((all_pages == page).all((1, 2)).float().argmax()) for page in pages]
    return [divmod(number, data.present.shape[1]) for number in flat]


def test_the_reference_is_another_glyph_of_the_asked_one_s_font(dataset, tmp_path):
    data, _ = sets(dataset, tmp_path)
    batch = data.batch(24, seed=3)
    asked = places(data, ((batch.x_0[:, 0] + 1) * 127.5).round().to(torch.uint8))
    shown = places(data, batch.inputs["reference"].flatten(0, 1))
    assert [font for font, _ in asked] == [font for font, _ in shown]
    assert not [1 for a, b in zip(asked, shown, strict=True) if a == b]
    content = data.content[[column for _, column in asked]]
    assert torch.equal(batch.inputs["content"], content)


def test_several_references_are_other_glyphs_of_the_font(dataset, tmp_path):
    data, _ = sets(dataset, tmp_path, references=4)
    assert data.shots == (1, 1, 1, 2, 4)
    counts = set()
    for seed in range(8):
        batch = data.batch(6, seed)
        references = batch.inputs["reference"]  # (6, K, 128, 128)
        counts.add(references.shape[1])
        asked = places(data, ((batch.x_0[:, 0] + 1) * 127.5).round().to(torch.uint8))
        for place, shown in zip(asked, references, strict=True):
            found = places(data, shown)
            assert {font for font, _ in found} == {place[0]} and place not in found
    assert counts == {1, 2, 4}


def test_all_references_of_a_changed_font_are_changed(dataset, tmp_path):
    data, _ = sets(dataset, tmp_path, representation="sdf64", references=4, augment=True)
    shown = [data.batch(6, seed).inputs["reference"] for seed in range(4)]
    assert {references.shape[1] for references in shown} > {1}
    plain = {page.numpy().tobytes() for page in data.images.all().flatten(0, 1)}
    many = max(shown, key=lambda references: references.shape[1])
    changed = [not plain & {page.numpy().tobytes() for page in pages} for pages in many]
    assert any(changed)


def test_a_seed_decides_a_batch(dataset, tmp_path):
    data, _ = sets(dataset, tmp_path, negatives=2)
    one, same, other = (data.batch(4, seed) for seed in (1, 1, 2))
    assert all(torch.equal(one.inputs[name], same.inputs[name]) for name in one.inputs)
    assert torch.equal(one.x_0, same.x_0) and not torch.equal(one.x_0, other.x_0)


def test_negatives_are_the_same_syllable_in_other_fonts(dataset, tmp_path):
    data, _ = sets(dataset, tmp_path, negatives=3)
    batch = data.batch(12, seed=0)
    asked = places(data, ((batch.x_0[:, 0] + 1) * 127.5).round().to(torch.uint8))
    for (font, column), negatives in zip(asked, batch.inputs["negatives"], strict=True):
        found = places(data, negatives)
        assert [other for _, other in found] == [column] * 3
        assert font not in [other for other, _ in found]
    assert batch.inputs["positive"].shape == (12, 128, 128)


def test_changed_fonts_change_their_reference_too(dataset, tmp_path):
    data, validation = sets(dataset, tmp_path, representation="sdf64", augment=True)
    batch = data.batch(8, seed=0)
    assert batch.x_0.shape == (8, 1, 64, 64)
    plain = {page.numpy().tobytes() for page in data.images.all().flatten(0, 1)}
    shown = [page.numpy().tobytes() for page in batch.inputs["reference"].flatten(0, 1)]
    assert not plain & set(shown)
    assert validation is None or not validation.augment


def test_the_validation_grid_shows_another_glyph_than_it_asks(dataset, tmp_path):
    data, _ = sets(dataset, tmp_path)
    grid = data.grid(2, 5)
    pages = ((grid.x_0[:, 0] + 1) * 127.5).round().to(torch.uint8)
    assert len(pages) == len(grid.inputs["content"]) == 10
    assert not (pages == grid.inputs["reference"][:, 0]).all((1, 2)).any()


def test_a_crop_shows_the_page_no_smaller_than_it_is():
    pages = torch.full((6, 128, 128), 255, dtype=torch.uint8)
    pages[:, 60:68] = 0
    cropped = random_crop(pages, torch.Generator().manual_seed(0))
    heights = (cropped[:, :, 64] < 128).sum(1)
    assert (heights >= 8).all() and (heights <= 10).all() and (heights > 8).any()
