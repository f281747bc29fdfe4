"""Which recordings have been kept for long enough. Every function raises StoreError."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select, update

from calls.tables import recordings


@dataclass(frozen=True, kw_only=True, slots=True)
class Old:
    """A recording that is to be removed; `file` is None when its sound is not here."""

    id: str
    state: str
    file: str | None


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
