"""How FontDiffuser is trained: ``hangeul-bench train font-diffuser --recipe swift``."""

from dataclasses import dataclass, field, replace

from baselines.diffusion.model import ModelConfig
from baselines.diffusion.trainer import TrainingOptions, train_until_stopped
from baselines.font_diffuser.data import OneShotOptions, load_one_shot_sets
from baselines.font_diffuser.model import OFFSET_WEIGHT, FontDiffuser, StyleContrast
from baselines.perceptual.loss import make_perceptual
from baselines.style_encoder.encoder import load_style_encoder, style_encoder_sha256
from baselines.training.command import (
    Ground,
    Job,
    facts_of,
    prepare,
    seeded_config,
    training_command,
)
from baselines.training.recipe import PerceptualOptions, Recipe
from hangeul_bench.base.errors import UserError


@dataclass(frozen=True)
class FontDiffuserOptions(TrainingOptions):
    """How to train FontDiffuser.

    Attributes:
        offset_weight: How much the length of offsets costs, a cell; the paper: 0.5.
    """

    offset_weight: float = field(default=OFFSET_WEIGHT, metadata={"range": (0, float("inf"))})


_SWIFT = Recipe(
    model=ModelConfig(preset="swift", schedule="scaled_linear", representation="sdf64"),
    training=FontDiffuserOptions(batch_size=256, steps=5000, learning_rate=4e-4),
    data=OneShotOptions(),
    perceptual=PerceptualOptions("glyph"),
)
_PLAIN = replace(
    _SWIFT, model=replace(_SWIFT.model, representation="pixels"), training=FontDiffuserOptions()
)
# The style-contrastive loss is added to weights of phase 1; a tenth of the learning rate, as
# 1e-5 after 1e-4 in the paper, which has 16 negatives.
_CONTRAST = OneShotOptions(negatives=16)
RECIPES = {
    "swift": _SWIFT,
    "phase-2": replace(_PLAIN, training=FontDiffuserOptions(learning_rate=5e-5), data=_CONTRAST),
    # For tests, and to see that everything is in its place: seconds.
    "tiny": replace(
        _SWIFT,
        model=replace(_SWIFT.model, preset="tiny"),
        training=FontDiffuserOptions(batch_size=4, steps=20, warmup=2, validate_every=0),
    ),
    # Pixels and small batches, for trials on a CPU.
    "plain": _PLAIN,
}


def train(recipe: Recipe, job: Job) -> None:
    """Train on a dataset's training fonts.

    Raises:
        UserError: Weights to refine are not named, CUDA is absent, or data or weights are unusable.
    """
    data = recipe.data
    assert isinstance(data, OneShotOptions)
    if data.negatives and job.start is None and not job.resume:
        raise UserError("Phase 2 refines weights of phase 1; name them with --start FILE.")
    ground = prepare(recipe, job, FontDiffuser)
    model = _model(recipe, job, ground)
    sets = load_one_shot_sets(
        ground.dataset,
        ground.fonts,
        ground.characters,
        representation=model.representation,
        device=ground.accelerator.device,
        options=data,
        bank_folder=job.bank,
    )
    encoder = style_encoder_sha256(job.style_encoder) if data.negatives else None
    more = {"style_encoder_sha256": encoder} if encoder else {}
    facts = facts_of(model, ground, recipe, job, **more)
    train_until_stopped(model, sets, facts, ground.accelerator, recipe, job)


def _model(recipe: Recipe, job: Job, ground: Ground) -> FontDiffuser:
    assert isinstance(recipe.training, FontDiffuserOptions)
    assert isinstance(recipe.data, OneShotOptions) and recipe.perceptual is not None
    device = ground.accelerator.device
    config = seeded_config(recipe, ground)
    perceptual = make_perceptual(recipe.perceptual, weights=job.perceptual_weights, device=device)
    contrast = None
    if recipe.data.negatives:
        contrast = StyleContrast(load_style_encoder(job.style_encoder, str(device)))
    model = FontDiffuser(
        config,
        perceptual=perceptual,
        contrast=contrast,
        offset_weight=recipe.training.offset_weight,
    )
    return model.to(device)


command = training_command(FontDiffuser, RECIPES, train)
