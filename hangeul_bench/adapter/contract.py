"""What a model is to the benchmark: the request it answers, and its protocol."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from hangeul_bench.base.documents import Schema, read_json
from hangeul_bench.base.images import Glyphs
from hangeul_bench.hangeul.phonetics import phonetic_line

_TRAINED_ON_LISTS = ("font_ids", "lineages", "characters")
_TEXTS = {"type": "array", "items": {"type": "string"}}
_TRAINED_ON = Schema(
    {
        "type": "object",
        "required": [*_TRAINED_ON_LISTS],
        # A result's own note has its characters as one text.
        "properties": dict.fromkeys(_TRAINED_ON_LISTS, _TEXTS)
        | {"characters": {**_TEXTS, "type": ["array", "string"]}},
    }
)

GALLERY_EXCLUDED = "gallery_excluded"  # in details: the gallery lacked the asked font's lineage
Kind = Literal["model", "control"]


@dataclass(frozen=True)
class Request:
    """Glyphs to draw in the style of the reference glyphs.

    Attributes:
        characters: The N syllables to draw, in any order.
        references: (K, 128, 128) uint8, 0 = ink, 255 = paper: the font to continue.
        reference_characters: The K syllables that ``references`` show.
        content: (N, 128, 128) uint8: ``characters`` in the one fixed content font.
        seed: The font's own seed. Noise for a glyph may depend on (seed, syllable) alone, so that
            neither the batch size nor the order changes a glyph.
    """

    characters: tuple[str, ...]
    references: Glyphs
    reference_characters: tuple[str, ...]
    content: Glyphs
    seed: int

    @property
    def phonetics(self) -> tuple[str, ...]:
        """The N phonetic lines of ``characters``: positional jamo joined by spaces."""
        return tuple(map(phonetic_line, self.characters))


@dataclass(frozen=True)
class TrainedOn:
    """What a model's weights have seen; empty for controls."""

    font_ids: frozenset[str] = frozenset()
    lineages: frozenset[str] = frozenset()
    characters: frozenset[str] = frozenset()

    @classmethod
    def read(cls, path: Path) -> "TrainedOn":
        """Read ``font_ids``, ``lineages`` and ``characters`` from a checkpoint's JSON file.

        Raises:
            UserError: The file is absent, is no JSON, or lacks one of the three lists.
        """
        data = read_json(
            path,
            _TRAINED_ON,
            expected="the file beside the checkpoint that says what it was trained on",
            remedy="put it back or train again",
        )
        return cls(*(frozenset(data[key]) for key in _TRAINED_ON_LISTS))

    def to_json(self) -> dict[str, Any]:
        """What a result says of it: two sorted lists, and the syllables as one text."""
        return {
            "font_ids": sorted(self.font_ids),
            "lineages": sorted(self.lineages),
            "characters": "".join(sorted(self.characters)),
        }


class FontModel(Protocol):
    """A font generator; constructed as ``Class(*, device, dataset, batch_size, **options)``.

    A model with an attribute ``batch_size`` gets it halved when a GPU runs out of memory. One with
    a method ``delivered(request) -> (N,) bool`` may leave glyphs out; they count as blank images.
    One that holds answers instead of drawing them, as a control does, has a method
    ``look_up(font_id, characters) -> (images, delivered)``, which is called in place of both.
    One with an attribute ``notes`` (sentences) has them said before it draws.
    One that draws beside a gallery of fonts has a method ``exclude(lineages)``, which is called
    before each font with the lineages that the gallery must not show: the asked font's own. Without
    it a model whose ``details`` name a ``gallery`` takes no rank in the cells of seen fonts.

    Attributes:
        name: What results and tables call it.
        trained_on: What its weights have seen, which the contamination check reads; None if that
            is not declared, which takes no rank.
        parameters: Number of weights; 0 for a control.
        checkpoint_sha256: Hash of the weights' file, or None where there is none.
        kind: Controls stand on every board but take no rank.
        details: Whatever else a reader of the result should know (steps, guidance, gallery size);
            must be JSON.
    """

    name: str
    trained_on: TrainedOn | None
    parameters: int
    checkpoint_sha256: str | None
    kind: Kind
    details: dict[str, Any]

    def generate(self, request: Request) -> Glyphs:
        """Draw ``request.characters``: (N, 128, 128) uint8, 0 = ink, 255 = paper, same order."""


def details_of(model: FontModel) -> dict[str, Any]:
    """A model's details, and whether its gallery leaves out the asked font's lineage."""
    return {**model.details, **({GALLERY_EXCLUDED: True} if hasattr(model, "exclude") else {})}
