"""Which recordings have been kept for long enough, or are not to be kept. Every function raises StoreError."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, literal, or_, select, update

from calls.tables import recordings


@dataclass(frozen=True, kw_only=True, slots=True)
class Old:
    """A recording that is to be removed; `file` is None when its sound is not here, `reason` why it is as it is."""

    id: str
    call_id: str
    state: str
    file: str | None
    reason: str | None
    recorded_at: datetime


def old(connection: Connection, before: datetime, now: datetime, most: int, *, here_only: bool) -> list[Old]:
    """Return recordings made before a moment, the oldest first; with `here_only` those whose sound is here."""
    states = ["kept"] if here_only else ["kept", "remote", "pending", "silent", "failed"]
    wanted = (
        select(*(recordings.c[name] for name in Old.__dataclass_fields__))
        .where(recordings.c.recorded_at < before, recordings.c.state.in_(states))
        .where(or_(recordings.c.due_at.is_(None), recordings.c.due_at <= now))
        .order_by(recordings.c.recorded_at)
        .limit(most)
    )
    return [Old(**row._mapping) for row in connection.execute(wanted)]


def doom(connection: Connection, recording_id: str, reason: str, now: datetime) -> bool:
    """Let nobody hear a recording from now on, and the job remove its sound; False when it is removed already.

    One that a worker may be fetching keeps its time, so that what that worker puts away is found and removed.
    """
    due, at = recordings.c.due_at, literal(now, recordings.c.due_at.type)
    fetched = (recordings.c.state == "pending") & (due > now)
    mine = (recordings.c.id == recording_id, recordings.c.state != "removed")
    values = {"state": "removed", "reason": reason, "due_at": case((fetched, due), else_=at)}
    return connection.execute(update(recordings).where(*mine).values(**values)).rowcount > 0


def doomed(connection: Connection, now: datetime, most: int) -> list[Old]:
    """Return recordings that are as good as removed, and whose sound may still be somewhere."""
    wanted = (
        select(*(recordings.c[name] for name in Old.__dataclass_fields__))
        .where(recordings.c.state == "removed", recordings.c.due_at <= now)
        .order_by(recordings.c.due_at)
        .limit(most)
    )
    return [Old(**row._mapping) for row in connection.execute(wanted)]


def removed(connection: Connection, recording: Old, reason: str) -> None:
    """Its sound is nowhere any more."""
    _change(connection, recording, state="removed", reason=reason, file=None, due_at=None)


def removed_here(connection: Connection, recording: Old, reason: str, due_at: datetime) -> None:
    """Its sound is at the provider only, who is to be asked again at a later moment."""
    _change(connection, recording, state="remote", reason=reason, file=None, due_at=due_at)


def put_off(connection: Connection, recording: Old, due_at: datetime) -> None:
    """Leave it as it is until a later moment."""
    _change(connection, recording, due_at=due_at)


def _change(connection: Connection, recording: Old, **values: Any) -> None:
    connection.execute(update(recordings).where(recordings.c.id == recording.id).values(**values))
