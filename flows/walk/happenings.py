"""What may happen at each spot: one of each kind that a route can tell apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from config.company import Company
from config.draft import Entry
from config.people import Employee
from flows.calls import Arrived, Call, DialEnded, Event, Keys, Lost, MessageLeft, Silence
from flows.places import (
    AtEmployee,
    AtExtension,
    AtForward,
    AtGroup,
    AtMenu,
    AtMessage,
    AtScreen,
    Entrance,
    Nowhere,
    OnHold,
)
from flows.walk.parts import Deed, Onward, Part, Spot, Toward, Try

KEYS = "1234567890*"
STRANGERS = ("+34600000001", "+34600000002", "+34600000003")
TALKED, UNANSWERED, UNTOLD = (
    DialEnded("completed", bridged=True),
    DialEnded("no-answer", bridged=False),
    DialEnded("completed", bridged=None),
)
SPOKEN = 5
"""Seconds of a message in which something is said."""


class Happenings:
    """Knows the callers and the extensions of a company, those alike taken together."""

    def __init__(self, company: Company, devices: Callable[[Employee], tuple[str, ...]]) -> None:
        self._company = company
        known = company.known_callers.keys() | company.blocked_callers
        self.stranger = next((caller for caller in STRANGERS if caller not in known), STRANGERS[0])
        self._kind = {k: (e.schedule, bool(devices(e)), bool(e.mobile)) for k, e in company.employees.items()}
        self._typed = tuple(self._extensions())
        self._callers = tuple(self._responsibles())
        self._unknown = self._unknown_extension()
        self._calls = {
            number: Call(id="walked", number=number, caller=self.stranger, called=number) for number in company.numbers
        }

    def at(self, spot: Spot) -> Iterator[Try]:
        """Tell all that may happen at a spot."""
        return _AT[type(spot.at)](self, spot)

    def call(self, spot: Spot) -> Call:
        """A stranger's call to the number of a spot."""
        return self._calls[spot.number]

    def _one(self, spot: Spot, event: Event, what: str, *whom: str, by_caller: bool = False) -> Try:
        return Try(event, self.call(spot), Deed(what, whom), by_caller)

    def _keys(self, spot: Spot, digits: str) -> Try:
        return self._one(spot, Keys(digits), "press", digits, by_caller=True)

    def _extensions(self) -> Iterator[tuple[str, frozenset[Entry]]]:
        """Every group's, and one for all employees who are alike in their hours and in having devices and a mobile.

        Of theirs the shortest, after which it is waited whether more digits come.
        """
        alike: dict[object, tuple[str, set[Entry]]] = {}
        for extension, owner in sorted(self._company.extensions.items(), key=lambda item: len(item[0])):
            if owner.kind == "group":
                yield extension, frozenset()
            else:
                alike.setdefault(self._kind[owner.key], (extension, set()))[1].add(("employees", owner.key))
        yield from ((extension, frozenset(all_)) for extension, all_ in alike.values())

    def _responsibles(self) -> Iterator[tuple[str, str, frozenset[Entry]]]:
        """One employee for all who are alike: the address book and the CRM may name anybody.

        One whom the settings name where there is one: whoever stands for others must be met as they are.
        """
        listed = {c.employee: c.number for c in self._company.contacts if c.employee}
        named = self._company.named
        alike: dict[object, list[str]] = {}
        for key in sorted(self._company.employees, key=lambda key: (key not in listed, key not in named)):
            alike.setdefault(self._kind[key], []).append(key)
        for keys in alike.values():
            yield listed.get(keys[0], ""), keys[0], frozenset(("employees", key) for key in named.intersection(keys))

    def _unknown_extension(self) -> str | None:
        """One that nobody has, the shortest: with fewer digits than there may be it is waited whether more come."""
        taken = self._company.extensions.keys() | {key for m in self._company.menus.values() for key in m.choices}
        lengths = range(1, self._company.extension_digits + 1)
        every = (f"{number:0{length}}" for length in lengths for number in range(10**length))
        return next((text for text in every if text not in taken), None)

    # One function a kind of spot.

    def arrived(self, spot: Spot) -> Iterator[Try]:
        yield self._one(spot, Arrived(), "")

    def lost(self, spot: Spot) -> Iterator[Try]:
        yield self._one(spot, Lost(), "lost")

    def menu(self, spot: Spot) -> Iterator[Try]:
        assert isinstance(spot.at, AtMenu)
        choices = self._company.menus[spot.at.menu].choices
        wrong = next((key for key in KEYS if key not in choices), None)
        yield self._one(spot, Silence(), "silence")
        yield from (self._keys(spot, key) for key, choice in choices.items() if choice == "repeat")
        if wrong:
            yield self._keys(spot, wrong)

    def extension(self, spot: Spot) -> Iterator[Try]:
        """Silence, and an extension that nobody has; what else may be typed are parts."""
        assert isinstance(spot.at, AtExtension)
        yield self._one(spot, Silence(), "silence")
        if spot.listens and self._unknown:
            yield self._keys(spot, self._unknown)

    def part(self, spot: Spot) -> Iterator[Try]:
        assert isinstance(spot.at, Part)
        yield from _PARTS[spot.at.what](self, spot)

    def early(self, spot: Spot) -> Iterator[Try]:
        menu = self._company.numbers[spot.number].menu
        keys = self._company.menus[menu].choices.keys() - self._company.extensions.keys() if menu else ()
        yield from (self._keys(spot, key) for key in sorted(keys))

    def choice(self, spot: Spot) -> Iterator[Try]:
        assert isinstance(spot.at, Part)
        assert isinstance(spot.at.place, AtMenu)
        choices = self._company.menus[spot.at.place.menu].choices
        yield from (self._keys(spot, key) for key, choice in choices.items() if choice != "repeat")

    def known(self, spot: Spot) -> Iterator[Try]:
        for caller, key, alike in self._callers:
            yield Try(Arrived(), self.call(spot), Deed("from", (caller,)), responsible=key, stands_for=alike)

    def typed(self, spot: Spot) -> Iterator[Try]:
        for extension, alike in self._typed:
            yield self._keys(spot, extension)._replace(stands_for=alike)

    def rung(self, spot: Spot) -> Iterator[Try]:
        yield self._one(spot, UNANSWERED, "no answer")
        yield self._one(spot, TALKED, "answer")

    def forwarded(self, spot: Spot) -> Iterator[Try]:
        """A provider may not tell whether the two ever spoke (twiml.md 2.3)."""
        yield from self.rung(spot)
        yield self._one(spot, UNTOLD, "picked up")

    def on_hold(self, spot: Spot) -> Iterator[Try]:
        assert isinstance(spot.at, OnHold)
        key = self._company.groups[spot.at.group].hold.message_key
        yield self._one(spot, Silence(), "silence")
        if key and spot.listens:
            yield self._keys(spot, key)
            yield self._keys(spot, next(other for other in KEYS if other != key))

    def message(self, spot: Spot) -> Iterator[Try]:
        yield self._one(spot, MessageLeft(SPOKEN), "speak")
        yield self._one(spot, MessageLeft(0), "say nothing")

    def screen(self, spot: Spot) -> Iterator[Try]:
        yield self._one(spot, Silence(), "silence")
        yield from (self._keys(spot, key) for key in "12")

    def stage(self, spot: Spot) -> Iterator[Try]:
        """Callers differ for two stages, addresses called for one."""
        assert isinstance(spot.at, Onward)
        number = self._company.numbers[spot.number]
        yield self._one(spot, Arrived(), "")
        if spot.at.stage == "blocked" or (spot.at.stage == "responsible" and number.responsible):
            yield Try(Arrived(), replace(self.call(spot), caller=None), Deed("from", ("anonymous",)))
        if spot.at.stage == "blocked" and self._company.blocked:
            blocked = self._company.blocked[0]
            yield Try(Arrived(), replace(self.call(spot), caller=blocked), Deed("from", (blocked,)))
        if spot.at.stage == "sip_extension" and number.sip_extension:
            domain = spot.number.partition(":")[2].rpartition("@")[2] or "sip"
            for extension, alike in self._typed:
                called = f"sip:{extension}@{domain}"
                if self._company.number_called(called) == spot.number:  # or it is a call to another, or to none
                    call = replace(self.call(spot), called=called)
                    yield Try(Arrived(), call, Deed("to", (called,)), stands_for=alike)


_AT: dict[type, Callable[[Happenings, Any], Iterator[Try]]] = {
    Entrance: Happenings.arrived,
    Nowhere: Happenings.lost,
    AtExtension: Happenings.extension,
    AtMenu: Happenings.menu,
    AtEmployee: Happenings.rung,
    AtGroup: Happenings.rung,
    AtForward: Happenings.forwarded,
    OnHold: Happenings.on_hold,
    AtScreen: Happenings.screen,
    AtMessage: Happenings.message,
    Onward: Happenings.stage,
    Toward: Happenings.arrived,
    Part: Happenings.part,
}

_PARTS: dict[str, Callable[[Happenings, Spot], Iterator[Try]]] = {
    "typed": Happenings.typed,
    "early": Happenings.early,
    "choice": Happenings.choice,
    "known": Happenings.known,
}
