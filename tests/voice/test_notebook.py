"""The notes that Redis did not take: who is given what is held, and as of when."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from calls import ledger
from calls.database import StoreError
from flows.live import Note
from tests.moments import OPEN, at
from voice import notes
from voice.notes import HELD_FOR, Notebook, _Held

NOTE: Note = {"code": "group", "t": 1}


# SQL may hang for longer than Redis is away, and the process be lost meanwhile.
def test_what_sql_does_not_take_in_time_is_offered_to_redis(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on, came = threading.Event(), threading.Event()
    taken: list[tuple[str, str, list[Note]]] = []

    def takes(call: str, key: str, _: datetime, told: Sequence[Note]) -> bool:
        taken.append((call, key, list(told)))
        came.set()
        return True

    monkeypatch.setattr(notes, "KEPT_WITHIN", 0.01)
    monkeypatch.setattr(ledger, "keep_notes", lambda *_: goes_on.wait(60))
    assert not Notebook(engine).keep("CA1", "key", at(OPEN), [NOTE], takes)
    assert came.wait(60)
    goes_on.set()
    assert taken == [("CA1", "key", [NOTE])]


# An attempt at SQL may hang for longer than Redis is away, with all that is held behind it.
def test_an_sql_that_hangs_keeps_nothing_from_a_redis_that_is_back(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, came = threading.Event(), threading.Event()
    offers, asked = 0, 0

    def takes(*_: object) -> bool:
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
    monkeypatch.setattr(notes, "TRY_AGAIN", 0.01)
    monkeypatch.setattr(ledger, "keep_notes", keeps)
    assert not Notebook(engine).keep("CA1", "key", at(OPEN), [NOTE], takes)
    assert came.wait(60)
    assert asked == 2, "one attempt that hangs is enough"
    goes_on.set()


# A record that was settled without them is settled anew: by what comes later than it.
def test_what_was_held_is_kept_as_of_when_it_could_be() -> None:
    held = _Held("CA1", "key", at(OPEN), [NOTE], time.monotonic() + HELD_FOR - 30, lambda *_: False)
    late: Any = held.kept_now - at(OPEN)
    assert timedelta(seconds=30) <= late < timedelta(seconds=31)
