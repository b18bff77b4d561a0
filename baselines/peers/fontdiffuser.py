"""``peer:fontdiffuser``: FontDiffuser's own program (Yang et al., AAAI 2024) draws.

    hangeul-bench evaluate --model peer:fontdiffuser --option repo=FontDiffuser \
        --option checkpoint=outputs/FontDiffuser/global_step_440000

None of its code is here: ``repo`` is a clone of it, and what lies in there is run. It needs the
packages ``info-nce-pytorch``, ``kornia`` and ``pyyaml`` beside ours.
"""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image

from baselines.deformable import lend_torchvision_deform_conv2d
from baselines.diffusion.sampling import glyph_generator
from hangeul_bench.adapter import Glyphs, Request, TrainedOn, UserError
from hangeul_bench.base.files import file_sha256, sha256_of

if TYPE_CHECKING:
    from hangeul_bench.dataset import GlyphDataset

_PARTS = ("unet", "style_encoder", "content_encoder")
_OURS = ("src", "configs")  # names of its packages, which others have too


class FontDiffuserPeer:
    """Takes the first reference; draws a glyph at a time, so that none depends on another."""

    name = "peer-fontdiffuser"  # a file is called by it
    kind = "model"

    def __init__(
        self,
        *,
        device: str = "cpu",
        dataset: "GlyphDataset | None" = None,
        batch_size: int | None = None,
        repo: str | None = None,
        checkpoint: str | None = None,
        trained_on: str | None = None,
        steps: int = 20,
        guidance: float = 7.5,
        size: int = 96,
    ) -> None:
        """Load its program and its weights.

        Args:
            device: ``cpu`` or ``cuda``.
            dataset: Not needed.
            batch_size: Not needed.
            repo: A clone of the program.
            checkpoint: Folder with ``unet.pth``, ``style_encoder.pth`` and ``content_encoder.pth``.
            trained_on: JSON file with ``font_ids``, ``lineages`` and ``characters``; by default
                ``trained_on.json`` in the checkpoint's folder. Without one the result has no rank.
            steps: Of its sampler.
            guidance: Scale of its classifier-free guidance.
            size: Pixels of the images that it was trained on.

        Raises:
            UserError: An option is missing or unusable, or its program cannot be imported.
        """
        del dataset
        if repo is None or checkpoint is None:
            raise UserError(
                "peer:fontdiffuser runs another program: give --option repo=FOLDER, a clone of "
                "FontDiffuser, and --option checkpoint=FOLDER, which holds its unet.pth."
            )
        self.batch_size = batch_size
        self.steps, self.size = _whole(steps, "steps"), _whole(size, "size")
        self.guidance = _number(guidance, "guidance")
        folder, self.device = Path(checkpoint), device
        hashes = {part: file_sha256(_weights(folder, part)) for part in _PARTS}
        self.checkpoint_sha256 = sha256_of("".join(hashes.values()))
        with _program(Path(repo)) as program:
            self.arguments = self._arguments(program)
            self.pipeline = self._pipeline(program, folder)
        declared = Path(trained_on) if trained_on else folder / "trained_on.json"
        found = trained_on is not None or declared.is_file()
        self.trained_on = TrainedOn.read(declared) if found else None
        self.parameters = sum(p.numel() for p in self.pipeline.model.parameters())
        self.details = {"steps": self.steps, "guidance": self.guidance, "size": self.size}

    def generate(self, request: Request) -> Glyphs:
        """(N, 128, 128) uint8 glyphs in the style of the first reference."""
        style = self._input(request.references[0])
        glyphs = np.empty_like(request.content)
        for row, (character, content) in enumerate(
            zip(request.characters, request.content, strict=True)
        ):
            glyphs[row] = self._draw(content, style, glyph_generator(request.seed, character))
        return glyphs

    @torch.no_grad()
    def _draw(self, content: Glyphs, style: torch.Tensor, noise: torch.Generator) -> Glyphs:
        chosen = self.arguments
        image: Image.Image = self.pipeline.generate(
            content_images=self._input(content),
            style_images=style,
            batch_size=1,
            order=chosen.order,
            num_inference_step=self.steps,
            content_encoder_downsample_size=chosen.content_encoder_downsample_size,
            t_start=chosen.t_start,
            t_end=chosen.t_end,
            dm_size=chosen.content_image_size,
            algorithm_type=chosen.algorithm_type,
            skip_type=chosen.skip_type,
            method=chosen.method,
            correcting_x0_fn=chosen.correcting_x0_fn,
            generator=noise,
        )[0]
        side = content.shape[-1]
        page: Glyphs = np.asarray(image.convert("L").resize((side, side), Image.Resampling.LANCZOS))
        return page

    def _input(self, page: Glyphs) -> torch.Tensor:
        """(H, W) uint8 to its (1, 3, size, size) in [-1, 1], scaled as its own transform does."""
        small = Image.fromarray(page).resize((self.size, self.size), Image.Resampling.BILINEAR)
        grey = torch.from_numpy(np.array(small)).float() / 127.5 - 1
        return grey.expand(1, 3, -1, -1).to(self.device)

    def _arguments(self, program: Any) -> Any:
        chosen = program.get_parser().parse_args([])
        chosen.resolution = self.size
        chosen.style_image_size = chosen.content_image_size = (self.size, self.size)
        return chosen

    def _pipeline(self, program: Any, folder: Path) -> Any:
        parts = {}
        for part in _PARTS:
            parts[part] = getattr(program, f"build_{part}")(args=self.arguments)
            try:
                state = torch.load(_weights(folder, part), map_location="cpu", weights_only=True)
                parts[part].load_state_dict(state)
            except Exception as error:
                raise UserError(
                    f"The weights {_weights(folder, part)} do not fit the program "
                    f"({type(error).__name__}); give those that it saved, and its size."
                ) from error
        model = program.FontDiffuserModelDPM(**parts).to(self.device).eval()
        return program.FontDiffuserDPMPipeline(
            model=model,
            ddpm_train_scheduler=program.build_ddpm_scheduler(args=self.arguments),
            model_type=self.arguments.model_type,
            guidance_type=self.arguments.guidance_type,
            guidance_scale=self.guidance,
        )


def _weights(folder: Path, part: str) -> Path:
    path = folder / f"{part}.pth"
    if not path.is_file():
        raise UserError(f"Expected {path}, as FontDiffuser's train.py saves it, but found none.")
    return path


def _whole(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 1000:
        raise UserError(f"Expected --option {name} from 1 to 1000, but found {value!r}.")
    return value


def _number(value: object, name: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise UserError(f"Expected a number as --option {name}, but found {value!r}.")
    return float(value)


@contextmanager
def _program(repo: Path) -> Iterator[Any]:
    """What of its program we call, as one object; afterwards its modules' names are free again."""
    if not (repo / "src").is_dir() or not (repo / "configs").is_dir():
        raise UserError(f"Expected a clone of FontDiffuser at {repo}, but it lacks src or configs.")
    lend_torchvision_deform_conv2d()
    kept = {name: module for name, module in sys.modules.items() if name.split(".")[0] in _OURS}
    for name in kept:
        del sys.modules[name]
    sys.path.insert(0, str(repo.resolve()))
    try:
        program: Any = importlib.import_module("src")
        program.get_parser = importlib.import_module("configs.fontdiffuser").get_parser
        yield program
    except ModuleNotFoundError as error:
        raise UserError(
            f"FontDiffuser's program needs the package {error.name}; pip install info-nce-pytorch "
            "kornia pyyaml."
        ) from error
    finally:
        sys.path.remove(str(repo.resolve()))
        for name in [name for name in sys.modules if name.split(".")[0] in _OURS]:
            del sys.modules[name]
        sys.modules |= kept
