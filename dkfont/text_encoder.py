"""The text encoder: a phonetic line in, a dense vector out."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from hangeul_bench.hangeul import decompose, parse_phonetic_line

TEXT_SIZE = 256
_INITIALS, _MEDIALS, _FINALS = 19, 21, 28  # with "no final"
NULL_TOKEN = _INITIALS + _MEDIALS + _FINALS  # stands in all three places of a dropped text


def tokenize(lines: Sequence[str]) -> Tensor:
    """Phonetic lines -> (N, 3) int64 tokens: initial, medial, final or none.

    A jamo has one token for each place it can stand in, so no two syllables share their tokens.

    Raises:
        UserError: A line is not the phonetic line of a syllable.
    """
    parts = [decompose(parse_phonetic_line(line)) for line in lines]
    tokens = [(p.initial, _INITIALS + p.medial, _INITIALS + _MEDIALS + p.final) for p in parts]
    return torch.tensor(tokens, dtype=torch.int64).view(-1, 3)


class TextEncoder(nn.Module):
    """A Transformer of two layers over the three jamo; the mean of its outputs is the vector.

    The paper says only that the encoder makes a dense vector of the phonetic text.
    """

    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Embedding(NULL_TOKEN + 1, TEXT_SIZE)
        layer = nn.TransformerEncoderLayer(
            TEXT_SIZE,
            nhead=4,
            dim_feedforward=4 * TEXT_SIZE,
            dropout=0.0,
            batch_first=True,
            norm_first=True,
            activation="gelu",
        )
        self.layers = nn.TransformerEncoder(layer, num_layers=2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(TEXT_SIZE)

    def forward(self, tokens: Tensor) -> Tensor:
        """(N, 3) int64 tokens -> (N, 256)."""
        embedded = self.tokens(tokens)  # (N, 3, 256)
        vectors: Tensor = self.norm(self.layers(embedded).mean(1))  # (N, 256)
        return vectors
