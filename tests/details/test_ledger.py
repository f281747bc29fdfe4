"""The ledger: a record is written as often as there is something to write, and is one row with the last word."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text

from calls import ledger
from calls.database import StoreError, connect
from calls.details import CallDetails
from calls.ledger import FILINGS
from calls.tables import calls
from config.company import Company
from tests.details.rows import a_call, on_file
from tests.moments import at

NOW = at("2026-11-24 12:00")
MINUTE = timedelta(minutes=1)
FIRST = a_call("2026-11-24 10:30", "missed", settled_at=None, crm_due_at=NOW, employee="luis")
FILED = {"crm_state": "filed", "crm_call_id": "crm-1", "contact_type": "lead", "contact_id": "7", "contact_name": "X"}


def kept(engine: Engine, call: CallDetails = FIRST) -> CallDetails:
    with engine.connect() as connection:
        found = ledger.find(connection, call.id)
        assert connection.execute(select(func.count()).select_from(calls)).scalar() == 1
    assert found is not None
    return found


def test_what_is_written_is_read(engine: Engine) -> None:
    trace = ({"code": "arrived", "t": 1, "said": "¿quién?\0"}, {"code": "group", "t": 2, "group": "sales"})
    call = replace(FIRST, trace=trace, mailbox="group:sales", out_of_hours=True, forwarded_to="+34600111222")
    on_file(engine, call)
    assert kept(engine) == call


# A traceback of what SQL refused is logged; callers and hashes of passwords have no place there.
def test_what_was_to_be_written_is_in_no_error(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(StoreError) as error:
        connection.execute(text("SELECT * FROM nowhere WHERE caller = :caller"), {"caller": "+34600111222"})
    assert "600111222" not in str(error.value)


def test_what_is_known_later_replaces_what_was_written_first(engine: Engine) -> None:
    settled = replace(FIRST, outcome="answered", code="200", employee="eva", settled_at=NOW, crm_due_at=NOW + MINUTE)
    on_file(engine, FIRST, replace(FIRST, wait_seconds=5), settled)
    assert kept(engine) == settled


# The provider repeats itself: what its end alone tells does not undo what was settled.
def test_a_settled_record_is_replaced_only_by_a_settled_one(engine: Engine) -> None:
    settled = replace(FIRST, wait_seconds=5, settled_at=NOW)
    on_file(engine, settled, replace(FIRST, wait_seconds=6))
    assert kept(engine) == settled
    late = replace(settled, wait_seconds=7, settled_at=NOW + MINUTE)
    on_file(engine, late)
    assert kept(engine).wait_seconds == 7


@pytest.mark.parametrize("state", ["filed", "skipped", "failed"])
def test_the_filing_of_a_record_is_not_written_over(engine: Engine, state: str) -> None:
    filed = replace(FIRST, settled_at=NOW, crm_due_at=None, **(FILED | {"crm_state": state}), employee="eva")  # type: ignore[arg-type]
    on_file(engine, filed, replace(FIRST, settled_at=NOW + MINUTE, employee="luis", wait_seconds=9))
    found = kept(engine)
    assert {name: getattr(found, name) for name in FILINGS} == {name: getattr(filed, name) for name in FILINGS}
    assert (found.employee, found.crm_due_at, found.wait_seconds) == ("eva", None, 9)


def test_a_record_that_is_settled_again_keeps_the_pause_or_the_lease_of_its_filing(engine: Engine) -> None:
    on_file(engine, replace(FIRST, settled_at=NOW, crm_due_at=NOW + MINUTE))
    on_file(engine, replace(FIRST, settled_at=NOW, crm_due_at=NOW, employee="eva"))
    assert (kept(engine).crm_due_at, kept(engine).employee) == (NOW + MINUTE, "eva")


def test_records_that_nothing_has_settled_are_found_and_released(engine: Engine) -> None:
    old, new = FIRST, replace(FIRST, id="CA-new", ended_at=NOW)
    done = replace(FIRST, id="CA-done", settled_at=NOW - MINUTE, crm_due_at=None, **FILED)  # type: ignore[arg-type]
    on_file(engine, old, new, done)
    with engine.begin() as connection:
        assert ledger.forgotten(connection, NOW, 10) == [old.id]
        assert ledger.forgotten(connection, NOW + MINUTE, 10) == [old.id, new.id]
        assert ledger.forgotten(connection, NOW + MINUTE, 1) == [old.id]
        ledger.settle_as_it_is(connection, old.id, NOW)
        ledger.settle_as_it_is(connection, new.id, NOW + MINUTE)
        ledger.settle_as_it_is(connection, done.id, NOW + MINUTE)
        found = {id_: ledger.find(connection, id_) for id_ in (old.id, new.id, done.id)}
    settled = {id_: (call.settled_at, call.crm_due_at) for id_, call in found.items() if call}
    assert settled == {old.id: (NOW, NOW), new.id: (NOW + MINUTE, NOW + MINUTE), done.id: (NOW + MINUTE, None)}


def test_those_of_some_calls_that_are_on_file_are_known(engine: Engine) -> None:
    on_file(engine, FIRST)
    with engine.connect() as connection:
        assert ledger.known(connection, [FIRST.id, "CA-other"]) == {FIRST.id}
        assert ledger.known(connection, []) == set()


def test_notes_are_kept_once_and_in_their_order(engine: Engine) -> None:
    for key in ("b", "a", "b"):
        ledger.keep_notes(engine, [(FIRST.id, key, NOW, [{"code": key, "t": 1}])])
    ledger.keep_notes(engine, [("CA-other", "b", NOW, [{"code": "x", "t": 1}])])
    with engine.connect() as connection:
        assert [note["code"] for note in ledger.notes_of(connection, FIRST.id)] == ["b", "a"]


def test_reworking_a_record_leaves_when_it_is_filed(engine: Engine, sample: Company) -> None:
    trace = ({"code": "rings", "t": 1, "employees": ["ana"], "seconds": 20}, {"code": "no_answer", "t": 2})
    call = replace(FIRST, outcome="voicemail", trace=trace, settled_at=NOW, crm_due_at=NOW + MINUTE)
    on_file(engine, call)
    with engine.begin() as connection:
        assert ledger.rework(connection, "CA-none", sample) is None
        ledger.rework(connection, call.id, sample)
    found = kept(engine)
    assert found.outcome != "voicemail"
    assert (found.settled_at, found.crm_due_at) == (NOW, NOW + MINUTE)


# Callbacks, repeats and jobs write side by side, in any order: one row, and the settled word stands.
def test_writers_side_by_side_make_one_row(engine: Engine) -> None:
    settled = replace(FIRST, outcome="answered", code="200", settled_at=NOW, wait_seconds=99)
    words = [replace(FIRST, wait_seconds=n) for n in range(20)] + [settled] * 5
    random.Random(7).shuffle(words)
    url = engine.url.render_as_string(hide_password=False)

    def writes(some: list[CallDetails]) -> None:
        mine = connect(url)
        for word in some:
            on_file(mine, word)
        mine.dispose()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(writes, [words[place::4] for place in range(4)]))
    found: Any = kept(engine)
    assert (found.outcome, found.wait_seconds, found.settled_at) == ("answered", 99, NOW)
