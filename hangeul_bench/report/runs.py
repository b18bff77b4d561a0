"""What the report reads: a result, its scores a glyph and its predictions."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from hangeul_bench.errors import UserError
from hangeul_bench.predictions import PredictionFolder
from hangeul_bench.report.labels import HEADLINE, HEADLINE_CELL, Metric, in_order, metric
from hangeul_bench.results import Estimate, Result, find_score

if TYPE_CHECKING:
    import pandas as pd

_GLYPH_COLUMNS = ("font_id", "codepoint", "cell", "category", "read")


@dataclass(frozen=True)
class Run:
    """One result file with whatever lies beside it.

    Attributes:
        key: A name that is safe as an HTML id and as a CSS class.
        label: What the report calls the model; with the track where the report holds several.
        path: The result file.
        result: Its content.
    """

    key: str
    label: str
    path: Path
    result: Result

    @property
    def kind(self) -> str:
        """``model`` or ``control``."""
        return str(self.result["model"]["kind"])

    @property
    def track(self) -> str:
        """The track that the result is of."""
        return str(self.result["track"])

    @property
    def dataset(self) -> str:
        """Name and shortened fingerprint of the dataset it was scored on."""
        dataset = self.result["dataset"]
        fingerprint = dataset["benchmark_fingerprint"] or dataset["fingerprint"]
        return f"{dataset['name']} ({fingerprint[:12]})"

    @property
    def glyphs_path(self) -> Path:
        """Where the scores a glyph belong."""
        return self.path.with_suffix(".parquet")

    @cached_property
    def glyphs(self) -> "pd.DataFrame | None":
        """The scores a glyph, ``codepoint`` as ``syllable``; None if the file is absent.

        Raises:
            UserError: The file cannot be read or lacks a column.
        """
        import pandas as pd

        if not self.glyphs_path.is_file():
            return None
        try:
            table = pd.read_parquet(self.glyphs_path)
            others = [name for name in table.columns if name not in _GLYPH_COLUMNS]
            table = table[[*_GLYPH_COLUMNS, *others]]
            return table.assign(syllable=[chr(codepoint) for codepoint in table["codepoint"]])
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise UserError(
                f"Expected a table with the columns {', '.join(_GLYPH_COLUMNS)} in "
                f"{self.glyphs_path}, but it cannot be read ({error}); delete the file, or write "
                "it again with `hangeul-bench evaluate`."
            ) from None

    @property
    def was_read(self) -> bool:
        """Whether the jamo reader read the glyphs, so that ``read`` means something."""
        return self.glyphs is not None and HEADLINE in self.glyphs

    @property
    def predictions_path(self) -> Path:
        """The folder where the predictions belong."""
        # By the result file's name, not by the model's: a name in a file must not lead elsewhere.
        stem = self.path.stem.removesuffix(f"-{self.track}")
        return self.path.parent / stem / "predictions" / self.track

    @cached_property
    def predicted_fonts(self) -> frozenset[str]:
        """The ids of the fonts whose predictions lie beside the result."""
        return frozenset(path.stem for path in self.predictions_path.glob("*.parquet"))

    def predictions(self, *, size: int) -> PredictionFolder:
        """The predictions, whose glyphs have a side of ``size`` pixels."""
        return PredictionFolder(self.predictions_path, size=size)

    def score(self, metric: str, *, category: str = "all") -> Estimate | None:
        """A metric over all fonts in the headline's cell; None where it was not measured."""
        score = find_score(self.result, cell=HEADLINE_CELL, category=category)
        estimate = score["metrics"].get(metric) if score else None
        return estimate if estimate and estimate["value"] is not None else None


def measured(runs: Sequence[Run]) -> set[str]:
    """The metrics that any of the runs has a value of."""
    return {
        name
        for run in runs
        for score in run.result["scores"]
        for name, estimate in score["metrics"].items()
        if estimate["value"] is not None
    }


def arrange(results: Sequence[tuple[Path, Result]]) -> tuple[Run, ...]:
    """Runs in the order of the report: models before controls, the best first.

    The headline decides; where no run has it, the first metric that any has.
    """
    several_tracks = len({result["track"] for _, result in results}) > 1
    runs = []
    for path, result in results:
        track = f", {result['track']}" if several_tracks else ""
        runs.append(Run("", f"{result['model']['name']}{track}", path, result))
    leading = next(iter(in_order(measured(runs))), metric(HEADLINE))
    runs.sort(key=lambda run: _place(run, leading))
    return tuple(
        Run(f"run-{number}", run.label, run.path, run.result)
        for number, run in enumerate(runs, start=1)
    )


def _place(run: Run, leading: Metric) -> tuple[bool, float, str, str]:
    score = run.score(leading.name)
    value = score["value"] if score else None
    error = inf if value is None else -value if leading.higher_is_better else value
    return run.kind != "model", error, run.label, str(run.path)
