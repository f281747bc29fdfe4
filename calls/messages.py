"""The messages that callers left for an employee. Raises StoreError."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from calls.filters import Filter, chosen
from calls.recordings import UNHEARD
from calls.tables import calls, recordings


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A message: which call left it, from whom, when, how long it is in seconds, how its recording stands, and why."""

    id: str
    call_id: str
    caller: str | None
    name: str | None
    left_at: datetime
    seconds: int
    state: str
    reason: str | None


def messages_of(
    connection: Connection, employee: str, since: datetime, most: int, *, simulated: bool = False
) -> list[Message]:
    """Return the newest messages that are an employee's; with `simulated` those of simulated calls too."""
    columns = (
        recordings.c.id,
        recordings.c.call_id,
        calls.c.caller,
        calls.c.contact_name.label("name"),
        recordings.c.recorded_at.label("left_at"),
        recordings.c.seconds,
        recordings.c.state,
        recordings.c.reason,
    )
    his = Filter(since=since, employee=employee, outcomes=("voicemail",), simulated=None if simulated else False)
    wanted = (
        chosen(his, columns)
        .join(recordings, recordings.c.call_id == calls.c.id)
        .where(recordings.c.kind == "voicemail", recordings.c.state.not_in(UNHEARD))
        .order_by(calls.c.started_at.desc())
        .limit(most)
    )
    return [Message(**row._mapping) for row in connection.execute(wanted)]
