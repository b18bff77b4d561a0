"""What the report reads: a result, its scores a glyph and its predictions."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from hangeul_bench.adapter.predictions import PredictionFolder
from hangeul_bench.adapter.questions import shots_text
from hangeul_bench.adapter.registry import label_of
from hangeul_bench.base.documents import is_file_name
from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul.charset import FIRST_SYLLABLE, LAST_SYLLABLE
from hangeul_bench.metrics import METRICS
from hangeul_bench.metrics.columns import HEADLINE
from hangeul_bench.results.composite import completed
from hangeul_bench.results.file import (
    Estimate,
    Result,
    find_score,
    glyphs_path,
    predictions_of,
    rules_of,
)
from hangeul_bench.results.report.labels import HEADLINE_CELL, Metric, in_order, metric

if TYPE_CHECKING:
    import pandas as pd

_TEXT_COLUMNS = ("font_id", "cell", "category", "read")
_GLYPH_COLUMNS = ("font_id", "codepoint", "cell", "category", "read")


@dataclass(frozen=True)
class Run:
    """One result file with whatever lies beside it.

    Attributes:
        key: A name that is safe as an HTML id and as a CSS class.
        label: What the report calls the model; with the track where the report
            holds several, and the references where more than one was shown.
        path: The result file.
        result: Its content.
    """

    key: str
    label: str
    path: Path
    result: Result

    @cached_property
    def full(self) -> Result:
        """The result with the intervals that boards show."""
        return completed([self.result])[0]

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
        return glyphs_path(self.path)

    @cached_property
    def glyphs(self) -> "pd.DataFrame | None":
        """The scores a glyph, ``codepoint`` as ``syllable``; None if the file is absent.

        Raises:
            UserError: The file cannot be read or lacks a column.
        """
        import pandas as pd
        import pyarrow as pa

        if not self.glyphs_path.is_file():
            return None
        try:
            with self.glyphs_path.open("rb") as file:  # pyarrow takes every name for UTF-8
                return _checked(pd.read_parquet(file))
        except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
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
        return predictions_of(self.path, self.result).path

    @cached_property
    def predicted_fonts(self) -> frozenset[str]:
        """The ids of the fonts whose predictions lie beside the result."""
        return frozenset(path.stem for path in self.predictions_path.glob("*.parquet"))

    def predictions(self, *, size: int) -> PredictionFolder:
        """The predictions, whose glyphs have a side of ``size`` pixels."""
        return PredictionFolder(self.predictions_path, size=size)

    def score(self, metric: str, *, category: str = "all") -> Estimate | None:
        """A metric over all fonts in the headline's cell; None where it was not measured."""
        score = find_score(self.full, cell=HEADLINE_CELL, category=category)
        estimate = score["metrics"].get(metric) if score else None
        return estimate if estimate and estimate["value"] is not None else None


def _checked(table: "pd.DataFrame") -> "pd.DataFrame":
    """The table with its syllables beside; ValueError if it is none, as anyone may have made it."""
    from pandas.api.types import is_integer_dtype, is_numeric_dtype

    others = [name for name in table.columns if name not in _GLYPH_COLUMNS]
    table = table[[*_GLYPH_COLUMNS, *others]]
    codepoints = table["codepoint"]
    if (
        not is_integer_dtype(codepoints)
        or not codepoints.between(FIRST_SYLLABLE, LAST_SYLLABLE).all()
    ):
        raise ValueError("codepoint should hold Hangeul syllables")
    for name in _TEXT_COLUMNS:
        if not all(isinstance(text, str) and text.isprintable() for text in table[name].unique()):
            raise ValueError(f"{name} should hold texts")
    if not table["font_id"].map(is_file_name).all():
        raise ValueError("font_id should hold names of fonts")
    if odd := [n for n in others if n in METRICS and not is_numeric_dtype(table[n])]:
        raise ValueError(f"{odd[0]!r:.40} should hold numbers")
    return table.assign(syllable=[chr(codepoint) for codepoint in codepoints])


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

    Raises:
        UserError: They are of different protocols, which are in no order.
    """
    protocols = sorted({rules_of(result)["protocol"] for _, result in results})
    if len(protocols) > 1:
        raise UserError(
            f"The results are of the protocols {' and '.join(protocols)}, which are not to be "
            "mixed; write a report of each."
        )
    several_tracks = len({result["track"] for _, result in results}) > 1
    runs = []
    for path, result in results:
        track = f", {result['track']}" if several_tracks else ""
        shots = f", {shots_text(result['shots'])}" if result["shots"] != 1 else ""
        shots += f", {result['perturb']}" if "perturb" in result else ""
        model = label_of(result["model"]["name"], result["model"]["details"])
        runs.append(Run("", f"{model}{track}{shots}", path, result))
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
