"""Retrieval-font as a model of the benchmark."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from baselines.diffusion.alignment import Change, apply, signature
from baselines.diffusion.sampling import CHUNK, sample
from baselines.diffusion.sampling_options import SamplingOptions, sampling_options
from baselines.diffusion.sdf import field
from baselines.diffusion.trained import TrainedAdapter
from baselines.retrieval_font.data import CARRIER
from baselines.retrieval_font.gallery import Gallery
from baselines.retrieval_font.kin import changes, rank, unlikeness
from baselines.retrieval_font.model import RetrievalFont
from baselines.style_encoder.encoder import load_style_encoder
from hangeul_bench.adapter import Request
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import Glyphs
from hangeul_bench.hangeul import decompose

if TYPE_CHECKING:
    from hangeul_bench.dataset import GlyphDataset

_WEIGHTS = Path(__file__).parent / "weights" / "retrieval-font.safetensors"
_RANKED = 24  # lineages that are looked through for one that has the asked syllable


@dataclass(frozen=True)
class _Style:
    """What the references of a request say, worked out once."""

    shown: Tensor  # (K, 64, 64) fields of the references
    there: Tensor  # (K, 64, 64) the content font's
    kin: tuple[str, ...]  # font_ids, nearest first
    distances: Tensor  # (R,)
    changes: Change  # of R rows
    nearest: Tensor  # (R, K, 64, 64) the kindred fonts' reference glyphs, aligned


class RetrievalFontAdapter(TrainedAdapter[RetrievalFont]):
    """Draws from the references, the content glyph, and kindred fonts of the dataset's gallery."""

    name = "retrieval-font"
    uses_content = True
    weights = _WEIGHTS

    def __init__(
        self,
        *,
        device: str = "cpu",
        dataset: "GlyphDataset | None" = None,
        batch_size: int | None = None,
        checkpoint: str | None = None,
        exclude: str = "",
        ranking: str = "look",
        **sampling: Any,
    ) -> None:
        """Load the weights and take the dataset's training fonts as the gallery.

        Args:
            device: ``cpu`` or ``cuda``.
            dataset: Whose training fonts are the gallery.
            batch_size: Not needed; groups have one fixed size, see ``sampling.CHUNK``.
            checkpoint: Weights other than the shipped ones.
            exclude: Font ids, separated by commas, whose lineages the gallery must not hold.
            ranking: ``look``: kin are chosen by their signatures, by what aligning cannot mend, by
                how much weight it must add, and by their style vectors; ``shape``: by their
                signatures alone.
            **sampling: Fields of :class:`SamplingOptions`.

        Raises:
            UserError: There is no dataset or no gallery, weights or an option are unusable, or
                CUDA is absent.
        """
        if dataset is None:
            raise UserError(
                "retrieval-font draws beside kindred fonts of a dataset; give one with --data "
                "(hangeul-bench build makes it)."
            )
        if ranking not in ("shape", "look"):
            raise UserError(f"Expected ranking=shape or ranking=look, found ranking={ranking}.")
        self.batch_size = batch_size
        path = Path(checkpoint) if checkpoint else self.weights
        facts = self._load(RetrievalFont, path, device)
        self._hidden = {dataset.font(font_id).lineage for font_id in exclude.split(",") if font_id}
        self.dataset = dataset
        fonts = self._shown(())
        self.gallery = Gallery(dataset, fonts)
        # The free head paints in two steps, unless it has learned the first of them alone.
        first_alone = facts.get("options", {}).get("timesteps") == "last"
        steps = 1 if self.model.config.head == "warp" or first_alone else 2
        self.options = sampling_options(SamplingOptions(steps=steps), sampling)
        self.details = {
            "gallery": len(fonts),
            "gallery_dataset": dataset.fingerprint,
            "ranking": ranking,
            "carrier": CARRIER.name,
            "samples": facts["samples"] + facts.get("trunk", {}).get("samples", 0),
            **{k: getattr(self.options, k) for k in SamplingOptions.__dataclass_fields__},
        }
        self._styles: dict[bytes, _Style] = {}
        self._encoder = load_style_encoder() if ranking == "look" else None

    def exclude(self, lineages: Sequence[str]) -> None:
        """Leave fonts of these lineages out of the gallery, and those of the option ``exclude``."""
        fonts = self._shown(lineages)
        if fonts != list(self.gallery.font_ids):
            self.gallery, self._styles = Gallery(self.dataset, fonts), {}

    def _shown(self, hidden: Sequence[str]) -> list[str]:
        left_out = self._hidden | set(hidden)
        train = sorted(self.dataset.splits.train_fonts)
        return [font for font in train if self.dataset.font(font).lineage not in left_out]

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
        content_font = self.dataset.splits.content_font
        for character in characters:
            if not gallery.has(content_font, character):
                raise UserError(
                    f"The content font {content_font} of {self.dataset.path} does not draw the "
                    f"reference syllable {character}; give a reference that it draws."
                )
        usable = gallery.usable(characters)
        if not bool(usable.any()):
            raise UserError(
                f"No font of the gallery in {self.dataset.path} draws the reference syllable "
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
        kin = tuple(gallery.font_ids[row] for row in ranking.fonts[0].tolist())
        their = torch.stack([gallery.fields(font_id, characters) for font_id in kin])
        change = changes(their.unsqueeze(0), shown.unsqueeze(0))
        nearest = apply(their.flatten(0, 1), change.expand(len(characters))).view(their.shape)
        content = gallery.fields(content_font, characters)
        return _Style(shown, content, kin, ranking.distances[0], change, nearest)

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
        n, count = len(asked), self.model.config.kin
        places = [self._kin_of(style, character, count) for character in asked]
        glyphs = torch.empty(n, count, 64, 64)
        plain = field(content)
        for font in sorted({place for row in places for place in row if place >= 0}):
            pairs = [(i, j) for i, row in enumerate(places) for j, p in enumerate(row) if p == font]
            made = self.gallery.fields(style.kin[font], [asked[i] for i, _ in pairs])
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
        carried = {
            "kin": aligned,
            "content": plain,
            "references": style.shown.expand(n, k, 64, 64),
            "reference_kin": style.nearest[rows[:, 0]],
            "reference_content": style.there.expand(n, k, 64, 64),
        }
        inputs = {
            name: CARRIER.encode_fields(value.reshape(-1, 64, 64)).view(value.shape)
            for name, value in carried.items()
        }
        inputs["distances"] = style.distances[rows].clamp(max=2.0)
        inputs["jamo"] = torch.tensor([[1 + part for part in decompose(c)] for c in asked])
        return {name: value.to(self.device) for name, value in inputs.items()}

    def _kin_of(self, style: _Style, character: str, count: int) -> list[int]:
        """Places in ``style.kin``: the nearest that draw the character; -1 for the content's own.

        The last one is repeated where there are too few.
        """
        found = []
        for place, font_id in enumerate(style.kin):
            if self.gallery.has(font_id, character):
                found.append(place)
                if len(found) == count:
                    return found
        return (found or [-1]) + [found[-1] if found else -1] * (count - max(1, len(found)))
