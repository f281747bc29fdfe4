"""Which groups a call can still come to: only of those does it matter whether they have had it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from config.company import Company
from config.destinations import Destination
from config.draft import Entry
from config.reach import beyond, named
from flows.places import AtEmployee, AtExtension, AtGroup, AtMenu, OnHold, Place, Stage
from flows.walk.parts import ANY

STAGES: tuple[Stage, ...] = ("greeting", "menu", "responsible", "group", "otherwise")
STAGES_TO_GROUPS: tuple[Stage, ...] = ("sip_extension", *STAGES)
"""The stages of an open number at which a call may come to a group."""


class Again:
    """The groups that a call can still come to from a place.

    By what the settings name, whatever the hours: rather a group too many, which only means that fewer places
    count as the same.
    """

    def __init__(self, company: Company) -> None:
        self._company = company
        self._from_entry: dict[Entry, frozenset[str]] = {}
        self._asking: set[Entry] = set()
        self._led: dict[Entry, list[Entry]] = {}
        numbers = company.numbers.values()
        typed = [("groups", owner.key) for owner in company.extensions.values() if owner.kind == "group"]
        rules = [entry for number in numbers for entry in named(number.extensions.no_answer)]
        self._typed: frozenset[str] = frozenset()
        self._typed = self._closure([*typed, *rules])
        self._from_entry.clear()  # what a menu leads to that asks for extensions was not known yet
        self._stages: dict[Stage, frozenset[str]] = {"end": frozenset()}
        later: frozenset[str] = frozenset()
        for stage in reversed(STAGES):
            later |= self._typed if stage == "greeting" else self._closure(self._entries(stage))
            self._stages[stage] = later

    def after(self, stage: Stage) -> frozenset[str]:
        """The groups to which the stages from this one on may lead, at any number."""
        return self._stages.get(stage, self._stages["greeting"])

    def of(self, place: Place) -> frozenset[str]:
        """The groups to which a call may come from a place."""
        found = self.after(place.then)
        if isinstance(place, (AtGroup, OnHold)):
            return found | self._closure(self._leads(("groups", place.group)))
        if isinstance(place, AtMenu):
            return found | self._closure(self._menus(place))
        if isinstance(place, AtEmployee):
            return found | self._closure(named(self._company.destinations[place.rule]))
        return found | self._typed if isinstance(place, AtExtension) else found

    def to(self, group: str, then: Stage) -> frozenset[str]:
        """The groups to which a call may come that is about to come to a group."""
        return self.after(then) | self._known(("groups", group))

    @cached_property
    def most(self) -> int:
        """Groups to which one call may come, at most: the longest trail of groups at each of the stages.

        Groups that lead to each other count together; rather too many than too few.
        """
        beyond = {key: self._known(("groups", key)) for key in self._company.groups}
        trails: dict[str, int] = {}
        for key in sorted(beyond, key=lambda key: len(beyond[key])):
            together = [other for other in beyond[key] if key in beyond[other]]
            further = beyond[key].difference(together)
            trails[key] = len(together) + max((trails[other] for other in further), default=0)
        return len(STAGES_TO_GROUPS) * max(trails.values(), default=0)

    def types(self, place: Place | None, group: str = "") -> bool:
        """Whether an extension may still be typed, before the route goes on with a stage of the number."""
        if isinstance(place, AtExtension):
            return True
        entries: Iterable[Entry] = [("groups", group)] if group else []
        if isinstance(place, (AtGroup, OnHold)):
            entries = self._leads(("groups", place.group))
        elif isinstance(place, AtMenu):
            entries = self._menus(place)
        elif isinstance(place, AtEmployee):
            entries = named(self._company.destinations[place.rule])
        return any(self._known(entry) is not None and entry in self._asking for entry in entries)

    def _menus(self, place: AtMenu) -> Iterator[Entry]:
        """A menu and those above it, which may be any."""
        above = self._company.menus if ANY in place.path else place.path
        yield from (("menus", key) for key in (place.menu, *above))

    def _entries(self, stage: Stage) -> Iterator[Entry]:
        for number in self._company.numbers.values():
            if stage == "menu" and number.menu:
                yield "menus", number.menu
            if stage == "group" and number.group:
                yield "groups", number.group
            rule: Destination = "hang_up"
            if stage == "responsible" and number.responsible:
                rule = number.responsible.no_answer
            yield from named(number.otherwise if stage == "otherwise" else rule)

    def _closure(self, entries: Iterable[Entry]) -> frozenset[str]:
        return frozenset().union(*(self._known(entry) for entry in entries))

    def _known(self, start: Entry) -> frozenset[str]:
        if start not in self._from_entry:
            seen: set[Entry] = set()
            waiting = [start]
            groups: set[str] = set()
            while waiting:
                entry = waiting.pop()
                if entry in seen:
                    continue
                seen.add(entry)
                if entry[0] == "groups" and entry[1] in self._company.groups:
                    groups.add(entry[1])
                if self._asks(entry):
                    groups |= self._typed
                    self._asking.add(start)
                waiting.extend(self._leads(entry))
            self._from_entry[start] = frozenset(groups)
        return self._from_entry[start]

    def _leads(self, entry: Entry) -> list[Entry]:
        """What an entry leads to by itself; employees lead nowhere."""
        if entry not in self._led:
            self._led[entry] = [each for each in beyond(self._company, entry) if each[0] != "employees"]
        return self._led[entry]

    def _asks(self, entry: Entry) -> bool:
        menus = self._company.menus
        return entry[0] == "menus" and "ask_extension" in menus[entry[1]].choices.values()
