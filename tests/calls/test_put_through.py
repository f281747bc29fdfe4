"""Callers on hold who are put through at once, because the provider has a REST API and a worker runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from redis import Redis

from config.loader import parse
from live.renaming import keep_up
from simulator import Caller
from tests.calls.companies import MAIN, OpenHouse, acme, number, sales, say
from tests.calls.conftest import Check, SetAway
from tests.calls.publishing import renamed
from tests.calls.queueing import LOOP, callers, engaged, holding, until_it_rings
from tests.providers import for_provider, needs

Work = Callable[[], int]


# "… at once when the provider's REST API is configured."
@needs("put_through")
def test_with_rest_a_caller_is_put_through_at_once(open_with_rest: OpenHouse, work: Work, nothing_left: Check) -> None:
    house = open_with_rest(holding())
    (busy,) = engaged(house, "ana")
    (caller,) = callers(house, 1)
    caller.dials(MAIN).holds().waits(3)
    before = house.exchange.clock.seconds
    busy.other_side_hangs_up().ended()
    assert work() == 1
    assert house.exchange.clock.seconds == before
    caller.rings("ana").answers("ana").talks_to("ana").other_side_hangs_up().ended()
    nothing_left(house)


@needs("put_through")
def test_with_rest_only_the_head_of_the_queue_is_woken(open_with_rest: OpenHouse, work: Work) -> None:
    house = open_with_rest(holding())
    (busy,) = engaged(house, "ana")
    first, second = (each.dials(MAIN).holds().waits(2) for each in callers(house, 2))
    busy.other_side_hangs_up().ended()
    assert work() == 1
    first.rings("ana")
    second.holds()


@needs("put_through")
def test_with_rest_who_waits_for_a_renamed_group_is_put_through(
    open_with_rest: OpenHouse, work: Work, redis: Redis
) -> None:
    house = open_with_rest(holding())
    (busy,) = engaged(house, "ana")
    (caller,) = callers(house, 1)
    caller.dials(MAIN).holds().waits(3)
    text = renamed(holding(), ("sales", "ventas"), section="groups")
    later = parse(for_provider(text, house.environment.provider))
    for revision, company in enumerate((house.company, later)):
        assert keep_up(redis, house.clock.now, revision, company, lambda _: house.company)
    busy.other_side_hangs_up().ended()
    assert work() == 1
    caller.rings("ana")


# A member who comes back from being away is waited for just like one who hangs up.
@needs("put_through")
def test_with_rest_a_member_who_comes_back_wakes_the_caller(
    open_with_rest: OpenHouse, work: Work, set_away: SetAway
) -> None:
    house = open_with_rest(holding())
    set_away(house, "ana", True)
    (caller,) = callers(house, 1)
    caller.dials(MAIN).holds().waits(2)
    set_away(house, "ana", False)
    assert work() == 1
    caller.rings("ana")


# A job that comes late, or twice, does no harm.
@needs("put_through")
def test_with_rest_a_caller_who_has_gone_is_left_alone(open_with_rest: OpenHouse, work: Work) -> None:
    house = open_with_rest(holding())
    (busy,) = engaged(house, "ana")
    (caller,) = callers(house, 1)
    caller.dials(MAIN).holds()
    busy.other_side_hangs_up().ended()
    caller.hangs_up().ended()
    assert work() == 1


# The caller at the head is woken, and goes before he can be put through: whoever has become free is for the next one.
@needs("put_through")
@pytest.mark.parametrize("how", ["hangs up", "leaves a message"])
def test_with_rest_the_next_one_is_put_through_when_the_head_goes_meanwhile(
    open_with_rest: OpenHouse, work: Work, how: str
) -> None:
    house = open_with_rest(holding(hold={"message_key": "1"}))
    (busy,) = engaged(house, "ana")
    first, second, third = (each.dials(MAIN).holds() for each in callers(house, 3))
    busy.other_side_hangs_up().ended()
    if how == "hangs up":
        first.hangs_up().ended()
    else:
        first.presses("1").leaves_message(4)
    before = house.exchange.clock.seconds
    assert work() == 1
    assert house.exchange.clock.seconds == before
    second.rings("ana")
    third.holds()


# … and who was put through by his own music, before the job came, is no reason to wake anybody.
@needs("put_through")
def test_with_rest_nobody_is_woken_in_place_of_one_who_is_served(open_with_rest: OpenHouse, work: Work) -> None:
    house = open_with_rest(holding())
    (busy,) = engaged(house, "ana")
    first, second = (each.dials(MAIN).holds() for each in callers(house, 2))
    busy.other_side_hangs_up().ended()
    until_it_rings(first, LOOP)
    heard = len(second.call.webhooks)
    assert work() == 1
    second.holds()
    assert len(second.call.webhooks) == heard


# Two members may become free in the same moment: one of them answers a call that rang everybody. Then two callers
# need not wait.
@needs("legs", "put_through")
def test_with_rest_as_many_are_woken_as_members_become_free(open_with_rest: OpenHouse, work: Work) -> None:
    everybody = {
        "name": "Todos",
        "extension": "300",
        "members": ["ana", "luis", "eva"],
        "distribution": "everybody",
        "ring_seconds": 60,
        "no_answer": "hang_up",
    }
    settings = acme(groups={"all": everybody} | sales(no_answer="hold"), numbers=number(greeting=say("Hola.")))
    house = open_with_rest(settings)
    lucky = Caller(house.exchange).dials(MAIN).presses("300").rings("ana", "luis", "eva")
    first, second = (each.dials(MAIN).stays_silent().holds() for each in callers(house, 2))
    lucky.answers("ana")
    assert work() == 2
    first.rings("luis")
    second.rings("eva")
