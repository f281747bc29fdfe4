"""The ledger: call details written and read. Every method raises StoreError."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, Row, case, delete, literal, select, update

from calls.counts import count
from calls.database import upsert
from calls.details import CallDetails, CallFacts, details_of
from calls.renamed import renamed_since
from calls.tables import calls, notes, recordings
from config.company import Company
from flows.live import Note, Told

FILINGS = ("contact_type", "contact_id", "contact_name", "crm_state", "crm_reason", "crm_call_id", "crm_attempts")
"""What only the filing of a call changes (calls.outbox)."""

COLUMNS = tuple(column.name for column in fields(CallDetails))


def read(row: Row[Any]) -> CallDetails:
    """Make the record of a row of the table."""
    values: dict[str, Any] = {**row._mapping, "trace": tuple(row.trace)}
    return CallDetails(**values)


def write(connection: Connection, details: CallDetails) -> None:
    """Write the record of a call; what is known later replaces it, but a settled record only a settled one.

    And only one of the same call: what began when that was over was recorded by somebody, and told again. Its filing
    is left alone, and with it the owner that the filing found, once it is filed. When it is settled for the first time
    the call is counted, and whoever settles it at the same time waits to see that it was.
    """
    if details.settled_at is not None:
        _put(connection, replace(details, settled_at=None))
        if _settle(connection, details.id, settled_at=details.settled_at):
            return
    _put(connection, details)


def _settle(connection: Connection, call_id: str, **values: Any) -> bool:
    """Settle the record of a call that is not settled yet, and count the call; False when it is, or there is none."""
    unsettled = update(calls).where(calls.c.id == call_id, calls.c.settled_at.is_(None))
    first = connection.execute(unsettled.values(**values).returning(calls.c.outcome, calls.c.simulated)).one_or_none()
    if first is None:
        return False
    count(connection, first.outcome, simulated=first.simulated)
    return True


def _put(connection: Connection, details: CallDetails) -> None:
    values = asdict(details) | {"trace": list(details.trace)}
    new = {name: value for name, value in values.items() if name not in {"id", *FILINGS}}
    waiting = calls.c.crm_state == "pending"
    unsettled = calls.c.settled_at.is_(None)
    new["employee"] = case((waiting, values["employee"]), else_=calls.c.employee)
    due = literal(details.crm_due_at, calls.c.crm_due_at.type)  # or its zone would be dropped
    new["crm_due_at"] = case((waiting & unsettled, due), else_=calls.c.crm_due_at)
    same = unsettled | (calls.c.ended_at >= details.started_at)
    may = same if details.settled_at else unsettled
    upsert(connection, calls, values, key=["id"], update=new, where=may)


def find(connection: Connection, call_id: str) -> CallDetails | None:
    """Return the record of a call, None when there is none."""
    row = connection.execute(select(calls).where(calls.c.id == call_id)).one_or_none()
    return read(row) if row else None


def known(connection: Connection, call_ids: Iterable[str]) -> set[str]:
    """Return those of some calls that have a record."""
    return set(connection.scalars(select(calls.c.id).where(calls.c.id.in_(list(call_ids)))))


def settle_as_it_is(connection: Connection, call_id: str, now: datetime) -> None:
    """Nothing more will be known of a call: let its record be filed, if it has not been released for that before."""
    if not _settle(connection, call_id, settled_at=now, crm_due_at=now):
        connection.execute(update(calls).where(calls.c.id == call_id).values(settled_at=now))


def forgotten(connection: Connection, before: datetime, most: int) -> list[str]:
    """Return calls that ended before a moment and whose record was not settled, as when Redis was gone at their end."""
    open_ = select(calls.c.id).where(calls.c.settled_at.is_(None), calls.c.ended_at < before)
    return list(connection.scalars(open_.order_by(calls.c.ended_at).limit(most)))


def told_late(connection: Connection, most: int) -> list[str]:
    """Return calls of which something was told, and kept here, after their record had been settled."""
    late = select(calls.c.id).join(notes, notes.c.call_id == calls.c.id).where(notes.c.noted_at > calls.c.settled_at)
    return list(connection.scalars(late.distinct().limit(most)))


def looked_at(connection: Connection, call_id: str, now: datetime) -> None:
    """What was told of a call until now has been looked at, though it may be of a replayed one, and not written."""
    late = update(calls).where(calls.c.id == call_id, calls.c.settled_at < now)
    connection.execute(late.values(settled_at=now))


def forget_notes(connection: Connection, before: datetime) -> int:
    """Remove notes from before a moment, which the records of their calls hold since; returns how many."""
    return connection.execute(delete(notes).where(notes.c.noted_at < before)).rowcount


def rework(connection: Connection, call_id: str, company: Company) -> CallDetails | None:
    """Work a record that is there for its message out anew, from its own trace, when the message has turned out silent.

    Any other record is left alone, and None returned: it may hold what only the provider's legs told.
    """
    row = connection.execute(select(calls).where(calls.c.id == call_id).with_for_update()).one_or_none()
    if row is None or row.outcome != "voicemail":
        return None
    old = read(row)
    details = details_of(facts_of(connection, old), company, partial(renamed_since, connection, old.started_at))
    new = replace(details, settled_at=old.settled_at, crm_due_at=old.crm_due_at)
    write(connection, new)
    return new


def facts_of(connection: Connection, written: CallDetails) -> CallFacts:
    """Return the facts from which a record was made, as far as it holds them itself."""
    return CallFacts(
        id=written.id,
        number=written.number,
        caller=written.caller,
        started_at=written.started_at,
        ended_at=written.ended_at,
        trace=written.trace,
        silent=silent(connection, written.id),
        simulated=written.simulated,
    )


def silent(connection: Connection, call_id: str) -> set[str]:
    """Return the ids of a call's recordings in which nothing is to be heard."""
    mine = select(recordings.c.id).where(recordings.c.call_id == call_id, recordings.c.state == "silent")
    return set(connection.scalars(mine))


def keep_notes(engine: Engine, many: Iterable[Told]) -> None:
    """Keep what Redis could not take into the traces of calls, each once for its call and key."""
    rows = [{"call_id": call, "key": key[:200], "noted_at": now, "notes": list(told)} for call, key, now, told in many]
    with engine.begin() as connection:
        upsert(connection, notes, rows, key=["call_id", "key"], update={})


def notes_of(connection: Connection, call_id: str) -> list[Note]:
    """Return what was kept so, in the order in which it came."""
    mine = select(notes.c.notes).where(notes.c.call_id == call_id).order_by(notes.c.id)
    return [note for decided in connection.scalars(mine) for note in decided]
