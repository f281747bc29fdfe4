"""The callee's leg: its webhooks are about another call, and their From is the number of ours that he is shown."""

from __future__ import annotations

from redis import Redis

from calls.details import LegFact
from simulator import Caller
from tests.calls.companies import CUSTOMER, MAIN, MOBILES, OpenHouse, acme, sales
from tests.calls.on_file import on_file
from tests.providers import needs


# The first that Redis hears of a call may be the callee's leg, whose From is the number of ours that he is shown.
@needs("whisper")
def test_the_caller_is_known_though_redis_has_forgotten_him_while_his_mobile_rings(
    open_house: OpenHouse, redis: Redis
) -> None:
    house = open_house(acme(groups=sales(members=[], no_answer={"forward_to_mobile": "ana"})))
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).is_forwarded_to(MOBILES["ana"])
    redis.flushall()
    caller.answers(MOBILES["ana"]).accepts(MOBILES["ana"]).talks_to(MOBILES["ana"]).other_side_hangs_up().ended()
    found = on_file(house, caller, redis, [LegFact(to=MOBILES["ana"], status="completed", seconds=30)])
    assert (found.caller, found.number) == (CUSTOMER, MAIN)
    assert (found.outcome, found.answered_by) == ("forwarded", "ana")


@needs("whisper")
def test_a_withheld_caller_stays_withheld_on_the_callees_leg(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(acme(groups=sales(members=[], no_answer={"forward_to_mobile": "ana"})))
    caller = Caller(house.exchange, "anonymous").dials(MAIN).is_forwarded_to(MOBILES["ana"])
    redis.flushall()
    caller.answers(MOBILES["ana"]).accepts(MOBILES["ana"]).talks_to(MOBILES["ana"]).other_side_hangs_up().ended()
    assert on_file(house, caller, redis).caller is None
