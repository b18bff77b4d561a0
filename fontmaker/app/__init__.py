"""A page in the browser, for this computer alone: a glyph in, a text in its style, a font out."""

from typing import TYPE_CHECKING

from hangeul_bench.base.lazy import lazy

if TYPE_CHECKING:
    from fontmaker.app.context import AppContext as AppContext
    from fontmaker.app.serve import serve as serve

__all__ = ["AppContext", "serve"]

__getattr__ = lazy(__name__, {"AppContext": "context", "serve": "serve"})
