"""Redis gone: calls are still answered and routed, groups in listed order, nobody known to be busy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from live import readings
from local.house import House
from simulator import Caller, Ringing
from tests.calls.companies import KNOWN, MAIN, MOBILES, OUTSIDE, OpenHouse, acme, number, sales, say
from tests.calls.journeys import EVERYTHING, MOMENTS, WHOLE
from tests.calls.servers import Server
from tests.providers import needs

SORRY = "nadie puede atender su llamada"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server of its own; one that failed is asked again at once, so that no test waits for the clock."""
    monkeypatch.setattr("live.state.TRY_AGAIN", 0.0)
    server = Server(tmp_path)
    yield server
    server.is_killed()


def busy(house: House, server: Server) -> dict[str, str]:
    """Who is not free."""
    with Redis.from_url(server.url) as redis:
        now = house.clock.now()
        states = {key: readings.presence(redis, key, now).state for key in house.company.employees}
    return {key: state for key, state in states.items() if state != "free"}


# "Calls are still answered and routed, groups in listed order": then the forward.
@pytest.mark.parametrize("distribution", ["evenly", "in_order"])
def test_a_group_rings_in_listed_order_and_then_forwards(
    open_house: OpenHouse, server: Server, distribution: str
) -> None:
    house = open_house(acme(groups=sales(distribution=distribution)), redis_url=server.url)
    Caller(house.exchange).dials(MAIN).hangs_up()  # Luis would be next
    server.is_killed()
    caller = Caller(house.exchange).dials(MAIN).rings("ana").nobody_answers().rings("luis").nobody_answers()
    caller.rings("eva").nobody_answers().is_forwarded_to(OUTSIDE).answers(OUTSIDE)
    caller.talks_to(OUTSIDE).other_side_hangs_up().ended()


def test_everybody_rings_at_once_ten_devices_at_most(open_house: OpenHouse, server: Server) -> None:
    people = {f"e{i}": {"name": f"E{i}", "devices": [f"client:e{i}"]} for i in range(12)}
    house = open_house(
        acme(employees=people, groups=sales(distribution="everybody", members=list(people))), redis_url=server.url
    )
    server.is_killed()
    caller = Caller(house.exchange).dials(MAIN).rings(*list(people)[:10]).nobody_answers()
    caller.rings("e10", "e11").nobody_answers().is_forwarded_to(OUTSIDE)


# "Nobody known to be busy": rather ring one who talks than lose a caller.
def test_nobody_is_known_to_be_busy(open_house: OpenHouse, server: Server) -> None:
    house = open_house(acme(groups=sales(distribution="in_order")), redis_url=server.url)
    Caller(house.exchange).dials(MAIN).rings("ana").answers("ana").talks_to("ana")
    server.is_killed()
    Caller(house.exchange, "+34600000002").dials(MAIN).rings("ana")


# Everything else works as ever: the greeting, extensions, menus, mobiles that press 1, messages, known callers.
@pytest.mark.parametrize("journey", [name for name in WHOLE if "hold" not in name])
def test_whole_calls_without_redis(open_house: OpenHouse, server: Server, journey: str) -> None:
    house = open_house(EVERYTHING, redis_url=server.url)
    server.is_killed()
    WHOLE[journey](Caller(house.exchange))


def test_a_known_caller_reaches_the_responsible_employee(open_house: OpenHouse, server: Server) -> None:
    contacts = [{"number": KNOWN, "name": "Moreno", "employee": "eva"}]
    settings = acme(contacts=contacts, numbers=number(responsible={"no_answer": "forward_to_mobile"}))
    house = open_house(settings, redis_url=server.url)
    server.is_killed()
    Caller(house.exchange, KNOWN).dials(MAIN).rings("eva").nobody_answers().is_forwarded_to(MOBILES["eva"])


# A mailbox is no answer even then: the provider says that nobody was joined.
@needs("whisper")
def test_a_mailbox_is_still_no_answer(open_house: OpenHouse, server: Server) -> None:
    ana = MOBILES["ana"]
    house = open_house(acme(groups=sales(members=[], no_answer={"forward_to_mobile": "ana"})), redis_url=server.url)
    server.is_killed()
    Caller(house.exchange).dials(MAIN).mailbox_answers(ana).is_not_accepted().hears(SORRY).ended()


# "Redis killed at any moment: every caller still hears a sensible answer": whatever the moment, the call goes on to
# a human or an end when the caller does nothing.
@pytest.mark.parametrize("moment", MOMENTS)
def test_redis_dies_in_the_middle_of_a_call(open_house: OpenHouse, server: Server, moment: str) -> None:
    house = open_house(EVERYTHING, redis_url=server.url)
    caller = Caller(house.exchange)
    MOMENTS[moment](caller)
    server.is_killed()
    for _ in range(200):
        if caller.call.is_over:
            break
        house.exchange.advance(max(caller.call.waiting.deadline - house.exchange.clock.seconds, 0))
    if not any(leg.bridged for leg in caller.ended().call.legs):
        caller.heard_something()


def test_the_next_member_rings_when_redis_dies_while_one_rings(open_house: OpenHouse, server: Server) -> None:
    house = open_house(acme(groups=sales(distribution="in_order")), redis_url=server.url)
    caller = Caller(house.exchange).dials(MAIN).rings("ana")
    server.is_killed()
    caller.nobody_answers().rings("luis").nobody_answers().rings("eva").nobody_answers().is_forwarded_to(OUTSIDE)


# "A hold still ends": the wait is in the caller's own address, and so is the pass.
def test_a_hold_still_ends(open_house: OpenHouse, server: Server) -> None:
    group = {"members": ["ana"], "no_answer": "hold", "hold": {"max_minutes": 2, "then": {"forward": OUTSIDE}}}
    house = open_house(acme(groups=sales(**group)), redis_url=server.url)
    Caller(house.exchange, "+34600000002").dials(MAIN).rings("ana").answers("ana")
    caller = Caller(house.exchange).dials(MAIN).holds()
    server.is_killed()
    rang = 0
    while caller.call.ringing_legs == () or caller.call.ringing_legs[0].device != OUTSIDE:
        if isinstance(caller.call.waiting, Ringing):
            rang += 1
            caller.nobody_answers()
        house.exchange.advance(5)
        assert house.exchange.clock.seconds < 2 * 60 + 60
    assert rang > 0  # nobody is known to be busy, so Ana is tried


# A server that hangs costs a moment, not the call.
def test_a_server_that_hangs_is_not_waited_for(
    open_house: OpenHouse, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.state.TRY_AGAIN", 60.0)
    house = open_house(acme(groups=sales(distribution="in_order")), redis_url=server.url)
    server.hangs()
    caller = Caller(house.exchange).dials(MAIN).rings("ana").nobody_answers().rings("luis").answers("luis")
    caller.talks_to("luis").other_side_hangs_up().ended()


# Everything works again when it comes back, and with what it knew before.
@needs("legs")
def test_everything_works_again_when_it_comes_back(open_house: OpenHouse, server: Server) -> None:
    house = open_house(acme(groups=sales(distribution="in_order")), redis_url=server.url)
    talking = Caller(house.exchange).dials(MAIN).rings("ana").answers("ana").talks_to("ana")
    server.is_killed()
    Caller(house.exchange, "+34600000002").dials(MAIN).rings("ana").hangs_up()
    server.comes_back()
    assert busy(house, server) == {"ana": "talking"}
    Caller(house.exchange, "+34600000003").dials(MAIN).rings("luis").answers("luis").other_side_hangs_up().ended()
    talking.other_side_hangs_up().ended()
    assert busy(house, server) == {}


# A server that has forgotten everything, scripts included, is as good as a new one.
@needs("legs")
def test_a_server_that_has_forgotten_everything(open_house: OpenHouse, server: Server) -> None:
    house = open_house(EVERYTHING, redis_url=server.url)
    caller = Caller(house.exchange).dials(MAIN).presses("101").rings("ana")
    with Redis.from_url(server.url) as redis:
        redis.flushall()
        redis.script_flush()
    caller.nobody_answers().hears("Pulse 1").presses("1").rings("ana").answers("ana").talks_to("ana")
    assert busy(house, server) == {"ana": "talking"}
    caller.other_side_hangs_up().ended()
    assert busy(house, server) == {}


# A call that began without Redis is known to it from the next webhook on.
def test_a_call_that_began_without_redis_is_taken_up(open_house: OpenHouse, server: Server) -> None:
    house = open_house(
        acme(groups=sales(distribution="in_order"), numbers=number(greeting=say("Hola."))), redis_url=server.url
    )
    server.is_killed()
    caller = Caller(house.exchange).dials(MAIN).hears("Hola")
    server.comes_back()
    caller.stays_silent().rings("ana")
    assert busy(house, server) == {"ana": "ringing"}
    caller.hangs_up()
    assert busy(house, server) == {}
