"""Visitors are told apart by a secret, are few, and are forgotten after a while without a look."""

import threading

import pytest

from fontmaker.app.sessions import MAX_IDLE, MOST, Sessions
from hangeul_bench.base.errors import UserError
from support.app_server import make_workshop, picture
from support.fontmaker_stubs import StubModel


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture()
def clock():
    return Clock()


@pytest.fixture()
def sessions(tmp_path, clock):
    made = Sessions(make_workshop(), tmp_path, clock=clock)
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


def test_a_new_visitor_takes_the_room_of_who_was_away_longest(sessions, clock):
    tokens = []
    for clock.now in range(MOST):
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
    sessions = Sessions(make_workshop(model), tmp_path, clock=clock)
    tokens = []
    for _ in range(MOST):
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
