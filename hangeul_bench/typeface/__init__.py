"""From reference glyphs to an installable Korean font that has been drawn back and read."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hangeul_bench.typeface.drawing import Artist
    from hangeul_bench.typeface.naming import family_name
    from hangeul_bench.typeface.references import load_sources
    from hangeul_bench.typeface.run import FontOrder, MadeFont, make_font, write_font
    from hangeul_bench.typeface.sheet import read_sheet
    from hangeul_bench.typeface.spacing import choose_advance
    from hangeul_bench.typeface.specimen import write_specimen

__all__ = [
    "Artist",
    "FontOrder",
    "MadeFont",
    "choose_advance",
    "family_name",
    "load_sources",
    "make_font",
    "read_sheet",
    "write_font",
    "write_specimen",
]

# Torch stands behind some of them, so each is imported when it is asked for.
_PLACES = {
    "Artist": "drawing",
    "FontOrder": "run",
    "MadeFont": "run",
    "choose_advance": "spacing",
    "family_name": "naming",
    "load_sources": "references",
    "make_font": "run",
    "read_sheet": "sheet",
    "write_font": "run",
    "write_specimen": "specimen",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
