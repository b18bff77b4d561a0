"""The rule by which a stand-in gets a column."""

import pytest

from experiments.stand_ins import in_order

GOOD = {"ground-truth": 0.0, "shifted-3px": 0.1, "jamo-swapped": 0.2, "blurred": 0.5, "blank": 0.9}


def test_a_distance_that_orders_the_controls_is_in_order():
    assert in_order(GOOD)


@pytest.mark.parametrize(
    "change",
    [{"blank": 0.4}, {"ground-truth": 0.15}, {"jamo-swapped": 0.05}, {"jamo-swapped": 0.1}],
)
def test_one_that_does_not_is_out_of_it(change):
    assert not in_order(GOOD | change)
