"""Diff-Font as a model of the benchmark."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from baselines.dg_font.encoder import load_style_encoder, style_encoder_sha256
from baselines.diff_font.attributes import add_style
from baselines.diff_font.checkpoint import load_weights
from baselines.diff_font.model import DiffFont
from baselines.diff_font.sampling import SamplingOptions, diff_font_options, sample
from hangeul_bench.adapter import Glyphs, Request, TrainedOn, UserError, file_sha256

if TYPE_CHECKING:
    from hangeul_bench.dataset import GlyphDataset

_FOLDER = Path(__file__).parent / "weights"


class DiffFontAdapter:
    """Draws with Diff-Font from a style vector, a content row and component counts."""

    name = "diff-font"
    kind = "model"
    uses_content = False
    model_class: type[DiffFont] = DiffFont
    weights = _FOLDER / "diff-font-swift.safetensors"
    # On held-out training fonts (benchmarks/guidance.py) both models are misread less than with a
    # scale of 2 in all steps, at three quarters of the work; SSIM gains .015 for Diff-Font and
    # loses .006 for DK-Font.
    defaults = SamplingOptions(guidance=3.0, guided_share=0.5)

    def __init__(
        self,
        *,
        device: str = "cpu",
        dataset: "GlyphDataset | None" = None,
        batch_size: int | None = None,
        checkpoint: str | None = None,
        style_encoder: str | None = None,
        **sampling: Any,
    ) -> None:
        """Load the weights.

        Args:
            device: ``cpu`` or ``cuda``.
            dataset: Not needed; glyphs are drawn from the request alone.
            batch_size: Not needed; groups have one fixed size, see ``sampling.CHUNK``.
            checkpoint: Weights other than the shipped ones.
            style_encoder: A style encoder other than the shipped one.
            **sampling: Fields of :class:`SamplingOptions`; ``rule="diff-font"`` alone stands for
                Diff-Font's own procedure.

        Raises:
            UserError: Weights or an option are unusable, or CUDA is absent.
        """
        del dataset
        if device.startswith("cuda") and not torch.cuda.is_available():
            raise UserError("CUDA was asked for, but torch finds no CUDA device; use cpu.")
        path = Path(checkpoint) if checkpoint else self.weights
        self.batch_size = batch_size
        self.model, facts = load_weights(self.model_class, path, device)
        encoder = Path(style_encoder) if style_encoder else None
        _check_encoder(facts, encoder)
        self.style_encoder = load_style_encoder(encoder, device)
        self.options = sampling_options(self.defaults, sampling)
        self.trained_on = TrainedOn.read(path.with_suffix(".json"))
        self.parameters = sum(p.numel() for p in self.model.parameters())
        self.checkpoint_sha256 = file_sha256(path)
        config = self.model.config
        self.details = {
            "preset": config.preset,
            "prediction": config.prediction,
            "schedule": config.schedule,
            "samples": facts["samples"],
            **{k: getattr(self.options, k) for k in SamplingOptions.__dataclass_fields__},
        }

    def generate(self, request: Request) -> Glyphs:
        """(N, 128, 128) uint8 glyphs in the style of the mean of the references' vectors."""
        device = self.style_encoder.cont.weight.device
        style = self.style_encoder.embed(request.references).mean(0, keepdim=True).to(device)
        inputs = self.model.character_inputs(request.characters, request.phonetics)
        inputs = {name: value.to(device) for name, value in inputs.items()}
        styled = add_style(inputs, style.expand(len(request.characters), -1))
        drawn = sample(
            self.model, styled, request.characters, seed=request.seed, options=self.options
        )
        return drawn.numpy()


def sampling_options(defaults: SamplingOptions, given: dict[str, Any]) -> SamplingOptions:
    """The adapter's sampling options from its keyword arguments.

    Raises:
        UserError: An option is unknown or has the wrong type.
    """
    known = SamplingOptions.__dataclass_fields__
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise UserError(f"Unknown option {unknown[0]}; expected one of {', '.join(sorted(known))}.")
    if given.get("rule") == "diff-font":
        defaults = diff_font_options()
    typed = {}
    for name, value in given.items():
        kind = type(getattr(defaults, name))
        try:
            typed[name] = kind(value)
        except (TypeError, ValueError):
            raise UserError(
                f"Expected {name} to be of type {kind.__name__}, but found {value!r}."
            ) from None
    return replace(defaults, **typed)


def _check_encoder(facts: dict[str, Any], path: Path | None) -> None:
    expected, found = facts["style_encoder_sha256"], style_encoder_sha256(path)
    if expected != found:
        raise UserError(
            f"The weights were trained with the style encoder {expected[:12]}, but found "
            f"{found[:12]}; give the right one with --option style_encoder=FILE."
        )
