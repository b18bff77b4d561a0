"""The style encoder of DG-Font: VGG-11 with batch norm and a 128-wide head."""

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn
from torch.nn import functional

from baselines.training.quantized import dequantize
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import file_sha256
from hangeul_bench.base.images import Glyphs

STYLE_SIZE = 128
INPUT_SIZE = 48  # pixels; the network takes any size, and this costs a seventh of the full 128
WEIGHTS = Path(__file__).parent / "weights" / "style-encoder.safetensors"
_LAYERS = (64, "pool", 128, "pool", 256, 256, "pool", 512, 512, "pool", 512, 512, "pool")
_CHUNK = 16  # glyphs at once; fixed, so that a vector does not depend on its neighbours


class StyleEncoder(nn.Module):
    """(N, 3, H, W) in [-1, 1] -> (N, 128) style vectors.

    Module names are those of DG-Font's checkpoints: ``features.N`` and ``cont``.
    """

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for layer in _LAYERS:
            if layer == "pool":
                layers.append(nn.MaxPool2d(2))
                continue
            width = int(layer)
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
            channels = width
        self.features = nn.Sequential(*layers)
        self.cont = nn.Linear(channels, STYLE_SIZE)

    def pooled(self, images: Tensor) -> Tensor:
        """(N, 512) features before the head."""
        features: Tensor = self.features(images)  # (N, 512, H/32, W/32)
        return features.mean((2, 3))

    def forward(self, images: Tensor) -> Tensor:
        """(N, 128) style vectors, as they come: not normalised."""
        vectors: Tensor = self.cont(self.pooled(images))
        return vectors

    @torch.no_grad()
    def embed(self, glyphs: Glyphs | Tensor) -> Tensor:
        """Style vectors of glyphs, (N, 128, 128) uint8 -> (N, 128) float32 on the CPU."""
        device = self.cont.weight.device
        vectors = []
        for part in torch.as_tensor(glyphs).split(_CHUNK):
            filled = part[torch.arange(_CHUNK).clamp(max=len(part) - 1)].to(device)
            vectors.append(self(prepare(filled))[: len(part)].float().cpu())
        return torch.cat(vectors)

    def frozen(self) -> "StyleEncoder":
        """Itself with parameters and batch-norm statistics that no training moves.

        Diff-Font switches the gradients off but leaves the encoder in train mode, so its batch
        norm uses and updates batch statistics. Here it stays in eval mode whatever the parent does.
        """
        self.requires_grad_(False).eval()
        self.train = lambda mode=True: self  # type: ignore[method-assign]
        return self


def prepare(glyphs: Tensor) -> Tensor:
    """(N, 128, 128) uint8 -> (N, 3, 48, 48) in [-1, 1], by area averaging."""
    grey = functional.interpolate(
        glyphs.unsqueeze(1).float(), size=(INPUT_SIZE, INPUT_SIZE), mode="area"
    )
    return (grey / 127.5 - 1).expand(-1, 3, -1, -1)


def load_style_encoder(path: Path | None = None, device: str = "cpu") -> StyleEncoder:
    """A frozen style encoder.

    Args:
        path: A ``.safetensors`` file of ours, a checkpoint of DG-Font or the flat file of
            Diff-Font (``.pt``, ``.pth``, ``.ckpt``); None for the one that ships.
        device: Where it shall run.

    Raises:
        UserError: The file is absent or damaged, or its weights do not fit; says which.
    """
    path = path or WEIGHTS
    if not path.is_file():
        raise UserError(f"Expected style-encoder weights at {path}, but there is no such file.")
    encoder = StyleEncoder()
    state = _encoder_state(_read(path), path)
    _check_fit(encoder.state_dict(), state, path)
    encoder.load_state_dict({name: value.float() for name, value in state.items()}, strict=False)
    return encoder.to(device).frozen()


def style_encoder_sha256(path: Path | None = None) -> str:
    """SHA-256 of the weights' file."""
    return file_sha256(path or WEIGHTS)


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.suffix == ".safetensors":
            # From bytes: the library takes every file's name for UTF-8.
            tensors: dict[str, Tensor] = load(path.read_bytes())
            return dequantize(tensors)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise UserError(f"Style-encoder weights {path} are damaged: {error}.") from error
    except Exception as error:  # pickle.UnpicklingError, for anything that is not plain tensors
        raise UserError(
            f"Style-encoder weights {path} hold more than tensors and were not loaded; expected "
            "a checkpoint of DG-Font or Diff-Font."
        ) from error
    if not isinstance(content, dict):
        raise UserError(f"Expected a dictionary of weights in {path}, found {type(content)}.")
    return content


def _encoder_state(content: dict[str, Any], path: Path) -> dict[str, Tensor]:
    """The encoder's own tensors: of DG-Font's nested file the averaged copy, else the plain one."""
    for key in ("C_EMA_state_dict", "C_state_dict"):
        if key in content:
            content = content[key]
            break
    stripped = {name.removeprefix("module."): value for name, value in content.items()}
    # `disc` is DG-Font's head over its own training styles; Diff-Font's file has none.
    state = {k: v for k, v in stripped.items() if k.startswith(("features.", "cont."))}
    if not state:
        names = ", ".join(sorted(map(str, content))[:4])
        raise UserError(f"Expected features.* and cont.* in {path}, but found {names} ...")
    return state


def _check_fit(own: dict[str, Tensor], state: dict[str, Tensor], path: Path) -> None:
    # Files of before torch 0.4.1 lack the counter that batch norm does not need in eval mode.
    needed = {name for name in own if not name.endswith("num_batches_tracked")}
    missing, unknown = sorted(needed - state.keys()), sorted(state.keys() - own.keys())
    wrong = [
        f"{name} {tuple(state[name].shape)} instead of {tuple(own[name].shape)}"
        for name in sorted(needed & state.keys())
        if state[name].shape != own[name].shape
    ]
    problems = [f"missing {name}" for name in missing] + [f"unknown {name}" for name in unknown]
    problems += wrong
    if problems:
        more = f" and {len(problems) - 3} more" if len(problems) > 3 else ""
        raise UserError(
            f"Style-encoder weights {path} do not fit: {'; '.join(problems[:3])}{more}."
        )
