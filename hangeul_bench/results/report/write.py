"""Results to one offline HTML page: tables, specimens, worst glyphs, intervals and confusions."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import write_whole
from hangeul_bench.results.file import Result, read_result

if TYPE_CHECKING:
    from hangeul_bench.dataset.glyphs import GlyphDataset

__all__ = ["MAX_BYTES", "write_report"]

MAX_BYTES = 5_000_000


def write_report(
    result_paths: Sequence[Path], out: Path, *, dataset: "GlyphDataset | None" = None
) -> tuple[str, ...]:
    """Write one HTML page about some results; it loads nothing from anywhere.

    The page shows fewer and smaller glyphs the more results it holds, to stay below
    :data:`MAX_BYTES`.

    Args:
        result_paths: Result files of ``evaluate``; scores a glyph and predictions are looked for
            beside each.
        out: The page to write.
        dataset: Where the ground truth comes from; None leaves the images out.

    Returns:
        One sentence for each thing that was left out.

    Raises:
        UserError: A result cannot be read, is named twice or was scored on another dataset; or
            the page cannot be made small enough.
    """
    from hangeul_bench.results.report.page import RATIONS, render
    from hangeul_bench.results.report.runs import arrange

    results = _read(result_paths)
    for path, result in results:
        if dataset is not None:
            _check_dataset(path, result, dataset)
    runs = arrange(results)
    for ration in RATIONS:
        page = render(runs, dataset, ration)
        if len(page.html.encode()) <= MAX_BYTES:
            write_whole(out, page.html)
            return page.left_out
    raise UserError(
        f"Expected a report under {MAX_BYTES / 1e6:.0f} MB, but even with the smallest images it "
        f"has {len(page.html.encode()) / 1e6:.1f} MB (results: {len(runs)}); name fewer results."
    )


def _read(paths: Sequence[Path]) -> list[tuple[Path, Result]]:
    if not paths:
        raise UserError("Expected at least one result file for the report, but found none.")
    resolved = [path.resolve() for path in paths]
    for path in paths:
        if resolved.count(path.resolve()) > 1:
            raise UserError(f"Result {path} is named twice; name each result once.")
    return [(path, read_result(path)) for path in paths]


def _check_dataset(path: Path, result: Result, dataset: "GlyphDataset") -> None:
    scored = result["dataset"]
    # Training fonts may differ: the pinned evaluation fonts decide where both have them.
    own = scored["benchmark_fingerprint"] and dataset.pinned_fingerprint(result["track"])
    key = "benchmark_fingerprint" if own else "fingerprint"
    expected, found = scored[key], own or dataset.fingerprint
    if expected != found:
        raise UserError(
            f"Expected a dataset with {key.replace('_', ' ')} {expected[:12]} for {path}, but "
            f"{dataset.path} has {found[:12]}; name the one it was scored on with --data."
        )
