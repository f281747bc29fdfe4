"""Background jobs of the provider's door: waking callers on hold, and asking the provider what only it knows.

rq runs each at least once, so each may be repeated without harm.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

from redis import Redis
from redis.exceptions import RedisError
from rq import get_current_job

from calls.database import StoreError, said
from calls.settings import of_job
from config.company import Company
from config.environment import of_process
from config.trouble import english
from flows.calls import Call
from flows.live import Note
from live import job, keys, lines, readings
from live.connection import connect
from live.queue import queue
from live.url import redis_url
from voice import readiness
from voice.ending import reconciling
from voice.ending.reconciling import BEGINNING, Bookmark, Round
from voice.ending.settling import closer_of, live_of
from voice.provider import rented
from voice.provider.access import provider_api, unasked, waker
from voice.provider.call_list import ProviderCall
from voice.provider.rest import ProviderApi, ProviderError
from voice.recordings import keeping

log = logging.getLogger("ringpath.jobs")

SILENT_AFTER = timedelta(seconds=120)
"""A call that has sent no webhook for so long is asked after: it may be a long talk, or its end was lost."""

MOST_CONFIRMED = 20
"""Calls asked after in one run: few, because the other slow jobs wait behind it."""

MOST_RUNS = 20
"""Runs in which the provider's calls are gone through before it is begun anew."""

BALANCE_LIVES = 3600
"""Seconds after which a balance that cannot be confirmed any more is unknown, so that forwards are allowed."""

COMPLAINS_EVERY = 15
"""Minutes between two warnings that the balance is unknown."""


def wake(call_id: str) -> None:
    """Let a caller on hold ask again now, because somebody he waits for has become free."""
    redis, api = job.connection(), _api()
    fields = readings.call_fields(redis, call_id)
    if api is None:
        return
    if call_id not in readings.waiting(redis, readings.queue_of(redis, fields)):
        if "held" not in fields:  # he has gone, or leaves a message: nobody was rung for him, and the next may come
            _wake_next(redis, fields)
        return
    if not fields["resume"].startswith(f"{of_process().public_url}/voice/"):  # whoever answers there may dial anything
        raise ValueError("a caller on hold is to be led to an address that is none of ours")
    try:
        api.redirect(call_id, fields["resume"])
    except ProviderError as error:
        if not error.permanent or not _has_gone(api, call_id):
            raise
        log.warning("call %s has gone before it could be put through: %s", call_id, error)
        live_of(redis).end(Call(id=call_id, number=None, caller=None, called=""), "gone", datetime.now(UTC))
        _wake_next(redis, fields)


def _wake_next(redis: Redis, fields: Mapping[str, str]) -> None:
    """Wake whoever is at the head now of the queue in which a call waited."""
    waker(redis, of_process())(readings.waiting(redis, readings.queue_of(redis, fields))[:1])


def _has_gone(api: ProviderApi, call_id: str) -> bool:
    """Tell whether a call is over; a refusal alone may be for a wrong account. Raises ProviderError."""
    found = api.call(call_id)
    return found.over if found else api.knows_us()


def confirm_calls() -> None:
    """Ask the provider about calls that have been silent for a while, and close those that have ended."""
    api = _api()
    if api is not None:
        _confirm(job.connection(), api, datetime.now(UTC))


def reconcile(page: str = "", runs: int = MOST_RUNS, after: str = "") -> None:
    """Put on file what only the provider knows of the last day; the rest, if any, is left to a job of its own."""
    api, current = _api(), get_current_job()
    if api is None:
        return
    try:
        done = _reconcile(api, job.connection(), datetime.now(UTC), Bookmark(page=page, after=after))
    except (ProviderError, StoreError, RedisError) as error:
        problem = said(error) if isinstance(error, StoreError) else error
        log.warning("the calls of the last day could not be compared with the provider's: %s", problem)
        return
    if done.rest and runs > 1 and current:
        place = done.rest.page, runs - 1, done.rest.after
        jobs = queue(current.connection, current.origin)
        jobs.enqueue("voice.jobs.reconcile", *place, ttl=600, result_ttl=0, failure_ttl=3600)


def reconcile_now() -> str:
    """Do both outside a job, to the end; says what came of it. Raises ProviderError and StoreError."""
    environment, now = of_process(), datetime.now(UTC)
    api = provider_api(environment)
    if api is None:
        raise ProviderError(unasked(environment), permanent=True)
    redis: Redis | None = (here := connect(redis_url(environment)))
    try:
        ended = _confirm(here, api, now)
    except RedisError as error:
        log.warning("calls that are up could not be confirmed without Redis (%s)", error)
        redis, ended = None, 0
    closed, called_back, runs = 0, 0, 0
    rest: Bookmark | None = BEGINNING
    while rest and runs < MOST_RUNS:
        done = _reconcile(api, redis, now, rest)
        closed, called_back, rest, runs = closed + done.closed, called_back + done.called_back, done.rest, runs + 1
    return (
        f"Calls of which only the provider knew: {closed}; calls whose end was never told: {ended}; "
        f"calls of ours that reached a customer: {called_back}."
        f"{' There are more: do it again.' if rest else ''}"
    )


def _confirm(redis: Redis, api: ProviderApi, now: datetime) -> int:
    live = live_of(redis)

    def close(call_id: str, found: ProviderCall | None) -> None:
        call = Call(id=call_id, number=None, caller=None, called="")
        live.end(call, found.status if found else "unknown", now, found.ended_at if found else None)

    silent = readings.silent_calls(redis, now - SILENT_AFTER, MOST_CONFIRMED)
    return reconciling.confirm(
        api, silent, now, close=close, still_up=lambda call_id: readings.still_up(redis, call_id, now)
    )


def _reconcile(api: ProviderApi, redis: Redis | None, now: datetime, start: Bookmark) -> Round:
    """What Redis has in hand is left to it; without Redis, only SQL tells what is known."""

    def in_hand(call_ids: list[str]) -> set[str]:
        return readings.in_hand(redis, call_ids) if redis else set()

    def trace(call_id: str) -> list[Note]:
        return readings.trace(redis, call_id) if redis else []

    books = reconciling.books_of(closer_of(of_process()), in_hand, trace, now)
    since, until = now - reconciling.LOOKS_BACK, now - reconciling.SETTLING
    return reconciling.reconcile(api, books, since=since, until=until, start=start)


def fetch_balance() -> None:
    """Ask the provider what the account has left, so that forwards know whether they can be paid for."""
    redis, api = job.connection(), _api()
    minimum = _company().forwarding.minimum_balance
    if api is None or minimum is None:
        return
    before = readings.known_balance(redis)
    try:
        found = api.balance()
    except ProviderError as error:
        quiet = before is not None or datetime.now(UTC).minute % COMPLAINS_EVERY
        log.log(logging.INFO if quiet else logging.WARNING, "the provider balance is not known: %s", error)
        return
    redis.set(keys.BALANCE, f"{found:f}", ex=BALANCE_LIVES)
    troubles = readiness.low(found, minimum)
    if troubles and (before is None or not readiness.low(before, minimum)):
        log.warning(english(troubles))


def fetch_numbers() -> None:
    """Ask the provider where the webhooks of its numbers lead, for the operator's page."""
    redis, api, now = job.connection(), _api(), datetime.now(UTC)
    if api is None:
        lines.keep(redis, lines.Lines(at=now, problem=unasked(of_process())))
        return
    try:
        found = rented.lines(api.numbers(), of_process().public_url)
    except ProviderError as error:
        log.warning("where the webhooks of the numbers lead is not known: %s", error)
        lines.keep(redis, lines.Lines(at=now, problem=str(error)))
        return
    lines.keep(redis, lines.Lines(at=now, lines=found))


def remind() -> None:
    """Say in the log, once a day, what keeps forwards from being dialled, or soon will, and recordings from coming."""
    company = _company()
    for warning in (
        english(readiness.balance(job.connection(), company)),
        english(readiness.sip_connector(company, datetime.now(UTC))),
        keeping.warning(of_process()),
    ):
        if warning:
            log.warning(warning)


def _company() -> Company:
    return of_job().company


@cache
def _api() -> ProviderApi | None:
    return provider_api(of_process())
