"""Redis, SQL and the worker: what an installation keeps, and who works on it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from redis import Redis
from redis.exceptions import AuthenticationError, RedisError, ResponseError
from sqlalchemy import text

from calls.database import StoreError, connect, database_url
from calls.migrated import AWAY, BEHIND, EMPTY, NEWER, head, troubles
from calls.room import why_nothing
from commands.doctor.finding import Finding, Patient, broken, told, warning, well
from commands.in_force import is_there
from commands.layout import printable
from live import health, jobs_seen, keys
from live.connection import connect as connect_redis
from live.refusals import REFUSALS, WITHOUT, refusal, try_a_change
from live.url import redis_url
from web.versions import versions

OLDEST = (6, 2)
"""The Redis whose commands our scripts use (ZMSCORE)."""

NEARLY_FULL = 0.8

FAR = 0.010
"""Seconds for one round trip: every webhook waits for one to Redis, and a call's end for a few to SQL."""

PINGS = 9

MEND = {
    AWAY.code: "start the database, or mend DATABASE_URL",
    NEWER.code: "deploy a version of the app that knows it",
    EMPTY.code: "run flask release",
    BEHIND.code: "run flask release",
}
"""What to do about a database, by the code of the trouble."""

SAME_PLACE = "put it into the same region or network as web"


def redis(patient: Patient) -> Iterator[Finding]:
    """Ask Redis for its version, what it does when it is full, what it keeps, and how far away it is."""
    with connect_redis(redis_url(patient.environment)) as client:
        try:
            about: dict[str, Any] = client.info()
            yield from _takes(client)
            yield from _redis(client, about)
        except RedisError as error:
            yield broken(f"out of reach ({printable(str(error))[:200]}); {WITHOUT}", _mend(patient, error))


def _takes(client: Redis) -> Iterator[Finding]:
    """See whether it takes changes: one that is full, or a replica, answers questions as ever."""
    try:
        try_a_change(client)
    except ResponseError as error:
        why = refusal(error)
        if why is None:
            raise
        yield told(why, before="it is ")


def _mend(patient: Patient, error: RedisError) -> str:
    if isinstance(error, AuthenticationError):
        return "give REDIS_URL the password that the server wants"
    if not patient.environment.redis_url:
        return "start web, which starts the embedded Valkey, or set REDIS_URL"
    return "start it, or mend REDIS_URL"


def _redis(client: Redis, about: dict[str, Any]) -> Iterator[Finding]:
    server, seconds = jobs_seen.server(client), _seconds(lambda: client.exists(keys.PROBE))
    yield well(f"{server.name} {server.version}, {1000 * seconds:.1f} ms away")
    if _version(str(about.get("redis_version", ""))) < OLDEST:
        yield broken(f"{server.name} {server.version} is too old", "run Redis 6.2 or newer, or Valkey")
    policy = str(about.get("maxmemory_policy", "noeviction"))
    if policy != "noeviction":
        yield _evicting(policy, server.most)
    if server.most and server.used > NEARLY_FULL * server.most:
        yield warning(f"{server.used / server.most:.0%} of its memory is in use", "take a larger plan, or more memory")
    yield from _keeps(client, about)
    if seconds > FAR:
        yield warning(f"a round trip takes {1000 * seconds:.0f} ms, and every webhook waits for one", SAME_PLACE)


def _evicting(policy: str, most: int | None) -> Finding:
    said = f"its maxmemory-policy is {policy}: when it is full it drops who waits and who talks"
    remedy = "set maxmemory-policy to noeviction (Heroku: heroku redis:maxmemory --policy noeviction)"
    return broken(said, remedy) if most else warning(said, remedy)


def _keeps(client: Redis, about: dict[str, Any]) -> Iterator[Finding]:
    """A server that cannot write its file refuses every change, by default."""
    for name in ("rdb_last_bgsave_status", "aof_last_write_status"):
        if about.get(name, "ok") != "ok":
            yield broken(f"it cannot write to its disk ({name}: {about[name]})", REFUSALS["MISCONF"].remedy)
    if not about.get("aof_enabled") and not _snapshots(client):
        yield warning(
            "it keeps nothing over a restart: who waits and who talks is then forgotten",
            "switch appendonly on, or take a plan with persistence",
        )


def _snapshots(client: Redis) -> bool:
    """Whether it writes snapshots; a host that does not tell has settings of its own, which are taken to be well."""
    try:
        found: Any = client.config_get("save")
    except RedisError:
        return True
    return bool(found.get("save"))


def database(patient: Patient) -> Iterator[Finding]:
    """Say which database there is, how far its migrations are, and how far away it is."""
    url = database_url(patient.environment)
    if not is_there(url):
        yield broken("there is none yet", "run flask release")
        return
    engine = connect(url)
    try:
        if found := troubles(engine):
            yield from (told(each, remedy=MEND.get(each.code, "")) for each in found)
            return
        if why := why_nothing(engine):
            yield told(why, before="it is ")
        with engine.connect() as connection:
            seconds = _seconds(lambda: connection.execute(text("SELECT 1")))
        yield well(f"{versions(engine).database} at migration {head()}, {1000 * seconds:.1f} ms away")
        if seconds > FAR:
            yield warning(f"a round trip takes {1000 * seconds:.0f} ms", SAME_PLACE)
    except StoreError as error:
        yield broken(f"it does not do what is asked ({type(error).__name__})", "see its log")
    finally:
        engine.dispose()


def worker(patient: Patient) -> Iterator[Finding]:
    """Say whether somebody empties both queues, and whether the regular jobs come and succeed."""
    with connect_redis(redis_url(patient.environment)) as client:
        yield from _worker(client)


def _worker(client: Redis) -> Iterator[Finding]:
    if missing := health.worker_troubles(client):
        start = "start it: python -m live.worker (Heroku: heroku ps:scale worker=1)"
        yield from (told(each, remedy=start) for each in missing)
        return
    seen = jobs_seen.queues(client)
    yield well(", ".join(f"{each.name}: {each.workers} at work, {each.waiting} waiting" for each in seen))
    if late := [run.name.rpartition(".")[2] for run in jobs_seen.last_runs(client) if run.late]:
        yield warning(f"late: {', '.join(late)}", "give it a minute after a start; then see the worker's log")
    if failed := sum(each.failed for each in seen):
        yield warning(f"jobs that failed: {failed}", "try them again, or dismiss them, on the page /operator")


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:2] if part.isdigit())


def _seconds(ask: Any) -> float:
    """How far it is: the shortest of several times, because a machine that is busy makes the others longer."""
    times = []
    for _ in range(PINGS):
        began = time.perf_counter()
        ask()
        times.append(time.perf_counter() - began)
    return min(times)
