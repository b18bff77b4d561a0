"""DG-Font's training: what moves, what a step of NaN does, what is logged, what is never seen."""

import csv

import pytest
import torch

from baselines.dg_font.training import LossWeights
from baselines.training import log
from hangeul_bench.base.errors import UserError


def silent(module):
    parameters = module.named_parameters()
    return [name for name, p in parameters if p.grad is None or not p.grad.abs().sum() > 0]


def test_every_parameter_of_both_players_gets_a_gradient(make_training):
    training = make_training()
    training._one_step(0.0, training.data.batch(8, 0))  # offsets that are all zero hide gradients
    batch = training.data.batch(8, 1)
    drawn = training._draw(batch)
    training._generator_losses(batch.x_0, drawn, batch.inputs["fonts"])["g_loss"].backward()
    assert silent(training.generator) == []
    training.discriminator.zero_grad()  # what it says of glyphs; within both margins biases cancel
    training.discriminator(batch.x_0, batch.inputs["fonts"]).sum().backward()
    assert silent(training.discriminator) == []


def test_each_player_moves_by_its_own_loss_alone(make_training):
    training = make_training()
    batch = training.data.batch(4, 0)
    fonts = batch.inputs["fonts"]
    before = {name: value.clone() for name, value in training.players.state_dict().items()}
    drawn = training._draw(batch)
    judged = training._discriminator_losses(batch.x_0, drawn.glyphs.detach(), fonts)
    training._move(judged["d_loss"], training.discriminator, "discriminator")
    after = training.players.state_dict()
    moved = {name.split(".")[0] for name in after if not torch.equal(after[name], before[name])}
    assert moved == {"discriminator"}


def test_a_glyph_in_its_own_style_is_learnt(make_training):
    losses = LossWeights(adversarial=0.0, image=1.0)
    training = make_training(
        steps=20, losses=losses, learning_rate=3e-3, warmup=1, penalty_every=100
    )
    before = image_error(training)
    training.run()
    assert image_error(training) < 0.6 * before


@torch.no_grad()
def image_error(training):
    batch = training.data.batch(16, 12345)
    drawn = training._draw(batch)
    return float(training._generator_losses(batch.x_0, drawn, batch.inputs["fonts"])["g_image"])


def test_the_discriminator_learns_to_tell_drawn_from_real(make_training):
    training = make_training(learning_rate=1e-3, warmup=1)
    batch = training.data.batch(16, 0)
    drawn = training._draw(batch).glyphs.detach()
    for _ in range(15):
        judged = training._discriminator_losses(batch.x_0, drawn, batch.inputs["fonts"])
        training._move(judged["d_adversarial"], training.discriminator, "discriminator")
    assert judged["d_real"] > judged["d_drawn"] + 0.5


def test_a_batch_holds_no_pair(make_training):
    data = make_training().data
    batch = data.batch(64, 0)
    own = data.content.unsqueeze(1).float() / 127.5 - 1
    content = batch.inputs["content"]
    assert all(bool((own == glyph).flatten(1).all(1).any()) for glyph in content)
    # Content and real glyph are drawn apart, so nearly all of them show two syllables.
    columns = [int((own == glyph).flatten(1).all(1).nonzero()[0]) for glyph in content]
    fonts = batch.inputs["fonts"]
    answers = data.images[fonts, columns].unsqueeze(1).float() / 127.5 - 1
    assert int((answers == batch.x_0).flatten(1).all(1).sum()) < 10


def test_content_may_come_from_any_training_font_as_in_the_paper(make_training):
    data = make_training(content_share=0.0).data
    own = data.content.unsqueeze(1).float() / 127.5 - 1
    content = data.batch(64, 0).inputs["content"]
    lent = [bool((own == glyph).flatten(1).all(1).any()) for glyph in content]
    assert sum(lent) < 40


def test_the_same_seed_is_the_same_batch(make_training):
    data = make_training().data
    one, two, other = (data.batch(8, seed) for seed in (3, 3, 4))
    assert torch.equal(one.x_0, two.x_0) and not torch.equal(one.x_0, other.x_0)
    assert torch.equal(one.inputs["content"], two.inputs["content"])


def test_a_gradient_of_nan_moves_neither_player(make_training):
    training = make_training()
    batch = training.data.batch(4, 0)
    batch.x_0[0, 0, 0, 0] = float("nan")
    before = {name: value.clone() for name, value in training.players.state_dict().items()}
    training._one_step(0.0, batch)
    after = training.players.state_dict()
    assert [name for name in after if not torch.equal(after[name], before[name])] == []
    assert (training.step, training.skipped) == (1, 1)
    with pytest.raises(UserError, match="11 steps in a row"):
        for _ in range(10):
            training._one_step(0.0, batch)


def test_the_losses_of_both_sides_are_logged(make_training, monkeypatch):
    monkeypatch.setattr(log, "_SECONDS_BETWEEN_LINES", 0.0)
    training = make_training(steps=2, penalty_every=2)
    training.run()
    with (training.out / "log.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    sides = ("d_loss", "d_adversarial", "d_real", "d_drawn")
    sides += ("g_loss", "g_adversarial", "g_image", "g_content", "g_offset")
    assert all(row[name] for row in rows for name in sides)
    assert [bool(row["d_penalty"]) for row in rows] == [True, False]
