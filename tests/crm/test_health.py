"""How the CRM is, as /readyz says it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine

from calls import outbox
from calls.database import connect
from calls.tables import metadata
from calls.tokens import Token, Tokens
from config.environment import Environment
from config.trouble import english
from crm.health import troubles
from live.gate import BREAKS_AFTER, Gate
from local.house import empty_database, house_environment
from tests.details.rows import a_call, on_file

BITRIX24 = {
    "crm": "bitrix24",
    "bitrix24_portal": "https://acme.bitrix24.com",
    "bitrix24_client_id": "local.1",
    "bitrix24_client_secret": "s",
    "secret_key": "k",
}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty database."""
    engine = connect(empty_database(tmp_path))
    yield engine
    engine.dispose()


@pytest.fixture
def how(engine: Engine, redis: Redis) -> Callable[[Environment], str | None]:
    """Ask how the CRM of an environment is."""
    return lambda environment: english(troubles(environment, engine, redis)) or None


def test_an_address_book_is_always_well(how: Callable[[Environment], str | None]) -> None:
    assert how(house_environment("", "twilio")) is None


def test_a_portal_that_nobody_has_connected_is_named_with_the_remedy(
    how: Callable[[Environment], str | None], engine: Engine
) -> None:
    environment = house_environment("", "twilio", **BITRIX24)
    assert how(environment) == "Bitrix24 is not connected; calls wait: run flask crm connect"
    Tokens(engine, "bitrix24", "k").put(Token(access="a", refresh="r"))
    assert how(environment) is None


def test_a_portal_that_keeps_failing_is_named_until_it_is_tried_again(
    how: Callable[[Environment], str | None], engine: Engine, redis: Redis
) -> None:
    Tokens(engine, "bitrix24", "k").put(Token(access="a", refresh="r"))
    gate = Gate(redis, rate=2)
    for _ in range(BREAKS_AFTER):
        gate.failed(gate.enter("any", patience=0, urgent=True))
    said = how(house_environment("", "twilio", **BITRIX24))
    assert said is not None
    assert said.startswith("it keeps failing, and is asked again in ")
    assert how(house_environment("", "twilio")) is None  # another CRM has no gate


def test_calls_that_could_not_be_filed_are_counted(how: Callable[[Environment], str | None], engine: Engine) -> None:
    call, other = a_call("2026-11-24 10:30"), a_call("2026-11-24 10:31")
    on_file(engine, call, other)
    with engine.begin() as connection:
        outbox.fail(connection, call, "no such user")
    said = how(house_environment("", "twilio"))
    assert said == "1 call could not be filed: see flask calls list --crm failed, then flask calls file --failed"


def test_a_database_that_is_gone_is_no_traceback(how: Callable[[Environment], str | None], engine: Engine) -> None:
    metadata.drop_all(engine)
    assert str(how(house_environment("", "twilio"))).startswith("unknown while the database is not well (no such")
