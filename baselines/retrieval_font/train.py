"""How retrieval-font is trained: ``hangeul-bench train retrieval-font --recipe swift``."""

from dataclasses import dataclass, replace
from pathlib import Path

from baselines.diffusion.trainer import Timesteps, TrainingOptions, train_until_stopped
from baselines.glyphs.bank import open_bank
from baselines.retrieval_font.data import load_neighbour_sets
from baselines.retrieval_font.model import RetrievalConfig, RetrievalFont
from baselines.training.command import (
    Job,
    facts_of,
    prepare,
    seeded_config,
    training_command,
)
from baselines.training.recipe import DataOptions, Recipe


@dataclass(frozen=True)
class RetrievalOptions(TrainingOptions):
    """How to train retrieval-font.

    Attributes:
        trunk: Weights to begin all but the head with.
    """

    timesteps: Timesteps = "last"
    trunk: Path | None = None


_PLAIN = Recipe(RetrievalConfig(), RetrievalOptions(), DataOptions(augment=True))
RECIPES = {
    # With --set trunk=FILE of the recipe free, what made the weights that ship.
    "swift": replace(_PLAIN, training=RetrievalOptions(steps=6000)),
    "free": replace(
        _PLAIN,
        model=RetrievalConfig(head="free"),
        training=RetrievalOptions(steps=5700, timesteps="noisy"),
    ),
    # For tests, and to see that everything is in its place: seconds.
    "tiny": replace(
        _PLAIN,
        model=RetrievalConfig(channels=(32, 32, 32)),
        training=RetrievalOptions(batch_size=4, steps=20, warmup=2, validate_every=0),
    ),
    # Small batches, for trials on a CPU.
    "plain": _PLAIN,
}


def train(recipe: Recipe, job: Job) -> None:
    """Train on a dataset's training fonts.

    Raises:
        UserError: CUDA is absent, or data or weights are unusable.
    """
    assert isinstance(recipe.training, RetrievalOptions)
    ground = prepare(recipe, job, RetrievalFont)
    bank = open_bank(ground.dataset, job.bank)
    config = seeded_config(recipe, ground)
    model = RetrievalFont(config).to(ground.accelerator.device)
    if recipe.training.trunk is not None:
        model.start_trunk(recipe.training.trunk)
    sets = load_neighbour_sets(
        ground.dataset, ground.fonts, bank, count=config.neighbours, augment=recipe.data.augment
    )
    facts = facts_of(model, ground, recipe, job)
    train_until_stopped(model, sets, facts, ground.accelerator, recipe, job)


command = training_command(RetrievalFont, RECIPES, train)
