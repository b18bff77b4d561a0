"""A font's advance follows its references: a font's own, a picture's width."""

from dataclasses import replace

import numpy as np
import pytest

from fontmaker.outline import BOTTOM, IMAGE_UNITS, TOP, UNITS
from fontmaker.reference import Advance, Reference, measured_advance
from fontmaker.spacing import choose_advance
from hangeul_bench.base.errors import UserError


def reference(width=89, advance=None):
    page = np.full((128, 128), 255, np.uint8)
    page[20:110, 64 - width // 2 : 64 - width // 2 + width] = 0
    return Reference(page, "한", "a.png", "0" * 64, advance=advance)


def test_the_page_is_as_high_as_its_units():
    assert TOP - BOTTOM == IMAGE_UNITS == 128 * UNITS


def test_a_narrower_reference_gives_a_narrower_advance():
    usual, narrow = (choose_advance("auto", [reference(width)]) for width in (89, 60))
    assert usual.kind == narrow.kind == "fixed"
    assert usual.units == pytest.approx(100 * UNITS, abs=5)  # pixels, as the corpus has it
    assert narrow.units < 0.85 * usual.units


def test_a_font_brings_its_own_advance():
    own = measured_advance([92.0] * 5, [70.0, 80, 75, 60, 90])
    assert (own.kind, own.units) == ("fixed", 92 * UNITS)
    varied = measured_advance([68.0, 88, 73], [60.0, 80, 65])
    assert (varied.kind, varied.units) == ("proportional", 8 * UNITS)
    assert choose_advance("auto", [reference(advance=varied)]) == varied
    assert choose_advance("fixed", [reference(advance=varied)]).kind == "fixed"
    assert choose_advance("proportional", [reference(advance=own)]).kind == "proportional"


def test_a_number_is_taken_as_it_is():
    assert choose_advance("900", [reference()]).units == 900


@pytest.mark.parametrize("asked", ["wide", "12", "-900", "9000", ""])
def test_other_words_are_refused(asked):
    with pytest.raises(UserError, match="--advance"):
        choose_advance(asked, [reference()])


def test_fixed_advances_keep_the_page_in_the_middle():
    offset, width = Advance("fixed", 900, "").place(10, 90)
    assert width == 900
    assert offset + IMAGE_UNITS / 2 == width / 2


def test_proportional_advances_are_ink_and_space():
    offset, width = Advance("proportional", 80, "").place(20, 70)
    assert width == 50 * UNITS + 80
    assert offset + 20 * UNITS == 40  # half of the space stands on the left
    blank = Advance("proportional", 80, "").place(-1, -1)
    assert blank[1] == 80


def test_the_mean_of_several_references_counts():
    both = choose_advance("auto", [reference(89), replace(reference(60), character="글")])
    assert choose_advance("auto", [reference(60)]).units < both.units


def hand(widths):
    shown = zip("가나다라마바사아", widths, strict=True)
    return [replace(reference(width), character=character) for character, width in shown]


def test_a_hand_whose_widths_vary_advances_by_its_ink():
    varied = choose_advance("auto", hand((60, 80, 64, 88, 72, 90, 58, 76)))
    assert (varied.kind, varied.units) == ("proportional", 8 * UNITS)
    even = choose_advance("auto", hand((80, 82, 81, 80, 79, 80, 81, 80)))
    assert even.kind == "fixed"


def test_few_pictures_do_not_tell_whether_widths_vary():
    assert choose_advance("auto", hand((60, 80, 64, 88, 72, 90, 58, 76))[:3]).kind == "fixed"


def test_what_is_asked_for_goes_before_what_the_widths_say():
    assert choose_advance("fixed", hand((60, 80, 64, 88, 72, 90, 58, 76))).kind == "fixed"
