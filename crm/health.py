"""How the CRM is, for /readyz: connected, answering, and with nothing left that somebody has to mend."""

from __future__ import annotations

from functools import partial

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine

from calls import outbox
from calls.database import StoreError, said
from config.environment import Environment
from config.trouble import Trouble, Troubles
from live.health import UNKNOWN as UNKNOWN_WITHOUT_REDIS

_calls_wait = partial(Trouble, meanwhile="calls wait")

UNKNOWN = Trouble(
    code="unknown_without_database", text="unknown while the database is not well (%(said)s)", level="unknown"
)
UNCONNECTED = _calls_wait(code="bitrix24_unconnected", text="Bitrix24 is not connected", remedy="run flask crm connect")
OTHER_KEY = _calls_wait(
    code="bitrix24_other_key",
    text="Bitrix24 is not connected, since SECRET_KEY is another than before",
    remedy="set the old one again, or run flask crm connect",
)
NOT_LET_IN = _calls_wait(
    code="bitrix24_not_let_in",
    text="Bitrix24 does not let us in (%(said)s)",
    remedy="mend it, then run flask crm status",
)
FAILING = _calls_wait(code="crm_failing", text="it keeps failing, and is asked again in %(seconds)s s", level="warning")
NOT_FILED = Trouble(
    code="calls_not_filed",
    text="%(calls)s could not be filed",
    remedy="see flask calls list --crm failed, then flask calls file --failed",
    level="warning",
)


def troubles(environment: Environment, engine: Engine, redis: Redis) -> Troubles:
    """Say what is wrong with the CRM or with the filing of calls in it; what is broken files nothing until mended."""
    try:
        found = _unconnected(environment, engine)
        with engine.connect() as connection:
            failed = outbox.backlog(connection).get("failed", 0)
    except StoreError as error:
        return (UNKNOWN.of(said=said(error)),)
    return tuple(each for each in (found, _failing(environment, redis), _not_filed(failed)) if each)


def _unconnected(environment: Environment, engine: Engine) -> Trouble | None:
    if environment.crm != "bitrix24":
        return None
    from calls.tokens import TokenProblem, Tokens  # with what it needs, only where it is wanted

    tokens = Tokens(engine, "bitrix24", str(environment.secret_key))
    try:
        token, refusal = tokens.read(), tokens.refusal()
    except TokenProblem:
        return OTHER_KEY
    if token is None:
        return UNCONNECTED
    return NOT_LET_IN.of(said=refusal.reason) if refusal else None


def _failing(environment: Environment, redis: Redis) -> Trouble | None:
    if environment.crm != "bitrix24":
        return None
    from live.gate import Gate

    try:
        state = Gate(redis, rate=1).state()
    except RedisError:
        return UNKNOWN_WITHOUT_REDIS
    return FAILING.of(seconds=f"{state.broken:.0f}") if state.broken else None


def _not_filed(count: int) -> Trouble | None:
    calls = "1 call" if count == 1 else f"{count} calls"
    return NOT_FILED.of(calls=calls, count=count) if count else None
