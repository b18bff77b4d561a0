"""What the report calls a metric, a cell and a category, and how it prints their numbers."""

import math
from dataclasses import dataclass

from hangeul_bench import metrics

CELLS = {
    "paper": "unseen fonts × all characters (UFSC + UFUC), as in the paper's Table I",
    "ufsc": "unseen fonts × seen characters",
    "ufuc": "unseen fonts × unseen characters",
    "sfsc": "seen fonts × seen characters",
    "sfuc": "seen fonts × unseen characters",
}
CATEGORIES = ("all", "handwritten", "printed")
HEADLINE = "jer"
HEADLINE_CELL = "paper"


@dataclass(frozen=True)
class Metric:
    """How one metric is shown.

    Attributes:
        name: Its key in a result file.
        label: Its column head.
        meaning: One line for the legend.
        percent: Whether the value is a share, printed in percent.
    """

    name: str
    label: str
    meaning: str
    percent: bool = False

    @property
    def higher_is_better(self) -> bool:
        """Which way is good; a number that is no metric of the package is an error or distance."""
        return self.name in metrics.METRICS and metrics.higher_is_better(self.name)

    @property
    def arrow(self) -> str:
        """The direction in which the metric is better, as in the paper's Table II."""
        return "↑" if self.higher_is_better else "↓"

    def text(self, value: float | None) -> str:
        """A value as it is printed; a dash where there is none."""
        if value is None or not math.isfinite(value):
            return "–"
        shown = value * 100 if self.percent else value
        decimals = (1 if self.percent else 2) if abs(shown) >= 10 else (2 if self.percent else 3)
        # Adding zero turns a rounded -0.0, which prints its sign, into 0.0.
        return f"{round(shown, decimals) + 0.0:.{decimals}f}".replace("-", "−")

    def interval(self, low: float | None, high: float | None) -> str:
        """A 95 % interval as it is printed; empty where there is none."""
        if low is None or high is None:
            return ""
        return f"{self.text(low)}–{self.text(high)}"


# In the order of the columns: the headline, the paper's four, the headline's parts, companions.
METRICS = (
    Metric("jer", "JER %", "jamo that the frozen reader reads otherwise than asked", percent=True),
    Metric(
        "jer_excess", "JER excess %", "jamo error rate above the ground truth's own", percent=True
    ),
    Metric("ssim", "SSIM", "structural similarity (Wang 2004)"),
    Metric("rmse", "RMSE", "root mean square error of pixels in [0, 1]"),
    Metric("lpips", "LPIPS", "learned perceptual distance (AlexNet, v0.1)"),
    Metric("fid", "FID", "Fréchet distance on Inception features, pooled over the cell"),
    Metric("jer_initial", "initial %", "jamo error rate of the initial", percent=True),
    Metric("jer_medial", "medial %", "jamo error rate of the medial", percent=True),
    Metric("jer_final", "final %", "jamo error rate of the final, none included", percent=True),
    Metric("syllable_error", "syllable %", "syllables with a wrong jamo", percent=True),
    Metric("shuffle_rate", "shuffled %", "syllables that read as another of the set", percent=True),
    Metric("ssim_aligned", "SSIM aligned", "SSIM after the best shift within 4 px"),
    Metric("ink_iou", "ink IoU", "overlap of ink (value below 128)"),
    Metric("l1", "L1", "mean absolute error of pixels in [0, 1]"),
    Metric("style_error", "style error", "stroke, density, slant and box against the target font"),
    Metric("glyph_lpips", "glyph LPIPS", "perceptual distance on the reader's features"),
    Metric("glyph_fid", "glyph FID", "Fréchet distance on the reader's features"),
)
_BY_NAME = {metric.name: metric for metric in METRICS}


def metric(name: str) -> Metric:
    """How the metric of a name is shown; one that is not listed is shown by its name."""
    return _BY_NAME.get(name, Metric(name, name.replace("_", " "), ""))


def in_order(names: set[str]) -> list[Metric]:
    """The metrics of these names, in the order of the columns; unlisted ones come last."""
    listed = [entry for entry in METRICS if entry.name in names]
    return listed + [metric(name) for name in sorted(names - set(_BY_NAME))]
