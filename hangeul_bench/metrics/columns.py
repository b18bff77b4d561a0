"""What is known of each column of a result, in the order of the tables: one row a column.

Importing this module loads no torch; a test holds the rows against the metrics' classes.
"""

from dataclasses import dataclass
from typing import Literal

_JER = "hangeul_bench.metrics.jer:JamoErrorRate"
_STYLE = "hangeul_bench.metrics.style_distance:StyleDistance"
# A distance without a greatest value: no two sets of glyphs come near it, and sums of its squares
# stay finite.
FAR = 1e6


@dataclass(frozen=True)
class Column:
    """One number of a result.

    Attributes:
        name: Its key in a result.
        target: ``module:Class`` of its metric; those of one class share it.
        label: Its head in tables for people.
        meaning: One line: what it measures and whose definition it is. The report's legend and the
            table of docs/metrics.md have it from here.
        low: Its least possible value.
        high: Its greatest, or 1e6 where the definition has none.
        higher_is_better: The direction.
        needs: Which networks it looks through.
        scope: Of what it is a number: a ``glyph``, so that a cell has the mean; a ``font``, so that
            a cell has the mean over fonts; or a ``pool`` of glyphs, so that a cell is measured
            anew.
        percent: Whether it is a share, printed in percent.
        in_paper: Whether the paper's tables have it: it stands first in the report, then.
        on_page: Whether a leaderboard's page shows it; the CSV has every column.
        by_default: Whether it is measured where no metric is named; what takes a fifth of a second
            a glyph is not.
    """

    name: str
    target: str
    label: str
    meaning: str
    low: float = 0.0
    high: float = 1.0
    higher_is_better: bool = False
    needs: Literal["nothing", "reader", "imagenet", "package"] = "nothing"
    scope: Literal["glyph", "font", "pool"] = "glyph"
    percent: bool = False
    in_paper: bool = False
    on_page: bool = False
    by_default: bool = True

    @property
    def title(self) -> str:
        """Its head where shares stand as they are, not in percent."""
        return self.label.removesuffix(" %")

    def problem(self, value: float) -> str | None:
        """Why this can be no value of the metric, as a clause; None if it can."""
        # Results are rounded to seven digits, which may step over an end by so much.
        if self.low - 1e-6 <= value <= self.high + 1e-6:
            return None
        return f"{self.name} should lie in [{self.low:g}, {self.high:g}], but is {value:g}"


# What older results still hold, and what stands in its place: no column any more.
RETIRED = {"style_error": "geometry_error (the same without the box's centre) and style_distance"}


def unknown_metric(name: str) -> str:
    """What to say of a name that no column has, as a sentence."""
    if name in RETIRED:
        return f"Metric {name} is no more; ask for {RETIRED[name]}."
    return f"Expected a metric among {', '.join(BY_NAME)}, but found {name!r}."


COLUMNS = (
    Column(
        "jer",
        _JER,
        "JER %",
        "jamo error rate: share of the three jamo slots that the frozen reader reads otherwise "
        "than asked; a page without ink has three wrong",
        needs="reader",
        percent=True,
        on_page=True,
    ),
    Column(
        "jer_initial",
        _JER,
        "initial %",
        "jamo error rate of the initial",
        needs="reader",
        percent=True,
    ),
    Column(
        "jer_medial",
        _JER,
        "medial %",
        "jamo error rate of the medial",
        needs="reader",
        percent=True,
    ),
    Column(
        "jer_final",
        _JER,
        "final %",
        "jamo error rate of the final, none included",
        needs="reader",
        percent=True,
    ),
    Column(
        "syllable_error",
        _JER,
        "syllable %",
        "syllables with any of the three jamo wrong",
        needs="reader",
        percent=True,
        on_page=True,
    ),
    Column(
        "shuffle_rate",
        _JER,
        "shuffled %",
        "syllables that read as another of the 2,350",
        needs="reader",
        percent=True,
        on_page=True,
    ),
    Column(
        "ssim",
        "hangeul_bench.metrics.ssim:SSIM",
        "SSIM",
        "structural similarity (Wang et al. 2004), 11 x 11 Gaussian window of 1.5 pixels, "
        "no padding",
        low=-1.0,
        higher_is_better=True,
        in_paper=True,
        on_page=True,
    ),
    Column(
        "rmse",
        "hangeul_bench.metrics.pixels:RMSE",
        "RMSE",
        "root mean square error of pixels in [0, 1], a glyph, then the mean",
        in_paper=True,
        on_page=True,
    ),
    Column(
        "lpips",
        "hangeul_bench.metrics.lpips:LPIPS",
        "LPIPS",
        "learned perceptual distance (Zhang et al. 2018), AlexNet, v0.1",
        high=FAR,
        needs="imagenet",
        in_paper=True,
        on_page=True,
    ),
    Column(
        "fid",
        "hangeul_bench.metrics.fid:FID",
        "FID",
        "Fréchet distance on Inception features (Heusel et al. 2017), pooled over the cell",
        high=FAR,
        needs="imagenet",
        scope="pool",
        in_paper=True,
        on_page=True,
    ),
    Column(
        "ssim_aligned",
        "hangeul_bench.metrics.ssim:SSIMAligned",
        "SSIM aligned",
        "SSIM after the best shift within 4 pixels",
        low=-1.0,
        higher_is_better=True,
        on_page=True,
    ),
    Column(
        "l1", "hangeul_bench.metrics.pixels:L1", "L1", "mean absolute error of pixels in [0, 1]"
    ),
    Column(
        "ink_iou",
        "hangeul_bench.metrics.pixels:InkIoU",
        "ink IoU",
        "intersection over union of pixels below 128",
        higher_is_better=True,
        on_page=True,
    ),
    Column(
        "edge_blur",
        "hangeul_bench.metrics.edge_blur:EdgeBlur",
        "edge blur",
        "pixels by which the grey beside outlines is wider than the truth's",
        high=16.0,
    ),
    Column(
        "topology_error",
        "hangeul_bench.metrics.topology_error:TopologyError",
        "topology %",
        "parts and holes of the ink too many or too few",
        percent=True,
        on_page=True,
    ),
    Column(
        "style_distance",
        _STYLE,
        "style distance",
        "mean of the four columns that follow; a mean over fonts, 1 is a typical pair of fonts",
        high=3.0,
        scope="font",
        on_page=True,
    ),
    Column(
        "pen_error",
        _STYLE,
        "pen",
        "the pen's radius along the strokes, by direction and behind their ends, against the "
        "target font; a mean over fonts",
        high=3.0,
        scope="font",
        on_page=True,
    ),
    Column(
        "contour_error",
        _STYLE,
        "contour",
        "how the contour turns, and which way it runs; a mean over fonts",
        high=3.0,
        scope="font",
    ),
    Column(
        "terminal_error",
        _STYLE,
        "terminals",
        "the width and lopsidedness of the ends of strokes; a mean over fonts",
        high=3.0,
        scope="font",
    ),
    Column(
        "layout_error",
        _STYLE,
        "layout",
        "where the skeleton lies within its own frame, syllable by syllable; a mean over fonts",
        high=3.0,
        scope="font",
    ),
    Column(
        "geometry_error",
        "hangeul_bench.metrics.geometry_error:GeometryError",
        "geometry error",
        "stroke, density, slant and box against the target font; a mean over fonts",
        high=FAR,
        scope="font",
    ),
    Column(
        "glyph_lpips",
        "hangeul_bench.metrics.glyph_lpips:GlyphLPIPS",
        "glyph LPIPS",
        "perceptual distance on the jamo reader's features",
        high=2.0,
        needs="reader",
    ),
    Column(
        "glyph_fid",
        "hangeul_bench.metrics.glyph_fid:GlyphFID",
        "glyph FID",
        "Fréchet distance on the jamo reader's features, pooled over the cell",
        high=FAR,
        needs="reader",
        scope="pool",
    ),
    Column(
        "st_lpips",
        "hangeul_bench.metrics.st_lpips:STLPIPS",
        "ST-LPIPS",
        "ST-LPIPS (Ghildyal and Liu 2022), AlexNet, which tolerates shifts; a stand-in for LPIPS",
        high=FAR,
        needs="package",
        by_default=False,
    ),
    Column(
        "fd_effnet",
        "hangeul_bench.metrics.fd_effnet:FDEfficientNet",
        "FD EfficientNet",
        "Fréchet distance on EfficientNet-Lite0's features, pooled over the cell; "
        "a stand-in for FID",
        high=FAR,
        needs="package",
        by_default=False,
        scope="pool",
    ),
)
# Made of other columns when results are read: hangeul_bench/results/composite.py says how.
DERIVED = (
    Column(
        "composite",
        "",
        "composite",
        "geometric mean of four families' errors relative to the nearest training font's: pixels "
        "(1 - SSIM, RMSE), glyph LPIPS, style distance, topology; 0 is the truth, 1 the nearest "
        "font",
        high=FAR,
        scope="font",
        on_page=True,
    ),
)
ON_BOARD = (*DERIVED, *COLUMNS)
BY_NAME = {column.name: column for column in ON_BOARD}
BY_DEFAULT = tuple(column.name for column in COLUMNS if column.by_default)
HEADLINE = "jer"  # legibility: what a model must reach to rank, and what the report sorts glyphs by
RANKED_BY = "composite"
