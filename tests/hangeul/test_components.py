from collections import Counter

import pytest

from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul.charset import all_syllables, ksx1001
from hangeul_bench.hangeul.components import COMPONENTS, component_counts


def counted(syllable):
    return {c: n for c, n in zip(COMPONENTS, component_counts(syllable), strict=True) if n}


@pytest.mark.parametrize(
    ("syllable", "expected"),
    [
        ("가", {"ㄱ": 1, "ㅏ": 1}),
        ("갂", {"ㄱ": 3, "ㅏ": 1}),
        ("닭", {"ㄷ": 1, "ㅏ": 1, "ㄹ": 1, "ㄱ": 1}),
        ("의", {"ㅇ": 1, "ㅡ": 1, "ㅣ": 1}),
        ("쨘", {"ㅈ": 2, "ㅑ": 1, "ㄴ": 1}),
        ("꽯", {"ㄱ": 2, "ㅗ": 1, "ㅏ": 1, "ㅣ": 1, "ㄹ": 1, "ㅂ": 1}),
    ],
)
def test_a_syllable_is_a_bag_of_basic_jamo(syllable, expected):
    assert counted(syllable) == expected


def test_vectors_have_24_slots_and_at_most_7_jamo():
    vectors = [component_counts(syllable) for syllable in all_syllables()]
    assert {len(vector) for vector in vectors} == {24}
    assert max(sum(vector) for vector in vectors) == 7


# Counted in Diff-Font's published korean_comp.txt.
@pytest.mark.parametrize(
    ("syllables", "distinct", "groups", "colliding"),
    [(ksx1001(), 1927, 421, 844), (all_syllables(), 7833, 3192, 6531)],
    ids=["ksx1001", "all"],
)
def test_collisions_are_those_of_the_published_file(syllables, distinct, groups, colliding):
    sizes = Counter(component_counts(syllable) for syllable in syllables).values()
    assert len(sizes) == distinct
    assert sum(size > 1 for size in sizes) == groups
    assert sum(size for size in sizes if size > 1) == colliding


def test_position_is_lost():
    for one, other in ["각까", "갈락", "간낙", "강악", "깊픽", "삯싹"]:
        assert component_counts(one) == component_counts(other)


def test_only_a_syllable_has_components():
    with pytest.raises(UserError, match="one precomposed Hangeul syllable"):
        component_counts("ㄱ")
