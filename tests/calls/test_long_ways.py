"""Ways as long as the settings may make them: every decision comes to its end, and every address can be read."""

from __future__ import annotations

from typing import Any

import yaml

from config.circles import MOST_IN_A_CHAIN
from config.company import Company
from flows.listening import MOST_ABOVE
from flows.ringing import MOST_GROUPS
from simulator import Caller
from tests.calls.companies import MAIN, OpenHouse, acme, number, say
from tests.calls.conftest import Check, Why
from tests.providers import chosen, for_provider

READ = 4094
"""Bytes of a request line that gunicorn reads, unless it is told otherwise."""

NEVER = {"schedules": {"never": {"weekly": {}}}, "employees": {"luis": {"schedule": "never"}}}


def name(index: int) -> str:
    """A name as long as one may be."""
    return f"g{index:03}-".ljust(40, "x")


def chain(length: int, *members: str) -> dict[str, Any]:
    """Groups, each of which hands on to the next, and the last one's mailbox."""
    leads = [{"group": name(index + 1)} for index in range(length - 1)]
    return {
        name(index): {"name": f"G{index}", "members": list(members), "ring_seconds": 5, "no_answer": rule}
        for index, rule in enumerate([*leads, "voicemail"])
    }


def longest(caller: Caller) -> int:
    """Bytes of the longest request line of a call."""
    return max(len(f"POST {webhook.url} HTTP/1.1\r\n") for webhook in caller.call.webhooks)


# The most frames that a group may need: a queue with nobody at work, and behind it somebody who is off.
def test_the_longest_chain_is_one_decision(open_house: OpenHouse, nothing_left: Check) -> None:
    groups = chain(MOST_IN_A_CHAIN, "luis")
    for group in groups.values():
        if isinstance(group["no_answer"], dict):
            group["hold"] = {"then": {"employee": "luis", "no_answer": group["no_answer"]}}
            group["no_answer"] = "hold"
    house = open_house(acme(**NEVER, groups=groups, numbers=number(group=name(0))))
    Caller(house.exchange).dials(MAIN).leaves_message(5).presses("#").ended()
    nothing_left(house)


def test_addresses_of_the_longest_chain_can_be_read(open_house: OpenHouse) -> None:
    house = open_house(acme(groups=chain(MOST_IN_A_CHAIN, "ana"), numbers=number(group=name(0))))
    caller = Caller(house.exchange).dials(MAIN)
    for _ in range(MOST_IN_A_CHAIN):
        caller.rings("ana").nobody_answers()
    caller.leaves_message(5).presses("#").ended()
    assert longest(caller) < READ


# Settings that were published before chains had an end: once this ended in a fault of ours, and an apology for it.
def test_a_call_that_has_come_to_enough_groups_goes_on_with_the_route(open_house: OpenHouse, why: Why) -> None:
    text = acme(groups=chain(300), numbers=number(group=name(0), otherwise={"employee": "ana"}))
    house = open_house(Company.model_validate(yaml.safe_load(for_provider(text, chosen()))))
    caller = Caller(house.exchange).dials(MAIN).rings("ana")
    assert f"Group G{MOST_GROUPS} is not rung: this call has come to as many groups as one may." in why(house, caller)
    assert longest(caller) < READ


# A caller may go down through any number of menus: the way back is as long as an address allows.
def test_addresses_of_a_caller_deep_in_menus_can_be_read(open_house: OpenHouse) -> None:
    deep = 3 * MOST_ABOVE
    menus = {
        name(level): {"prompt": say(f"Nivel {level}."), "choices": {"1": {"menu": name(level + 1)}, "*": "back"}}
        for level in range(deep)
    }
    last = {"prompt": say(f"Nivel {deep}."), "choices": {"*": "back"}}
    house = open_house(acme(menus={**menus, name(deep): last}, numbers=number(menu=name(0))))
    caller = Caller(house.exchange).dials(MAIN)
    for level in range(1, deep + 1):
        caller.presses("1").hears(f"Nivel {level}.")
    for level in range(deep - 1, deep - 1 - MOST_ABOVE, -1):
        caller.presses("*").hears(f"Nivel {level}.")
    caller.presses("*").hears(f"Nivel {deep - MOST_ABOVE}.")
    assert longest(caller) < READ
