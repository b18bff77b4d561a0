"""One at a time has the turn: the lowest rank first, then who asked first; steps are between."""

import threading
import time

from fontmaker.app.turns import Turns


def waiting(turns, count):
    while len(turns._waiting) < count:
        time.sleep(0.001)


def queue(turns, names):
    """Threads that have their turns once ours is over; in which order."""
    order, threads = [], []

    def work(name, rank):
        with turns.turn(rank):
            order.append(name)

    for count, (name, rank) in enumerate(names, 1):
        threads.append(threading.Thread(target=work, args=(name, rank)))
        threads[-1].start()
        waiting(turns, count)
    return order, threads


def test_who_waits_goes_by_rank_then_by_time():
    turns = Turns()
    with turns.turn(0):
        order, threads = queue(turns, [("font", 1), ("text", 0), ("font 2", 1), ("text 2", 0)])
        assert order == []
    for thread in threads:
        thread.join()
    assert order == ["text", "text 2", "font", "font 2"]


def test_an_offer_lets_equals_and_those_before_go_first_and_comes_back():
    turns = Turns()
    with turns.turn(1):
        order, threads = queue(turns, [("equal", 1), ("later", 2), ("before", 0)])
        turns.offer(1)
        order.append("back")
    for thread in threads:
        thread.join()
    assert order == ["before", "equal", "back", "later"]


def test_a_failure_gives_the_turn_back():
    turns = Turns()
    try:
        with turns.turn(0):
            raise ValueError
    except ValueError:
        pass
    with turns.turn(0):
        pass
