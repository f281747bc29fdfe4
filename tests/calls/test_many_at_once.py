"""Two hundred calls at once, in as many threads, on one running app and one real Redis."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from redis import Redis

from live import readings
from local.house import House
from simulator import Call, Clock, Exchange, Ringing, Screening, Talking
from simulator.leg import identity_of
from tests.calls.companies import MAIN, OUTSIDE, OpenHouse, acme, sales
from tests.calls.conftest import Check
from tests.moments import OPEN, at

CALLS = 200
MEMBERS = [f"e{i}" for i in range(10)]

Each = Callable[[Callable[[Call], None], Iterable[Call]], None]


def ten(**rules: Any) -> str:
    """A company whose one group has ten members."""
    people = {name: {"name": name.title(), "devices": [f"client:{name}"]} for name in MEMBERS}
    return acme(employees=people, groups=sales(**({"members": MEMBERS} | rules)))


class Callers:
    """Many callers of one house, each at a telephone of his own; what several do, they do at once."""

    def __init__(self, house: House, pool: ThreadPoolExecutor, count: int) -> None:
        self._pool = pool
        provider = house.exchange.provider
        self.exchanges = [Exchange(provider, Clock(at(OPEN))) for _ in range(count)]
        self.calls: list[Call] = []

    def dial(self) -> None:
        """All of them call."""
        numbered = enumerate(self.exchanges)
        self.calls = list(self._pool.map(lambda n: n[1].place_call(from_=f"+34600{n[0]:06}", to=MAIN), numbered))

    def all(self, action: Callable[[Call], None]) -> None:
        """Every caller whose call is not over does something; then all have done it."""
        list(self._pool.map(action, [call for call in self.calls if not call.is_over]))

    def rung(self) -> list[str]:
        """Whose telephones ring or talk, once for each call."""
        return [identity_of(device) for call in self.calls for device in _devices(call)]

    @property
    def faults(self) -> list[str]:
        """What the provider complains of."""
        return [str(fault) for exchange in self.exchanges for fault in exchange.faults]


def _devices(call: Call) -> list[str]:
    waiting = call.waiting
    legs = waiting.legs if isinstance(waiting, Ringing) else (waiting.leg,) if isinstance(waiting, Talking) else ()
    return [leg.device for leg in legs if leg.device != OUTSIDE]


@pytest.fixture
def callers() -> Iterator[Callable[[House, int], Callers]]:
    """Callers of a house: callers(house, 200)."""
    made: list[Callers] = []
    with ThreadPoolExecutor(CALLS) as pool:

        def make(house: House, count: int) -> Callers:
            made.append(Callers(house, pool, count))
            return made[-1]

        yield make
    for each in made:
        assert each.faults == []
        for exchange in each.exchanges:
            exchange.close()


def acts(call: Call) -> None:
    """One thing that happens to a call; which one depends on the call and on how far it is."""
    waiting, choice = call.waiting, (int(call.from_[-3:]) + len(call.webhooks)) % 5
    if isinstance(waiting, Talking):
        call.finish_talk("caller" if choice % 2 else "callee")
    elif isinstance(waiting, Ringing) and choice == 0:
        call.answer(waiting.legs[0].device)
    elif isinstance(waiting, Ringing) and choice == 1:
        call.busy(waiting.legs[0].device)
    elif choice == 2:
        call.hang_up()
    else:
        assert not isinstance(waiting, Screening)
        call.exchange.advance(max(waiting.deadline - call.exchange.clock.seconds, 0))


# "200 calls at once on a group of ten never ring one employee twice at a time": not when they come in, and not while
# they go on through answers, refusals, silence, talks and hang-ups, all in the same moment.
@pytest.mark.parametrize("distribution", ["evenly", "in_order"])
def test_nobody_is_rung_for_two_calls(
    open_house: OpenHouse, callers: Callable[[House, int], Callers], nothing_left: Check, distribution: str
) -> None:
    house = open_house(ten(distribution=distribution))
    crowd = callers(house, CALLS)
    crowd.dial()
    assert sorted(crowd.rung()) == MEMBERS  # each of the ten for one call; the other calls are forwarded
    rounds = 0
    while any(not call.is_over for call in crowd.calls):
        crowd.all(acts)
        assert [name for name, times in Counter(crowd.rung()).items() if times > 1] == []
        rounds += 1
        assert rounds < 40, [repr(call) for call in crowd.calls if not call.is_over]
    assert rounds > 1
    nothing_left(house)


# `everybody` rings all ten for one call, and nobody for the others.
def test_everybody_is_rung_for_one_call(
    open_house: OpenHouse, callers: Callable[[House, int], Callers], nothing_left: Check
) -> None:
    house = open_house(ten(distribution="everybody"))
    crowd = callers(house, CALLS)
    crowd.dial()
    assert sorted(crowd.rung()) == MEMBERS
    assert sum(len(_devices(call)) > 0 for call in crowd.calls) == 1
    crowd.all(Call.hang_up)
    nothing_left(house)


# "Under `evenly` offers differ by at most one": 200 calls in waves that do not divide by ten.
def test_offers_differ_by_one_at_most(
    open_house: OpenHouse, callers: Callable[[House, int], Callers], nothing_left: Check
) -> None:
    house = open_house(ten(distribution="evenly"))
    offers = Counter(dict.fromkeys(MEMBERS, 0))
    crowd = callers(house, 8)
    for _ in range(CALLS // 8):
        crowd.dial()
        assert len(set(crowd.rung())) == 8
        offers.update(crowd.rung())
        assert max(offers.values()) - min(offers.values()) <= 1
        crowd.all(Call.hang_up)
    assert sum(offers.values()) == CALLS
    nothing_left(house)


# Callers on hold: every one has a place of his own, whoever came in the same moment.
def test_everybody_on_hold_has_a_place_of_his_own(
    open_house: OpenHouse, redis: Redis, callers: Callable[[House, int], Callers], nothing_left: Check
) -> None:
    house = open_house(ten(no_answer="hold"))
    crowd = callers(house, CALLS)
    crowd.dial()
    waiting = [call for call in crowd.calls if not _devices(call)]
    told = [re.search(r"Su turno es el número (\d+)", call.webhooks[-1].text) for call in waiting]
    assert sorted(int(match[1]) for match in told if match) == list(range(1, CALLS - 10 + 1))
    assert sorted(readings.waiting(redis, "sales")) == sorted(call.sid for call in waiting)
    crowd.all(Call.hang_up)
    nothing_left(house)
