"""The outbox: which calls are to be filed in the CRM, and what became of them. The rows of the ledger are it.

A call is lent to one worker at a time, and `crm_due_at` is until when. A worker changes only what it still has: whoever
was overtaken, because it took too long, is told so by LeaseLost and leaves the call to the other.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, exists, func, or_, select, text, true, update

from calls.details import CallDetails
from calls.ledger import read
from calls.tables import UNFILED, calls, recordings

LEASE = timedelta(seconds=90)
"""For which a call belongs to the worker that has taken it; who is killed meanwhile leaves it to the next."""

PAUSES = (5, 15, 60, 300, 900, 3600)
"""Seconds before the next attempt, after the first, the second, …; the last for all that follow."""

MOST_ATTEMPTS = 60
"""After which a call counts as failed: two days and more of pauses. Attempts that the CRM put off do not count."""

MESSAGE_WITHIN = timedelta(minutes=15)
"""For which a call with a message waits until it is known whether anything is to be heard in it."""


class LeaseLost(Exception):
    """The call has passed to another worker, or is not to be filed any more."""


def take(connection: Connection, now: datetime, held: str | None = None) -> CallDetails | None:
    """Take the call that has been due longest, for the length of the lease; None when none is due.

    A record that is not settled yet is left alone: it would change while it is filed. While filing is `held`, so is one
    that has been told that reason.
    """
    message = exists().where(
        recordings.c.call_id == calls.c.id, recordings.c.kind == "voicemail", recordings.c.state == "pending"
    )
    due = (
        select(calls)
        .where(calls.c.crm_state == "pending", calls.c.crm_due_at <= now, calls.c.settled_at.is_not(None))
        .where(or_(~message, calls.c.ended_at < now - MESSAGE_WITHIN))
        .where(calls.c.crm_reason.is_distinct_from(held) if held else true())
        .order_by(calls.c.crm_due_at, calls.c.ended_at, calls.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = connection.execute(due).one_or_none()
    if row is None:
        return None
    call = read(row)
    try:
        return _lent(connection, call, now)
    except LeaseLost:  # SQLite locks no rows: another worker was quicker
        return take(connection, now, held)


def give_back(connection: Connection, call: CallDetails, now: datetime, wait: float, reason: str) -> None:
    """Leave a call to be taken up in `wait` seconds, because the CRM wants to be left alone: not an attempt."""
    _change(connection, call, crm_due_at=now + timedelta(seconds=wait), crm_reason=reason)


def later(connection: Connection, call: CallDetails, now: datetime, reason: str, *, at_least: float = 0) -> None:
    """An attempt failed in a way that may pass: the next one after a growing pause, failed after the last.

    `at_least` are the seconds that the CRM needs, where the pause is shorter.
    """
    attempts = call.crm_attempts + 1
    if attempts >= MOST_ATTEMPTS:
        fail(connection, call, f"given up after {attempts} attempts: {reason}")
        return
    pause = max(PAUSES[min(attempts, len(PAUSES)) - 1], at_least)
    _change(connection, call, crm_attempts=attempts, crm_due_at=now + timedelta(seconds=pause), crm_reason=reason)


def fail(connection: Connection, call: CallDetails, reason: str) -> None:
    """An attempt failed, and another cannot help before somebody mends what `reason` says."""
    _change(
        connection, call, crm_state="failed", crm_reason=reason, crm_due_at=None, crm_attempts=call.crm_attempts + 1
    )


def skip(connection: Connection, call: CallDetails, reason: str) -> None:
    """The call is not to be filed."""
    _change(connection, call, crm_state="skipped", crm_reason=reason, crm_due_at=None)


def filed(connection: Connection, call: CallDetails) -> None:
    """The call is in the CRM, with this contact and this owner."""
    _change(connection, call, crm_state="filed", crm_reason=None, crm_due_at=None, **_finding(call))


def remember(connection: Connection, call: CallDetails, crm_call_id: str) -> None:
    """Keep the CRM's id of the call."""
    _change(connection, call, crm_call_id=crm_call_id)


def owned(connection: Connection, call: CallDetails, now: datetime) -> CallDetails:
    """Keep the contact and the owner that were found for a call; its lease begins anew."""
    return _lent(connection, call, now, **_finding(call))


def again(connection: Connection, now: datetime, call_id: str | None = None) -> int:
    """Put failed calls (one, or all) back to be filed now; returns how many."""
    failed = update(calls).where(calls.c.crm_state == "failed")
    chosen = failed if call_id is None else failed.where(calls.c.id == call_id)
    return connection.execute(chosen.values(crm_state="pending", crm_attempts=0, crm_due_at=now)).rowcount


def backlog(connection: Connection) -> dict[str, int]:
    """Count calls by the state of their filing: pending and failed."""
    states = select(calls.c.crm_state, func.count().label("total")).where(calls.c.crm_state.in_(["pending", "failed"]))
    return {row.crm_state: row.total for row in connection.execute(states.group_by(calls.c.crm_state))}


def oldest(connection: Connection) -> datetime | None:
    """Return when the call ended that has waited longest to be filed, None when none waits."""
    waits = select(calls.c.ended_at).where(text(UNFILED))  # word for word, or the index of these would not be used
    found: datetime | None = connection.scalar(waits.order_by(calls.c.ended_at).limit(1))
    return found


def _finding(call: CallDetails) -> dict[str, Any]:
    return {name: getattr(call, name) for name in ("contact_type", "contact_id", "contact_name", "employee")}


def _lent(connection: Connection, call: CallDetails, now: datetime, **values: Any) -> CallDetails:
    """Lend a call from now on, and return it with its lease."""
    lent = replace(call, crm_due_at=now + LEASE)
    _change(connection, call, crm_due_at=lent.crm_due_at, **values)
    return lent


def _change(connection: Connection, call: CallDetails, **values: Any) -> None:
    """Change a call that is still as it was lent; raises LeaseLost when it is not."""
    still = (calls.c.id == call.id, calls.c.crm_state == "pending", calls.c.crm_due_at == call.crm_due_at)
    if not connection.execute(update(calls).where(*still).values(**values)).rowcount:
        raise LeaseLost(f"call {call.id} has passed to another worker")
