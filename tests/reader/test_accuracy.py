"""What a jamo reader reads right, counted in syllables, jamo and confusions."""

import csv
import io

import numpy as np
import pytest

from hangeul_bench.hangeul.phonetics import decompose
from hangeul_bench.reader.accuracy import (
    FontReading,
    accuracy,
    accuracy_csv,
    below_marks,
    confusion_csv,
    read_fonts,
)
from support.reader_data import CHARACTERS, SmallData


def reading(asked, read, *, font_id="jua", role="unseen"):
    found = [(-1, -1, -1) if syllable is None else decompose(syllable) for syllable in read]
    right = [decompose(syllable) for syllable in asked]
    return FontReading(font_id, "printed", role, np.array(right), np.array(found))


def test_accuracy_counts_syllables_and_jamo():
    found = accuracy([reading("가각간갇", ["가", "각", "갇", None])])
    assert (found.glyphs, found.syllable) == (4, 0.5)
    assert (found.initial, found.medial, found.final) == (0.75, 0.75, 0.5)
    assert found.jer == pytest.approx(4 / 12)


def test_confusion_names_letters_and_blank_pages():
    rows = list(csv.reader(io.StringIO(confusion_csv([reading("가각가", ["가", "갂", None])]))))
    assert rows[0] == ["position", "asked", "read", "glyphs"]
    assert ["final", "ㄱ", "ㄲ", "1"] in rows
    assert ["final", "none", "none", "1"] in rows
    assert ["medial", "ㅏ", "blank", "1"] in rows
    assert ["initial", "ㄱ", "ㄱ", "2"] in rows


def test_marks_hold_for_unseen_fonts_only():
    poor = reading("가각", ["가", "간"])
    assert [sentence.split(":")[0] for sentence in below_marks([poor])] == [
        "jua",
        "printed fonts together",
    ]
    assert below_marks([reading("가각", ["가", "간"], role="learned")]) == []


def test_missing_syllables_are_not_asked(untrained):
    found, other = read_fonts(untrained, SmallData(), ["unseen", "a"])
    assert (found.role, other.role) == ("unseen", "held-out")
    assert len(found.asked) == len(CHARACTERS) - 1
    assert accuracy_csv([found]).splitlines()[1].startswith("unseen,printed,unseen,8,")
