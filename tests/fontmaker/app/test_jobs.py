"""A job tells how far it is, ends where it is cancelled, and keeps what went wrong.

One at a time has the turn: the lowest rank first, then who asked first; steps are between.
"""

import errno
import threading
import time

import pytest

from fontmaker.app.jobs import Job, PriorityLock, Stage
from hangeul_bench.base.errors import UserError


def run(work):
    job = Job(work, PriorityLock(), rank=0).start()
    job.join()
    return job


def test_stages_are_told_as_they_come():
    told = []

    def work(job):
        told.append((job.state, job.stage))
        with job.stages("Drawing", 3, "glyphs") as bar:
            bar.advance()
            bar.advance(2)
            told.append((job.stage.title, job.stage.done, job.stage.total))
        told.append(job.stage)

    job = run(work)
    assert told == [("running", None), ("Drawing", 3, 3), None]
    assert (job.state, job.active, job.error) == ("done", False, None)


def test_the_rate_leaves_out_what_was_there_before():
    stage = Stage("Drawing", 100)
    stage.advance(40, now=10.0)
    assert (stage.rate, stage.seconds_left) == (None, None)
    stage.advance(10, now=12.0)
    assert (stage.rate, stage.seconds_left) == (5.0, 10.0)


def test_cancelled_it_ends_at_its_next_step():
    begun, cancelled, steps = threading.Event(), threading.Event(), []

    def work(job):
        with job.stages("Drawing", 9, "glyphs") as bar:
            for step in range(9):
                steps.append(step)
                begun.set()
                cancelled.wait()
                bar.advance()

    job = Job(work, PriorityLock(), rank=0).start()
    begun.wait()
    job.cancel()
    cancelled.set()
    job.join()
    assert (job.state, steps, job.error) == ("cancelled", [0], None)


def test_cancelled_before_its_turn_it_does_nothing():
    lock, done = PriorityLock(), []
    with lock.hold(0):
        job = Job(done.append, lock, rank=0).start()
        assert job.state == "waiting"
        job.cancel()
    job.join()
    assert (job.state, done) == ("cancelled", [])


@pytest.mark.parametrize(
    ("error", "reason", "words"),
    [
        (UserError("Expected a.", reason="no-ink"), "no-ink", "Expected a."),
        (OSError(errno.ENOSPC, "full", "x"), "system", "disk is full"),
        (ZeroDivisionError("by zero"), "unexpected", "ZeroDivisionError: by zero"),
    ],
)
def test_what_went_wrong_is_one_sentence(error, reason, words):
    def work(job):
        raise error

    job = run(work)
    assert (job.state, job.error.reason) == ("failed", reason)
    assert words in str(job.error)
    assert job.stage is None


def test_what_should_not_happen_is_logged_with_its_place(caplog):
    run(lambda job: 1 / 0)
    assert "ZeroDivisionError" in caplog.text
    assert "test_jobs.py" in caplog.text


def waiting(lock, count):
    while len(lock._waiting) < count:
        time.sleep(0.001)


def queue(lock, names):
    """Threads that have their turn once ours is over; in which order."""
    order, threads = [], []

    def work(name, rank):
        with lock.hold(rank):
            order.append(name)

    for count, (name, rank) in enumerate(names, 1):
        threads.append(threading.Thread(target=work, args=(name, rank)))
        threads[-1].start()
        waiting(lock, count)
    return order, threads


def test_who_waits_goes_by_rank_then_by_time():
    lock = PriorityLock()
    with lock.hold(0):
        order, threads = queue(lock, [("font", 1), ("text", 0), ("font 2", 1), ("text 2", 0)])
        assert order == []
    for thread in threads:
        thread.join()
    assert order == ["text", "text 2", "font", "font 2"]


def test_an_offer_lets_equals_and_those_before_go_first_and_comes_back():
    lock = PriorityLock()
    with lock.hold(1):
        order, threads = queue(lock, [("equal", 1), ("later", 2), ("before", 0)])
        lock.offer(1)
        order.append("back")
    for thread in threads:
        thread.join()
    assert order == ["before", "equal", "back", "later"]


def test_a_failure_gives_the_turn_back():
    lock = PriorityLock()
    try:
        with lock.hold(0):
            raise ValueError
    except ValueError:
        pass
    with lock.hold(0):
        pass
