"""Which recordings are to be fetched from the provider, and what became of them. Every function raises StoreError.

An attempt counts as soon as it begins, so that a recording that kills its worker each time is given up too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from calls.outbox import MOST_ATTEMPTS, PAUSES
from calls.tables import recordings

LEASE = timedelta(minutes=5)
"""For which a recording belongs to the worker that has taken it: longer than rq lets a job live (180 s)."""


NO_PLACE = timedelta(minutes=5)
"""After which it is tried again to keep one here, when that could not be done."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A recording that a worker has taken; `attempts` counts this one."""

    id: str
    call_id: str
    kind: str
    url: str
    recorded_at: datetime
    attempts: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What is kept of a recording: the name of its file (calls.shelf), its kind, its size in bytes."""

    file: str
    content_type: str
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """A recording that could not be fetched, and why."""

    id: str
    call_id: str
    kind: str
    recorded_at: datetime
    reason: str | None


COLUMNS = tuple(recordings.c[name] for name in Waiting.__dataclass_fields__)


def take(connection: Connection, now: datetime) -> Waiting | None:
    """Take what has been due longest, messages first, because calls wait for them; None when nothing is due."""
    due = (
        select(*COLUMNS, recordings.c.due_at)
        .where(recordings.c.state == "pending", recordings.c.due_at <= now)
        .order_by(recordings.c.kind.desc(), recordings.c.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = connection.execute(due).one_or_none()
    if row is None:
        return None
    values = dict(row._mapping)
    mine = connection.execute(
        update(recordings)
        .where(recordings.c.id == row.id, recordings.c.state == "pending", recordings.c.due_at == values.pop("due_at"))
        .values(due_at=now + LEASE, attempts=row.attempts + 1)
    )
    return Waiting(**values | {"attempts": row.attempts + 1}) if mine.rowcount else take(connection, now)


def kept(connection: Connection, recording: Waiting, what: Kept, now: datetime) -> None:
    """Its sound is here; from `now` on it may be attached to its call in the CRM (calls.attaching)."""
    values = {"file": what.file, "content_type": what.content_type, "size": what.size}
    _end(connection, recording, state="kept", reason=None, attempts=0, due_at=now, **values)


def silent(connection: Connection, recording: Waiting, size: int) -> None:
    """Nothing is to be heard in it, so its sound is not kept."""
    _end(connection, recording, state="silent", reason="nothing is to be heard in it", due_at=None, size=size)


def later(connection: Connection, recording: Waiting, now: datetime, reason: str) -> None:
    """An attempt failed in a way that may pass: the next one after a growing pause, failed after the last."""
    if recording.attempts >= MOST_ATTEMPTS:
        fail(connection, recording, f"given up after {recording.attempts} attempts: {reason}")
        return
    pause = timedelta(seconds=PAUSES[min(recording.attempts, len(PAUSES)) - 1])
    _end(connection, recording, state="pending", reason=reason, due_at=now + pause)


def no_place(connection: Connection, recording: Waiting, now: datetime, reason: str) -> None:
    """It cannot be kept here, of which it is not guilty itself: not an attempt. The provider has it meanwhile."""
    _end(connection, recording, attempts=recording.attempts - 1, reason=reason, due_at=now + NO_PLACE)


def fail(connection: Connection, recording: Waiting, reason: str) -> None:
    """It cannot be had before somebody mends what `reason` says."""
    _end(connection, recording, state="failed", reason=reason, due_at=None)


def again(connection: Connection, now: datetime, which: ColumnElement[bool]) -> int:
    """Put recordings back to be fetched, or those that are here to be attached, now; returns how many."""
    fetch = update(recordings).where(which, recordings.c.state.in_(["failed", "remote"]))
    attach = update(recordings).where(which, UNATTACHED)
    fresh = {"reason": None, "attempts": 0, "due_at": now}
    count = connection.execute(fetch.values(state="pending", **fresh)).rowcount
    return count + connection.execute(attach.values(**fresh)).rowcount


def backlog(connection: Connection) -> dict[str, int]:
    """Count recordings that are still to be fetched ("pending"), and those that failed."""
    states = select(recordings.c.state, func.count().label("total")).where(
        recordings.c.state.in_(["pending", "failed"])
    )
    return {row.state: row.total for row in connection.execute(states.group_by(recordings.c.state))}


def failures(connection: Connection, most: int) -> list[Failed]:
    """Return recordings that could not be fetched."""
    columns = [recordings.c[name] for name in Failed.__dataclass_fields__]
    found = connection.execute(select(*columns).where(recordings.c.state == "failed").limit(most))
    return [Failed(**row._mapping) for row in found]


UNATTACHED: ColumnElement[bool] = and_(
    recordings.c.state == "kept", recordings.c.due_at.is_(None), recordings.c.reason.is_not(None)
)
"""Recordings that are here, and could not be attached to their call."""

FAILED: ColumnElement[bool] = or_(recordings.c.state == "failed", UNATTACHED)
REMOTE: ColumnElement[bool] = recordings.c.state == "remote"


def named(recording_id: str) -> ColumnElement[bool]:
    """Name the one that is meant."""
    return recordings.c.id == recording_id


def _end(connection: Connection, recording: Waiting, **values: Any) -> None:
    """Write what came of it; another worker may have been faster, when this one took longer than its lease."""
    mine = (recordings.c.id == recording.id, recordings.c.state == "pending")
    connection.execute(update(recordings).where(*mine).values(**values))
