"""A folder of tiny fonts and a character set to build from in a moment."""

from pathlib import Path

from hangeul_bench.builder.run import BuildOptions, build
from support.fontmaker import make_font

# Seen, unseen and reference syllables of the benchmark, in code-point order.
SYLLABLES = "가각간갇글나닭맑빛쪽한휘"


def boxes(number: int, syllable: str) -> list[tuple[int, int, int, int]]:
    """Another box for each font and syllable."""
    index = SYLLABLES.index(syllable)
    return [(50 + 10 * number, 0, 900 - 20 * index, 700 + 5 * number)]


def write_fonts(folder: Path, families: int = 3) -> Path:
    """Write ``families`` handwritten and as many printed one-style families; return ``folder``."""
    for number in range(families):
        for category in ("handwritten", "printed"):
            name = f"{category[0].upper()}{number}"
            shift = number + (10 if category == "printed" else 0)
            glyphs = {syllable: boxes(shift, syllable) for syllable in SYLLABLES}
            make_font(folder / category / f"{name}.ttf", glyphs, family=f"Family {name}")
    return folder


def write_charset(path: Path) -> str:
    """Write the character set's file; return its path as ``--charset`` takes it."""
    path.write_text(SYLLABLES + "\n", encoding="utf-8")
    return str(path)


def build_small(root: Path) -> Path:
    """A dataset of 32 pixels in ``root/out``; its printed font of the family Lacks has no 한."""
    fonts = write_fonts(root / "fonts")
    glyphs = {syllable: boxes(3, syllable) for syllable in SYLLABLES if syllable != "한"}
    make_font(fonts / "printed" / "X.ttf", glyphs, family="Lacks")
    build(fonts, root / "out", BuildOptions(charset=write_charset(root / "charset.txt"), size=32))
    return root / "out"
