"""Recordings on file, for tests."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import Engine, insert, select, update

from calls.tables import recordings
from tests.details.rows import a_call, on_file
from tests.moments import at

NOW = at("2026-11-24 10:40")
_ids = count(1)


def a_recording(engine: Engine, call_id: str, **fields: Any) -> str:
    """Write one, which is to be fetched now, and return its id."""
    values = {
        "id": f"RE{next(_ids):032x}",
        "call_id": call_id,
        "kind": "recording",
        "url": "https://api.example.com/RE",
        "seconds": 60,
        "recorded_at": at("2026-11-24 10:31"),
        "state": "pending",
        "attempts": 0,
        "due_at": NOW,
    } | fields
    with engine.begin() as connection:
        connection.execute(insert(recordings).values(**values))
    return str(values["id"])


def a_recorded_call(engine: Engine, outcome: str = "answered", *, call: Any = None, **fields: Any) -> str:
    """Write a call with one recording, and return the recording's id."""
    details = a_call("2026-11-24 10:30", outcome, **(call or {}))
    on_file(engine, details)
    return a_recording(engine, details.id, **fields)


def row(engine: Engine, recording_id: str) -> Any:
    """What is on file of a recording."""
    with engine.connect() as connection:
        return connection.execute(select(recordings).where(recordings.c.id == recording_id)).one()


def put(engine: Engine, recording_id: str, **values: Any) -> None:
    """Change what is on file of a recording."""
    with engine.begin() as connection:
        connection.execute(update(recordings).where(recordings.c.id == recording_id).values(**values))


def due(engine: Engine, recording_id: str) -> datetime | None:
    """When it is to be taken up."""
    found: datetime | None = row(engine, recording_id).due_at
    return found
