"""Stores that are there and take nothing: a Redis that is full or a replica, a server that is read-only, full disks."""

from __future__ import annotations

import random
import resource
from contextlib import suppress

import psycopg
from redis import Redis
from redis.exceptions import RedisError

from tests.chaos.ground import ChaosGround
from tests.crowd.servers import Server
from tests.kills.faults import Ends, Strikes, World
from tests.refusing import REFUSES


def redis_refuses(how: str) -> Strikes:
    """Let Redis refuse, whatever is between it and the servers."""

    def strikes(world: World, _: random.Random) -> Ends | None:
        if world.servers.store.pid is None:
            return None
        with Redis.from_url(world.servers.store.url) as redis:
            ends = REFUSES[how](redis)

        def takes_again() -> None:
            with suppress(RedisError):  # it may have ended meanwhile, and forgotten that it refuses
                ends()

        return takes_again

    return strikes


def read_only_server(world: World, _: random.Random) -> Ends | None:
    """Let a PostgreSQL server take no changes, as after a failover, in connections that are open too."""
    assert isinstance(world.ground, ChaosGround)
    base = world.ground.base
    assert base
    if not base.pids:
        return None
    url = base.running.url

    def orders(setting: str) -> None:
        with psycopg.connect(url, autocommit=True, options="-c default_transaction_read_only=off") as connection:
            connection.execute(f"ALTER SYSTEM {setting}")  # type: ignore[arg-type]
            connection.execute("SELECT pg_reload_conf()")

    orders("SET default_transaction_read_only = on")
    return lambda: orders("RESET default_transaction_read_only")


def no_room(world: World, _: random.Random) -> Ends | None:
    """Let web and worker write to no file: neither to that of SQLite, nor their log, nor a recording.

    By the limit of the size of a file, which needs no disk of one's own to be filled; SQLite says then that its disk
    does not work.
    """
    web, worker = world.servers.web, world.servers.worker
    limited = [pid for server in (web, worker) for pid in _pids(server) if _limit(pid, 0)]
    if not limited:
        return None
    return lambda: [_limit(pid, resource.RLIM_INFINITY) for pid in _now_and_then(limited, web, worker)]


def _now_and_then(limited: list[int], *servers: Server) -> set[int]:
    """Those that were limited, and their children, which are limited as they are."""
    return {*limited, *(pid for server in servers for pid in _pids(server))}


def _pids(server: Server) -> list[int]:
    return [server.pid, *(each.pid for each in server.offspring)] if server.pid else []


def _limit(pid: int, most: int) -> bool:
    with suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]))
        return True
    return False
