"""Decisions of a walk: the real ladders, cut where a number's next stage is entered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from config.company import Company
from config.destinations import ToGroup
from config.draft import Entry
from config.menus import Prompt
from flows.calls import Silence
from flows.decide import steps_of, way_of
from flows.live import Blind, Blocked, MayDial, Need, Note, Offer, Option, PickedUp, SomebodyFree, Waits
from flows.messages import own_mailbox
from flows.places import AtForward, AtGroup, AtScreen, Entrance, Place, Stage
from flows.routing import ROUTES
from flows.steps import Ask, Music, Ring, Say, Step
from flows.walk.documents import Outcome, cut, outcomes
from flows.walk.likeness import Likeness
from flows.walk.moments import Calendar, Moment
from flows.walk.pace import Pace
from flows.walk.parts import OWN_MAILBOX, Deed, Onward, Part, Spot, Toward, Try
from flows.way import Aim, Desk, Routes, Way

OVER = frozenset({"answered", "caller_gone"})
"""Notes after which a call may end without another word."""

HAD: dict[type, tuple[Deed, ...]] = {Blocked: (Deed("listed"),), PickedUp: (Deed("accepted"),)}
LACKED: dict[type, tuple[Deed, ...]] = {MayDial: (Deed("unpaid"),)}
"""How the live state was when something could be had, or could not."""

SCREENED_AT_MOST = 5
"""Questions to whoever picked up a forward, after which they count as endless."""


class Named:
    """A CRM that names whom a try wants."""

    key: str | None = None

    def begin(self, caller: str) -> None:
        """Nothing to be done."""

    def responsible(self, caller: str) -> str | None:  # noqa: ARG002  (the interface's name)
        """Name the employee of the try."""
        return self.key


class Chosen(NamedTuple):
    """One option of a ladder taken, and an outcome: how the live state was, whom it meets, how many could be rung."""

    outcome: Outcome
    deeds: tuple[Deed, ...]
    meets: frozenset[Entry]
    left: int


class Deciding:
    """Decides for a company; what it asks of the live state is answered in every way there is."""

    def __init__(self, company: Company, calendar: Calendar, likeness: Likeness, pace: Pace, desk: Desk | None) -> None:
        self._callers = Named()
        bare = desk or Desk(company=company, live=Blind(), callers=self._callers)
        self.desk = replace(bare, live=Blind(), callers=self._callers)
        self._company, self._calendar, self._likeness, self._pace = company, calendar, likeness, pace
        destinations = {**ROUTES.destinations, "group": _hand_on}
        self._cut = Routes(stages={name: _leave(name) for name in ROUTES.stages}, destinations=destinations)
        self._from = {
            name: Routes(stages={**self._cut.stages, name: stage}, destinations=destinations)
            for name, stage in ROUTES.stages.items()
        }
        self._screenings: dict[tuple[str, str], float] = {}
        self.decisions = 0
        self.sounds: set[Entry] = set()

    def ladders(self, spot: Spot, trying: Try, moment: Moment) -> Iterator[Way]:
        """The ladders of one try at one moment: several where what the call has behind it is forgotten."""
        for possible in self._likeness.histories.possible(spot, trying):
            way = self._ladder(possible, trying, moment)
            yield way
            for other in self._likeness.histories.otherwise(possible, way):
                yield self._ladder(other, trying, moment)

    def _ladder(self, spot: Spot, trying: Try, moment: Moment) -> Way:
        """One ladder; raises what the decision raises."""
        self.decisions += 1
        self._callers.key = trying.responsible
        at = spot.at
        if isinstance(at, Onward):
            return self._entering(at.stage, at.groups, trying, moment)
        if isinstance(at, Part) and at.what == "known":
            return self._entering("responsible", at.place.groups, trying, moment)
        if isinstance(at, Toward):
            way = self._bare(self._cut, at.groups, trying, moment)
            aim = Aim(destination=ToGroup(group=at.group), address=f"groups.{at.group}", then=at.then)
            ROUTES.destinations["group"](way, aim)
            return way
        place = at.place if isinstance(at, Part) else self._likeness.stood(spot, moment.at)
        return way_of(self.desk, trying.call, place, trying.event, moment.at, self._cut)

    def _entering(self, stage: Stage, groups: tuple[str, ...], trying: Try, moment: Moment) -> Way:
        way = self._bare(self._from[stage], groups, trying, moment)
        way.go_on(stage)
        return way

    def _bare(self, routes: Routes, groups: tuple[str, ...], trying: Try, moment: Moment) -> Way:
        way = Way(desk=self.desk, routes=routes, call=trying.call, place=Place(), now=moment.at)
        way.groups = groups
        return way

    def asked(self, way: Way) -> int:
        """The bits of a moment on which a ladder hangs."""
        asked = self._calendar.paid * way.date_asked
        for key in way.hours_asked:
            asked |= self._calendar.bits[key]
        return asked

    def chosen(self, spot: Spot, way: Way) -> Iterator[Chosen]:
        """Every option of a ladder, with everywhere that it leads; raises ValueError when none of them always holds."""
        if not way.options or not _holds(way.options[-1].need):
            raise ValueError("no option always holds")
        screening = self._screening(spot, way)
        missed: tuple[Deed, ...] = ()
        before: tuple[Note, ...] = ()
        for index, option in enumerate(way.options):
            before += option.before
            notes = (*before, option.taken) if option.taken else before
            over = any(note["code"] in OVER for note in notes)
            free = option.need.candidates if isinstance(option.need, SomebodyFree) else ()
            met = {*_noted(way, notes), *[("employees", candidate.employee) for candidate in free]}
            deeds = (*missed, *HAD.get(type(option.need), ()))
            steps = _steps(way, index, option)
            met.update(sounds := set(_sounds(steps)))
            self.sounds |= sounds
            for outcome in outcomes(steps, self._pace, over, screening):
                rung = met.union(_rung(way, outcome.ring)) if outcome.ring else met
                rings = _rings(outcome.ring, self._pace) if outcome.ring else ()
                yield Chosen(outcome, (*deeds, *rings), frozenset(rung), len(free))
            away = (Deed("away", tuple(candidate.employee for candidate in free)),) if free else ()
            missed += away or LACKED.get(type(option.need), ())

    def _screening(self, spot: Spot, way: Way) -> Callable[[Ring], float]:
        def seconds(ring: Ring) -> float:
            if ring.screen is None:
                return 0.0
            key = (spot.owner, ring.screen.employee)
            if key not in self._screenings:
                self._screenings[key] = self._asked_for(way, ring.screen)
            return self._screenings[key]

        return seconds

    def _asked_for(self, way: Way, screen: AtScreen) -> float:
        """How long whoever picks up and does nothing is asked to press 1; infinite when it never ends."""
        place: AtScreen | None = screen
        seconds = 0.0
        for _ in range(SCREENED_AT_MOST):
            if place is None:
                return seconds
            leg = way_of(self.desk, way.call, place, Silence(), way.now, self._cut)
            steps = leg.options[-1].steps(Offer(index=0, at=way.now))
            ask = next((step for step in steps if isinstance(step, Ask)), None)
            place = ask.place if ask and isinstance(ask.place, AtScreen) else None
            seconds += ask.wait + sum(map(self._pace.heard, ask.heard)) if ask else 0
        return float("inf")


def _holds(need: Need | None) -> bool:
    """Whether something can always be had."""
    return need is None or isinstance(need, Waits) or (isinstance(need, MayDial) and need.minimum_balance is None)


def _leave(stage: str) -> Callable[[Way], bool]:
    def leave(way: Way) -> bool:
        way.end(cut(Onward(stage, way.groups)))  # type: ignore[arg-type]
        return True

    return leave


def _hand_on(way: Way, aim: Aim) -> None:
    assert isinstance(aim.destination, ToGroup)
    way.end(cut(Toward(aim.destination.group, aim.then, way.groups)))


def _steps(way: Way, index: int, option: Option) -> tuple[Step, ...]:
    who = (option.need.candidates[0].employee,) if isinstance(option.need, SomebodyFree) else ()
    offer = Offer(index=index, at=way.now, who=who, position=2)
    return steps_of(way, offer) if isinstance(way.place, Entrance) else option.steps(offer)


def _rings(ring: Ring, pace: Pace) -> tuple[Deed, ...]:
    rings = Deed("rings", tuple(leg.device for leg in ring.legs))
    return (rings,) if ring.screen is None else (rings, Deed("screens", (str(pace.ring(ring.seconds) - 1),)))


_ENTRIES = {"group": "groups", "menu": "menus"}


def _noted(way: Way, notes: Iterable[Note]) -> Iterator[Entry]:
    """Whom a call meets by what is noted."""
    for note in notes:
        code = note["code"]
        if code in _ENTRIES:
            yield _ENTRIES[code], note[code]
        elif code == "voicemail":
            kind, _, key = note["mailbox"].partition(":")
            yield ("employees", key) if kind == "employee" else ("mailboxes", note["mailbox"])
            if note["mailbox"] == own_mailbox(way):
                yield OWN_MAILBOX


def _sounds(steps: Iterable[Step]) -> Iterator[Entry]:
    """The addresses of the company's own that are played, whose length nobody knows."""
    for step in steps:
        for heard in (step.heard,) if isinstance(step, Say) else step.heard if isinstance(step, Ask) else ():
            address = heard.url if isinstance(heard, Music) else heard.play if isinstance(heard, Prompt) else None
            if address is not None:
                yield "sounds", address


def _rung(way: Way, ring: Ring) -> Iterator[Entry]:
    """Whom a call meets because they ring."""
    yield from [("employees", leg.employee) for leg in ring.legs if leg.employee]
    if isinstance(ring.place, AtGroup):
        yield "rings", ring.place.group
    # Now, because one employee stands for all who are alike: later on nobody knows for whom the mailbox stands.
    kind, _, key = ring.place.mailbox.partition(":") if isinstance(ring.place, AtForward) else ("", "", "")
    if kind == "employee" and way.company.forwarding.unanswered == "voicemail":
        yield "employees", key
