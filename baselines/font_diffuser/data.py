"""Training batches of FontDiffuser: the glyph to draw, its content image, and its references."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from baselines.diffusion.model import Inputs
from baselines.glyphs.augmentation import apply_change, half_width, random_change
from baselines.glyphs.bank import Fields, FontGlyphs, Images, open_bank, random_columns
from baselines.glyphs.image_store import ImageStore, image_store
from baselines.glyphs.representation import Representation, render
from baselines.training.data import Batch, TrainingFonts, present_in
from baselines.training.recipe import DataOptions
from hangeul_bench.dataset import GlyphDataset

_LEAST_CROP = 0.8  # side of the positive's crop, as a share of the image
_USUAL = 0.5  # share of the batches, where several are shown, with the benchmark's references


@dataclass(frozen=True)
class OneShotOptions(DataOptions):
    """Which glyphs FontDiffuser learns from.

    Attributes:
        negatives: Glyphs of other fonts that phase 2 compares with; 0 trains phase 1.
        references: Most that a glyph is drawn from; the paper's model sees 1. With more, half of
            the batches or more have one, the others a power of two.
    """

    negatives: int = field(default=0, metadata={"range": (0, float("inf"))})
    references: int = field(default=1, metadata={"range": (1, 16)})

    @property
    def shots(self) -> tuple[int, ...]:
        """Numbers of references that batches have, drawn evenly: 1, 1, 1, 2, 4, ..."""
        return 1, 1, *(2**power for power in range(self.references.bit_length()))


@dataclass(frozen=True)
class OneShotSet:
    """Glyphs of some fonts, each drawn from other glyphs of its font.

    Attributes:
        glyphs: What is to be drawn, in its representation.
        images: (F, C, 128, 128) uint8, 0 = ink.
        content: (C, 128, 128) uint8 images of the content font.
        present: (F, C) bool on the CPU; false where the font lacks the character.
        weights: (F,) how often a font is drawn.
        negatives: Glyphs of other fonts beside each glyph, for phase 2; 0 for none.
        augment: Whether fonts are changed at random; ``glyphs`` must be fields then.
        shots: Numbers of references of a batch, drawn evenly.
        usual: Columns of the benchmark's references, in their order.
    """

    glyphs: FontGlyphs
    images: Tensor | ImageStore
    content: Tensor
    present: Tensor
    weights: Tensor
    negatives: int = 0
    augment: bool = False
    shots: tuple[int, ...] = (1,)
    usual: tuple[int, ...] = ()

    def batch(self, size: int, seed: int) -> Batch:
        """A random batch; the same seed gives the same batch on every machine."""
        generator = torch.Generator().manual_seed(seed)
        fonts = torch.multinomial(self.weights, size, replacement=True, generator=generator)
        present = self.present[fonts]
        columns = random_columns(present, generator)
        references = self._references(present, columns, generator)
        if self.augment:
            x_0, target, shown = self._changed(fonts, columns, references, generator)
        else:
            x_0 = self.glyphs.x_0(fonts, columns)
            target = self._images(fonts, columns)
            shown = self._images(fonts.unsqueeze(1).expand_as(references), references)
        inputs = {"content": self._content(columns), "reference": shown}
        if self.negatives:
            inputs |= self._contrasted(target, fonts, columns, generator)
        device = self.content.device
        return Batch(
            x_0.to(device), {name: image.to(device) for name, image in inputs.items()}, generator
        )

    def grid(self, fonts: int, characters: int) -> Batch:
        """Fixed glyphs for validation: the first fonts by evenly spaced characters."""
        fonts = min(fonts, len(self.present))
        picked = torch.linspace(0, self.present.shape[1] - 1, characters).long()
        rows, columns = torch.arange(fonts).repeat_interleave(characters), picked.repeat(fonts)
        present = self.present[rows, columns]
        rows, columns = rows[present], columns[present]
        # The first two that each font has: the second is shown where the first is asked.
        first = self.present.int().sort(dim=1, descending=True, stable=True).indices[rows, :2]
        references = torch.where(columns == first[:, 0], first[:, -1], first[:, 0])
        shown = self._images(rows, references).unsqueeze(1)
        inputs = {"content": self._content(columns), "reference": shown}
        x_0 = self.glyphs.x_0(rows, columns).to(self.content.device)
        return Batch(x_0, inputs, torch.Generator().manual_seed(0))

    def _references(self, present: Tensor, columns: Tensor, generator: torch.Generator) -> Tensor:
        """(N, K) columns of glyphs that each font has, other than the (N,) to be drawn."""
        if max(self.shots) == 1:
            return random_columns(present, generator, besides=columns).unsqueeze(1)
        k = self.shots[int(torch.randint(len(self.shots), (1,), generator=generator))]
        drawn = [random_columns(present, generator, besides=columns) for _ in range(k)]
        references = torch.stack(drawn, 1)
        if float(torch.rand(1, generator=generator)) < _USUAL and len(self.usual) >= k:
            usual = torch.tensor(self.usual[:k]).expand_as(references)
            fit = present.gather(1, usual) & (usual != columns.unsqueeze(1))
            references = torch.where(fit, usual, references)
        return references

    def _images(self, fonts: Tensor, columns: Tensor) -> Tensor:
        device = self.images.device
        return self.images[fonts.to(device), columns.to(device)]

    def _content(self, columns: Tensor) -> Tensor:
        return self.content[columns.to(self.content.device)]

    def _changed(
        self, fonts: Tensor, columns: Tensor, references: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        """x_0, its image and the references' images of fonts that are each made another."""
        assert isinstance(self.glyphs, Fields)
        n, k = references.shape
        every = torch.arange(n).repeat_interleave(k)
        shown = self.glyphs.fields(fonts[every], references.flatten())
        change = random_change(n, generator).bounded_by(half_width(shown[::k]))
        own = apply_change(self.glyphs.fields(fonts, columns), change)
        x_0 = self.glyphs.representation.encode_fields(own)
        images = render(apply_change(shown, change.rows(every)))
        return x_0, render(own), images.view(n, k, *images.shape[1:])

    def _contrasted(
        self, target: Tensor, fonts: Tensor, columns: Tensor, generator: torch.Generator
    ) -> Inputs:
        """A random crop of the target, and the same syllable in other fonts."""
        n = len(fonts)
        others = self.present[:, columns].T.float()  # (N, F)
        others[torch.arange(n), fonts] = 1e-9  # unless no other font has it
        rows = torch.multinomial(others, self.negatives, replacement=True, generator=generator)
        negatives = self._images(rows, columns.unsqueeze(1).expand(-1, self.negatives))
        return {"positive": random_crop(target, generator), "negatives": negatives}


def random_crop(images: Tensor, generator: torch.Generator) -> Tensor:
    """A random square of each image, at least 0.8 of its side, enlarged to the image's size.

    Args:
        images: (N, 128, 128) uint8.
        generator: Where the random numbers come from.

    Returns:
        (N, 128, 128) uint8.
    """
    n = len(images)
    side = _LEAST_CROP + (1 - _LEAST_CROP) * torch.rand(n, generator=generator)
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = side
    theta[:, :, 2] = (2 * torch.rand(n, 2, generator=generator) - 1) * (1 - side).unsqueeze(1)
    grid = functional.affine_grid(theta, [n, 1, *images.shape[1:]], align_corners=False)
    large = functional.grid_sample(
        images.unsqueeze(1).float(),
        grid.to(images.device),
        align_corners=False,
        padding_mode="border",
    )
    return large[:, 0].round().to(torch.uint8)


def load_one_shot_sets(
    dataset: GlyphDataset,
    fonts: TrainingFonts,
    characters: tuple[str, ...],
    *,
    representation: Representation,
    device: torch.device,
    options: OneShotOptions,
    bank_folder: Path | None = None,
) -> tuple[OneShotSet, OneShotSet | None]:
    """The training set and, where families are held out, the validation set.

    Args:
        dataset: Whose glyphs; its content font draws the content images.
        fonts: Which fonts train and which are held out.
        characters: Which characters.
        representation: What x_0 is.
        device: Where the training runs.
        options: Of the training set; fonts that validate are neither changed nor contrasted.
        bank_folder: Where the fields of the dataset lie or shall lie; needed with ``augment``,
            or with a representation other than pixels.

    Raises:
        UserError: A font of the dataset lacks every character asked for.
    """
    bank = None
    if options.augment or representation.name != "pixels":
        bank = open_bank(dataset, bank_folder or Path("runs") / "fields").on(device)
    content, _ = dataset.training_arrays((dataset.splits.content_font,), characters)
    content_images = torch.from_numpy(content[0]).to(device)

    def load(font_ids: tuple[str, ...], weights: Tensor) -> OneShotSet:
        present = present_in(dataset, font_ids, characters)
        images = image_store(dataset, font_ids, characters).to(device)
        glyphs: FontGlyphs = Images(images, representation)
        if bank is not None:
            glyphs = Fields.of(bank, font_ids, characters, representation)
        return OneShotSet(glyphs, images, content_images, present, weights)

    held_out = tuple(font.font_id for font in fonts.validation)
    validation = load(held_out, torch.ones(len(held_out))) if held_out else None
    training = load(fonts.font_ids, fonts.weights())
    place = {character: column for column, character in enumerate(characters)}
    training = replace(
        training,
        negatives=options.negatives,
        augment=options.augment,
        shots=options.shots,
        usual=tuple(place[c] for c in dataset.splits.references if c in place),
    )
    return training, validation
