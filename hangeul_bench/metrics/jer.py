"""The jamo error rate: how often a frozen reader reads another jamo than was asked for."""

from collections.abc import Sequence

import torch
from torch import Tensor

from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul.charset import ksx1001
from hangeul_bench.hangeul.phonetics import Jamo, compose, decompose
from hangeul_bench.metrics.base import GlyphMetric, GlyphPair
from hangeul_bench.metrics.networks import ReaderMetric
from hangeul_bench.reader.reader import VIEWS


class JamoErrorRate(ReaderMetric, GlyphMetric):
    """Share of the 3N jamo slots (initial, medial, final or none) read otherwise than asked.

    ``jer`` is the headline; beside it ``jer_initial``, ``jer_medial`` and ``jer_final`` (share
    of N), ``syllable_error`` (any of the three wrong) and ``shuffle_rate`` (reads as another
    of KS X 1001's 2,350 syllables). A page without ink (no pixel below 128) has three wrong
    slots, and is no shuffle. Range [0, 1]; lower is better. The reader's own error on the ground
    truth is the floor; read the rate beside it.

    Source: own definition; the character error rate of handwriting and OCR, jamo by jamo.
    """

    name = "jer"

    def signature(self) -> str:
        """Definition, version and the reader's hash."""
        views = "+".join(f"{view:g}" for view in VIEWS)
        weights = self._reader.sha256[:8]
        return f"jer[v1|3-slots|blank=3|views:{views}|shuffle:ksx1001|w:{weights}]"

    def scores(
        self, pred: Tensor, target: Tensor | None = None, *, syllables: Sequence[str] = ()
    ) -> Tensor:
        """The jamo error rate of each glyph, (N,) float64; ``target`` is not looked at.

        Raises:
            UserError: ``pred`` is not uint8 (N, H, W), or ``syllables`` are not N syllables.
        """
        return super().scores(pred, pred if target is None else target, syllables=syllables)

    def update(
        self, pred: Tensor, target: Tensor | None = None, *, syllables: Sequence[str] = ()
    ) -> None:
        """Add glyphs; the arguments of :meth:`scores`."""
        super().update(pred, pred if target is None else target, syllables=syllables)

    def score(self, pair: GlyphPair) -> dict[str, Tensor]:
        """Each of its columns -> (N,) in [0, 1]; what was read is noted in the pair.

        Raises:
            UserError: The pair has not N syllables.
        """
        if len(pair.syllables) != len(pair.pred):
            raise UserError(
                f"Expected a syllable for each of the {len(pair.pred)} glyphs, but got "
                f"{len(pair.syllables)}."
            )
        asked = torch.tensor([decompose(s) for s in pair.syllables])
        found = self._reader.read(pair.pred).cpu()  # (N, 3)
        pair.read = tuple("" if min(j) < 0 else compose(Jamo(*j)) for j in found.tolist())
        wrong = (found != asked).double()
        real = frozenset(ksx1001())
        shuffled = [r != s and r in real for r, s in zip(pair.read, pair.syllables, strict=True)]
        shuffle_rate = torch.tensor(shuffled, dtype=torch.float64)
        values = (wrong.mean(1), *wrong.unbind(1), wrong.amax(1), shuffle_rate)
        return dict(zip(self.columns, values, strict=True))
