"""The jamo error rate: how often a frozen reader reads another jamo than was asked for."""

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor

from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul.charset import ksx1001
from hangeul_bench.hangeul.phonetics import Jamo, compose, decompose
from hangeul_bench.metrics.base import GlyphColumns, Metric, Reader, check_images
from hangeul_bench.metrics.networks import jamo_reader
from hangeul_bench.reader.reader import VIEWS

# What the class fills, in the order of the sums below.
COLUMNS = ("jer", "jer_initial", "jer_medial", "jer_final", "syllable_error", "shuffle_rate")


class JamoErrorRate(Metric):
    """Share of the 3N jamo slots (initial, medial, final or none) read otherwise than asked.

    ``jer`` is the headline; beside it ``jer_initial``, ``jer_medial`` and ``jer_final`` (share
    of N), ``syllable_error`` (any of the three wrong) and ``shuffle_rate`` (reads as another
    of KS X 1001's 2,350 syllables). A page without ink (no pixel below 128) has three wrong
    slots, and is no shuffle. Range [0, 1]; lower is better. The reader's own error on the ground
    truth is the floor; read the rate beside it.

    Args:
        reader: The jamo reader; None loads the shipped one.
        device: Where the shipped reader runs.

    Raises:
        UserError: The shipped reader's weights are absent.

    Source: own definition; the character error rate of handwriting and OCR, jamo by jamo.
    """

    full_state_update = False
    is_differentiable = False
    name = "jer"
    higher_is_better = False
    unit_range = (0.0, 1.0)
    needs = "reader"
    per_glyph: Literal[True] = True
    jer_totals: Tensor
    jer_count: Tensor

    def __init__(self, *, reader: Reader | None = None, device: str = "cpu") -> None:
        super().__init__()
        self._reader = reader or jamo_reader(device)
        totals = torch.zeros(len(COLUMNS), dtype=torch.float64)
        self.add_state("jer_totals", default=totals, dist_reduce_fx="sum")
        zero = torch.zeros((), dtype=torch.long)
        self.add_state("jer_count", default=zero, dist_reduce_fx="sum")

    def signature(self) -> str:
        """Definition, version and the reader's hash."""
        views = "+".join(f"{view:g}" for view in VIEWS)
        weights = self._reader.sha256[:8]
        return f"jer[v1|3-slots|blank=3|views:{views}|shuffle:ksx1001|w:{weights}]"

    def scores(
        self, pred: Tensor, target: Tensor | None = None, *, syllables: Sequence[str]
    ) -> Tensor:
        """The jamo error rate of each glyph, (N,) float64; the arguments of :meth:`columns`."""
        return self.columns(pred, target, syllables).values[self.name]

    def columns(
        self,
        pred: Tensor,
        target: Tensor | None,
        syllables: Sequence[str],
        *,
        known: Mapping[str, Tensor] | None = None,
    ) -> GlyphColumns:
        """Read glyphs and compare with what was asked for.

        Args:
            pred: (N, H, W) uint8, 0 = ink, 255 = paper.
            target: Not looked at; accepted for the sake of one call for all metrics.
            syllables: The N syllables that were asked for.
            known: Not looked at, as ``target``.

        Returns:
            Each of :data:`COLUMNS` -> (N,) float64 in [0, 1], and N syllables as they were read,
            empty for a page without ink.

        Raises:
            UserError: ``pred`` is not uint8 (N, H, W), or ``syllables`` are not N syllables.
        """
        check_images(pred, "pred")
        if len(syllables) != len(pred):
            raise UserError(
                f"Expected a syllable for each of the {len(pred)} glyphs, but got {len(syllables)}."
            )
        asked = torch.tensor([decompose(s) for s in syllables]).reshape(-1, 3)
        found = self._reader.read(pred).cpu()  # (N, 3)
        read = ["" if min(jamo) < 0 else compose(Jamo(*jamo)) for jamo in found.tolist()]
        wrong = (found != asked).double()
        real = frozenset(ksx1001())
        shuffled = [r != s and r in real for r, s in zip(read, syllables, strict=True)]
        shuffle_rate = torch.tensor(shuffled, dtype=torch.float64)
        columns = (wrong.mean(1), *wrong.unbind(1), wrong.amax(1), shuffle_rate)
        return GlyphColumns(dict(zip(COLUMNS, columns, strict=True)), tuple(read))

    def update(
        self, pred: Tensor, target: Tensor | None = None, *, syllables: Sequence[str]
    ) -> None:
        """Add glyphs; the arguments of :meth:`scores`."""
        values = self.columns(pred, target, syllables).values
        sums = torch.stack([values[column].sum() for column in COLUMNS])
        self.jer_totals += sums.to(self.jer_totals.device)
        self.jer_count += len(pred)

    def compute(self) -> dict[str, Tensor]:
        """Each of :data:`COLUMNS` over all glyphs so far.

        Raises:
            UserError: There was no glyph.
        """
        if not self.jer_count:
            raise UserError("Expected glyphs for jer, but got none; call update() first.")
        return dict(zip(COLUMNS, self.jer_totals / self.jer_count, strict=True))
