"""Likeness: which spots count as the same, so that there are few of them, and why nothing is lost by it.

- `step` only tells a repeated request from a new one, and `told` only what is said of a position: neither decides.
- Members who have rung (`tried`): what a decision does hangs on whether somebody at work is left, never on who it is.
  So two spots stand for all rounds: one member has rung, and all have. The first is left for the second after as many
  rings as there are members at work, whose seconds are counted; whoever rings twice would be found (`progresses`).
- Time on hold (`since`): a decision hangs on whether `max_minutes` are over. So two spots stand for all times: waiting,
  and over. Every step from waiting leads to both; the one that is over comes `max_minutes` after the hold began.
- Groups that have had the call matter only while the call can come to them again (flows.walk.again).
- Menus above a menu matter only where some menu knows the way `back`.
- Where there is too much of either, it is forgotten when the caller presses a key (flows.walk.histories).
- Numbers differ only where their stages are entered: there the route is cut (Onward). Everything between the cuts is
  shared by the numbers of one kind, and, where an extension may be typed, of one rule for extensions. It is cut too
  where a group is a destination (Toward), so that a group is decided once for all that leads to it.
- What may happen at a place is told once for all places at which it is the same (Part).

What is free, paid for or blocked is taken to change at any moment, in any combination: a path found may need a member
to be busy at one moment and free at the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal, NamedTuple

from config.company import Company
from flows.places import AtEmployee, AtExtension, AtGroup, AtMenu, OnHold, Place, Stage
from flows.walk.again import Again
from flows.walk.histories import Histories
from flows.walk.parts import ANY, SHARED, Onward, Part, Spot, Toward

WAITING, OVER = 1, 2
PAST = {0: 0, WAITING: 30, OVER: 7 * 86_400}
"""Seconds ago at which a hold began: less than the shortest `max_minutes`, and more than the longest."""


class Landing(NamedTuple):
    """A spot where an answer leads; `progresses` as in Edge, `rings` is how many rings one after the other."""

    spot: Spot
    progresses: bool = False
    rings: int = 1


class Likeness:
    """Knows which spots of a company are alike."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._again = Again(company)
        self.histories = Histories(company, self._again.most)
        self._backs = any(
            menu.no_choice == "back" or "back" in menu.choices.values() for menu in company.menus.values()
        )
        self._lines: dict[object, str] = {}
        self._owners: dict[object, str] = {}

    def line(self, number: str, place: Place | None, group: str = "") -> str:
        """The owner of a place that a number shares with others."""
        key = number, _settings_of(place) or group
        if key not in self._owners:
            self._owners[key] = self._line(number, self._again.types(place, group))
        return self._owners[key]

    def _line(self, number: str, types: bool, *more: object) -> str:
        found = self._company.numbers[number]
        kind = (found.kind, types, str(found.extensions.no_answer) if types else "", *map(str, more))
        return SHARED + self._lines.setdefault(kind, number)

    def part(self, spot: Spot, what: Literal["typed", "early", "choice", "known"]) -> Spot:
        """A part of what may happen at a spot."""
        number = self._company.numbers[spot.number]
        at = spot.at
        if isinstance(at, AtMenu):
            return Spot(spot.owner, Part(what, self.histories.kept(spot.owner, replace(at, wrong=0))), listens=True)
        more = {"early": number.menu, "known": number.responsible}.get(what)
        owner = self._line(spot.number, True, what, more)
        assert not isinstance(at, (Part, Toward))
        then: Stage = "responsible" if isinstance(at, Onward) else at.then
        place = AtExtension(then=then, groups=at.groups)
        kept = place if what == "known" else self.histories.kept(owner + what, place)
        return Spot(owner, Part(what, kept), listens=True)

    def stood(self, spot: Spot, now: datetime) -> Any:
        """The place of a spot, as a call would stand there now."""
        if isinstance(spot.at, (AtGroup, OnHold)) and spot.at.since:
            return replace(spot.at, since=int(now.timestamp()) - PAST[spot.at.since])
        return spot.at

    def toward(self, number: str, left: Toward) -> Spot:
        """The spot of a group about to be rung."""
        groups = self._groups(left.groups, self._again.to(left.group, left.then))
        return Spot(self.line(number, None, left.group), replace(left, groups=groups))

    def onward(self, owner: str, left: Onward) -> Spot:
        """The spot of a stage about to be entered."""
        return Spot(owner, Onward(left.stage, self._groups(left.groups, self._again.after(left.stage))))

    def landings(self, spot: Spot, stood: Place, place: Place, listens: bool, left: int) -> Iterator[Landing]:
        """Where a call from a spot may stand at a place; `left` members could ring when the place was decided."""
        own = isinstance(place, AtExtension) and place.then == "menu"
        owner = spot.owner if own else self.line(spot.number, place)
        groups = self._groups(place.groups, self._again.of(place)) if place.groups else ()
        for aged, passes in self._aged(spot, stood, place):
            for changes, progresses, rings in _rounds(self._company, stood, place, left):
                at = replace(place, step=0, groups=groups, **aged, **changes)
                yield Landing(Spot(owner, at, listens), progresses or passes, rings)

    def _groups(self, had: tuple[str, ...], again: frozenset[str]) -> tuple[str, ...]:
        if not (had and again):
            return ()
        return tuple(sorted(again.union({ANY}).intersection(had)))

    def _aged(self, spot: Spot, stood: Place, place: Place) -> Iterator[tuple[dict[str, Any], bool]]:
        """What of a place is forgotten, and the time on hold, at which it passes."""
        if isinstance(place, AtMenu):
            above = (ANY,) if ANY in place.path else place.path
            yield {"path": above if self._backs else ()}, False
            return
        if not isinstance(place, (AtGroup, OnHold)) or not place.since:
            yield {}, False
            return
        told = {"told": min(abs(place.told), 1)} if isinstance(place, OnHold) else {}
        before = stood.since if isinstance(stood, (AtGroup, OnHold)) else None
        if place.since != before:
            yield told | {"since": WAITING}, False
            return
        assert isinstance(spot.at, (AtGroup, OnHold))
        if spot.at.since == WAITING:
            yield told | {"since": WAITING}, True
        yield told | {"since": OVER}, False


def _settings_of(place: Place | None) -> object:
    """What of the settings a place is about; two places about the same lead to the same."""
    if isinstance(place, (AtGroup, OnHold)):
        return "of", place.group
    if isinstance(place, AtMenu):
        return place.menu, place.path
    return place.rule if isinstance(place, AtEmployee) else type(place) if place else ""


def _rounds(company: Company, stood: Place, place: Place, left: int) -> Iterator[tuple[dict[str, Any], bool, int]]:
    """Which members have rung by then: one (while others are left), or all."""
    if not isinstance(place, AtGroup) or not place.tried:
        yield {}, False, 1
        return
    before = stood.tried if isinstance(stood, AtGroup) and stood.group == place.group else 0
    grows = place.tried != before and place.tried & before == before
    members = company.groups[place.group].members
    # One for all: whoever has no device rings never, and is never the last to have rung.
    rang = next((1 << bit for bit, key in enumerate(members) if company.employees[key].devices), 1)
    if left > 1 or not grows:
        yield {"tried": rang, "rang": rang}, bool(before) and grows, 1 if place.since else max(left - 1, 1)
    if grows and (left <= 1 or before or place.since):
        everybody = (1 << len(members)) - 1
        yield {"tried": everybody, "rang": rang}, False, 1
