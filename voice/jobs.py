"""Background jobs of the provider's door: waking callers on hold, and confirming calls with the provider.

rq runs each at least once, so each may be repeated without harm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

from redis import Redis
from rq import get_current_job

from config.environment import Environment, read
from flows.calls import Call
from live import readings
from live.queue import queue
from live.state import RedisLive
from voice.profiles import PROFILES
from voice.rest import ProviderApi, ProviderError
from voice.webhook import OVER

log = logging.getLogger("ringpath.jobs")

SILENT_AFTER = timedelta(seconds=120)
"""A call that has sent no webhook for so long is asked after: it may be a long talk, or its end was lost."""

MOST_CONFIRMED = 20
"""Calls asked after in one run: few, because callers who are to be put through wait behind it."""


def provider_api(environment: Environment) -> ProviderApi | None:
    """Connect to the provider's REST API; None when neither the profile nor TWILIO_API_URL knows where it is."""
    base = environment.twilio_api_url or PROFILES[environment.provider].rest_base
    if not base:
        return None
    account, token = environment.twilio_account_sid, environment.twilio_api_token or environment.twilio_auth_token
    return ProviderApi(base=base, account_sid=account, auth_token=token)


def waker(redis: Redis, environment: Environment) -> Callable[[list[str]], None]:
    """Make the function that has waiting calls put through: by jobs, or not at all without the REST API."""
    if not (environment.twilio_api_url or PROFILES[environment.provider].rest_base):
        return lambda _: None  # their music ends within one loop, and they ask again by themselves
    jobs = queue(redis)

    def enqueue(call_ids: list[str]) -> None:
        for call_id in call_ids:
            jobs.enqueue("voice.jobs.wake", call_id, ttl=60, result_ttl=0, failure_ttl=3600)

    return enqueue


def wake(call_id: str) -> None:
    """Let a caller on hold ask again now, because somebody he waits for has become free."""
    redis, api = _redis(), _api()
    fields = readings.call_fields(redis, call_id)
    if api is None or call_id not in readings.waiting(redis, fields.get("queue", "")):
        return
    try:
        api.redirect(call_id, fields["resume"])
    except ProviderError as error:
        if not error.permanent:
            raise
        log.warning("call %s has gone before it could be put through: %s", call_id, error)
        _live(redis).end(Call(id=call_id, number=None, caller=None, called=""), "gone", datetime.now(UTC))
        waker(redis, _environment())(readings.waiting(redis, fields["queue"])[:1])


def confirm_calls() -> None:
    """Ask the provider about calls that have been silent for a while, and free whom the ended ones held."""
    redis, api = _redis(), _api()
    if api is None:
        return
    now = datetime.now(UTC)
    for call_id in readings.silent_calls(redis, now - SILENT_AFTER, MOST_CONFIRMED):
        try:
            status = api.status(call_id)
        except ProviderError as error:
            log.warning("call %s could not be confirmed: %s", call_id, error)
            return
        if status is None or status in OVER:
            log.warning("call %s ended (%s) and nobody told us; its people are free again", call_id, status)
            _live(redis).end(Call(id=call_id, number=None, caller=None, called=""), status or "unknown", now)
        else:
            readings.still_up(redis, call_id, now)


def _live(redis: Redis) -> RedisLive:
    return RedisLive(redis, address=lambda *_: "", queues=lambda _: (), wake=waker(redis, _environment()))


def _redis() -> Redis:
    job = get_current_job()
    if job is None:
        raise RuntimeError("this runs as an rq job only")
    connection: Redis = job.connection
    return connection


@cache
def _environment() -> Environment:
    return read()


@cache
def _api() -> ProviderApi | None:
    return provider_api(_environment())
