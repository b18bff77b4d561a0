"""Results: read, ranked, written as tables, a report and a picture."""

from typing import TYPE_CHECKING

from hangeul_bench.base.lazy import lazy

if TYPE_CHECKING:
    from hangeul_bench.results.file import Result as Result
    from hangeul_bench.results.file import read_result as read_result
    from hangeul_bench.results.ranking import rank_results as rank_results
    from hangeul_bench.results.report.write import write_report as write_report

__all__ = ["Result", "rank_results", "read_result", "write_report"]

__getattr__ = lazy(
    __name__,
    {
        "Result": "file",
        "rank_results": "ranking",
        "read_result": "file",
        "write_report": "report.write",
    },
)
