"""Stores that answer and take nothing: a Redis that is full, cannot write, is a replica; and an SQL likewise."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis
from sqlalchemy import Engine, event

from tests.waiting import until

Ends = Callable[[], object]


def full(redis: Redis) -> Ends:
    """It has used up its maxmemory."""
    redis.config_set("maxmemory", 1)
    return lambda: redis.config_set("maxmemory", 0)


def unable_to_persist(redis: Redis) -> Ends:
    """It writes snapshots, and where the next one belongs there is a folder."""
    place = Path(_setting(redis, "dir")) / _setting(redis, "dbfilename")
    place.unlink(missing_ok=True)
    (place / "in the way").mkdir(parents=True)
    _saves(redis, "err")
    redis.config_set("save", "3600 1")

    def ends() -> None:
        redis.config_set("save", "")
        shutil.rmtree(place)
        _saves(redis, "ok")
        place.unlink()

    return ends


def _saves(redis: Redis, status: str) -> None:
    """Have it write a snapshot, which goes so."""
    redis.bgsave()

    def is_saved() -> bool:
        found = _persistence(redis)
        return not found["rdb_bgsave_in_progress"] and found["rdb_last_bgsave_status"] == status

    until(is_saved, f"its snapshot was not {status}")


def a_replica(redis: Redis) -> Ends:
    """It has been made the replica of another one, which there is not."""
    redis.execute_command("REPLICAOF", "127.0.0.1", "1")
    return lambda: redis.execute_command("REPLICAOF", "NO", "ONE")


REFUSES: Mapping[str, Callable[[Redis], Ends]] = {
    "full": full,
    "unable to persist": unable_to_persist,
    "a replica": a_replica,
}


@contextmanager
def refusing(redis: Redis, how: str) -> Iterator[None]:
    """Let a Redis refuse, one of REFUSES, until the end of the block."""
    ends = REFUSES[how](redis)
    try:
        yield
    finally:
        ends()


def _setting(redis: Redis, name: str) -> str:
    found: Any = redis.config_get(name)
    return str(found[name])


def _persistence(redis: Redis) -> dict[str, Any]:
    found: Any = redis.info("persistence")
    return dict(found)


SQL_REFUSES = {
    "sqlite": {"full": "PRAGMA max_page_count = 1", "read-only": "PRAGMA query_only = ON"},
    "postgresql": {"read-only": "SET default_transaction_read_only = on"},
}
"""What makes a connection so, by the kind of database: a file that may not grow, and a server that takes no change."""


@contextmanager
def sql_refusing(engine: Engine, how: str) -> Iterator[None]:
    """Let a database refuse whatever is written over the connections of an engine, until the end of the block."""
    order = SQL_REFUSES[engine.dialect.name][how]

    def becomes(connection: Any, *_: object) -> None:
        connection.execute(order)
        connection.commit()

    engine.dispose()
    event.listen(engine, "checkout", becomes)
    try:
        yield
    finally:
        event.remove(engine, "checkout", becomes)
        engine.dispose()
