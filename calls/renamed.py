"""Calls and messages on file follow employees and groups to whom a revision of the settings gives other keys.

Not in the transaction that publishes: somebody may have a hundred thousand, and ends of calls are written meanwhile.
Every function raises StoreError.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Engine, Row, case, delete, insert, select, update

from calls.tables import calls, recordings, renames, revisions
from config.renames import Renames, followed
from config.source import read

PART = 500
"""Calls that follow in one transaction: a few milliseconds."""

MOST_FOLLOWED = 50
"""Revisions, the newest, in which somebody is looked for whom a call knows by an earlier key."""


def note(connection: Connection, renamed: Renames, at: datetime) -> None:
    """Note, with the revision that gives them, whose calls until then have to follow."""
    if renamed:
        rows = [{"section": section, "old": old, "new": new, "at": at} for (section, old), new in renamed.items()]
        connection.execute(insert(renames), rows)


def follow(engine: Engine, in_time: Callable[[], bool]) -> bool:
    """Let calls follow, oldest revision first; False when some are left, which go on the next time.

    It may be repeated, and side by side, without harm. Calls that began after a revision are of those who had the key
    then, even where it was somebody else's before.
    """
    while in_time():
        with engine.begin() as connection:
            step = connection.execute(select(renames).order_by(renames.c.id).limit(1)).one_or_none()
            if step is None:
                return True
            if not _some_follow(connection, step):
                connection.execute(delete(renames).where(renames.c.id == step.id))
    return False


def _some_follow(connection: Connection, step: Row[Any]) -> bool:
    owned = step.section == "employees" and _owned(connection, step)
    return owned or _left_for(connection, step)


def _owned(connection: Connection, step: Row[Any]) -> bool:
    mine = select(calls.c.id).where(calls.c.employee == step.old, calls.c.started_at < step.at).limit(PART)
    if not (part := connection.scalars(mine).all()):
        return False
    spoke = case((calls.c.answered_by == step.old, step.new), else_=calls.c.answered_by)
    connection.execute(update(calls).where(calls.c.id.in_(part)).values(employee=step.new, answered_by=spoke))
    return True


def _left_for(connection: Connection, step: Row[Any]) -> bool:
    kind = step.section.removesuffix("s")
    before, after = f"{kind}:{step.old}", f"{kind}:{step.new}"
    mine = select(calls.c.id).where(
        calls.c.outcome == "voicemail", calls.c.started_at < step.at, calls.c.mailbox == before
    )
    if not (part := connection.scalars(mine.limit(PART)).all()):
        return False
    messages = recordings.c.call_id.in_(part) & (recordings.c.mailbox == before)
    connection.execute(update(recordings).where(messages).values(mailbox=after))
    connection.execute(update(calls).where(calls.c.id.in_(part)).values(mailbox=after))
    return True


def renamed_since(connection: Connection, began: datetime, leeway: timedelta = timedelta()) -> Renames:
    """Tell the keys that hold now of those whom a call that began then knows by others.

    It goes to its end by the settings with which it began; those may be some moments, the `leeway`, older than that.
    """
    newest = select(revisions.c.number, revisions.c.published_at).order_by(revisions.c.number.desc())
    later = [row.number for row in connection.execute(newest.limit(MOST_FOLLOWED)) if row.published_at > began - leeway]
    if not later:
        return {}
    wanted = select(revisions.c.document).where(revisions.c.number >= min(later) - 1).order_by(revisions.c.number)
    found: Renames = {}
    for before, after in pairwise(connection.scalars(wanted)):
        step = _between(before, after)
        found = step | {(section, old): step.get((section, new), new) for (section, old), new in found.items()}
    return found


@lru_cache(maxsize=4)
def _between(before: str, after: str) -> Renames:
    """The same two, most often, for each of the calls that were up while they were published."""
    return followed(read(before).document, read(after).document)
