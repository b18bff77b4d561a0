"""What Hangeul is: its syllables, their jamo, how they are laid out and what they are made of."""

from hangeul_bench.hangeul.charset import codepoint_name, is_syllable, ksx1001
from hangeul_bench.hangeul.components import component_counts
from hangeul_bench.hangeul.phonetics import (
    Jamo,
    compose,
    decompose,
    layout,
    parse_phonetic_line,
    phonetic_line,
)

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
