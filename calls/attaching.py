"""Which recordings are to be attached to their call in the CRM. Every function raises StoreError.

A CRM keeps one recording of a call, so only the one that matters is attached: the message of a call that left one, else
the longest talk. It waits until the call is filed, and until every recording of the call is here or given up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, exists, select, update

from calls.outbox import MOST_ATTEMPTS, PAUSES
from calls.tables import calls, recordings

LEASE = timedelta(minutes=5)
"""For which a recording belongs to the worker that has taken it: longer than rq lets a job live (180 s)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A recording that is to be attached to the CRM's call; `attempts` counts this one."""

    id: str
    call_id: str
    crm_call_id: str
    file: str
    attempts: int


def take(connection: Connection, now: datetime) -> Attachment | None:
    """Take what has been due longest, for the length of the lease; None when nothing is due."""
    while row := connection.execute(_due(now)).first():
        mine = connection.execute(
            update(recordings)
            .where(recordings.c.id == row.id, recordings.c.due_at == row.due_at)
            .values(due_at=now + LEASE, attempts=row.attempts + 1)
        )
        if not mine.rowcount:
            continue
        if row.crm_call_id is None or row.id != _that_matters(connection, row):
            _change(connection, row.id, due_at=None, attempts=0, reason=None)
            continue
        return Attachment(
            **{name: getattr(row, name) for name in ("id", "call_id", "crm_call_id", "file")}, attempts=row.attempts + 1
        )
    return None


def _due(now: datetime) -> Any:
    other = recordings.alias()
    on_its_way = exists().where(other.c.call_id == recordings.c.call_id, other.c.state == "pending")
    return (
        select(recordings, calls.c.crm_call_id, calls.c.outcome)
        .join(calls, calls.c.id == recordings.c.call_id)
        .where(recordings.c.state == "kept", recordings.c.due_at <= now)
        .where(calls.c.crm_state.in_(["filed", "skipped"]), ~on_its_way)
        .order_by(recordings.c.due_at)
        .limit(1)
        .with_for_update(of=recordings, skip_locked=True)
    )


def _that_matters(connection: Connection, due: Row[Any]) -> str:
    """Of the recordings of a call that are here, name the one that the CRM is to have."""
    kind = "voicemail" if due.outcome == "voicemail" else "recording"
    here = connection.execute(
        select(recordings).where(recordings.c.call_id == due.call_id, recordings.c.state == "kept")
    ).all()
    return str(max(here, key=lambda row: (row.kind == kind, row.seconds, row.recorded_at, row.id)).id)


def attached(connection: Connection, recording: Attachment, now: datetime) -> None:
    """The CRM has it."""
    _change(connection, recording.id, attached_at=now, due_at=None, attempts=0, reason=None)


def give_back(connection: Connection, recording: Attachment, now: datetime, wait: float, reason: str) -> None:
    """Leave it to be taken up in `wait` seconds, because the CRM wants to be left alone: not an attempt."""
    due = now + timedelta(seconds=wait)
    _change(connection, recording.id, due_at=due, attempts=recording.attempts - 1, reason=reason)


def later(connection: Connection, recording: Attachment, now: datetime, reason: str) -> None:
    """An attempt failed in a way that may pass: the next one after a growing pause, given up after the last."""
    if recording.attempts >= MOST_ATTEMPTS:
        fail(connection, recording, f"given up after {recording.attempts} attempts: {reason}")
        return
    pause = timedelta(seconds=PAUSES[min(recording.attempts, len(PAUSES)) - 1])
    _change(connection, recording.id, due_at=now + pause, reason=reason)


def fail(connection: Connection, recording: Attachment, reason: str) -> None:
    """It cannot be attached before somebody mends what `reason` says; its sound is here all the same."""
    _change(connection, recording.id, due_at=None, reason=f"not attached in the CRM: {reason}")


def _change(connection: Connection, recording_id: str, **values: Any) -> None:
    kept = (recordings.c.id == recording_id, recordings.c.state == "kept")
    connection.execute(update(recordings).where(*kept).values(**values))
