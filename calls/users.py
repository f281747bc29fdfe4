"""Users of the web pages: who may log in, as which employee, in which roles. Every function raises StoreError."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from calls.database import upsert
from calls.tables import permissions, sessions, users

MOST_NAME = 254


class NameTakenError(Exception):
    """Another user has this name."""


class NotFirstError(Exception):
    """There is a user already; nobody becomes the first one any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """Somebody who may log in; `password` is a hash, None until one was chosen."""

    id: int
    name: str
    password: str | None
    employee: str | None
    roles: frozenset[str]
    language: str | None
    active: bool
    created_at: datetime


def spelled(name: str) -> str:
    """Write a name as it is kept, so that Ana and ana are one."""
    return name.strip().casefold()


def add(connection: Connection, name: str, *, roles: Iterable[str], employee: str | None = None, now: datetime) -> User:
    """Add a user without a password; raises NameTakenError."""
    row = {"name": spelled(name), "employee": employee, "roles": sorted(set(roles)), "active": True, "created_at": now}
    try:
        made = connection.execute(insert(users).values(row).returning(*users.c)).one()
    except IntegrityError:  # the caller's transaction ends with it
        raise NameTakenError(spelled(name)) from None
    return user_of(made)


def add_first(connection: Connection, name: str, *, roles: Iterable[str], now: datetime) -> User:
    """Add the very first user; raises NotFirstError, also when two try it at the same moment.

    SQLite lets one write at a time, PostgreSQL several: there the table is locked until the transaction ends.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE"))
    try:
        made = add(connection, name, roles=roles, now=now)
    except NameTakenError:
        raise NotFirstError from None
    if connection.execute(select(users.c.id).where(users.c.id != made.id).limit(1)).first():
        raise NotFirstError  # the caller's transaction ends with it
    return made


def every(connection: Connection) -> list[User]:
    """Return all users by name; a company has as many as it has people, not as it has calls."""
    return [user_of(row) for row in connection.execute(select(users).order_by(users.c.name))]


def named(connection: Connection, name: str) -> User | None:
    """Find a user by name."""
    row = connection.execute(select(users).where(users.c.name == spelled(name))).first()
    return user_of(row) if row else None


def by_id(connection: Connection, user_id: int) -> User | None:
    """Find a user by number."""
    row = connection.execute(select(users).where(users.c.id == user_id)).first()
    return user_of(row) if row else None


def anybody(connection: Connection) -> bool:
    """Tell whether there are users at all; without one the first administrator is to be made."""
    return connection.execute(select(users.c.id).limit(1)).first() is not None


def change(connection: Connection, user_id: int, **columns: Any) -> None:
    """Change columns of a user; one who may not log in any more has no session left."""
    if "roles" in columns:
        columns["roles"] = sorted(set(columns["roles"]))
    connection.execute(update(users).where(users.c.id == user_id).values(columns))
    if columns.get("active") is False:
        connection.execute(delete(sessions).where(sessions.c.user_id == user_id))


def remove(connection: Connection, user_id: int) -> None:
    """Remove a user with his sessions; what he did stays under his name."""
    connection.execute(delete(sessions).where(sessions.c.user_id == user_id))
    connection.execute(delete(users).where(users.c.id == user_id))


def changed_permissions(connection: Connection) -> dict[tuple[str, str], int]:
    """Return what an administrator has changed: the level of a permission for a role."""
    return {(row.role, row.permission): row.level for row in connection.execute(select(permissions))}


def change_permissions(connection: Connection, levels: Mapping[tuple[str, str], int]) -> None:
    """Keep what is given of the permission table; what is not is as before."""
    for (role, permission), level in levels.items():
        row = {"role": role, "permission": permission, "level": level}
        upsert(connection, permissions, row, key=("role", "permission"), update={"level": level})


def user_of(row: Any) -> User:
    """Make a user of a row that has the columns of the table."""
    columns = {column.name: getattr(row, column.name) for column in users.c}
    return User(**columns | {"roles": frozenset(columns["roles"])})
