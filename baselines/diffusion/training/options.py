"""How to train: the options of any run, and those that Diff-Font and DK-Font share."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RunOptions:
    """How long to train, and on how much at once.

    Attributes:
        batch_size: Glyphs a step and process; the paper prints 16.
        learning_rate: Between warm-up and cool-down; the paper prints 1e-3.
        warmup: Steps over which the learning rate rises from 0.
        cooldown: Share of ``steps`` at the end over which it falls back to 0. A run that only
            ``minutes`` limits has none.
        steps: Stop after this many steps in all; None for no such limit.
        minutes: Stop after this long in this call; None for no such limit.
        average: Highest decay of the moving average of the weights.
        seed: Of weights, batches and noise.
        validate_every: Steps between validations and sample sheets; 0 for none.
        workers: Processes that make batches ahead; they are the same for any number.
    """

    batch_size: int = 32
    learning_rate: float = 5e-4
    warmup: int = 200
    cooldown: float = 0.2
    steps: int | None = None
    minutes: float | None = None
    average: float = 0.9999
    seed: int = 0
    validate_every: int = 1000
    workers: int = 0

    def seed_of(self, step: int, rank: int = 0) -> int:
        """What decides all that is random in a step: its number, and the process's rank."""
        return (self.seed * 1_000_003 + step) * 4099 + rank

    def rate_at(self, step: int) -> float:
        """Learning rate of the step after ``step`` steps: warm-up, plateau, cool-down."""
        share = min(1.0, (step + 1) / max(1, self.warmup))
        if self.steps is not None and self.cooldown > 0:
            share = min(share, (self.steps - step) / (self.steps * self.cooldown))
        return self.learning_rate * share


@dataclass(frozen=True)
class TrainingOptions(RunOptions):
    """How to train by diffusion; every default is the shipped weights' unless they say otherwise.

    Attributes:
        weight_decay: Of AdamW; Diff-Font has 0.
        timesteps: ``uniform`` as in the paper; ``noisy`` draws half of the timesteps from those
            with alpha_bar < 0.1, where the condition decides what is drawn; ``last`` trains for
            one step from noise alone.
        fuse: Whether ``torch.compile`` fuses the network's operations: a minute that pays where a
            GPU waits for the next of them.
    """

    weight_decay: float = 0.0
    timesteps: str = "noisy"
    fuse: bool = False
