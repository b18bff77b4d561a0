"""Noise schedules, and the conversions between x_0, epsilon and v.

Letters as in the paper. The paper writes alpha_t for the cumulative product; here that is
``alpha_bar`` (Ho et al. 2020).
"""

from typing import Literal

import torch
from torch import Tensor

from hangeul_bench.base.torchvision import ensure_torchvision

ensure_torchvision()

from diffusers import (  # noqa: E402
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
)

Prediction = Literal["v", "epsilon", "sample"]
ScheduleName = Literal["linear", "cosine", "scaled_linear"]
SamplerName = Literal["dpm", "ddim", "ddpm"]

TIMESTEPS = 1000
_LEAST_VARIANCE = 0.5  # bounds the weight of nearly clean glyphs where x_0 is predicted
# `linear`: Ho et al. 2020, as Diff-Font. `cosine`: Nichol and Dhariwal 2021, as DK-Font.
# `scaled_linear`: the roots of the betas are evenly spaced (Rombach et al. 2022), as FontDiffuser.
_BETAS = {
    "linear": "linear",
    "cosine": "squaredcos_cap_v2",
    "scaled_linear": "scaled_linear",
}
SAMPLERS = {
    "dpm": DPMSolverMultistepScheduler,
    "ddim": DDIMScheduler,
    "ddpm": DDPMScheduler,
}


class NoiseSchedule:
    """T = 1,000 steps of noise."""

    def __init__(
        self, name: ScheduleName, device: torch.device | str = "cpu", *, signal: float = 1.0
    ) -> None:
        """Make the table.

        Args:
            name: ``linear``, ``cosine`` or ``scaled_linear``.
            device: Where the table lies.
            signal: Factor by which x_0 is weakened against the noise; as a schedule it shifts
                log(alpha_bar / (1 - alpha_bar)) by twice its logarithm (Hoogeboom et al. 2023).
        """
        self.name = name
        scheduler = DDPMScheduler(num_train_timesteps=TIMESTEPS, beta_schedule=_BETAS[name])
        plain = scheduler.alphas_cumprod.double()
        shifted = plain * signal**2 / (plain * signal**2 + 1 - plain)
        self.alpha_bar = (plain if signal == 1.0 else shifted).to(device, torch.float32)  # (T,)
        self.betas: list[float] | None = None
        if signal != 1.0:
            before = torch.cat([torch.ones(1, dtype=torch.float64), shifted[:-1]])
            self.betas = (1 - shifted / before).clamp(max=0.999).tolist()

    def scales(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """sqrt(alpha_bar_t) and sqrt(1 - alpha_bar_t), each (N, 1, 1, 1)."""
        alpha_bar = self.alpha_bar[t].view(-1, 1, 1, 1)
        return alpha_bar.sqrt(), (1 - alpha_bar).sqrt()

    def add_noise(self, x_0: Tensor, eps: Tensor, t: Tensor) -> Tensor:
        """x_t of the forward process, Eq. 3: sqrt(alpha_bar) x_0 + sqrt(1 - alpha_bar) eps."""
        signal, noise = self.scales(t)
        return signal * x_0 + noise * eps

    def target(self, prediction: Prediction, x_0: Tensor, eps: Tensor, t: Tensor) -> Tensor:
        """What the network should output for this noise.

        v = sqrt(alpha_bar) eps - sqrt(1 - alpha_bar) x_0 (Salimans and Ho 2022).
        """
        if prediction == "sample":
            return x_0
        if prediction == "epsilon":
            return eps
        signal, noise = self.scales(t)
        return signal * eps - noise * x_0

    def loss(self, prediction: Prediction, output: Tensor, target: Tensor, t: Tensor) -> Tensor:
        """Mean squared error over the batch; that of x_0 is weighted as the error of v.

        v = (sqrt(alpha_bar) x_t - x_0) / sqrt(1 - alpha_bar), so an error of x_0 is one of v times
        sqrt(1 - alpha_bar). The weight stops at 2: without that bound nearly clean glyphs, which
        need no condition, are most of the loss (150 steps on 40 glyphs: SSIM .17 instead of .66).
        """
        error = (output - target).square().mean((1, 2, 3))  # (N,)
        if prediction == "sample":
            error = error / (1 - self.alpha_bar[t]).clamp(min=_LEAST_VARIANCE)
        return error.mean()

    def x_0(self, prediction: Prediction, output: Tensor, x_t: Tensor, t: Tensor) -> Tensor:
        """The one-step estimate of x_0 from the network's output; ``sample`` is x_0 itself.

        From epsilon: (x_t - sqrt(1 - alpha_bar) eps) / sqrt(alpha_bar). The paper's Eq. 7 prints
        sqrt(beta_t / (1 - alpha_t)) as the factor of eps, which does not invert Eq. 3.
        """
        if prediction == "sample":
            return output
        signal, noise = self.scales(t)
        if prediction == "epsilon":
            return (x_t - noise * output) / signal
        return signal * x_t - noise * output

    def sampler(self, name: SamplerName, steps: int) -> DDPMScheduler:
        """A diffusers scheduler that takes x_0 estimates (``prediction_type="sample"``).

        Taking x_0, which the caller has clipped, keeps few-step solvers finite at t = 999, where
        the cosine schedule has alpha_bar near 0 and epsilon would be divided by it.
        """
        options = {} if name == "dpm" else {"clip_sample": True}
        scheduler = SAMPLERS[name](
            num_train_timesteps=TIMESTEPS,
            beta_schedule=_BETAS[self.name],
            trained_betas=self.betas,
            prediction_type="sample",
            timestep_spacing="trailing",
            **options,
        )
        scheduler.set_timesteps(steps)
        return scheduler
