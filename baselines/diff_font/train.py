"""How Diff-Font is trained: ``hangeul-bench train diff-font --recipe swift``."""

from dataclasses import replace

from baselines.diff_font.model import DiffFont
from baselines.diffusion.model import ModelConfig
from baselines.diffusion.trainer import TrainingOptions, diffusion_command
from baselines.training.recipe import DataOptions, Recipe

_SWIFT = Recipe(
    model=ModelConfig(preset="swift", schedule="linear", representation="sdf64"),
    training=TrainingOptions(batch_size=256, steps=5000, learning_rate=4e-4),
)
RECIPES = {
    "swift": _SWIFT,
    # Diff-Font's own program at 128 px: epsilon, the linear schedule, 800,000 steps of 16 at a
    # fixed 1e-4. How the DK-Font paper trained it is not said there.
    "paper": Recipe(
        model=ModelConfig(preset="paper", prediction="epsilon", schedule="linear"),
        training=TrainingOptions(
            steps=800_000,
            batch_size=16,
            learning_rate=1e-4,
            warmup=0,
            cooldown=0.0,
            timesteps="uniform",
        ),
        data=DataOptions(characters="all"),
        drawing={"rule": "diff-font", "fit": "none", "frame": "none"},
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

command = diffusion_command(DiffFont, RECIPES)
