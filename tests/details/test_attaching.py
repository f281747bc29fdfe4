"""Which recordings are to be attached in the CRM: when the call is filed, the one that matters, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from calls import attaching
from calls.attaching import Attachment
from calls.outbox import MOST_ATTEMPTS
from tests.details.recorded import NOW, a_recorded_call, a_recording, due, put, row

FILED: dict[str, Any] = {"crm_state": "filed", "crm_call_id": "externalCall.1"}
KEPT: dict[str, Any] = {"state": "kept", "file": "2026/11/RE1.wav"}


def take(engine: Engine, after: float = 0) -> Attachment | None:
    """Take one, so many seconds after NOW."""
    with engine.begin() as connection:
        return attaching.take(connection, NOW + timedelta(seconds=after))


def taken(engine: Engine, after: float = 0) -> Attachment:
    """Take one that is there."""
    found = take(engine, after)
    assert found is not None
    return found


def test_a_recording_goes_to_the_call_that_is_filed(engine: Engine) -> None:
    recording = a_recorded_call(engine, call=FILED, **KEPT)
    found = taken(engine)
    assert (found.id, found.crm_call_id, found.file) == (recording, "externalCall.1", KEPT["file"])
    assert take(engine) is None
    with engine.begin() as connection:
        attaching.attached(connection, found, NOW)
    assert take(engine, 10_000) is None
    assert row(engine, recording).attached_at == NOW


@pytest.mark.parametrize("state", ["pending", "failed"])
def test_it_waits_until_the_call_is_filed(engine: Engine, state: str) -> None:
    recording = a_recorded_call(engine, call={"crm_state": state, "crm_call_id": "externalCall.1"}, **KEPT)
    assert take(engine) is None
    assert due(engine, recording) == NOW


@pytest.mark.parametrize("state", ["pending", "failed", "silent", "remote", "removed"])
def test_it_waits_until_its_sound_is_here(engine: Engine, state: str) -> None:
    a_recorded_call(engine, call=FILED, state=state)
    assert take(engine) is None


# In the address book that comes with the app there is no place for a recording, and a skipped call is nowhere.
@pytest.mark.parametrize("state", ["filed", "skipped"])
def test_where_the_crm_has_no_call_nothing_is_attached(engine: Engine, state: str) -> None:
    recording = a_recorded_call(engine, call={"crm_state": state}, **KEPT)
    assert take(engine) is None
    found = row(engine, recording)
    assert (found.state, found.due_at, found.attached_at, found.reason) == ("kept", None, None, None)


# The last recording of a call replaces an earlier one at the CRM (bitrix24.md 5).
@pytest.mark.parametrize(
    ("outcome", "others", "matters"),
    [
        ("answered", [("recording", 10), ("recording", 90)], 1),
        ("answered", [("recording", 90), ("recording", 10)], 0),
        ("answered", [("recording", 5), ("voicemail", 90)], 0),
        ("voicemail", [("recording", 90), ("voicemail", 5)], 1),
    ],
)
def test_one_is_attached_the_one_that_matters(
    engine: Engine, outcome: str, others: list[tuple[str, int]], matters: int
) -> None:
    first = a_recorded_call(engine, outcome, call=FILED, kind=others[0][0], seconds=others[0][1], **KEPT)
    second = a_recording(engine, row(engine, first).call_id, kind=others[1][0], seconds=others[1][1], **KEPT)
    assert taken(engine).id == (first, second)[matters]
    assert take(engine) is None
    assert due(engine, (second, first)[matters]) is None


def test_it_waits_for_the_other_recordings_of_the_call(engine: Engine) -> None:
    short = a_recorded_call(engine, call=FILED, seconds=5, **KEPT)
    long = a_recording(engine, row(engine, short).call_id, seconds=50)
    assert take(engine) is None
    put(engine, long, state="failed", due_at=None)
    found = taken(engine)
    with engine.begin() as connection:
        attaching.attached(connection, found, NOW)
    put(engine, long, due_at=NOW, **KEPT)  # fetched again by hand: it takes the place of the other
    assert (found.id, taken(engine).id) == (short, long)


def test_side_by_side_each_is_taken_once(engine: Engine) -> None:
    ids = [a_recorded_call(engine, call=FILED, **KEPT) for _ in range(12)]

    def work(_: int) -> list[str]:
        mine = []
        while found := take(engine):
            mine.append(found.id)
        return mine

    with ThreadPoolExecutor(2) as workers:
        assert sorted(one for mine in workers.map(work, range(2)) for one in mine) == sorted(ids)


def test_who_is_killed_leaves_it_to_the_next(engine: Engine) -> None:
    a_recorded_call(engine, call=FILED, **KEPT)
    assert [taken(engine).attempts, taken(engine, attaching.LEASE.total_seconds()).attempts] == [1, 2]


def test_pauses_grow_until_it_is_given_up(engine: Engine) -> None:
    recording, after, pauses = a_recorded_call(engine, call=FILED, **KEPT), 0.0, []
    while True:
        found, moment = taken(engine, after), NOW + timedelta(seconds=after)
        with engine.begin() as connection:
            attaching.later(connection, found, moment, "HTTP 500")
        next_ = due(engine, recording)
        if next_ is None:
            break
        pauses.append((next_ - moment).total_seconds())
        after += pauses[-1]
    assert pauses[:6] == [5, 15, 60, 300, 900, 3600]
    assert len(pauses) == MOST_ATTEMPTS - 1
    found_ = row(engine, recording)
    assert (found_.state, found_.file) == ("kept", KEPT["file"])
    assert found_.reason == f"not attached in the CRM: given up after {MOST_ATTEMPTS} attempts: HTTP 500"


# What the CRM puts off is no attempt.
def test_what_the_crm_puts_off_does_not_count(engine: Engine) -> None:
    recording = a_recorded_call(engine, call=FILED, **KEPT)
    with engine.begin() as connection:
        attaching.give_back(connection, taken(engine), NOW, 30, "a pause")
    assert (row(engine, recording).attempts, due(engine, recording)) == (0, NOW + timedelta(seconds=30))
