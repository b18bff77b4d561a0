"""How DG-Font is trained, without pairs: ``hangeul-bench train dg-font --recipe swift``."""

from dataclasses import replace

from baselines.dg_font.data import UnpairedOptions, load_unpaired_sets
from baselines.dg_font.model import DGFont, DGFontConfig, Players
from baselines.dg_font.training import AdversarialOptions, AdversarialTraining
from baselines.training.command import (
    Job,
    facts_of,
    prepare,
    run_until_stopped,
    seeded_config,
    training_command,
)
from baselines.training.recipe import Recipe
from hangeul_bench.base.errors import UserError

_PLAIN = Recipe(DGFontConfig("swift"), AdversarialOptions(), UnpairedOptions())
RECIPES = {
    "swift": replace(_PLAIN, training=AdversarialOptions(batch_size=64, steps=3000)),
    # For tests, and to see that everything is in its place: seconds.
    "tiny": replace(
        _PLAIN,
        model=DGFontConfig("tiny"),
        training=AdversarialOptions(batch_size=4, steps=20, warmup=2, validate_every=0),
    ),
    # Small batches, for trials on a CPU.
    "plain": _PLAIN,
}


def train(recipe: Recipe, job: Job) -> None:
    """Train on a dataset's training fonts.

    Raises:
        UserError: CUDA is absent, or data or weights are unusable.
    """
    assert isinstance(recipe.training, AdversarialOptions)
    assert isinstance(recipe.data, UnpairedOptions)
    if job.start is not None:
        raise UserError("dg-font begins with no other weights; leave --start out.")
    ground = prepare(recipe, job, DGFont)
    generator = DGFont(seeded_config(recipe, ground))
    players = Players(generator, len(ground.fonts.train)).to(ground.accelerator.device)
    data, validation = load_unpaired_sets(
        ground.dataset, ground.fonts, ground.characters, content_share=recipe.data.content_share
    )
    training = AdversarialTraining(
        players,
        data,
        validation=validation,
        out=job.out,
        options=recipe.training,
        facts=facts_of(generator, ground, recipe, job),
        accelerator=ground.accelerator,
    )
    run_until_stopped(training, job)


command = training_command(DGFont, RECIPES, train)
