"""A slice of the fuzz run, and the cases that once failed; the whole of it is `make fuzz`."""

import logging
import sys
from pathlib import Path
from random import Random

import pytest

from fuzz import damage, documents, fonts, pictures, pool, sheets
from support.bad_cases import SLOW_SECONDS

SLICES = {"fonts": (fonts, 40), "pictures": (pictures, 60), "documents": (documents, 60)}
SEED = "1"
# Of a process that loads nothing; a slow machine reaches the memory long before the time.
SMALL = pool.Limits(cpu_seconds=3, megabytes=150)


@pytest.mark.parametrize("kind", sorted(SLICES))
def test_damaged_files_are_read_or_refused_in_one_sentence(kind, tmp_path, monkeypatch):
    monkeypatch.delenv(fonts.FOLDER, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    # This process holds what other tests have left in it.
    pool._forget_peak()
    limits = pool.Limits(megabytes=pool.PROMISED.megabytes + pool._peak_megabytes())
    logging.disable(logging.CRITICAL)
    try:
        module, count = SLICES[kind]
        (tmp_path / "cases").mkdir()
        run = module.make(tmp_path / "cases", SEED)
        outcomes = [pool.run_case(kind, run, number, limits) for number in range(count)]
    finally:
        logging.disable(logging.NOTSET)
    failed = [(o.number, o.verdict, o.detail[-800:]) for o in outcomes if o.failed]
    assert failed == []
    # A run that refuses everything, or nothing, tests little.
    assert {o.verdict for o in outcomes} == {"accepted", "refused"}


def test_sheets_are_read_and_their_bad_boxes_named(tmp_path, monkeypatch, real_fonts):
    monkeypatch.setenv(fonts.FOLDER, str(real_fonts))
    pool._forget_peak()
    limits = pool.Limits(megabytes=pool.PHOTOGRAPHS.megabytes + pool._peak_megabytes())
    run = sheets.make(tmp_path, SEED)
    outcomes = [pool.run_case("sheets", run, number, limits) for number in (1, 4, 20)]
    assert [(o.number, o.verdict, o.detail[-800:]) for o in outcomes if o.failed] == []
    assert "accepted" in {o.verdict for o in outcomes}


def test_no_damage_goes_on_into_the_next_case():
    # A list of the odd values once held itself after some cases.
    chance = Random("damage")
    texts = [damage.damage_json({"a": [1, [2]], "b": {}}, chance) for _ in range(3000)]
    assert len(texts) == 3000
    assert damage.ODD_VALUES[13:17] == ([], {}, [[]], [None])


def test_the_making_of_the_material_is_no_hang(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.setattr(sys, "argv", ["pytest"])
    limits = pool.Limits(wall_seconds=SLOW_SECONDS / 2)
    maker = "support.bad_cases:make_slowly"
    outcomes = list(pool.run_all("bad", maker, [0], seed="", workers=1, limits=limits))
    assert [outcome.verdict for outcome in outcomes] == ["accepted"]


def test_the_fuzz_run_notices_tracebacks_hangs_crashes_and_memory(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.setattr(sys, "argv", ["pytest"])
    outcomes = pool.run_all(
        "bad", "support.bad_cases:make", range(6), seed="", workers=1, limits=SMALL
    )
    verdicts = {outcome.number: outcome.verdict for outcome in outcomes}
    assert verdicts == {
        0: "accepted",
        1: "traceback ValueError",
        2: "hang",
        3: "crash SIGSEGV",
        4: "memory",
        5: "accepted",
    }
