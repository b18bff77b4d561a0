"""Models of the benchmark that draw with weights: what their adapters have in common."""

from abc import ABC, abstractmethod
from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic

import torch

from baselines.diffusion.sampling import SamplingOptions, sampling_options
from baselines.glyphs.alignment import Fitting, Frame, brought_back, enlarges, fits
from baselines.training.checkpoint import Model, check_facts, load_weights
from hangeul_bench.adapter import Request, TrainedOn
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import file_sha256
from hangeul_bench.base.images import Glyphs

if TYPE_CHECKING:
    from hangeul_bench.dataset import GlyphDataset


class TrainedAdapter(Generic[Model]):
    """A model of the benchmark that draws with weights.

    Attributes:
        name: Of the registered model.
        model_class: What the weights fill.
        weights: Those that ship.
        needs: Facts that must stand beside the weights.
        model: In eval mode, on the device.
        facts: What the JSON file beside the weights says.
        device: Where it draws.
        trained_on: What its weights have seen.
        parameters: How many it has.
        checkpoint_sha256: Of the weights' file.
        options: How it draws, if it does so in steps.
    """

    kind = "model"
    name: ClassVar[str]
    model_class: type[Model]
    weights: ClassVar[Path]
    needs: ClassVar[tuple[str, ...]] = ("samples",)
    trained_on: TrainedOn | None
    options: SamplingOptions

    def __init__(
        self,
        *,
        device: str = "cpu",
        dataset: "GlyphDataset | None" = None,
        batch_size: int | None = None,
        checkpoint: str | None = None,
        **sampling: Any,
    ) -> None:
        """Load the weights.

        Args:
            device: ``cpu`` or ``cuda``.
            dataset: Where a model looks glyphs up that the request has not.
            batch_size: Not needed; groups have one fixed size, see ``sampling.CHUNK``.
            checkpoint: Weights other than the shipped ones.
            **sampling: Fields of :class:`SamplingOptions`; they come before those that the weights
                ask for.

        Raises:
            UserError: The weights or an option are unusable, or CUDA is absent.
        """
        if device.startswith("cuda") and not torch.cuda.is_available():
            raise UserError("CUDA was asked for, but torch finds no CUDA device; use cpu.")
        path = Path(checkpoint) if checkpoint else self.weights
        self.dataset, self.batch_size = dataset, batch_size
        self.device = torch.device(device)
        self.model, self.facts = load_weights(self.model_class, path, device)
        check_facts(self.facts, path, needs=self.needs)
        self.trained_on = TrainedOn.read(path.with_suffix(".json"))
        self.parameters = sum(p.numel() for p in self.model.parameters())
        self.checkpoint_sha256 = file_sha256(path)

        drawing = self.facts.get("drawing", {})
        asked = {k: v for k, v in drawing.items() if k in SamplingOptions.__dataclass_fields__}
        usual = self.usual_sampling()
        if usual is not None:
            self.options = sampling_options(usual, {**asked, **sampling})
        elif sampling:
            raise UserError(f"Model {self.name} takes no option {', '.join(sorted(sampling))}.")

    def usual_sampling(self) -> SamplingOptions | None:
        """How it draws unless asked otherwise; None for a model without steps."""
        return None


class FittedAdapter(TrainedAdapter[Model], ABC):
    """A model whose drawings can be moved, scaled and thickened as the references ask.

    Attributes:
        uses_content: Whether it draws from images of the content font.
        usual_fit: What ``fit`` is where nothing else is said.
        most_references: So many references it looks at; None for all.
    """

    uses_content: ClassVar[bool]
    usual_fit: ClassVar[str] = "none"
    most_references: int | None = None

    def __init__(
        self,
        *,
        dataset: "GlyphDataset | None" = None,
        fit: str | None = None,
        frame: str | None = None,
        **arguments: Any,
    ) -> None:
        """Load the weights.

        Args:
            dataset: Needed with ``fit`` by a model that draws from content images.
            fit: ``references``: drawings are moved, scaled and thickened by what takes the
                model's own drawings of the reference syllables to the references; ``none``: they
                stay as they are, as in the papers.
            frame: ``usual``: references that are smaller than usual are enlarged to the usual size
                and the drawings made small again; ``none``: they are seen as they are.
            **arguments: See :class:`TrainedAdapter`.

        Raises:
            UserError: The weights or an option are unusable, or CUDA is absent.
        """
        fits(fit or "none")
        enlarges(frame or "none")
        super().__init__(dataset=dataset, **arguments)
        drawing = self.facts.get("drawing", {})
        self.fit = fit or drawing.get("fit", self.usual_fit)
        self.frame = frame or drawing.get("frame", "usual")
        if fits(self.fit) and self.uses_content and dataset is None:
            raise UserError(
                "fit=references has the model draw the reference syllables, whose content images "
                "are looked up in a dataset; give it one, or fit=none."
            )
        self._look: tuple[Hashable, Any, Fitting | None] | None = None

    @abstractmethod
    def read(self, references: Glyphs) -> Any:
        """What the model draws by, of (K, 128, 128) uint8 references."""

    @abstractmethod
    def draw(
        self, style: Any, characters: tuple[str, ...], content: Glyphs | None, seed: int
    ) -> Glyphs:
        """(N, 128, 128) uint8 drawings, by what was read, before they are fitted."""

    def generate(self, request: Request) -> Glyphs:
        """(N, 128, 128) uint8 glyphs in the style of the references."""
        style, fitting = self._look_of(request)
        drawn = self.draw(style, request.characters, request.content, request.seed)
        return drawn if fitting is None else fitting(drawn)

    def _look_of(self, request: Request) -> tuple[Any, Fitting | None]:
        """What was read of the references, and what is done to drawings; None for nothing.

        A font that is asked for in parts is looked at once.
        """
        key = (request.references.tobytes(), request.reference_characters, request.seed)
        if self._look is None or self._look[0] != key:
            self._look = key, *self._look_at(request)
        return self._look[1:]

    def _look_at(self, request: Request) -> tuple[Any, Fitting | None]:
        references = request.references[: self.most_references]
        frame = Frame.around(references) if enlarges(self.frame) else Frame.identity()
        seen = frame.enlarge(references)
        style, fitting = self.read(seen), None
        if fits(self.fit):
            asked = request.reference_characters[: len(seen)]
            own = self.draw(style, asked, self._content_of(asked), request.seed)
            fitting = Fitting.between(own, seen)
        return style, brought_back(fitting, frame)

    def _content_of(self, characters: tuple[str, ...]) -> Glyphs | None:
        if not self.uses_content or self.dataset is None:
            return None
        return self.dataset.images(self.dataset.splits.content_font, characters)
