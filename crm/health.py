"""How the CRM is, for /readyz: connected, answering, and with nothing left that somebody has to mend."""

from __future__ import annotations

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine

from calls import outbox
from calls.database import StoreError, said
from config.environment import Environment


def problem(environment: Environment, engine: Engine, redis: Redis) -> str | None:
    """Say what is wrong with the CRM or with the filing of calls in it; None when all is well."""
    return "; ".join(problems(environment, engine, redis)) or None


def problems(environment: Environment, engine: Engine, redis: Redis) -> list[str]:
    """The same, one by one."""
    try:
        found = _unconnected(environment, engine)
        with engine.connect() as connection:
            failed = outbox.backlog(connection).get("failed", 0)
    except StoreError as error:
        return [f"unknown while the database does not answer ({said(error)})"]
    return [each for each in (found, _broken(environment, redis), _failed(failed)) if each]


def _unconnected(environment: Environment, engine: Engine) -> str | None:
    if environment.crm != "bitrix24":
        return None
    from calls.tokens import Tokens  # with what it needs, only where it is wanted

    connected = Tokens(engine, "bitrix24", str(environment.secret_key)).renewed_at() is not None
    return None if connected else "Bitrix24 is not connected: run flask crm connect"


def _broken(environment: Environment, redis: Redis) -> str | None:
    if environment.crm != "bitrix24":
        return None
    from live.gate import Gate

    try:
        state = Gate(redis, rate=1).state()
    except RedisError:
        return "unknown while Redis is out of reach"
    return f"it keeps failing, and is asked again in {state.broken:.0f} s; calls wait" if state.broken else None


def _failed(count: int) -> str | None:
    if not count:
        return None
    calls = "1 call" if count == 1 else f"{count} calls"
    return f"{calls} could not be filed: see flask calls list --crm failed, then flask calls file --failed"
