"""Groups that let callers wait, and the callers."""

from __future__ import annotations

from typing import Any

from local.house import House
from simulator import Caller, Ringing
from tests.calls.companies import MAIN, acme, sales

LOOP = 20 + 7 + 4
"""Seconds of the music that ships with the app, of the longest words before it, and of the key that is waited for."""


def holding(*members: str, hold: dict[str, Any] | None = None, **values: Any) -> str:
    """A group that lets callers wait for its members; by default for Ana alone."""
    group = {"members": list(members or ("ana",)), "no_answer": "hold", "hold": hold or {}}
    return acme(groups=sales(**(group | values)))


def callers(house: House, count: int) -> list[Caller]:
    return [Caller(house.exchange, f"+3460000010{i}") for i in range(count)]


def engaged(house: House, *names: str) -> list[Caller]:
    """So many calls that these are talking."""
    return [Caller(house.exchange, f"+3460000020{i}").dials(MAIN).answers(name) for i, name in enumerate(names)]


def until_it_rings(caller: Caller, most: float) -> float:
    """How long it takes until a device rings for a caller, to the second; at most so many seconds."""
    began = caller.exchange.clock.seconds
    while not isinstance(caller.call.waiting, Ringing):
        assert caller.exchange.clock.seconds - began <= most, "nothing rings"
        caller.exchange.advance(1)
    return caller.exchange.clock.seconds - began
