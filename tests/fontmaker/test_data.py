"""The lists that fonts are made by: what the demo draws, what a specimen shows."""

from importlib.resources import files

from fontmaker.report import sample_texts
from hangeul_bench.hangeul.charset import is_syllable, load_charset

FOLDER = files("fontmaker")


def test_the_demo_draws_two_hundred_syllables_that_set_the_whole_sample():
    syllables = load_charset(str(FOLDER / "demo_syllables.txt"))
    assert len(syllables) == 200
    text = (FOLDER / "specimen_text.txt").read_text(encoding="utf-8")
    assert {c for c in text if is_syllable(c)} <= set(syllables)
    assert sample_texts(syllables) == text.splitlines()


def test_reserved_names_are_listed_once():
    text = (FOLDER / "reserved_names.txt").read_text(encoding="utf-8")
    names = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert len({name.casefold() for name in names}) == len(names)
