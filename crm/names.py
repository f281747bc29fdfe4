"""The CRMs by name: the one table that says which class files calls (DESIGN section 7)."""

from __future__ import annotations

from collections.abc import Callable

from redis import Redis
from sqlalchemy import Engine

from config.environment import Environment
from crm.crm import Crm


def _contacts(_: Environment, engine: Engine, __: Redis) -> Crm:
    from crm.contacts import Contacts

    return Contacts(engine)


def _bitrix24(environment: Environment, engine: Engine, redis: Redis) -> Crm:
    from crm.bitrix24.crm import from_environment

    return from_environment(environment, engine, redis)


CRMS: dict[str, Callable[[Environment, Engine, Redis], Crm | None]] = {
    "contacts": _contacts,
    "bitrix24": _bitrix24,
    "none": lambda *_: None,
}
"""Each loads its class only when it is wanted."""


def crm_of(environment: Environment, engine: Engine, redis: Redis) -> Crm | None:
    """Make the CRM that the environment names, None for none."""
    return CRMS[environment.crm](environment, engine, redis)
