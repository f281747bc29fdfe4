"""The graph of a walk: every spot that some call may come to, and every way on from it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import Literal

from config.company import Company
from config.draft import Entry
from flows.calls import Gone, Keys
from flows.listening import PAUSE_BETWEEN_DIGITS
from flows.places import AtExtension, AtForward, AtGroup, AtMenu, AtMessage, Entrance, Nowhere, OnHold, Place
from flows.walk.deciding import Chosen, Deciding
from flows.walk.happenings import Happenings
from flows.walk.likeness import WAITING, Likeness
from flows.walk.moments import Calendar, Moment
from flows.walk.pace import Pace
from flows.walk.parts import FAULTS, NOWHERE, Deed, Edge, Onward, Part, Spot, Toward, Try
from flows.walk.spread import spread
from flows.way import Desk, Way

MOST_SPOTS = 200_000
"""Of one company; beyond it the walk is broken off, and says so."""

WRONG = (LookupError, TypeError, ValueError, AttributeError, AssertionError, RecursionError)
"""What a decision raises that is at fault."""


class Graph:
    """Spots by their place in a list, and the edges away from each."""

    def __init__(self, company: Company, calendar: Calendar, pace: Pace, desk: Desk | None = None) -> None:
        self.company, self.calendar = company, calendar
        self._likeness = Likeness(company)
        self._deciding = Deciding(company, calendar, self._likeness, pace, desk)
        self._happenings = Happenings(company, self._deciding.desk.devices)
        self.spots: list[Spot] = []
        self.edges: list[list[Edge]] = []
        self.shared: set[int] = set()
        self.broken_off = False
        self._places: dict[Spot, int] = {}
        self._waiting: deque[int] = deque()
        self._resolved: dict[tuple[int, str], int] = {}
        self.roots = {number: self.place(Spot(number, Entrance())) for number in company.numbers}
        self.lost = {number: self.place(Spot(number, Nowhere())) for number in company.numbers}
        self._explore()
        self.gone = list(self._hang_ups())

    @property
    def decisions(self) -> int:
        """How many ladders were built."""
        return self._deciding.decisions

    @property
    def sounds(self) -> set[Entry]:
        """The addresses of the company's own that are played anywhere."""
        return self._deciding.sounds

    def place(self, spot: Spot) -> int:
        """The number of a spot; a new one waits to be explored."""
        found = self._places.get(spot)
        if found is None:
            found = self._places[spot] = len(self.spots)
            self.spots.append(spot)
            self.edges.append([])
            self._waiting.append(found)
            if spot.shared:
                self.shared.add(found)
        return found

    def resolved(self, target: int, number: str) -> int:
        """Where a call to a number really goes on, when shared spots are left for one of its stages."""
        at = self.spots[target].at
        if target not in self.shared or not isinstance(at, Onward):
            return target
        key = target, number
        if key not in self._resolved:
            self._resolved[key] = self._places[Spot(number, at)]
        return self._resolved[key]

    def _explore(self) -> None:
        while self._waiting:
            while self._waiting:
                here = self._waiting.popleft()
                if len(self.spots) > MOST_SPOTS:
                    self.broken_off = True
                    self._waiting.clear()
                    return
                self.edges[here] = list(dict.fromkeys(self._ways(self.spots[here])))
            self._enter_stages()

    def _hang_ups(self) -> Iterator[tuple[int, Edge]]:
        """The caller may hang up anywhere; once for each kind of place, because a hang-up does not look at it."""
        kinds = {
            type(spot.at): here for here, spot in reversed(list(enumerate(self.spots))) if isinstance(spot.at, Place)
        }
        for here in kinds.values():
            spot = self.spots[here]
            trying = Try(Gone(), self._happenings.call(spot), Deed("hangs up"), by_caller=True)
            yield from ((here, edge) for edge in self._decided(spot, trying, self.calendar.moments[0])[1])

    def _enter_stages(self) -> None:
        """Let every number enter the stages for which its calls leave the shared spots."""
        left = sorted(here for here in self.shared if isinstance(self.spots[here].at, Onward))
        bits = [0] * len(self.spots)
        for place, here in enumerate(left):
            bits[here] = 1 << place
        exits = spread(self.edges, bits)
        for here in [here for here in range(len(self.spots)) if here not in self.shared]:
            leaves = reduce(or_, (exits[edge.target] for edge in self.edges[here] if edge.target in self.shared), 0)
            for stage in left:
                if leaves & bits[stage]:
                    self.place(Spot(self.spots[here].owner, self.spots[stage].at))

    def _ways(self, spot: Spot) -> Iterator[Edge]:
        if spot.shared and isinstance(spot.at, Onward):
            return
        for what in self._parts(spot):
            yield Edge(self.place(self._likeness.part(spot, what)), 0, (), 0, 0, by_caller=what != "known")
        for trying in self._happenings.at(spot):
            left = list(self.calendar.moments)
            while left:
                moment = left[-1]
                asked, edges = self._decided(spot, trying, moment)
                yield from edges
                left = [other for other in left if (other.open ^ moment.open) & asked]

    def _parts(self, spot: Spot) -> Iterator[Literal["typed", "early", "choice", "known"]]:
        at, number = spot.at, self.company.numbers[spot.number]
        if isinstance(at, AtMenu):
            yield "choice"
        elif isinstance(at, AtExtension) and spot.listens:
            yield "typed"
            if at.then == "menu" and number.menu:
                yield "early"
        elif isinstance(at, Onward) and at.stage == "responsible" and number.responsible:
            yield "known"

    def _decided(self, spot: Spot, trying: Try, moment: Moment) -> tuple[int, list[Edge]]:
        try:
            ways = list(self._deciding.ladders(spot, trying, moment))
            asked = reduce(or_, map(self._deciding.asked, ways))
            hours = asked, moment.open & asked
            chosen = [(way, each) for way in ways for each in self._deciding.chosen(spot, way)]
            return asked, [edge for way, each in chosen for edge in self._edges(spot, trying, way, each, hours)]
        except WRONG as wrong:
            deeds = (trying.deed, Deed("fault", (f"{FAULTS['fails']}: {type(wrong).__name__} {wrong}",)))
            mask = (self.calendar.paid << 1) - 1
            edge = Edge(NOWHERE, 0, deeds, mask, moment.open & mask, trying.by_caller, end="fails")
            return mask, [edge]

    def _edges(self, spot: Spot, trying: Try, way: Way, chosen: Chosen, hours: tuple[int, int]) -> Iterator[Edge]:
        outcome = chosen.outcome
        waited = self._pause(spot, trying) if trying.by_caller else self._waited(spot)
        deeds = (trying.deed, *chosen.deeds) if trying.deed.what else chosen.deeds
        rings = None if outcome.rings is None else outcome.rings + waited
        end = outcome.fault or self._end(spot, outcome.end, way, chosen)
        met = chosen.meets if trying.stands_for.isdisjoint(chosen.meets) else chosen.meets | trying.stands_for
        for target, seconds, progresses in self._leads(spot, way, chosen, waited):
            by_caller, beep = trying.by_caller, outcome.beep
            yield Edge(target, seconds, deeds, *hours, by_caller, rings, end, progresses, beep, met)

    def _leads(self, spot: Spot, way: Way, chosen: Chosen, waited: float) -> Iterator[tuple[int, float, bool]]:
        """The spots to which an outcome leads, with `seconds` and `progresses` as in Edge."""
        place, seconds, listens = chosen.outcome[:3]
        if place is None:
            yield NOWHERE, seconds + waited, False
        elif isinstance(place, Onward):
            yield self.place(self._likeness.onward(spot.owner, place)), seconds + waited, False
        elif isinstance(place, Toward):
            yield self.place(self._likeness.toward(spot.number, place)), seconds + waited, False
        else:
            for landing in self._likeness.landings(spot, way.place, place, listens, chosen.left):
                at = landing.spot.at
                waits = isinstance(at, (AtGroup, OnHold)) and at.since == WAITING
                lasts = 0 if waits or landing.progresses else waited + seconds * landing.rings
                yield self.place(landing.spot), lasts, landing.progresses

    def _pause(self, spot: Spot, trying: Try) -> float:
        """Seconds after the last key until what was typed counts as all."""
        typed = spot.at.place if isinstance(spot.at, Part) else spot.at
        short = isinstance(trying.event, Keys) and len(trying.event.digits) < self.company.extension_digits
        return PAUSE_BETWEEN_DIGITS if short and isinstance(typed, AtExtension) else 0

    def _waited(self, spot: Spot) -> float:
        """Seconds on hold that a call may have behind it when it leaves a spot."""
        if isinstance(spot.at, (AtGroup, OnHold)) and spot.at.since == WAITING:
            return self.company.groups[spot.at.group].hold.max_minutes * 60
        return 0

    def _end(self, spot: Spot, end: str, way: Way, chosen: Chosen) -> str:
        if way.ended:
            return "caller"
        if end != "goodbye":
            return end
        if any(note["code"] == "answered" for option in way.options for note in option.before):
            return "forward" if isinstance(spot.at, AtForward) else "person"
        if chosen.deeds and chosen.deeds[0].what == "accepted":
            return "forward"
        return "message" if isinstance(spot.at, AtMessage) else end
