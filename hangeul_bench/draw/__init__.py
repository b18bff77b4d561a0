"""A text set in the style of one reference."""

from typing import TYPE_CHECKING

from hangeul_bench.base.lazy import lazy

if TYPE_CHECKING:
    from hangeul_bench.draw.glyphs import draw_glyphs as draw_glyphs
    from hangeul_bench.draw.page import set_page as set_page
    from hangeul_bench.draw.reference import load_reference as load_reference

__all__ = ["draw_glyphs", "load_reference", "set_page"]

__getattr__ = lazy(
    __name__,
    {"draw_glyphs": "glyphs", "load_reference": "reference", "set_page": "page"},
)
