"""The block list that people and the app keep, besides the one in the settings. Every function raises StoreError.

Who calls too often out of hours (`auto_block` of the settings) is blocked for some hours from the last of those calls.
Calls that are declined because of the block do not count, so that it ends by itself; who then starts again is blocked
again. Never blocked by themselves: withheld callers, employees, our own numbers, contacts with a responsible employee.
Simulated calls block nobody.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, delete, or_, select

from calls.contacts import find
from calls.database import upsert
from calls.tables import blocks, calls
from config.company import Company


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A caller (E.164) who is declined; without `expires_at` for good."""

    number: str
    reason: str
    automatic: bool
    created_at: datetime
    expires_at: datetime | None = None


def add(connection: Connection, block: Block) -> None:
    """Put a caller on the list, or change why and until when he is on it."""
    values = asdict(block) | {"reason": block.reason[:200]}
    upsert(connection, blocks, values, key=["number"], update=values)


def remove(connection: Connection, number: str) -> bool:
    """Take a caller off the list; False when he is not on it."""
    return connection.execute(delete(blocks).where(blocks.c.number == number)).rowcount > 0


def active(connection: Connection, now: datetime) -> list[Block]:
    """Return who is blocked, the newest first."""
    return _blocks(connection, _in_force(now))


def listed(connection: Connection) -> list[Block]:
    """Return the whole list, with those whose block is over, the newest first."""
    return _blocks(connection)


def forget_expired(connection: Connection, before: datetime) -> int:
    """Remove blocks that were over before a moment; return how many."""
    return connection.execute(delete(blocks).where(blocks.c.expires_at < before)).rowcount


def mirror(engine: Engine, now: datetime) -> dict[str, int]:
    """Return until when each caller is blocked, in milliseconds, 0 for good: what Redis is to hold (live.keys)."""
    with engine.connect() as connection:
        return {block.number: _until(block) for block in active(connection, now)}


def consider(connection: Connection, company: Company, caller: str | None, now: datetime) -> Block | None:
    """Block a caller who has called too often out of hours; to be asked when such a call has been written.

    Returns the new block, None when there is no reason for one, or one is in force. Counts rows of `calls`, so that
    asking again changes nothing.
    """
    rule = company.auto_block
    if rule is None or caller is None:
        return None
    lasts, window = timedelta(hours=rule.hours), timedelta(minutes=rule.minutes)
    times = _out_of_hours(connection, caller, now - lasts - window, rule.calls)
    if len(times) < rule.calls or times[0] - times[-1] > window or times[0] + lasts <= now:
        return None
    if _is_blocked(connection, caller, now) or _is_dear(connection, company, caller):
        return None
    reason = f"{rule.calls} calls out of hours within {rule.minutes} minute{'s' if rule.minutes > 1 else ''}"
    block = Block(number=caller, reason=reason, automatic=True, created_at=now, expires_at=times[0] + lasts)
    values = asdict(block)
    upsert(connection, blocks, values, key=["number"], update=values, where=blocks.c.expires_at <= now)
    return block


def _out_of_hours(connection: Connection, caller: str, since: datetime, most: int) -> list[datetime]:
    """When a caller's last calls out of hours began, the latest first."""
    counted = (
        calls.c.caller == caller,
        calls.c.started_at > since,
        calls.c.out_of_hours.is_(True),
        calls.c.simulated.is_(False),
        calls.c.outcome != "blocked",
    )
    newest = select(calls.c.started_at).where(*counted).order_by(calls.c.started_at.desc()).limit(most)
    return list(connection.execute(newest).scalars())


def _is_blocked(connection: Connection, caller: str, now: datetime) -> bool:
    return bool(_blocks(connection, _in_force(now), blocks.c.number == caller))


def _is_dear(connection: Connection, company: Company, caller: str) -> bool:
    """Whether a caller is one of us, or a customer whom somebody looks after."""
    if caller in company.numbers:
        return True
    if any(caller == employee.mobile or caller in employee.devices for employee in company.employees.values()):
        return True
    listed_by_settings, entry = company.known_callers.get(caller), find(connection, caller)
    return bool((listed_by_settings and listed_by_settings.employee) or (entry and entry.employee))


def _in_force(now: datetime) -> Any:
    return or_(blocks.c.expires_at.is_(None), blocks.c.expires_at > now)


def _blocks(connection: Connection, *which: Any) -> list[Block]:
    wanted = select(blocks).where(*which).order_by(blocks.c.created_at.desc(), blocks.c.number)
    return [Block(**row._mapping) for row in connection.execute(wanted)]


def _until(block: Block) -> int:
    return 0 if block.expires_at is None else int(block.expires_at.timestamp() * 1000)
