"""The outbox: calls are lent to one worker at a time, in turn, and come back until they are filed or given up."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from calls import ledger, outbox
from calls.database import connect
from calls.details import CallDetails
from calls.outbox import LEASE, MESSAGE_WITHIN, MOST_ATTEMPTS, PAUSES, LeaseLost
from calls.tables import recordings
from tests.details.rows import a_call, ids, on_file
from tests.moments import at

NOW = at("2026-11-24 12:00")
SECOND = timedelta(seconds=1)


def due(ago: float = 0, **fields: Any) -> CallDetails:
    """A settled call that has been due for so many seconds."""
    return a_call("2026-11-24 10:30", crm_due_at=NOW - timedelta(seconds=ago), **fields)


def take(engine: Engine, now: datetime = NOW) -> CallDetails | None:
    with engine.begin() as connection:
        return outbox.take(connection, now)


def taken(engine: Engine, now: datetime = NOW) -> CallDetails:
    found = take(engine, now)
    assert found is not None, "nothing is due"
    return found


def change(engine: Engine, what: Callable[..., Any], *arguments: Any) -> Any:
    with engine.begin() as connection:
        return what(connection, *arguments)


def kept(engine: Engine, call: CallDetails) -> CallDetails:
    with engine.connect() as connection:
        found = ledger.find(connection, call.id)
    assert found is not None
    return found


def test_calls_are_taken_in_the_order_in_which_they_became_due(engine: Engine) -> None:
    calls = [due(ago) for ago in (5, 60, 0, 20)]
    on_file(engine, *calls)
    order = [taken(engine) for _ in calls]
    assert ids(order) == ids(sorted(calls, key=lambda call: call.crm_due_at or NOW))
    assert take(engine) is None


def test_what_is_not_due_yet_is_left(engine: Engine) -> None:
    on_file(engine, due(-1))
    assert take(engine) is None
    assert take(engine, NOW + SECOND) is not None


@pytest.mark.parametrize("state", ["filed", "skipped", "failed"])
def test_what_is_settled_one_way_or_another_is_left(engine: Engine, state: str) -> None:
    on_file(engine, due(10, crm_state=state))
    assert take(engine) is None


# It would change while it is filed; and what settles it would release it to a second worker.
def test_a_record_that_is_not_settled_is_left(engine: Engine) -> None:
    on_file(engine, due(10, settled_at=None))
    assert take(engine) is None
    with engine.begin() as connection:
        [call_id] = ledger.forgotten(connection, NOW, 10)
        ledger.settle_as_it_is(connection, call_id, NOW)
    assert take(engine) is not None


def test_a_call_belongs_to_its_worker_until_the_lease_ends(engine: Engine) -> None:
    on_file(engine, due())
    first = taken(engine)
    assert first.crm_due_at == NOW + LEASE
    assert take(engine, NOW + LEASE - SECOND) is None
    assert taken(engine, NOW + LEASE).id == first.id


def a_message(call: CallDetails, state: str) -> dict[str, Any]:
    values = {"id": f"RE{call.id}", "call_id": call.id, "kind": "voicemail", "url": "", "seconds": 9}
    return values | {"recorded_at": call.ended_at, "state": state, "attempts": 0}


# A message may turn out to be silence, which makes it a missed call.
def test_a_call_waits_for_its_message_but_not_for_ever(engine: Engine) -> None:
    call = due(3600, outcome="voicemail", ended_at=NOW)
    on_file(engine, call)
    with engine.begin() as connection:
        connection.execute(insert(recordings).values(a_message(call, "pending")))
    assert take(engine, NOW + MESSAGE_WITHIN) is None
    assert take(engine, NOW + MESSAGE_WITHIN + SECOND) is not None


@pytest.mark.parametrize("state", ["kept", "silent", "failed", "remote"])
def test_a_message_of_which_nothing_more_is_awaited_keeps_no_call(engine: Engine, state: str) -> None:
    call = due(outcome="voicemail", ended_at=NOW)
    on_file(engine, call)
    with engine.begin() as connection:
        connection.execute(insert(recordings).values(a_message(call, state)))
    assert take(engine) is not None


# Two workers, and the jobs of one that overlap, take each call once: SKIP LOCKED, or a compare-and-set on SQLite.
def test_many_workers_at_once_take_each_call_once(engine: Engine) -> None:
    on_file(engine, *(due(ago) for ago in range(40)))

    def works(_: int) -> list[CallDetails]:
        found = []
        while call := take(engine):
            found.append(call)
        return found

    with ThreadPoolExecutor(4) as pool:
        order = ids(call for calls in pool.map(works, range(4)) for call in calls)
    assert len(order) == 40
    assert len(set(order)) == 40


def test_two_takers_within_one_moment_do_not_wait_for_each_other(postgres_url: str) -> None:
    engine = connect(postgres_url)
    first, second = due(2), due(1)
    on_file(engine, first, second)
    with engine.begin() as one, engine.begin() as other:
        order = [outbox.take(one, NOW), outbox.take(other, NOW)]
    assert ids(call for call in order if call) == [first.id, second.id]
    engine.dispose()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_loses_the_race_for_a_row_takes_the_next(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite locks no rows: the other worker writes between our look and our write."""
    first, second = due(2), due(1)
    on_file(engine, first, second)
    read = ledger.read

    def read_late(row: Any) -> CallDetails:
        monkeypatch.setattr(outbox, "read", read)
        assert taken(engine).id == first.id
        return read(row)

    monkeypatch.setattr(outbox, "read", read_late)
    assert taken(engine).id == second.id


def test_a_failed_attempt_is_repeated_after_growing_pauses(engine: Engine) -> None:
    on_file(engine, due())
    now = NOW
    for attempt, pause in enumerate((*PAUSES, PAUSES[-1]), start=1):
        change(engine, outbox.later, taken(engine, now), now, f"failure {attempt}")
        assert take(engine, now + timedelta(seconds=pause) - SECOND) is None
        now += timedelta(seconds=pause)
    call = taken(engine, now)
    assert (call.crm_attempts, call.crm_reason, call.crm_state) == (7, "failure 7", "pending")


def test_after_the_last_attempt_it_counts_as_failed(engine: Engine) -> None:
    on_file(engine, due(crm_attempts=MOST_ATTEMPTS - 2))
    change(engine, outbox.later, taken(engine), NOW, "the portal is closed")
    late = NOW + timedelta(days=1)
    call = taken(engine, late)
    change(engine, outbox.later, call, late, "the portal is closed")
    found = kept(engine, call)
    assert (found.crm_state, found.crm_attempts, found.crm_due_at) == ("failed", MOST_ATTEMPTS, None)
    assert found.crm_reason == f"given up after {MOST_ATTEMPTS} attempts: the portal is closed"


# "Attempts that the CRM put off do not count": an hour of a full limit must not give calls up.
def test_what_the_crm_put_off_is_no_attempt(engine: Engine) -> None:
    on_file(engine, due())
    for times in range(MOST_ATTEMPTS + 1):
        now = NOW + timedelta(seconds=30 * times)
        change(engine, outbox.give_back, taken(engine, now), now, 30, "its limit is used up")
        assert take(engine, now + timedelta(seconds=29)) is None
    call = taken(engine, NOW + timedelta(days=1))
    assert (call.crm_attempts, call.crm_reason) == (0, "its limit is used up")


def test_a_permanent_failure_is_not_repeated_until_somebody_says_so(engine: Engine) -> None:
    on_file(engine, due(), due())
    one, other = taken(engine), taken(engine)
    for call in (one, other):
        change(engine, outbox.fail, call, "no such user")
    assert take(engine, NOW + timedelta(days=9)) is None
    with engine.connect() as connection:
        assert outbox.backlog(connection) == {"failed": 2}
    later = NOW + timedelta(days=10)
    assert change(engine, outbox.again, later, one.id) == 1
    assert change(engine, outbox.again, later, one.id) == 0
    again = taken(engine, later)
    assert (again.id, again.crm_attempts) == (one.id, 0)
    assert change(engine, outbox.again, later) == 1
    assert taken(engine, later).id == other.id


def test_what_was_filed_shows_in_what_was_found_and_owes_nothing(engine: Engine) -> None:
    on_file(engine, due(crm_reason="once failed"))
    call = taken(engine)
    change(engine, outbox.remember, call, "crm-1")
    change(engine, outbox.filed, replace(call, contact_type="lead", contact_id="7", contact_name="X", employee="eva"))
    found = kept(engine, call)
    assert (found.crm_state, found.crm_call_id, found.crm_reason, found.crm_due_at) == ("filed", "crm-1", None, None)
    assert (found.contact_type, found.contact_id, found.contact_name, found.employee) == ("lead", "7", "X", "eva")
    with engine.connect() as connection:
        assert outbox.backlog(connection) == {}


def test_a_call_whose_owner_was_found_is_lent_anew(engine: Engine) -> None:
    on_file(engine, due())
    now = NOW + LEASE - SECOND
    owned = change(engine, outbox.owned, replace(taken(engine), employee="eva"), now)
    assert (owned.employee, owned.crm_due_at) == ("eva", now + LEASE)
    assert take(engine, now + LEASE - SECOND) is None
    assert taken(engine, now + LEASE).employee == "eva"


CHANGES: dict[str, Callable[[Any, CallDetails, datetime], Any]] = {
    "filed": lambda connection, call, _: outbox.filed(connection, call),
    "remember": lambda connection, call, _: outbox.remember(connection, call, "crm-late"),
    "owned": lambda connection, call, now: outbox.owned(connection, call, now),
    "later": lambda connection, call, now: outbox.later(connection, call, now, "late"),
    "give_back": lambda connection, call, now: outbox.give_back(connection, call, now, 5, "late"),
    "fail": lambda connection, call, _: outbox.fail(connection, call, "late"),
    "skip": lambda connection, call, _: outbox.skip(connection, call, "late"),
}


# A worker that was frozen for longer than its lease must not undo what the next one does, or file beside it.
@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("other", ["is at it", "has filed it", "has given it up", "had it put back"])
def test_a_worker_that_was_overtaken_changes_nothing_more(engine: Engine, name: str, other: str) -> None:
    on_file(engine, due())
    slow, late = taken(engine), NOW + LEASE
    quick = taken(engine, late)
    if other == "has filed it":
        change(engine, outbox.filed, quick)
    elif other != "is at it":
        change(engine, outbox.fail, quick, "no such user")
    if other == "had it put back":
        change(engine, outbox.again, late + SECOND)
    before = kept(engine, slow)
    with pytest.raises(LeaseLost, match=slow.id):
        change(engine, CHANGES[name], slow, late)
    assert kept(engine, slow) == before


@pytest.mark.parametrize("name", CHANGES)
def test_a_worker_that_was_slow_and_not_overtaken_may_go_on(engine: Engine, name: str) -> None:
    on_file(engine, due())
    slow = taken(engine)
    change(engine, CHANGES[name], slow, NOW + 2 * LEASE)
    assert kept(engine, slow) != slow


def test_putting_failed_calls_back_leaves_those_alone_that_are_at_work(engine: Engine) -> None:
    on_file(engine, due())
    call = taken(engine)
    assert change(engine, outbox.again, NOW) == 0
    assert kept(engine, call) == call
