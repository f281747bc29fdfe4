"""Whole calls on PostgreSQL: on file as on SQLite, and through its restarts, its death, and its locks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import text

from calls.database import CONNECT_WITHIN, StoreError, connect
from live import readings
from local.house import House
from simulator import Caller
from tests.calls.companies import CUSTOMER, MAIN, MOBILES, OpenHouse, acme, sales
from tests.calls.on_file import details, on_file, settle
from tests.calls.servers import PostgresServer
from tests.databases import migrated
from tests.providers import USUAL, chosen, needs

ROUND = acme(groups=sales(members=["ana", "luis"], distribution="in_order", no_answer="voicemail"))
TO_MOBILE = acme(groups=sales(members=["ana"], no_answer={"forward_to_mobile": "ana"}))
ANA = MOBILES["ana"]
STATUS = "/voice/status"


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server of one test, with the tables in its database."""
    found = PostgresServer()
    migrated(found.url)
    yield found
    found.is_forgotten()


@pytest.mark.parametrize(
    ("outcome", "employee", "settings", "play"),
    [
        ("answered", "ana", ROUND, lambda c: c.rings("ana").answers("ana").talks_to("ana", 12).hangs_up()),
        ("forwarded", "ana", TO_MOBILE, lambda c: c.nobody_answers().takes(ANA).hangs_up()),
        ("missed", "ana", TO_MOBILE, lambda c: c.nobody_answers().nobody_answers()),
        ("voicemail", "luis", ROUND, lambda c: c.nobody_answers().nobody_answers().leaves_message(7).presses("#")),
        ("abandoned", "ana", ROUND, lambda c: c.rings("ana").hangs_up()),
    ],
)
@pytest.mark.parametrize("duplicate", [False, True])
def test_a_call_is_on_file_once(
    open_house: OpenHouse,
    postgres_url: str,
    redis: Redis,
    outcome: str,
    employee: str,
    settings: str,
    play: Callable[[Caller], Any],
    duplicate: bool,
) -> None:
    house = open_house(settings, database=postgres_url, duplicate=duplicate)
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN)
    play(caller).ended()
    found = on_file(house, caller, redis)
    assert (found.outcome, found.employee, found.simulated) == (outcome, employee, chosen() == USUAL)
    with house.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM calls")).scalar() == 1


def answered(house: House) -> Caller:
    """A call that Ana takes for twelve seconds."""
    return Caller(house.exchange, CUSTOMER).dials(MAIN).answers("ana").talks_to("ana", 12)


def told(caller: Caller) -> list[int]:
    """What was answered to the callbacks that tell of the end."""
    return [webhook.status_code for webhook in caller.call.webhooks if STATUS in webhook.url]


# A restart, as with every update of the plan: connections that died with it are found dead and made anew.
def test_a_restart_between_two_calls_costs_nothing(open_house: OpenHouse, server: PostgresServer, redis: Redis) -> None:
    house = open_house(ROUND, database=server.url)
    first = answered(house).hangs_up()
    server.stops()
    server.comes_back()
    second = answered(house).hangs_up()
    assert [details(house, caller).outcome for caller in (first, second)] == ["answered", "answered"]
    assert on_file(house, second, redis).settled_at is not None


# "If SQL refuses the write, the record waits in Redis and a job writes it later"
@needs("talk")
@pytest.mark.parametrize("how", ["stops", "is_killed"])
def test_a_database_that_dies_during_a_call_has_it_when_it_is_back(
    open_house: OpenHouse, server: PostgresServer, redis: Redis, how: str
) -> None:
    house = open_house(ROUND, database=server.url)
    before = answered(house).hangs_up()
    caller = answered(house)
    getattr(server, how)()
    caller.hangs_up()
    assert told(caller) == [200]
    with pytest.raises(StoreError):
        settle(house, redis)
    assert len(readings.ended(redis, house.clock.now().replace(year=2030), 10)) == 2
    server.comes_back()
    found = on_file(house, caller, redis)
    assert (found.outcome, found.employee, found.talk_seconds) == ("answered", "ana", 12)
    assert details(house, before).settled_at is not None


def test_calls_are_taken_while_the_database_is_away(
    open_house: OpenHouse, server: PostgresServer, redis: Redis
) -> None:
    house = open_house(ROUND, database=server.url)
    server.stops()
    caller = answered(house).hangs_up()
    assert told(caller) == [200]
    server.comes_back()
    assert on_file(house, caller, redis).outcome == "answered"


# The end of a call does not wait for whoever holds the table, such as a migration.
def test_a_lock_is_not_waited_for_for_ever(open_house: OpenHouse, postgres_url: str, redis: Redis) -> None:
    house = open_house(ROUND, database=postgres_url)
    caller = answered(house)
    other = connect(postgres_url)
    with other.begin() as connection:
        connection.execute(text("LOCK TABLE calls IN ACCESS EXCLUSIVE MODE"))
        caller.hangs_up()
        assert told(caller) == [200]
    other.dispose()
    assert on_file(house, caller, redis).outcome == "answered"


@pytest.mark.parametrize("setting", ["lock_timeout", "statement_timeout"])
def test_every_connection_has_its_limits(postgres_url: str, setting: str) -> None:
    engine = connect(postgres_url)
    with engine.connect() as connection:
        assert (
            connection.execute(text(f"SHOW {setting}")).scalar()
            == {
                "lock_timeout": f"{CONNECT_WITHIN}s",
                "statement_timeout": "5s",
            }[setting]
        )
    engine.dispose()


# A host that has vanished answers nothing, so that the limits above, which the server keeps, are no help.
def test_a_server_that_has_vanished_is_given_up(postgres_url: str) -> None:
    engine = connect(postgres_url)
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        parameters = driver.info.get_parameters()
    engine.dispose()
    assert {name: parameters[name] for name in parameters if name.startswith(("tcp_", "keepalives"))} == {
        "tcp_user_timeout": "5000",
        "keepalives_idle": "5",
        "keepalives_interval": "2",
        "keepalives_count": "2",
    }
