"""Which recordings are to be fetched: one worker each, with growing pauses, given up at last, and again by hand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import Engine

from calls import fetching
from calls.fetching import FAILED, REMOTE, Kept, Waiting, named
from calls.outbox import MOST_ATTEMPTS
from tests.details.recorded import NOW, a_recorded_call, due, put, row

SOUND = Kept(file="2026/11/RE1.wav", content_type="audio/wav", size=9)


def take(engine: Engine, after: float = 0) -> Waiting | None:
    """Take one, so many seconds after NOW."""
    with engine.begin() as connection:
        return fetching.take(connection, NOW + timedelta(seconds=after))


def taken(engine: Engine, after: float = 0) -> Waiting:
    """Take one that is there."""
    found = take(engine, after)
    assert found is not None
    return found


def test_only_what_is_due_is_taken(engine: Engine) -> None:
    for state in ("remote", "kept", "silent", "failed", "removed"):
        a_recorded_call(engine, state=state)
    a_recorded_call(engine, due_at=NOW + timedelta(seconds=1))
    assert take(engine) is None
    assert take(engine, 1) is not None


# Calls wait for their messages to be filed, and not for other recordings.
def test_messages_come_first(engine: Engine) -> None:
    late, early, message = (
        a_recorded_call(engine, due_at=NOW - timedelta(seconds=5)),
        a_recorded_call(engine, due_at=NOW - timedelta(seconds=9)),
        a_recorded_call(engine, "voicemail", kind="voicemail"),
    )
    assert [taken(engine).id for _ in range(3)] == [message, early, late]
    assert take(engine) is None


def test_who_is_killed_leaves_it_to_the_next(engine: Engine) -> None:
    first = a_recorded_call(engine)
    assert taken(engine).attempts == 1
    assert take(engine, fetching.LEASE.total_seconds() - 1) is None
    again = taken(engine, fetching.LEASE.total_seconds())
    assert (again.id, again.attempts) == (first, 2)


# Two workers never fetch the same one at once.
def test_side_by_side_each_is_taken_once(engine: Engine) -> None:
    ids = {a_recorded_call(engine) for _ in range(20)}

    def work(_: int) -> list[str]:
        mine = []
        while found := take(engine):
            mine.append(found.id)
        return mine

    with ThreadPoolExecutor(2) as workers:
        done = [one for mine in workers.map(work, range(2)) for one in mine]
    assert sorted(done) == sorted(ids)


def test_pauses_grow_until_it_is_given_up(engine: Engine) -> None:
    recording, after, pauses = a_recorded_call(engine), 0.0, []
    while row(engine, recording).state == "pending":
        found = taken(engine, after)
        moment = NOW + timedelta(seconds=after)
        with engine.begin() as connection:
            fetching.later(connection, found, moment, "404")
        if next_ := due(engine, recording):
            pauses.append((next_ - moment).total_seconds())
            after += pauses[-1]
    assert pauses[:6] == [5, 15, 60, 300, 900, 3600]
    assert pauses == sorted(pauses)
    assert sum(pauses) > 2 * 86_400  # a weekend's outage
    assert row(engine, recording).reason == f"given up after {MOST_ATTEMPTS} attempts: 404"


def test_what_is_kept_may_be_attached_from_now_on(engine: Engine) -> None:
    recording = a_recorded_call(engine)
    with engine.begin() as connection:
        fetching.kept(connection, taken(engine), SOUND, NOW + timedelta(seconds=3))
    found = row(engine, recording)
    assert (found.state, found.file, found.content_type, found.size) == ("kept", SOUND.file, "audio/wav", 9)
    assert (found.attempts, found.reason, found.due_at) == (0, None, NOW + timedelta(seconds=3))


# A worker that took longer than its lease changes nothing any more of what another has done.
def test_who_comes_too_late_changes_nothing(engine: Engine) -> None:
    recording = a_recorded_call(engine)
    slow, quick = taken(engine), taken(engine, 1000)
    with engine.begin() as connection:
        fetching.kept(connection, quick, SOUND, NOW)
    before = row(engine, recording)
    with engine.begin() as connection:
        fetching.later(connection, slow, NOW, "slow")
        fetching.fail(connection, slow, "slow")
        fetching.silent(connection, slow, 1)
    assert row(engine, recording) == before


# Failed ones are visible, and can be fetched again.
def test_what_failed_is_fetched_again_by_hand(engine: Engine) -> None:
    failed, remote = a_recorded_call(engine, state="failed", attempts=9, due_at=None), a_recorded_call(engine)
    put(engine, remote, state="remote", due_at=None)
    unattached = a_recorded_call(engine, state="kept", due_at=None, reason="not attached in the CRM: no", attempts=3)
    for state in ("kept", "silent", "removed"):
        a_recorded_call(engine, state=state, due_at=None)
    with engine.begin() as connection:
        assert fetching.again(connection, NOW, FAILED) == 2
        assert fetching.again(connection, NOW, REMOTE) == 1
        assert fetching.again(connection, NOW, REMOTE) == 0
        assert fetching.again(connection, NOW, named(failed)) == 0
    assert {row(engine, each).state for each in (failed, remote)} == {"pending"}
    assert row(engine, unattached).state == "kept"
    assert [(row(engine, each).attempts, due(engine, each)) for each in (failed, remote, unattached)] == [(0, NOW)] * 3
    assert {taken(engine).id for _ in range(2)} == {failed, remote}
