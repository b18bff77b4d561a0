"""A dataset small enough to train on in a test: striped fonts over forty syllables."""

from pathlib import Path

from hangeul_bench.builder.run import BuildOptions, build
from hangeul_bench.hangeul.phonetics import decompose
from support.fontmaker import make_font

SYLLABLES = tuple(
    sorted("한글빛뜻쪽의휘맑각간갇갈감갑값갓강개객거건걸검겁것게겨격견결경계고곡곤골공과관광")
)


def build_training_dataset(folder: Path, families: int = 6) -> Path:
    """Fonts whose bars stand where a syllable's jamo say, thick or thin by the font."""
    for number in range(families):
        category = "printed" if number % 2 else "handwritten"
        make_font(
            folder / "fonts" / category / f"Striped{number}.ttf",
            {syllable: _bars(syllable, 20 + 15 * number) for syllable in SYLLABLES},
            family=f"Striped {chr(65 + number)}",
        )
    charset = folder / "charset.txt"
    charset.write_text("".join(SYLLABLES), encoding="utf-8")
    build(folder / "fonts", folder / "dataset", BuildOptions(charset=str(charset)))
    return folder / "dataset"


def _bars(syllable: str, width: int) -> list[tuple[int, int, int, int]]:
    initial, medial, final = decompose(syllable)
    x, y, z = 50 + 40 * initial, 50 + 35 * medial, 50 + 30 * final
    return [(x, 0, x + width, 900), (0, y, 900, y + width), (0, z, 450, z + width)]
