"""What Hangeul is: its syllables, their jamo, how they are laid out and what they are made of."""

from typing import TYPE_CHECKING

from hangeul_bench.base.lazy import lazy

if TYPE_CHECKING:
    from hangeul_bench.hangeul.charset import codepoint_name as codepoint_name
    from hangeul_bench.hangeul.charset import is_syllable as is_syllable
    from hangeul_bench.hangeul.charset import ksx1001 as ksx1001
    from hangeul_bench.hangeul.components import component_counts as component_counts
    from hangeul_bench.hangeul.phonetics import Jamo as Jamo
    from hangeul_bench.hangeul.phonetics import compose as compose
    from hangeul_bench.hangeul.phonetics import decompose as decompose
    from hangeul_bench.hangeul.phonetics import layout as layout
    from hangeul_bench.hangeul.phonetics import parse_phonetic_line as parse_phonetic_line
    from hangeul_bench.hangeul.phonetics import phonetic_line as phonetic_line

__all__ = [
    "Jamo",
    "codepoint_name",
    "component_counts",
    "compose",
    "decompose",
    "is_syllable",
    "ksx1001",
    "layout",
    "parse_phonetic_line",
    "phonetic_line",
]

__getattr__ = lazy(
    __name__,
    {
        "Jamo": "phonetics",
        "codepoint_name": "charset",
        "component_counts": "components",
        "compose": "phonetics",
        "decompose": "phonetics",
        "is_syllable": "charset",
        "ksx1001": "charset",
        "layout": "phonetics",
        "parse_phonetic_line": "phonetics",
        "phonetic_line": "phonetics",
    },
)
