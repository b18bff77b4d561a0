"""Names of fonts become ids, and families lineages."""

import unicodedata

import pytest

from hangeul_bench.fonts.names import lineage_of, slug


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("NanumGothic", "nanum-gothic"),
        ("RIDIBatang", "ridi-batang"),
        ("IBM Plex Sans KR", "ibm-plex-sans-kr"),
        ("SemiBold", "semibold"),
        ("Extra Light", "extralight"),
        ("나눔 손글씨", "나눔-손글씨"),
        (unicodedata.normalize("NFD", "나눔 손글씨"), "나눔-손글씨"),
        ("../../etc", "etc"),
    ],
)
def test_slug_splits_words_and_keeps_hangeul(name, expected):
    assert slug(name) == expected


@pytest.mark.parametrize(
    ("family", "lineage"),
    [("Nanum ExtraBold", "nanum"), ("Black Han Sans", "black-han-sans"), ("Black", "black")],
)
def test_lineage_drops_weights_at_the_end_only(family, lineage):
    assert lineage_of(family) == lineage
