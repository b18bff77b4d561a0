"""References chosen from a font's syllables cover jamo and layouts, or share those of targets."""

from pathlib import Path

from fontmaker.choice import covering, features_of, learned, nearest
from fontmaker.reference import references_from_font
from hangeul_bench.hangeul import ksx1001
from support.fontmaker import make_font


def test_what_is_chosen_covers_all_layouts_and_as_many_jamo_as_so_few_can():
    chosen = covering(ksx1001(), 8)
    assert chosen[0] == "한"
    features = set().union(*map(features_of, chosen))
    assert len({value for kind, value in features if kind == "layout"}) == 6
    counts = [len({v for kind, v in features if kind == p}) for p in ("initial", "medial", "final")]
    assert counts == [8, 8, 6]  # three layouts have no final


def test_fewer_are_the_beginning_of_more_and_order_does_not_count():
    assert covering(ksx1001()[::-1], 8)[:3] == covering(ksx1001(), 3)
    assert covering("가나", 8) == ("가", "나")


def test_the_nearest_share_the_jamo_and_the_layout_of_the_targets():
    assert nearest(("깍",), tuple("각깎깐밤호"), 2) == ("각", "깎")
    # The first shows most of both, the second their medial, which the first does not.
    assert nearest(("간", "갑"), tuple("건겁겨고한"), 2) == ("건", "한")


def test_syllables_that_models_know_come_before_all_others(tmp_path: Path):
    assert learned("놖한뚀글") == ("한", "글")
    assert learned("놖뚀") == ("놖", "뚀")
    glyphs = {s: [(100, 0, 800, 700 - 9 * i)] for i, s in enumerate("놖랷먡뚀한글")}
    references, count = references_from_font(make_font(tmp_path / "Whole.ttf", glyphs), most=8)
    assert {r.character for r in references} == {"한", "글"} and count == 6


def test_a_whole_font_gives_glyphs_and_says_how_many_it_has(tmp_path: Path):
    glyphs = {s: [(100, 0, 800, 700 - 9 * i)] for i, s in enumerate("가각난돌뷁쁨윙한")}
    font = make_font(tmp_path / "Half.ttf", glyphs)
    references, count = references_from_font(font, most=3)
    assert count == 8
    assert [r.character for r in references] == list(covering(learned(glyphs), 3))
    assert references[0].advance is not None
    assert (references[0].image < 128).any()
