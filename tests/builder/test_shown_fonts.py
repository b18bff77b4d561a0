"""A specimen of many fonts shows fifty, of each category alike, the unseen ones first."""

from types import SimpleNamespace

from hangeul_bench.builder.sheet import draw_sheet
from hangeul_bench.builder.shown_fonts import MOST_SHOWN, shown_fonts
from support.small_dataset import SmallDataset


def fonts_of(category, count, *, unseen=(), families=None, style="Regular"):
    return [
        SimpleNamespace(
            font_id=f"{category}-{number:03}",
            category=category,
            style=style,
            lineage=f"{category}-{number % (families or count):03}",
            split="unseen" if number in unseen else "train",
        )
        for number in range(count)
    ]


def ids(fonts):
    return [font.font_id for font in fonts]


def test_fifty_are_shown_as_many_of_each_category_and_the_unseen_first():
    hands, prints = fonts_of("h", 165, unseen=(3, 100)), fonts_of("p", 216, unseen=(200,))
    shown = shown_fonts([*prints, *hands])
    assert len(shown) == MOST_SHOWN == 50
    first = {c: [f for f in shown if f.category == c] for c in "hp"}
    assert [len(group) for group in first.values()] == [25, 25]
    assert ids(first["h"])[:2] == ["h-003", "h-100"] and ids(first["p"])[0] == "p-200"
    rest = ids(first["h"])[2:]
    assert rest == sorted(rest) and rest[-1] > "h-150"  # spread over all
    assert ids(shown_fonts([*hands, *prints])) == ids(shown)


def test_what_a_small_category_leaves_is_for_the_other():
    shown = shown_fonts([*fonts_of("h", 4), *fonts_of("p", 100)])
    assert [f.category for f in shown].count("p") == 46
    assert len(shown_fonts(fonts_of("h", 30))) == 30


def test_families_come_before_second_weights():
    weights = fonts_of("p", 120, families=40)
    weights[5].style = "Bold"
    shown = shown_fonts(weights)
    assert len({font.lineage for font in shown}) == 40 and len(shown) == 50
    one_each = shown_fonts(weights, most=40)
    assert len({font.lineage for font in one_each}) == 40
    assert "p-045" in ids(one_each) and "p-005" not in ids(one_each)  # Regular stands for it


def test_fonts_of_any_split_count():
    fonts = fonts_of("p", 60, unseen=(9,))
    for font in fonts[10:30]:
        font.split = "wide"
    shown = shown_fonts(fonts, most=12)
    assert shown[0].font_id == "p-009"
    assert {font.split for font in shown} == {"unseen", "wide", "train"}


def test_more_unseen_fonts_than_rows_are_cut_too():
    assert len(shown_fonts(fonts_of("p", 80, unseen=range(70)))) == 50


def test_many_rows_stand_side_by_side(monkeypatch):
    dataset = SmallDataset(font_ids=tuple(f"font-{number:03}" for number in range(60)))
    monkeypatch.setattr(SmallDataset, "level", lambda *_: 40)
    monkeypatch.setattr(SmallDataset, "font", in_two_categories(SmallDataset.font))
    page = draw_sheet(dataset, text="가나닭")
    one = draw_sheet(dataset, fonts=["font-000"], text="가나닭")
    few = draw_sheet(dataset, fonts=["font-000", "font-001"], text="가나닭")
    assert page.width == 2 * one.width == 2 * few.width
    assert page.height < few.height + 24 * 122


def in_two_categories(font_of):
    def font(dataset, font_id):
        font = font_of(dataset, font_id)
        font.category = ("handwritten", "printed")[int(font_id[-1]) % 2]
        return font

    return font
