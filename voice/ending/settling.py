"""The job that settles the records of calls that have ended (voice.ending.closing)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from redis import Redis

from calls import ledger
from calls.blocks import forget_expired, mirror
from calls.database import StoreError, database_url, engine_of, said
from calls.settings import of_job
from config.environment import Environment, of_process
from live import job, readings
from live.state import RedisLive
from voice.ending.closing import AskLegs, Closer, settle_due
from voice.ending.ended import close_ended
from voice.provider.access import provider_api, waker
from voice.recordings.keeping import why_remote

log = logging.getLogger("ringpath.closing")

WORKS_FOR = 20.0
"""Seconds of one run, because the other slow jobs wait behind it; a provider that answers slowly could fill hours."""

FORGETS_AFTER = timedelta(days=30)


def settle_records() -> None:
    """Settle what is due; rq runs it at least once, and it may be repeated."""
    environment, redis, now = of_process(), job.connection(), datetime.now(UTC)
    closer = closer_of(environment)
    try:
        close_ended(redis, closer.engine, live_of(redis).end, now)
        settle_due(redis, closer, legs_of(environment), now, in_time=_in_time())
    except StoreError as error:
        log.warning("records wait to be settled: %s", said(error))


def live_of(redis: Redis) -> RedisLive:
    """The live state as far as ends are told to it."""
    return RedisLive(redis, address=lambda *_: "", queues=lambda _: (), wake=waker(redis, of_process()))


def _in_time() -> Callable[[], bool]:
    until = time.monotonic() + WORKS_FOR
    return lambda: time.monotonic() < until


def forget() -> None:
    """Remove from SQL what nobody will ask for any more: blocks that are over, and notes that records hold since."""
    now = datetime.now(UTC)
    try:
        with engine_of(database_url(of_process())).begin() as connection:
            forget_expired(connection, now - FORGETS_AFTER)
            ledger.forget_notes(connection, now - FORGETS_AFTER)
    except StoreError as error:
        log.warning("nothing could be forgotten: %s", said(error))


def mirror_blocks() -> None:
    """Bring the block list of SQL into Redis, where the webhooks look; what Redis had is replaced."""
    engine, now = engine_of(database_url(of_process())), datetime.now(UTC)
    try:
        readings.keep_blocks(job.connection(), mirror(engine, now))
    except StoreError as error:
        log.warning("the block list could not be read: %s", said(error))


def closer_of(environment: Environment) -> Closer:
    """Make what writes the records of this process."""
    return Closer(
        engine=engine_of(database_url(environment)),
        settings=of_job(),
        simulated=environment.provider == "simulator",
        remote=why_remote(environment),
    )


def legs_of(environment: Environment) -> AskLegs:
    """Make the question to the provider which devices were dialled; without its REST API the answer is none."""
    api = provider_api(environment)
    return lambda call_id: api.legs(call_id) if api else ()
