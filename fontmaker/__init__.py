"""From reference glyphs to an installable Korean font that has been drawn back and read."""

from typing import TYPE_CHECKING

from hangeul_bench.base.lazy import lazy

if TYPE_CHECKING:
    from fontmaker.generation import Generator as Generator
    from fontmaker.make import make_font as make_font
    from fontmaker.make import write_font as write_font
    from fontmaker.naming import family_name as family_name
    from fontmaker.order import FontOrder as FontOrder
    from fontmaker.order import MadeFont as MadeFont
    from fontmaker.reference import load_references as load_references
    from fontmaker.report import write_specimen as write_specimen
    from fontmaker.sheet.reading import read_sheet as read_sheet
    from fontmaker.spacing import choose_advance as choose_advance

__all__ = [
    "Generator",
    "FontOrder",
    "MadeFont",
    "choose_advance",
    "family_name",
    "load_references",
    "make_font",
    "read_sheet",
    "write_font",
    "write_specimen",
]

# Torch stands behind some of them, so each is imported when it is asked for.
__getattr__ = lazy(
    __name__,
    {
        "Generator": "generation",
        "FontOrder": "order",
        "MadeFont": "order",
        "choose_advance": "spacing",
        "family_name": "naming",
        "load_references": "reference",
        "make_font": "make",
        "read_sheet": "sheet.reading",
        "write_font": "make",
        "write_specimen": "report",
    },
)
