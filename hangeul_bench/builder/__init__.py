"""A folder of fonts becomes a dataset; a dataset is checked, exported and shown."""

from typing import TYPE_CHECKING

from hangeul_bench.base.lazy import lazy

if TYPE_CHECKING:
    from hangeul_bench.builder.audit.folder import audit_fonts as audit_fonts
    from hangeul_bench.builder.export.writer import export_dataset as export_dataset
    from hangeul_bench.builder.run import BuildOptions as BuildOptions
    from hangeul_bench.builder.run import build as build
    from hangeul_bench.builder.sheet import draw_sheet as draw_sheet
    from hangeul_bench.builder.verification import verify as verify

__all__ = ["BuildOptions", "audit_fonts", "build", "draw_sheet", "export_dataset", "verify"]

__getattr__ = lazy(
    __name__,
    {
        "BuildOptions": "run",
        "audit_fonts": "audit.folder",
        "build": "run",
        "draw_sheet": "sheet",
        "export_dataset": "export.writer",
        "verify": "verification",
    },
)
