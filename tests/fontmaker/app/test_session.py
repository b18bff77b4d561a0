"""A user's references, text and font belong together; what cannot be used changes nothing.

Users are told apart by a secret, are few, and are forgotten after a while without a look.
"""

import threading

import pytest

from fontmaker.app.session import (
    MAX_IDLE,
    MAX_SYLLABLES,
    MAX_TEXT,
    MOST_SESSIONS,
    Session,
    Sessions,
)
from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul.charset import ksx1001
from support.app_server import make_context, picture, two_syllables
from support.fontmaker_stubs import StubModel


@pytest.fixture()
def session(tmp_path):
    made = Session(make_context(), tmp_path / "one")
    yield made
    made.close()


def syllables(session):
    return [reference.character for reference in session.references.values()]


def refused(call, *arguments):
    with pytest.raises(UserError) as error:
        call(*arguments)
    return error.value.reason


def test_references_stand_in_their_order_and_a_second_of_a_syllable_replaces_the_first(session):
    for syllable in "한글한":
        session.add(picture(), "a.png", syllable)
    assert syllables(session) == ["글", "한"]


def test_decomposed_syllables_and_spaces_are_put_right(session):
    session.add(picture(), "a.png", " \u1112\u1161\u11ab ")
    assert syllables(session) == ["한"]


def test_eight_are_the_most_and_the_ninth_leaves_nothing(session, tmp_path):
    for syllable in "한글빛뜻쪽의휘맑":
        session.add(picture(), "a.png", syllable)
    files = sorted(path.name for path in (tmp_path / "one").glob("reference-*"))
    assert refused(session.add, picture(), "a.png", "가") == "too-many"
    assert len(syllables(session)) == 8
    assert sorted(path.name for path in (tmp_path / "one").glob("reference-*")) == files
    session.add(picture(), "b.png", "한")
    assert len(syllables(session)) == 8


@pytest.mark.parametrize(
    ("data", "syllable", "reason"),
    [
        (picture(), "A", "no-syllable"),
        (picture(), "", "no-syllable"),
        (b"not a picture", "한", "no-picture"),
        (picture()[:300], "한", "broken"),
        (two_syllables(), "글", "several"),
    ],
)
def test_what_is_no_reference_is_refused_and_changes_nothing(session, data, syllable, reason):
    session.add(picture(), "a.png", "한")
    assert refused(session.add, data, "b.png", syllable) == reason
    assert syllables(session) == ["한"]


def test_what_plainly_is_another_syllable_is_noticed_and_can_be_put_right(session):
    session.add(picture(), "a.png", "글")
    ((number, reference),) = session.references.items()
    assert reference.read_as == "한"
    session.rename(number, "한")
    assert syllables(session) == ["한"]
    assert session.references[number].read_as == ""


def test_what_is_removed_is_gone_from_the_disk(session, tmp_path):
    session.add(picture(), "a.png", "한")
    (number,) = session.references
    session.remove(number)
    assert session.style is None
    assert not list((tmp_path / "one").glob("reference-*"))
    assert refused(session.remove, number) == "gone"
    assert refused(session.rename, number, "한") == "gone"


def test_a_name_is_shown_without_what_cannot_be_shown_and_not_at_any_length(session, tmp_path):
    session.add(picture(), "../\x1b[31m\u202e" + "a" * 500 + ".png", "한")
    (reference,) = session.references.values()
    name = reference.name
    assert name.isprintable() and len(name) == 80 and name.endswith(".png")
    assert [path.name for path in (tmp_path / "one").glob("*")] == ["reference-1"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("abc 123", "no-hangul"),
        ("", "no-hangul"),
        ("가" * (MAX_TEXT + 1), "long-text"),
        ("".join(ksx1001()[: MAX_SYLLABLES + 1]), "long-text"),
    ],
)
def test_a_text_that_cannot_be_set_is_refused(session, text, reason):
    session.add(picture(), "a.png", "한")
    assert refused(session.set_text, text) == reason
    assert session.setting is None


def test_without_a_reference_nothing_is_drawn(session):
    assert refused(session.set_text, "다람쥐") == "no-reference"
    assert refused(session.make_font, "My Hand", "ksx1001") == "no-reference"


def test_other_references_are_another_style(session):
    session.add(picture(), "a.png", "한")
    session.set_text("다람쥐")
    first = session.style
    session.setting.job.join()
    session.add(picture(), "b.png", "글")
    assert session.style is not first
    assert session.setting is None
    assert session.style.glyphs == {}


def test_a_new_text_ends_the_drawing_of_the_last(tmp_path):
    begun, go_on = threading.Event(), threading.Event()
    model = StubModel(batch_size=1)
    draws = model.generate

    def generate(request):
        begun.set()
        go_on.wait()
        return draws(request)

    model.generate = generate
    session = Session(make_context(model), tmp_path / "one")
    session.add(picture(), "a.png", "한")
    session.set_text("다람쥐헌")
    begun.wait()
    first = session.setting.job
    session.set_text("파")
    go_on.set()
    first.join()
    session.setting.job.join()
    assert first.state == "cancelled"
    assert "".join(asked for asked, _ in model.asked) == "한파"  # 한 tells the stroke width
    session.close()


def test_a_font_takes_what_the_text_has_drawn(session, tmp_path):
    session.add(picture(), "a.png", "한")
    session.set_text("다람쥐 헌")
    session.setting.job.join()
    model = session._context.model
    asked = len(model.asked)
    session.make_font("My Hand", "text")
    session.export.job.join()
    assert session.export.job.state == "done", session.export.job.error
    assert len(model.asked) == asked
    names = {kind: path.name for kind, path in session.export.result.files.items()}
    assert names == {
        "ttf": "MyHand.ttf",
        "woff2": "MyHand.woff2",
        "html": "MyHand.html",
        "json": "MyHand.json",
    }
    assert all(path.stat().st_size for path in session.export.result.files.values())


@pytest.mark.parametrize(
    ("family", "reason"),
    [
        ("123", "family"),
        ("a/b", "family"),
        ("a" * 40, "family-long"),
        ("Nanum Hand", "family-taken"),
    ],
)
def test_a_family_name_that_cannot_be_used_is_refused(session, family, reason):
    session.add(picture(), "a.png", "한")
    assert refused(session.make_font, family, "ksx1001") == reason
    assert session.export is None


def test_at_its_end_all_work_ends_and_nothing_is_left(tmp_path):
    session = Session(make_context(), tmp_path / "one")
    session.add(picture(), "a.png", "한")
    session.make_font("My Hand", "all")
    job = session.export.job
    session.close()
    assert job.state == "cancelled"
    assert not (tmp_path / "one").exists()


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture()
def clock():
    return Clock()


@pytest.fixture()
def sessions(tmp_path, clock):
    made = Sessions(make_context(), tmp_path, clock=clock)
    yield made
    made.close()


def test_a_token_opens_its_own_session_alone(sessions):
    (one, first), (other, second) = sessions.open(), sessions.open()
    assert one != other and len(one) > 40
    assert sessions.find(one) is first
    assert sessions.find(other) is second
    assert sessions.find("") is None
    assert sessions.find(one[:-1]) is None


def test_what_nobody_looks_at_is_forgotten_with_its_files(sessions, clock, tmp_path):
    old, _ = sessions.open()
    clock.now = MAX_IDLE / 2
    kept, _ = sessions.open()
    clock.now = MAX_IDLE + 1
    sessions.sweep()
    assert sessions.find(old) is None
    assert sessions.find(kept) is not None
    sessions.close()
    assert list(tmp_path.iterdir()) == []


def test_a_look_counts(sessions, clock):
    token, _ = sessions.open()
    clock.now = MAX_IDLE - 1
    sessions.find(token)
    clock.now = 2 * MAX_IDLE - 2
    sessions.sweep()
    assert sessions.find(token) is not None


def test_a_new_user_takes_the_room_of_who_was_away_longest(sessions, clock):
    tokens = []
    for clock.now in range(MOST_SESSIONS):
        tokens.append(sessions.open()[0])
    clock.now = 100
    sessions.find(tokens[0])
    sessions.open()
    assert sessions.find(tokens[1]) is None
    assert sessions.find(tokens[0]) is not None


def test_who_draws_keeps_the_room_and_is_not_forgotten(tmp_path, clock):
    model, go_on = StubModel(), threading.Event()
    draws = model.generate
    model.generate = lambda request: go_on.wait() and draws(request)
    sessions = Sessions(make_context(model), tmp_path, clock=clock)
    tokens = []
    for _ in range(MOST_SESSIONS):
        token, session = sessions.open()
        session.add(picture(), "a.png", "한")
        session.set_text("다람쥐")
        tokens.append(token)
    with pytest.raises(UserError) as error:
        sessions.open()
    assert error.value.reason == "busy"
    clock.now = 2 * MAX_IDLE
    sessions.sweep()
    assert all(sessions.find(token) for token in tokens)
    go_on.set()
    sessions.close()


def test_who_leaves_is_gone_at_once(sessions):
    token, _ = sessions.open()
    sessions.end(token)
    sessions.end("nobody")
    assert sessions.find(token) is None
