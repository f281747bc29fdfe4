"""The notes that Redis did not take: who is given what is held, and as of when."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine

from calls import ledger
from calls.database import StoreError
from flows.live import Told
from tests.moments import OPEN, at
from voice.ending import later, notes
from voice.ending.later import Later
from voice.ending.notes import Notebook

TOLD: Told = ("CA1", "key", at(OPEN), [{"code": "group", "t": 1}])


# SQL may hang for longer than Redis is away, and the process be lost meanwhile.
def test_what_sql_does_not_take_in_time_is_offered_to_redis(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on, came = threading.Event(), threading.Event()
    taken: list[Told] = []

    def takes(many: Sequence[Told]) -> bool:
        taken.extend(many)
        came.set()
        return True

    monkeypatch.setattr(notes, "KEPT_WITHIN", 0.01)
    monkeypatch.setattr(ledger, "keep_notes", lambda *_: goes_on.wait(60))
    assert not Notebook(engine, Later()).keep(TOLD, takes)
    assert came.wait(60)
    goes_on.set()
    [(call, key, _, told)] = taken
    assert (call, key, told) == ("CA1", "key", TOLD[3])


# An attempt at SQL may hang for longer than Redis is away, with all that is held behind it.
def test_an_sql_that_hangs_keeps_nothing_from_a_redis_that_is_back(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, came = threading.Event(), threading.Event()
    offers, asked = 0, 0

    def takes(_: Sequence[Told]) -> bool:
        nonlocal offers
        offers += 1
        if offers == 3:
            came.set()
        return offers >= 3

    def keeps(*_: object) -> None:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise StoreError("away")
        goes_on.wait(60)

    monkeypatch.setattr(notes, "KEPT_WITHIN", 0.01)
    monkeypatch.setattr(notes, "OFFERED_FOR", 0.01)
    monkeypatch.setattr(later, "TRY_AGAIN", 0.01)
    monkeypatch.setattr(ledger, "keep_notes", keeps)
    assert not Notebook(engine, Later()).keep(TOLD, takes)
    assert came.wait(60)
    assert asked == 2, "one attempt that hangs is enough"
    goes_on.set()


# A record that was settled without them is settled anew: by what comes later than it.
def test_what_was_held_is_kept_as_of_when_it_could_be(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    came, moments = threading.Event(), list[datetime]()
    monkeypatch.setattr(notes, "time", SimpleNamespace(monotonic=lambda: 30.0 * len(moments)))

    def takes(many: Sequence[Told]) -> bool:
        moments.extend(moment for _, _, moment, _ in many)
        came.set()
        return True

    def keeps(_: Engine, many: Sequence[Told]) -> None:
        moments.extend(moment for _, _, moment, _ in many)
        raise StoreError("away")

    monkeypatch.setattr(ledger, "keep_notes", keeps)
    assert not Notebook(engine, Later()).keep(TOLD, takes)
    assert came.wait(60)
    assert [moment - at(OPEN) for moment in moments] == [timedelta(0), timedelta(seconds=30)]


# A line that is slow when it is back, and a process that has seconds: one question each is too much.
@pytest.mark.parametrize("redis_is_back", [True, False])
def test_what_is_held_is_given_together(engine: Engine, monkeypatch: pytest.MonkeyPatch, redis_is_back: bool) -> None:
    monkeypatch.setattr(later, "TRY_AGAIN", 0.01)
    back, gone, given = threading.Event(), threading.Event(), list[int]()
    keep_notes = ledger.keep_notes

    def takes(many: Sequence[Told]) -> bool:
        if back.is_set() and redis_is_back:
            given.append(len(many))
        return back.is_set() and redis_is_back

    def keeps(engine: Engine, many: Sequence[Told]) -> None:
        if not back.is_set():
            raise StoreError("away")
        given.append(len(many))
        keep_notes(engine, many)

    monkeypatch.setattr(ledger, "keep_notes", keeps)
    held = Later()
    notebook = Notebook(engine, held)
    for number in range(later.MOST_TOGETHER + 5):
        assert not notebook.keep((f"CA{number}", "key", at(OPEN), TOLD[3]), takes)
    held.hold("CA0", "end", None, lambda _: gone.set(), loss="its end")
    back.set()
    assert gone.wait(60)
    assert sum(given) == later.MOST_TOGETHER + 5
    assert len(given) <= 3  # one of fewer may have been under way


# An answer that comes too late for whoever waits is one all the same: on a slow line there may be no other.
def test_what_is_written_late_is_not_written_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "KEPT_WITHIN", 0.01)
    monkeypatch.setattr(later, "TRY_AGAIN", 0.01)
    goes_on, gone, asked = threading.Event(), threading.Event(), []

    def keeps(*_: object) -> None:
        asked.append(goes_on.wait(60))

    monkeypatch.setattr(ledger, "keep_notes", keeps)
    held = Later()
    assert not Notebook(engine, held).keep(TOLD)
    held.hold("CA1", "end", None, lambda _: gone.set(), loss="its end")
    goes_on.set()
    assert gone.wait(60)
    assert asked == [True]


# The provider tells again and again what could not be kept.
def test_what_is_told_again_is_held_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(later, "TRY_AGAIN", 0.01)
    back, gone, done, held = threading.Event(), threading.Event(), list[object](), Later()

    def does(many: Sequence[object]) -> None:
        if not back.is_set():
            raise StoreError("away")
        done.extend(many)

    for what in ("first", "again", "and again"):
        held.hold("CA1", "end", what, does, loss="its end")
    held.hold("CA1", "last", None, lambda _: gone.set(), loss="")
    back.set()
    assert gone.wait(60)
    assert done == ["first"]
