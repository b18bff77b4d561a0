"""A style draws each syllable once, those that read wrong again, and has a font of all."""

from io import BytesIO

from fontTools.ttLib import TTFont

from fontmaker.app.jobs import Job
from fontmaker.app.style import STEP, Style
from fontmaker.latin import find_companions
from hangeul_bench.hangeul.charset import ksx1001
from support.app_server import SYLLABLES, make_context
from support.fontmaker_stubs import StubModel, reference


def draw(style, syllables, lock):
    job = Job(lambda job: style.draw(syllables, job), lock, rank=0).start()
    job.join()
    assert job.state == "done", job.error


def make(tmp_path, model):
    context = make_context(model)
    return Style(context, [reference("한")], tmp_path), context.lock


def drawn_syllables(style):
    return {chr(c) for c in TTFont(BytesIO(style.font)).getBestCmap() if c >= 0xAC00}


def test_what_is_drawn_stays_and_the_font_grows(tmp_path):
    model = StubModel()
    style, lock = make(tmp_path, model)
    draw(style, "다람", lock)
    assert (drawn_syllables(style), style.version) == (set("다람"), 1)
    draw(style, "람쥐", lock)
    assert drawn_syllables(style) == set("다람쥐")
    assert "".join(asked for asked, _ in model.asked) == "한다람쥐"  # 한 tells the stroke width
    draw(style, "쥐", lock)
    assert style.version == 2


def test_the_first_syllables_of_a_text_come_first(tmp_path):
    model = StubModel(batch_size=STEP)
    style, lock = make(tmp_path, model)
    text = ksx1001()[::-1][: STEP + 3]
    draw(style, text, lock)
    first = [asked for asked, seed in model.asked if seed == 0]
    assert first == ["한", "".join(sorted(text[:STEP])), "".join(sorted(text[STEP:]))]


def test_what_reads_wrong_is_drawn_again_after_all_else(tmp_path):
    model = StubModel(lambda syllable, seed: syllable == "람" and seed == 0, batch_size=2)
    style, lock = make(tmp_path, model)
    draw(style, SYLLABLES, lock)
    again = [asked for asked, seed in model.asked if seed != 0]
    assert again == ["람"]
    assert [asked for asked, _ in model.asked][-1] == "람"
    assert style.glyphs["람"].read_as is None


def test_what_still_reads_wrong_is_doubtful_and_not_drawn_for_ever(tmp_path):
    model = StubModel(lambda syllable, seed: syllable == "람")
    style, lock = make(tmp_path, model)
    draw(style, "다람", lock)
    assert {s: g.read_as for s, g in style.glyphs.items()} == {"다": None, "람": "뷁"}
    asked = len(model.asked)
    draw(style, "다람", lock)
    assert len(model.asked) == asked


def test_a_reference_stands_for_its_own_syllable(tmp_path):
    model = StubModel()
    style, lock = make(tmp_path, model)
    draw(style, "한다", lock)
    assert "".join(asked for asked, _ in model.asked) == "한다"  # 한 tells the stroke width
    assert drawn_syllables(style) == set("한다")


def test_latin_of_an_open_font_stands_beside_what_is_drawn(tmp_path, real_fonts):
    companions = find_companions(next(real_fonts.rglob("noto-sans-kr-regular.*")))
    context = make_context(companions=companions)
    style = Style(context, [reference("한")], tmp_path)
    assert style.others == frozenset()
    draw(style, "다람", context.lock)
    assert {"A", ",", "Ａ"} <= style.others
    assert {ord("A"), ord("다")} <= set(TTFont(BytesIO(style.font)).getBestCmap())
