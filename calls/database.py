"""SQL, connected in one place: PostgreSQL by DATABASE_URL, else SQLite under var/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DataError, SQLAlchemyError, TimeoutError  # noqa: A004 - the pool's, not Python's

from calls.patience import file_factory, server_connect
from config.environment import Environment

PRIVATE = 0o700
"""Folders that we make: calls, recordings and tokens are for this user of the machine alone."""

VAR = Path(__file__).resolve().parent.parent / "var"

CONNECT_WITHIN = 2
"""Seconds to connect to PostgreSQL, or to wait for another writer of SQLite: the end of a call waits for it."""

ANSWER_WITHIN = 5
"""Seconds that PostgreSQL may take for one statement."""

VANISHED = {
    "tcp_user_timeout": ANSWER_WITHIN * 1000,
    "keepalives_idle": ANSWER_WITHIN,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}
"""When a host that says nothing any more is given up: the limit above is the server's own, and no help then."""

FROZEN_AFTER = ANSWER_WITHIN + 1.0
"""Seconds after which a server is given up that has not even said that its own limit has passed."""

MOST_CONNECTIONS = 2
"""Of one engine. A web process has two of them, one for calls and one for its pages: small plans allow 20 in all."""

READ_ONLY = "25006"
"""PostgreSQL's code of a change that a read-only server refuses."""

StoreError = SQLAlchemyError
"""What every function of this folder raises when SQL refuses."""

AllTaken = TimeoutError
"""When all connections of an engine have been in use for CONNECT_WITHIN; of SQL itself it says nothing."""


class NoAnswer(StoreError):
    """When SQL has not answered within the time that somebody had for it."""


Unfit = DataError
"""When it refuses one row because of what is in it, and would take others."""


def said(error: StoreError) -> str:
    """Return the first line of what the database said, for a message."""
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def database_url(environment: Environment) -> str:
    """Return the address of the database to use; nothing is started."""
    return environment.database_url or f"sqlite:///{VAR / 'ringpath.sqlite'}"


def connect(url: str) -> Engine:
    """Make an engine; nothing is sent yet. Hosts write postgres://, SQLAlchemy wants the driver's name.

    What was to be written, such as a caller's number or a hash of a password, is in no error, and so in no log.
    """
    address = make_url(url)
    if address.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        return _postgresql(address.set(drivername="postgresql+psycopg"))
    return _sqlite(address)


@cache
def engine_of(url: str) -> Engine:
    """The engine of this process for an address. Never before a fork: a connection must not be shared."""
    return connect(url)


def upsert(
    connection: Connection,
    table: Table,
    values: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    update: Mapping[str, Any],
    where: ColumnElement[bool] | None = None,
) -> None:
    """Insert a row or several, or where one with that `key` stands, `update` it (columns by name; if `where` holds)."""
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table).values(values)
    if update:
        statement = insert.on_conflict_do_update(index_elements=list(key), set_=dict(update), where=where)
    else:
        statement = insert.on_conflict_do_nothing(index_elements=list(key))
    connection.execute(statement)


def _postgresql(address: URL) -> Engine:
    options = f"-c statement_timeout={ANSWER_WITHIN * 1000} -c lock_timeout={CONNECT_WITHIN * 1000}"
    arguments: dict[str, Any] = {"connect_timeout": CONNECT_WITHIN, "options": options, **VANISHED}
    engine = create_engine(
        address,
        connect_args=arguments,
        hide_parameters=True,
        pool_size=MOST_CONNECTIONS,
        max_overflow=0,
        pool_timeout=CONNECT_WITHIN,
        pool_pre_ping=True,  # a connection may have died with a restarted server
    )
    reach = server_connect(FROZEN_AFTER)
    event.listen(engine, "do_connect", lambda _dialect, _record, words, options: reach(*words, **options))
    event.listen(engine, "handle_error", _let_go_of_a_standby)
    return engine


def _let_go_of_a_standby(context: Any) -> None:
    """What was the primary before a failover takes nothing; the same address may lead to another server by now."""
    if getattr(context.original_exception, "sqlstate", None) == READ_ONLY:
        context.is_disconnect = True


def _sqlite(address: URL) -> Engine:
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    waits = {"timeout": 0, "factory": file_factory(CONNECT_WITHIN)}
    engine = create_engine(address, connect_args=waits, pool_timeout=CONNECT_WITHIN, hide_parameters=True)
    event.listen(engine, "connect", _pragmas)
    return engine


def _pragmas(connection: Any, _record: Any) -> None:
    """Readers and one writer side by side; a commit survives the process, and all but the last survive a power cut."""
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
