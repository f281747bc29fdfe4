"""How the CRM is, for /readyz: connected, answering, and with nothing left that somebody has to mend."""

from __future__ import annotations

from typing import NamedTuple

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine

from calls import outbox
from calls.database import StoreError, said
from config.environment import Environment


class Problem(NamedTuple):
    """What is wrong, and what to do; `files_nothing` until somebody does, `unknown` because something else is wrong."""

    said: str
    remedy: str = ""
    files_nothing: bool = False
    unknown: bool = False

    def __str__(self) -> str:
        """Say both."""
        return f"{self.said}: {self.remedy}" if self.remedy else self.said


def problem(environment: Environment, engine: Engine, redis: Redis) -> str | None:
    """Say what is wrong with the CRM or with the filing of calls in it; None when all is well."""
    return "; ".join(map(str, problems(environment, engine, redis))) or None


def problems(environment: Environment, engine: Engine, redis: Redis) -> list[Problem]:
    """The same, one by one."""
    try:
        found = _unconnected(environment, engine)
        with engine.connect() as connection:
            failed = outbox.backlog(connection).get("failed", 0)
    except StoreError as error:
        return [Problem(f"unknown while the database is not well ({said(error)})", unknown=True)]
    return [each for each in (found, _broken(environment, redis), _failed(failed)) if each]


def _unconnected(environment: Environment, engine: Engine) -> Problem | None:
    if environment.crm != "bitrix24":
        return None
    from calls.tokens import TokenProblem, Tokens  # with what it needs, only where it is wanted

    tokens = Tokens(engine, "bitrix24", str(environment.secret_key))
    try:
        token, refusal = tokens.read(), tokens.refusal()
    except TokenProblem:
        what = "Bitrix24 is not connected, since SECRET_KEY is another than before; calls wait"
        return Problem(what, "set the old one again, or run flask crm connect", files_nothing=True)
    if token is None:
        return Problem("Bitrix24 is not connected; calls wait", "run flask crm connect", files_nothing=True)
    if refusal:
        what = f"Bitrix24 does not let us in ({refusal.reason}); calls wait"
        return Problem(what, "mend it, then run flask crm status", files_nothing=True)
    return None


def _broken(environment: Environment, redis: Redis) -> Problem | None:
    if environment.crm != "bitrix24":
        return None
    from live.gate import Gate

    try:
        state = Gate(redis, rate=1).state()
    except RedisError:
        return Problem("unknown while Redis is out of reach", unknown=True)
    if not state.broken:
        return None
    return Problem(f"it keeps failing, and is asked again in {state.broken:.0f} s; calls wait")


def _failed(count: int) -> Problem | None:
    if not count:
        return None
    calls = "1 call" if count == 1 else f"{count} calls"
    return Problem(f"{calls} could not be filed", "see flask calls list --crm failed, then flask calls file --failed")
