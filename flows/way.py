"""The way of one decision: what is known, and the ladder of options that it builds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from config.company import Company, Extended
from config.destinations import Destination, form
from config.numbers import Number
from config.people import Employee
from flows.calls import Call, DialEnded
from flows.hours import Opening, opening
from flows.live import Callers, Candidate, Live, Need, Note, Offer, Option
from flows.places import Place, Stage
from flows.steps import Step

Steps = Callable[[Offer], tuple[Step, ...]]


class Member(NamedTuple):
    """A member of a group who can be rung: the place in its list, and the hours."""

    bit: int
    candidate: Candidate
    schedule: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """The switchboard that takes a decision: the company, who is free, who calls, and the devices it can ring.

    `nouns` are the kinds of device that the provider can ring: "number", "client", "sip"; `screens` whether it can
    ask whoever picks up to press 1.
    """

    company: Company
    live: Live
    callers: Callers
    nouns: frozenset[str] = frozenset({"number", "client", "sip"})
    screens: bool = True
    _members: dict[str, tuple[Member, ...]] = field(default_factory=dict, repr=False, compare=False)

    def devices(self, employee: Employee) -> tuple[str, ...]:
        """The devices of an employee that the provider can ring."""
        return tuple(d for d in employee.devices if noun_of(d) in self.nouns)

    def members(self, group: str) -> tuple[Member, ...]:
        """The members of a group who have a device that can be rung; worked out once for each group."""
        if group not in self._members:
            people = ((i, key, self.company.employees[key]) for i, key in enumerate(self.company.groups[group].members))
            self._members[group] = tuple(
                Member(i, Candidate(employee=key, devices=len(devices)), person.schedule)
                for i, key, person in people
                if (devices := self.devices(person))
            )
        return self._members[group]


@dataclass(frozen=True, kw_only=True, slots=True)
class Aim:
    """A destination about to be followed.

    `address` finds it in the settings, `then` is where `continue` leads, `owner` is whom it belongs to and
    `last` the employee rung last: the two decide what bare words mean.
    """

    destination: Destination
    address: str
    then: Stage
    owner: Extended | None = None
    last: str = ""

    @property
    def mailbox(self) -> str:
        """The mailbox that a bare `voicemail` means, "" for the number's own."""
        return f"{self.owner.kind}:{self.owner.key}" if self.owner else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Routes:
    """The two tables that make a route: stages in their order, each says whether it took the call; destinations."""

    stages: dict[Stage, Callable[[Way], bool]]
    destinations: dict[str, Callable[[Way, Aim], None]]


@dataclass(slots=True)
class Way:
    """A ladder under construction; flows follow the route and add options until one needs nothing."""

    desk: Desk
    routes: Routes
    call: Call
    place: Place
    now: datetime
    options: list[Option] = field(default_factory=list)
    groups: tuple[str, ...] = ()
    frees: bool = False
    ended: bool = False
    accepts: bool = False
    responsible: str | None = None
    """Whom the CRM has named for the caller, where it was asked."""
    _notes: list[Note] = field(default_factory=list)
    _openings: dict[str, Opening] = field(default_factory=dict)
    _dated: bool = False

    @property
    def company(self) -> Company:
        """The settings that the call started with."""
        return self.desk.company

    @property
    def number(self) -> Number:
        """The number called; only for calls to one of our numbers."""
        return self.company.numbers[self.number_key]

    @property
    def number_key(self) -> str:
        """The key of the number called."""
        if self.call.number is None:
            raise LookupError("the number called is not in the settings")
        return self.call.number

    @property
    def today(self) -> date:
        """The date where the company is."""
        self._dated = True
        return self.now.astimezone(ZoneInfo(self.company.timezone)).date()

    def note(self, code: str, **values: object) -> None:
        """Add a decision to the trace."""
        self._notes.append({"code": code, **values})

    def note_answered(self, ended: DialEnded) -> None:
        """Add to the trace that somebody answered, with what the provider tells of the conversation."""
        known = {"seconds": ended.seconds, "leg": ended.leg, "bridged": ended.bridged}
        self.note("answered", **{name: value for name, value in known.items() if value})

    def offer(
        self, steps: Steps, *, need: Need | None = None, taken: Note | None = None, missed: Note | None = None
    ) -> None:
        """Add an option; the notes made since the last one are read before it."""
        notes, self._notes = tuple(self._notes), []
        self.options.append(Option(steps=steps, need=need, before=notes, taken=taken, missed=missed))

    def end(self, *steps: Step) -> None:
        """Close the ladder with steps that need nothing."""
        self.offer(lambda _: steps)

    def go_on(self, stage: Stage) -> None:
        """Run the route from a stage on, until one takes the call."""
        order = list(self.routes.stages)
        for name in order[order.index(stage) :]:
            if self.routes.stages[name](self):
                return

    def follow(self, aim: Aim) -> None:
        """Send the call to a destination."""
        self.routes.destinations[form(aim.destination)](self, aim)

    @property
    def hours_asked(self) -> tuple[str, ...]:
        """The schedules on whose hours this decision hangs."""
        return tuple(self._openings)

    @property
    def date_asked(self) -> bool:
        """Whether this decision hangs on the date."""
        return self._dated

    def next(self, kind: type[Place], then: Stage, **values: object) -> Place:
        """Make the place where the call will be after this answer."""
        return kind(step=self.place.step + 1, then=then, groups=self.groups, **values)

    def opening(self, schedule: str | None) -> Opening:
        """Tell whether a schedule is open now; without one it always is. Asked once per schedule and decision."""
        if schedule is None:
            return Opening(True, "")
        if schedule not in self._openings:
            found = self.company.schedules[schedule]
            self._openings[schedule] = opening(found, found.local(self.now, self.company.timezone))
        return self._openings[schedule]


def noun_of(device: str) -> str:
    """Name the kind of a device: "client", "sip" or "number"."""
    scheme = device.partition(":")[0]
    return {"client": "client", "sip": "sip", "sips": "sip"}.get(scheme, "number")
