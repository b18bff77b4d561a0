"""Retrieval-font as a model of the benchmark."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from baselines.diffusion.sampling import CHUNK, SamplingOptions, sample
from baselines.glyphs.alignment import Change, apply, signature
from baselines.glyphs.representation import field
from baselines.retrieval_font.data import REPRESENTATION
from baselines.retrieval_font.model import RetrievalFont
from baselines.retrieval_font.neighbours import Gallery, changes, rank, unlikeness
from baselines.style_encoder.encoder import load_style_encoder
from baselines.trained_model import TrainedAdapter
from hangeul_bench.adapter import Request
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import Glyphs
from hangeul_bench.hangeul import decompose

if TYPE_CHECKING:
    from hangeul_bench.dataset import GlyphDataset

_RANKED = 24  # lineages that are looked through for one that has the asked syllable


@dataclass(frozen=True)
class _Style:
    """What the references of a request say, worked out once."""

    shown: Tensor  # (K, 64, 64) fields of the references
    there: Tensor  # (K, 64, 64) the content font's
    neighbours: tuple[str, ...]  # font_ids, nearest first
    distances: Tensor  # (R,)
    changes: Change  # of R rows
    nearest: Tensor  # (R, K, 64, 64) the neighbours' reference glyphs, aligned


class RetrievalFontAdapter(TrainedAdapter[RetrievalFont]):
    """Draws from the references, the content glyph, and neighbours of the dataset's gallery."""

    name = "retrieval-font"
    uses_content = True
    model_class = RetrievalFont
    weights = Path(__file__).parent / "weights" / "retrieval-font.safetensors"

    def __init__(
        self,
        *,
        dataset: "GlyphDataset | None" = None,
        exclude: str = "",
        ranking: str = "look",
        **arguments: Any,
    ) -> None:
        """Load the weights and take the dataset's training fonts as the gallery.

        Args:
            dataset: Whose training fonts are the gallery.
            exclude: Font ids, separated by commas, whose lineages the gallery must not hold.
            ranking: ``look``: neighbours are chosen by their signatures, by what aligning cannot
                change, by how much weight it must add, and by their style vectors; ``shape``: by
                their signatures alone.
            **arguments: See :class:`TrainedAdapter`.

        Raises:
            UserError: There is no dataset or no gallery, weights or an option are unusable, or
                CUDA is absent.
        """
        if dataset is None:
            raise UserError(
                "retrieval-font draws beside the nearest fonts of a dataset; give one with --data "
                "(hangeul-bench build makes it)."
            )
        if ranking not in ("shape", "look"):
            raise UserError(f"Expected ranking=shape or ranking=look, found ranking={ranking}.")
        super().__init__(dataset=dataset, **arguments)
        self.fonts: GlyphDataset = dataset
        self._hidden = {dataset.font(font_id).lineage for font_id in exclude.split(",") if font_id}
        fonts = self._shown(())
        self.gallery = Gallery(dataset, fonts)
        self.details = {
            "gallery": len(fonts),
            "gallery_dataset": dataset.fingerprint,
            "ranking": ranking,
            "carrier": REPRESENTATION.name,
            "samples": self.facts["samples"] + self.facts.get("trunk", {}).get("samples", 0),
            **asdict(self.options),
        }
        self._styles: dict[bytes, _Style] = {}
        self._encoder = load_style_encoder() if ranking == "look" else None

    def usual_sampling(self) -> SamplingOptions:
        """The free head draws in two steps, unless it has learned the first of them alone."""
        first_alone = self.facts.get("options", {}).get("timesteps") == "last"
        return SamplingOptions(steps=1 if self.model.config.head == "warp" or first_alone else 2)

    def exclude(self, lineages: Sequence[str]) -> None:
        """Leave fonts of these lineages out of the gallery, and those of the option ``exclude``."""
        fonts = self._shown(lineages)
        if fonts != list(self.gallery.font_ids):
            self.gallery, self._styles = Gallery(self.fonts, fonts), {}

    def _shown(self, hidden: Sequence[str]) -> list[str]:
        left_out = self._hidden | set(hidden)
        train = sorted(self.fonts.splits.train_fonts)
        return [font for font in train if self.fonts.font(font).lineage not in left_out]

    def generate(self, request: Request) -> Glyphs:
        """(N, 128, 128) uint8 glyphs in the style of the references."""
        style = self._style(request)
        drawn = []
        size = CHUNK[self.device.type]
        count = len(request.characters)
        for start in range(0, count, size):
            rows = np.arange(start, start + size).clip(max=count - 1)
            asked = [request.characters[row] for row in rows]
            inputs = self._inputs(style, asked, request.content[rows])
            pages = sample(self.model, inputs, asked, seed=request.seed, options=self.options)
            drawn.append(pages[: min(size, count - start)].numpy())
        return np.concatenate(drawn) if drawn else np.empty((0, 128, 128), np.uint8)

    def _style(self, request: Request) -> _Style:
        key = request.references.tobytes() + "".join(request.reference_characters).encode()
        if key not in self._styles:
            self._styles = {key: self._read_references(request)}
        return self._styles[key]

    def _read_references(self, request: Request) -> _Style:
        characters, gallery = request.reference_characters, self.gallery
        content_font = self.fonts.splits.content_font
        for character in characters:
            if not gallery.has(content_font, character):
                raise UserError(
                    f"The content font {content_font} of {self.fonts.path} does not draw the "
                    f"reference syllable {character}; give a reference that it draws."
                )
        usable = gallery.usable(characters)
        if not bool(usable.any()):
            raise UserError(
                f"No font of the gallery in {self.fonts.path} draws the reference syllable "
                f"{''.join(characters)}; give one that its fonts draw, such as 한."
            )
        shown = field(request.references)
        wanted = signature(shown).unsqueeze(0)
        there = torch.stack([gallery.signatures(c) for c in characters], 1).unsqueeze(0)
        lineages = gallery.lineages
        count = min(_RANKED, len(lineages[usable].unique()))
        ranking = rank(
            wanted,
            there,
            usable.unsqueeze(0),
            lineages=lineages,
            count=count,
            unlike=self._unlikeness(request, shown),
        )
        neighbours = tuple(gallery.font_ids[row] for row in ranking.fonts[0].tolist())
        their = torch.stack([gallery.fields(font_id, characters) for font_id in neighbours])
        change = changes(their.unsqueeze(0), shown.unsqueeze(0))
        nearest = apply(their.flatten(0, 1), change.expand(len(characters))).view(their.shape)
        content = gallery.fields(content_font, characters)
        return _Style(shown, content, neighbours, ranking.distances[0], change, nearest)

    def _unlikeness(self, request: Request, shown: Tensor) -> Tensor | None:
        """(1, F) what is added to the fonts' distances; None where shape alone counts."""
        if self._encoder is None:
            return None
        gallery, encoder, characters = self.gallery, self._encoder, request.reference_characters
        their = torch.stack([gallery.fields(f, characters) for f in gallery.font_ids])
        change = changes(their.unsqueeze(0), shown.unsqueeze(0))
        seen = torch.stack([gallery.styles(c, encoder) for c in characters]).mean(0)
        style = encoder.embed(request.references).mean(0)
        return unlikeness(their, shown, change, seen, style).unsqueeze(0)

    def _inputs(self, style: _Style, asked: Sequence[str], content: Glyphs) -> dict[str, Tensor]:
        n, count = len(asked), self.model.config.neighbours
        places = [self._neighbours_of(style, character, count) for character in asked]
        glyphs = torch.empty(n, count, 64, 64)
        plain = field(content)
        for font in sorted({place for row in places for place in row if place >= 0}):
            pairs = [(i, j) for i, row in enumerate(places) for j, p in enumerate(row) if p == font]
            made = self.gallery.fields(style.neighbours[font], [asked[i] for i, _ in pairs])
            for (i, j), glyph in zip(pairs, made, strict=True):
                glyphs[i, j] = glyph
        for i, row in enumerate(places):
            for j, place in enumerate(row):
                if place < 0:
                    glyphs[i, j] = plain[i]
        rows = torch.tensor(places).clamp(min=0)  # (N, G)
        change = style.changes.rows(rows.flatten())
        aligned = apply(glyphs.flatten(0, 1), change).view(n, count, 64, 64)
        k = len(style.shown)
        encoded = {
            "neighbours": aligned,
            "content": plain,
            "references": style.shown.expand(n, k, 64, 64),
            "reference_neighbours": style.nearest[rows[:, 0]],
            "reference_content": style.there.expand(n, k, 64, 64),
        }
        inputs = {
            name: REPRESENTATION.encode_fields(value.reshape(-1, 64, 64)).view(value.shape)
            for name, value in encoded.items()
        }
        inputs["distances"] = style.distances[rows].clamp(max=2.0)
        inputs["jamo"] = torch.tensor([[1 + part for part in decompose(c)] for c in asked])
        return {name: value.to(self.device) for name, value in inputs.items()}

    def _neighbours_of(self, style: _Style, character: str, count: int) -> list[int]:
        """Places in ``style.neighbours``: the nearest that draw it; -1 for the content font itself.

        The last one is repeated where there are too few.
        """
        found = []
        for place, font_id in enumerate(style.neighbours):
            if self.gallery.has(font_id, character):
                found.append(place)
                if len(found) == count:
                    return found
        return (found or [-1]) + [found[-1] if found else -1] * (count - max(1, len(found)))
