"""A photographed sheet in the page: a reference for each good box; the others are named."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from fontmaker.app.session import Session
from fontmaker.app.state import state_of
from fontmaker.sheet.layout import SYLLABLES
from fontmaker.sheet.template import write_template
from hangeul_bench.base.errors import UserError
from hangeul_bench.reader import JamoReader
from support.app_page import add, check_quiet, opened, shown
from support.app_server import User, make_context, picture, running
from support.sheet_photos import cross_out, fill_in, photograph_sheet
from support.webdriver import needs_browser

EIGHT = SYLLABLES[:8]
PHONE = (1500, 2000)
FAULTY = {"left": EIGHT[1], "empty": EIGHT[2], "crossed": EIGHT[3]}


@pytest.fixture(scope="module")
def context():
    return replace(make_context(), reader=JamoReader.load())


@pytest.fixture()
def session(context, tmp_path):
    made = Session(context, tmp_path / "one")
    yield made
    made.close()


@pytest.fixture(scope="module")
def photo(real_fonts, tmp_path_factory):
    """Bytes of a photograph of a sheet, with faults or without, of so many boxes."""
    hand = next(real_fonts.rglob("gamja-flower-regular.*"))
    made = {}

    def taken(faults, syllables=EIGHT):
        if (faults, syllables) not in made:
            path = tmp_path_factory.mktemp("sheet") / "sheet.png"
            write_template(path, syllables, korean_font=None)
            empty = {"": "", "some": FAULTY["empty"], "all": syllables}[faults]
            other = {FAULTY["left"]: "뷁"} if faults == "some" else None
            page = fill_in(path, syllables, hand, empty=empty, other=other)
            if faults == "some":
                cross_out(page, syllables, FAULTY["crossed"], [(0, 0, 1, 1), (1, 0, 0, 1)])
            file = io.BytesIO()
            photograph_sheet(page, file, size=PHONE)
            made[faults, syllables] = file.getvalue()
        return made[faults, syllables]

    return taken


def given(session):
    return "".join(reference.character for reference in session.references.values())


def test_each_box_becomes_a_reference_in_place_of_what_was_there(session, photo):
    session.add(picture(), "a.png", "가")
    session.add(photo(""), "sheet.jpg", "한")
    assert given(session) == EIGHT
    assert state_of(session)["sheet"] == []
    names = {reference.name for reference in session.references.values()}
    assert names == {f"sheet.jpg, box of {syllable}" for syllable in EIGHT}


def test_bad_boxes_are_named_and_the_good_ones_taken(session, photo):
    session.add(photo("some"), "sheet.jpg", "")
    assert given(session) == "".join(s for s in EIGHT if s not in FAULTY.values())
    boxes = {box["syllable"]: box["problem"] for box in state_of(session)["sheet"]}
    assert boxes == {
        FAULTY["left"]: "reads-otherwise",
        FAULTY["empty"]: "empty",
        FAULTY["crossed"]: "crossed-out",
    }
    session.add(picture(), "a.png", FAULTY["left"])
    assert FAULTY["left"] not in {box["syllable"] for box in state_of(session)["sheet"]}


def test_of_more_boxes_eight_are_taken(session, photo):
    session.add(photo("", SYLLABLES[:12]), "sheet.jpg", "한")
    assert len(session.references) == 8
    over = [box["problem"] for box in state_of(session)["sheet"]]
    assert over.count("over") == 4 - sum(problem != "over" for problem in over)


def test_a_box_can_be_renamed_and_removed_like_a_picture(session, photo):
    session.add(photo(""), "sheet.jpg", "한")
    first = next(iter(session.references))
    session.rename(first, "환")
    assert given(session) == "환" + EIGHT[1:]
    session.remove(first)
    assert given(session) == EIGHT[1:]


def test_an_empty_sheet_says_so_and_changes_nothing(session, photo):
    session.add(picture(), "a.png", "가")
    with pytest.raises(UserError) as refused:
        session.add(photo("all"), "sheet.jpg", "한")
    assert refused.value.reason == "sheet-empty"
    assert given(session) == "가" and session.sheet is None


def test_a_part_of_a_sheet_is_no_syllable_and_changes_nothing(session, photo):
    whole = Image.open(io.BytesIO(photo("")))
    part = io.BytesIO()
    whole.crop((0, 0, whole.width, whole.height - 500)).save(part, "JPEG")
    session.add(picture(), "a.png", "가")
    with pytest.raises(UserError) as refused:
        session.add(part.getvalue(), "sheet.jpg", "한")
    assert refused.value.reason == "cut-sheet"
    assert given(session) == "가" and session.sheet is None


def test_the_sheet_to_write_on_is_one_request_away(context, tmp_path):
    with running(context, tmp_path) as address:
        pdf = User(address).get("/api/template.pdf")
    assert pdf.startswith(b"%PDF") and b"%%EOF" in pdf[-32:]


@needs_browser
def test_the_page_shows_good_boxes_and_names_bad_ones_in_red(context, photo, tmp_path):
    file = tmp_path / "sheet.jpg"
    file.write_bytes(photo("some"))
    with running(context, tmp_path / "root") as address, opened(address, tmp_path) as browser:
        add(browser, str(file), tiles=8)
        assert len(shown(browser, ".tile .caption")) == 5
        red = shown(browser, ".tile.bad .seen")
        assert len(red) == 2 and any("crossed out" in said for said in red)
        assert len(shown(browser, ".tile.box:not(.bad) .seen")) == 1
        assert len(shown(browser, "a[download]")) == 1
        check_quiet(browser)
