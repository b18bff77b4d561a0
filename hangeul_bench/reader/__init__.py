"""The jamo reader: a small frozen network that says which syllable a glyph shows."""

from typing import TYPE_CHECKING

from hangeul_bench.base.lazy import lazy

if TYPE_CHECKING:
    from hangeul_bench.reader.network import ReaderNetwork as ReaderNetwork
    from hangeul_bench.reader.reader import SHIPPED_WEIGHTS as SHIPPED_WEIGHTS
    from hangeul_bench.reader.reader import VIEWS as VIEWS
    from hangeul_bench.reader.reader import JamoReader as JamoReader

__all__ = ["JamoReader", "ReaderNetwork", "SHIPPED_WEIGHTS", "VIEWS"]

__getattr__ = lazy(
    __name__,
    {
        "JamoReader": "reader",
        "ReaderNetwork": "network",
        "SHIPPED_WEIGHTS": "reader",
        "VIEWS": "reader",
    },
)
