"""Sessions of the web pages, in SQL, so that they can be ended. Every function raises StoreError."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select, update

from calls.tables import sessions, users
from calls.users import User, user_of

IDLE = timedelta(hours=12)
"""A session that nobody has used for so long is over: a working day with its evening."""

LONGEST = timedelta(days=7)
"""No session lasts longer, however often it is used."""

SEEN_EVERY = timedelta(minutes=5)
"""How exactly is kept when a session was last used: not with a write for every page."""

MOST_BROWSER = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A session as its user sees it in a list; `token` is the digest that names it."""

    token: str
    began_at: datetime
    seen_at: datetime
    browser: str


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin(connection: Connection, user_id: int, browser: str, now: datetime) -> str:
    """Begin a session; returns the token that its cookie carries, which is known to nobody else."""
    token = secrets.token_urlsafe(32)
    row = {"token": digest(token), "user_id": user_id, "began_at": now, "seen_at": now}
    connection.execute(insert(sessions).values(**row, browser=browser[:MOST_BROWSER]))
    return token


def user(connection: Connection, token: str, now: datetime) -> tuple[User, datetime] | None:
    """Find whose session a token is, and when it was last seen; None when it is over or its user may not log in."""
    found = connection.execute(
        select(*users.c, sessions.c.seen_at)
        .join(sessions, sessions.c.user_id == users.c.id)
        .where(sessions.c.token == digest(token), users.c.active)
        .where(sessions.c.seen_at > now - IDLE, sessions.c.began_at > now - LONGEST)
    ).first()
    return (user_of(found), found.seen_at) if found else None


def seen(connection: Connection, token: str, now: datetime) -> None:
    """Remember that a session is used."""
    connection.execute(update(sessions).where(sessions.c.token == digest(token)).values(seen_at=now))


def every(connection: Connection, user_id: int, now: datetime) -> list[Session]:
    """Return a user's sessions that are not over, the latest used first."""
    columns = [sessions.c[name] for name in Session.__dataclass_fields__]
    live = (sessions.c.seen_at > now - IDLE, sessions.c.began_at > now - LONGEST)
    query = select(*columns).where(sessions.c.user_id == user_id, *live).order_by(sessions.c.seen_at.desc())
    return [Session(**row._mapping) for row in connection.execute(query)]


def end(connection: Connection, token: str) -> None:
    """End a session."""
    connection.execute(delete(sessions).where(sessions.c.token == digest(token)))


def end_all(connection: Connection, user_id: int, *, but: str = "") -> None:
    """End all of a user's sessions, except the one with a token."""
    connection.execute(delete(sessions).where(sessions.c.user_id == user_id, sessions.c.token != digest(but)))


def forget(connection: Connection, now: datetime) -> None:
    """Remove the sessions that are over."""
    over = or_(sessions.c.seen_at <= now - IDLE, sessions.c.began_at <= now - LONGEST)
    connection.execute(delete(sessions).where(over))
