"""Recordings: what the trace of a call says of them, once each in SQL; calls.fetching brings their sound here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from calls.database import upsert
from calls.details import CallDetails
from calls.tables import recordings
from flows.live import Note

UNHEARD = ("silent", "removed")
"""The states in which there is nothing to be heard; in any other it is tried, here or at the provider."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """One recording; its fields are columns of calls.tables.recordings."""

    id: str
    call_id: str
    kind: str
    mailbox: str | None
    url: str
    seconds: int
    recorded_at: datetime


def found(call: CallDetails) -> list[Recording]:
    """Read the recordings of a call from its trace, by when they were told.

    A caller who hung up before an answer leaves none, and neither does a message of no length (DESIGN section 3).
    """
    told = {note["sid"]: note for note in call.trace if note["code"] in SAYS_SO and note.get("sid") and note.get("url")}
    return [_recording(call, note) for note in told.values() if _counts(call, note)]


SAYS_SO = frozenset({"recorded", "message_left"})


def _is_message(note: Note) -> bool:
    return note["code"] == "message_left" or note.get("source") == "RecordVerb"


def _counts(call: CallDetails, note: Note) -> bool:
    return bool(note["seconds"]) and (_is_message(note) or call.answered_at is not None)


def _recording(call: CallDetails, note: Note) -> Recording:
    message = _is_message(note)
    return Recording(
        id=note["sid"],
        call_id=call.id,
        kind="voicemail" if message else "recording",
        mailbox=call.mailbox if message else None,
        url=note["url"],
        seconds=note["seconds"],
        recorded_at=datetime.fromtimestamp(note["t"] / 1000, UTC),
    )


def write(connection: Connection, some: Iterable[Recording], now: datetime, *, remote: str | None) -> None:
    """Write recordings, each once; one that is there already is left as it is.

    They are to be fetched, unless `remote` says why they stay at the provider.
    """
    state = {"state": "remote", "reason": remote} if remote else {"state": "pending", "due_at": now}
    for recording in some:
        values = asdict(recording) | state | {"attempts": 0}
        upsert(connection, recordings, values, key=["id"], update={})


@dataclass(frozen=True, kw_only=True, slots=True)
class Whereabouts:
    """Where the sound of a recording is: `file` here (calls.shelf), `url` at the provider."""

    id: str
    state: str
    reason: str | None
    url: str
    file: str | None


def that_begin_with(connection: Connection, start: str, most: int = 10) -> list[Whereabouts]:
    """Return the recordings whose id begins so; one whose id is just that is the only one meant."""
    same = func.substr(recordings.c.id, 1, len(start)) == start
    columns = [recordings.c[name] for name in Whereabouts.__dataclass_fields__]
    rows = connection.execute(select(*columns).where(same).order_by(recordings.c.id).limit(most))
    some = [Whereabouts(**row._mapping) for row in rows]
    return [each for each in some if each.id == start] or some


@dataclass(frozen=True, kw_only=True, slots=True)
class Sound:
    """All that is needed to play a recording; `file` (calls.shelf) of `size` bytes where it is kept here."""

    id: str
    call_id: str
    mailbox: str | None
    state: str
    url: str
    file: str | None
    content_type: str | None
    size: int | None


def sound_of(connection: Connection, recording_id: str) -> Sound | None:
    """Return a recording to be played, None when there is none."""
    columns = [recordings.c[name] for name in Sound.__dataclass_fields__]
    row = connection.execute(select(*columns).where(recordings.c.id == recording_id)).one_or_none()
    return Sound(**row._mapping) if row else None
