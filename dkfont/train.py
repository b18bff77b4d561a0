"""How DK-Font is trained: ``hangeul-bench train dkfont --recipe swift``."""

from dataclasses import replace

from baselines.diffusion.model import ModelConfig
from baselines.diffusion.trainer import TrainingOptions, diffusion_command
from baselines.training.recipe import DataOptions, PerceptualOptions, Recipe
from dkfont.model import DKFont

# What fits two cores and an evening; docs/paper.md gives the reason of each departure.
_SWIFT = Recipe(
    model=ModelConfig(preset="swift", schedule="cosine", dropout=0.1, representation="sdf64"),
    training=TrainingOptions(batch_size=256, steps=5000, learning_rate=4e-4),
    perceptual=PerceptualOptions("glyph"),
)
RECIPES = {
    "swift": _SWIFT,
    # What the paper prints (section IV), and uniform timesteps as Diff-Font's.
    "paper": Recipe(
        model=ModelConfig(preset="paper", prediction="epsilon", schedule="cosine", dropout=0.1),
        training=TrainingOptions(
            steps=50_000,
            batch_size=16,
            learning_rate=1e-3,
            warmup=0,
            cooldown=0.0,
            timesteps="uniform",
        ),
        data=DataOptions(category=None, characters="all"),
        perceptual=PerceptualOptions("vgg19"),
        drawing={
            "sampler": "ddpm",
            "steps": 1000,
            "guided_share": 1.0,
            "fit": "none",
            "frame": "none",
        },
    ),
    # For tests, and to see that everything is in its place: seconds.
    "tiny": replace(
        _SWIFT,
        model=replace(_SWIFT.model, preset="tiny"),
        training=TrainingOptions(batch_size=4, steps=20, warmup=2, validate_every=0),
    ),
    # Pixels and small batches, for trials on a CPU.
    "plain": replace(
        _SWIFT,
        model=replace(_SWIFT.model, representation="pixels"),
        training=TrainingOptions(),
    ),
}

command = diffusion_command(DKFont, RECIPES)
