"""The whole way as a library: progress is told, the record is whole, the files are written."""

import json
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from io import BytesIO

import numpy as np
from fontTools.ttLib import TTFont

import fontmaker.make as making
from fontmaker import FontOrder, family_name, make_font, write_font
from fontmaker.reference import Advance
from support.fontmaker_stubs import Bar, Stages, StubModel, StubReader, generator, glyph

SYLLABLES = tuple("가각간갇갈갉한")
FIXED = Advance("fixed", 900, "as asked")


def order(model=None, **changes):
    given = {
        "family": family_name("내 손"),
        "syllables": SYLLABLES,
        "generator": generator(model or StubModel()),
        "advance": FIXED,
    }
    return FontOrder(**given | changes)


def make(work, stages=None, **changes):
    reader = StubReader(SYLLABLES)
    return make_font(order(**changes), work=work, reader=reader, stages=stages or Stages())


def cmap(font):
    return TTFont(BytesIO(font)).getBestCmap()


def test_every_stage_is_told_and_ends_at_its_total(tmp_path):
    stages = Stages()
    make(tmp_path, stages, model=StubModel(lambda s, seed: s == "각" and seed == 0))
    assert list(stages.seen) == [
        *("Measuring", "Drawing", "Reading", "Drawing again (1)", "Tracing", "Checking")
    ]
    assert stages.seen["Checking"] == (7, 7)
    assert all(done == total for total, done in stages.seen.values())


def test_progress_is_told_in_whole_numbers(tmp_path):
    told = []

    @contextmanager
    def stages(title, total, unit):
        bar = Bar()
        yield bar
        told.extend((title, amount) for amount in (total, *bar.amounts))

    class Varied(StubModel):
        """No two tries are alike, so that others are compared in the font."""

        def generate(self, request):
            pages = super().generate(request)
            pages[:, 0, : 1 + request.seed % 100] = 0
            return pages

    make(tmp_path, stages, model=Varied(lambda s, seed: s == "각"))
    assert {title for title, _ in told} >= {"Checking", "Redrawing (2)"}
    assert [(title, amount) for title, amount in told if amount != int(amount)] == []


def test_the_vendor_that_is_asked_for_stands_in_the_font(tmp_path):
    font = TTFont(BytesIO(make(tmp_path, vendor="KR").font))
    assert font["OS/2"].achVendID.strip() == "KR"


def test_the_record_says_how_the_font_was_made(tmp_path):
    made = make(tmp_path)
    record = made.record
    assert record["font"]["sha256"] == sha256(made.font).hexdigest()
    assert record["font"]["advance"] == {"kind": "fixed", "units": 900, "why": "as asked"}
    assert record["model"] == {
        "name": "stub",
        "checkpoint_sha256": "cd" * 32,
        "parameters": 7,
        "details": {"steps": 3},
    }
    (reference,) = record["references"]
    assert (reference["character"], reference["sha256"]) == ("한", "ab" * 32)
    assert json.loads(json.dumps(record)) == record


def test_the_font_does_not_depend_on_what_was_drawn_before(tmp_path):
    fresh = make(tmp_path / "a")
    make(tmp_path / "b", syllables=SYLLABLES[:3])
    assert make(tmp_path / "b").font == fresh.font


def test_doubtful_is_what_the_finished_font_reads_as(tmp_path):
    made = make(tmp_path, model=StubModel(lambda s, seed: s in "각갈"))
    assert made.doubtful == ("각", "갈")
    rows = made.record["proof"]["doubtful"]
    assert [(row["syllable"], row["codepoint"]) for row in rows] == [
        ("각", "U+AC01"),
        ("갈", "U+AC08"),
    ]
    assert {(r["read_as"], r["origin"], r["learned_by_reader"]) for r in rows} == {
        ("뷁", "drawn", True)
    }
    assert made.record["drawing"]["drawn_again"].keys() == {"각", "갈"}


def test_what_only_the_font_shows_wrong_is_drawn_again(tmp_path, monkeypatch):
    """The reader reads 갈 right on every page, and in the font only where the page is that of 1."""
    seeds = [generator(StubModel()).seed_of(attempt) for attempt in range(4)]
    model = StubModel()
    draws = model.generate

    def marked(request):
        pages = draws(request)
        pages[:, 0, 60 + 10 * seeds.index(request.seed)] = 0  # where StubReader is blind
        return pages

    model.generate = marked
    real = making.verify

    def verify(font, pages, traced, **options):
        verification = real(font, pages, traced, **options)
        rows = zip(traced.shapes, pages, strict=True)
        right = [s != "갈" or page[0, 70] == 0 for s, page in rows]
        return replace(verification, reading=replace(verification.reading, right=np.array(right)))

    monkeypatch.setattr(making, "verify", verify)
    stages = Stages()
    made = make(tmp_path, stages, model=model, correct=False)
    assert made.doubtful == ()
    assert (made.drawn.tries, made.drawn.chosen) == ({"갈": 2}, {"갈": 1})
    assert made.record["drawing"]["drawn_again"] == {"갈": {"tries": 2, "taken": 2}}
    assert made.drawn.crisp[SYLLABLES.index("갈"), 0, 70] == 0
    assert stages.seen["Redrawing (2)"] == (1, 1)


def test_files_lie_beside_each_other_and_own_glyphs_are_not_written_over(tmp_path):
    own = tmp_path / "My.doubtful" / "U+AC00.png"
    own.parent.mkdir()
    own.write_bytes(b"the user's own")
    model = StubModel(lambda s, seed: s == "각")
    made = make(tmp_path / "work", model=model, kept={"가": glyph("가", wrong=True)})
    assert made.doubtful == ("가", "각")
    written = write_font(made, tmp_path / "My.ttf", woff2=True)
    names = ["My.ttf", "My.woff2", "My.json", "My.doubtful"]
    assert [path.name for path in written] == names
    assert own.read_bytes() == b"the user's own"
    assert (tmp_path / "My.doubtful" / "U+AC01.png").is_file()
    assert (tmp_path / "My.woff2").read_bytes() == made.woff2
    assert json.loads((tmp_path / "My.json").read_text("utf-8"))["kept"] == ["가"]


def test_two_fonts_at_once_do_not_mix(tmp_path):
    dark = StubModel()
    dark.name, dark.details = "dark", {"steps": 9}
    draws = dark.generate
    dark.generate = lambda request: np.minimum(draws(request), 200)
    one, other = make(tmp_path), make(tmp_path, model=dark)
    assert (one.drawn.images[0] != other.drawn.images[0]).any()
    assert make(tmp_path).font == one.font


def test_blank_pages_are_left_out_of_the_font(tmp_path):
    model = StubModel()
    model.generate = lambda request: np.full((len(request.characters), 128, 128), 255, np.uint8)
    made = make(tmp_path, model=model)
    assert made.left_out == tuple("가각간갇갈갉")
    assert made.drawn.syllables == ("한",)
    assert {*map(ord, SYLLABLES)} & set(cmap(made.font)) == {ord("한")}
