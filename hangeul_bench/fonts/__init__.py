"""Font files: which faces a folder holds, what they say, and how a glyph is drawn."""

from typing import TYPE_CHECKING

from hangeul_bench.base.lazy import lazy

if TYPE_CHECKING:
    from hangeul_bench.fonts.download import fetch as fetch
    from hangeul_bench.fonts.faces import FontFace as FontFace
    from hangeul_bench.fonts.faces import find_faces as find_faces
    from hangeul_bench.fonts.faces import scan_faces as scan_faces
    from hangeul_bench.fonts.raster import Rasterizer as Rasterizer

__all__ = ["FontFace", "Rasterizer", "fetch", "find_faces", "scan_faces"]

__getattr__ = lazy(
    __name__,
    {
        "FontFace": "faces",
        "Rasterizer": "raster",
        "fetch": "download",
        "find_faces": "faces",
        "scan_faces": "faces",
    },
)
