"""Photographed sheets: the good boxes become references, and what is in the others is named."""

import os
from collections.abc import Callable
from pathlib import Path

from fontmaker.sheet.reading import read_sheet
from fuzz.fonts import FOLDER
from hangeul_bench.reader.reader import JamoReader
from support.sheet_cases import make_case


def make(folder: Path, seed: str) -> Callable[[int], None]:
    """The cases of one process; they need real fonts, to write and to print with."""
    fonts, reader = Path(os.environ[FOLDER]), JamoReader.load()

    def run(number: int) -> None:
        case = make_case(number, seed, fonts)
        photo = folder / "sheet.jpg"
        photo.write_bytes(case.photo)
        sheet = read_sheet(photo, reader)
        assert [box.syllable for box in sheet.boxes] == list(case.syllables)
        good = [box.syllable for box in sheet.boxes if not box.problem]
        assert [reference.character for reference in sheet.references] == good
        said = "\n".join(sheet.notes)
        for box in sheet.boxes:
            # A crossed-out syllable may read right, and a good one wrong.
            assert box.problem or case.deeds[box.syllable] not in ("empty", "other"), box
            assert not box.problem or box.syllable in said, box

    return run
