"""A page in the browser, for this computer alone: a glyph in, a text in its style, a font out."""

from typing import TYPE_CHECKING

from hangeul_bench.base.lazy import lazy

if TYPE_CHECKING:
    from hangeul_bench.app.serve import serve as serve
    from hangeul_bench.app.workshop import Workshop as Workshop

__all__ = ["Workshop", "serve"]

__getattr__ = lazy(__name__, {"Workshop": "workshop", "serve": "serve"})
