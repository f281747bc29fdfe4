"""walk(): the proof for a company, number by number, and everything that refutes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from config.company import Company
from config.draft import Entry
from flows.places import AtEmployee, AtForward, AtGroup, AtMenu, OnHold
from flows.walk.graph import MOST_SPOTS, Graph
from flows.walk.happenings import Happenings
from flows.walk.lines import TO_END, TO_RING, Hours, Met, Own, Peak, Side
from flows.walk.moments import Calendar, Moment
from flows.walk.pace import Pace
from flows.walk.parts import ENDS, FAULTS, OWN_MAILBOX, Edge, Onward, Spot
from flows.walk.paths import Replay, longest, path_to, replay
from flows.walk.times import Times
from flows.way import Desk

STAGE_KEYS = {"hours": "closed", "sip_extension": "sip_extension", "greeting": "greeting", "menu": "menu"} | {
    "responsible": "responsible",
    "group": "group",
    "otherwise": "otherwise",
}

LOOP = "a caller who does nothing goes round and round"
MOST_TRIED = 20
"""Spots with the same fault among which the shortest way to one is looked for."""

UNMET = {
    "employees": "no call rings this employee, dials the mobile or leaves a message, at whatever hours it comes",
    "named": "no call rings this employee, dials the mobile or leaves a message, at whatever hours it comes, unless the"
    " address book or the CRM names this employee for its caller",
    "groups": "no call comes to this group, at whatever hours",
    "menus": "no caller hears this menu, at whatever hours",
    "schedules": "no call ever hangs on these hours",
    "rings": "calls come to this group, and never at hours at which one of its members is at work: it never rings",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What refutes the proof ("error"), or what no call ever comes to ("warning"); `path` is its key in the settings.

    `how` is the shortest way there; None where there is nothing to be played.
    """

    level: Literal["error", "warning"]
    path: str
    message: str
    how: Replay | None = None


_TOO_LARGE = Finding(
    level="error",
    path="",
    message=f"not proved: there are more than {MOST_SPOTS} places where a call may stand, and the walk was broken off",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Longest:
    """A longest time in seconds, from the last thing that the caller did, and a call in which it is reached."""

    seconds: float
    how: Replay


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What can happen to calls to a number: how they end, and the longest times; `until_ring` None: nobody is rung.

    `sounds` are the addresses of the company's own that may be played, of which only the pace says how long they last.
    """

    ends: tuple[str, ...]
    until_ring: Longest | None
    until_end: Longest
    sounds: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The walk of a company; when it grew `too_large` it was broken off, and nothing is proved or refuted."""

    numbers: dict[str, Line]
    findings: tuple[Finding, ...]
    too_large: bool
    spots: int
    decisions: int
    moments: int

    @property
    def proved(self) -> bool:
        """Whether nothing refutes that every call ends well."""
        return all(finding.level != "error" for finding in self.findings)


def walk(company: Company, since: datetime, pace: Pace, desk: Desk | None = None) -> Report:
    """Walk every path of every number, at every kind of hours in the year after `since`.

    `desk` says what the provider can ring; all of it by default.
    """
    return _Walk(company, since, pace, desk).report()


class _Walk:
    def __init__(self, company: Company, since: datetime, pace: Pace, desk: Desk | None) -> None:
        self.company = company
        self.calendar = Calendar(company, since)
        self.graph = Graph(company, self.calendar, pace, desk)
        self.times = Times(self.graph)
        self.stranger = Happenings(company, lambda employee: employee.devices).stranger
        self.hours = {number: tuple(self._hours(number, asked)) for number, asked in self._asked().items()}

    def report(self) -> Report:
        too_large = self.graph.broken_off  # then edges are missing, and nothing can be told by those that are there
        lines = {} if too_large else {number: self._line(number) for number in self.hours}
        return Report(
            numbers=lines,
            findings=(_TOO_LARGE,) if too_large else (*self._refutations(), *self._unmet()),
            too_large=too_large,
            spots=len(self.graph.spots),
            decisions=self.graph.decisions,
            moments=len(self.calendar.moments),
        )

    def _hours(self, number: str, asked: int) -> Iterator[Hours]:
        """The kinds of moment that a number tells apart; the longest stretch stands for each."""
        alike: dict[int, Moment] = {}
        for moment in sorted(self.calendar.moments, key=lambda moment: (-moment.enough, moment.at)):
            alike.setdefault(moment.open & asked, moment)
        known: dict[tuple[tuple[int, ...], int], Own] = {}
        for moment in alike.values():
            yield Hours(number=number, moment=moment, times=self.times, graph=self.graph, known=known)

    def _asked(self) -> dict[str, int]:
        """The bits of a moment on which anything hangs that may happen to calls to each number."""
        found = dict.fromkeys(self.company.numbers, 0)
        for here, spot in enumerate(self.graph.spots):
            if not spot.shared:
                found[spot.owner] |= self.times.hours(here)
        return found

    def _line(self, number: str) -> Line:
        hours = self.hours[number]
        kinds = frozenset().union(*(each.kinds for each in hours))
        end = max(hours, key=lambda each: each.until_end.seconds)
        ringing = [each for each in hours if each.until_ring]
        ring = max(ringing, key=lambda each: each.until_ring.seconds if each.until_ring else -1, default=None)
        return Line(
            ends=tuple(kind for kind in ENDS if kind in kinds),
            until_ring=self._longest(ring, ring.until_ring, TO_RING) if ring and ring.until_ring else None,
            until_end=self._longest(end, end.until_end, TO_END),
            sounds=tuple(sorted(self._sounds(hours))),
        )

    def _sounds(self, hours: tuple[Hours, ...]) -> Iterator[str]:
        for sound in self.graph.sounds:
            if any(sound in meets for each in hours for meets in each.all_met):
                yield sound[1]

    def _longest(self, hours: Hours, peak: Peak, side: Side) -> Longest:
        path = longest(hours, peak, side)
        return Longest(seconds=round(peak.seconds, 1), how=replay(hours, path, self.stranger))

    def _refutations(self) -> Iterator[Finding]:
        """Each fault once for each key of the settings, with the shortest of some ways there."""
        found: dict[tuple[str, str], list[tuple[int, Edge]]] = {}
        for here, edge, why in (*self._faults(), *self._loops()):
            found.setdefault((address(self.graph.spots[here]), why), []).append((here, edge))
        for (path, why), ways in found.items():
            tried = (self._how(here, edge) for here, edge in ways[:MOST_TRIED])
            how = min((each for each in tried if each), key=lambda each: len(each.story), default=None)
            yield Finding(level="error", path=path, message=why, how=how)

    def _faults(self) -> Iterator[tuple[int, Edge, str]]:
        every = [(here, edge) for here, edges in enumerate(self.graph.edges) for edge in edges]
        for here, edge in (*every, *self.graph.gone):
            if edge.end in FAULTS or edge.seconds == float("inf"):
                why = FAULTS.get(edge.end, "whoever picks up is asked for ever")
                yield here, edge, next((deed.whom[0] for deed in edge.deeds if deed.what == "fault"), why)

    def _loops(self) -> Iterator[tuple[int, Edge, str]]:
        loops = dict.fromkeys((loop.here, loop.edge) for loop in self.times.loops)
        yield from ((here, edge, LOOP) for here, edge in sorted(loops, key=lambda loop: loop[0]))

    def _how(self, here: int, edge: Edge) -> Replay | None:
        """The shortest way over an edge, None when no call goes there while the hours stay as they are."""
        for hours in (each for all_ in self.hours.values() for each in all_ if edge.goes(each.moment.open)):
            path = path_to(hours, here, edge)
            if path is not None:
                return replay(hours, path, self.stranger)
        return None

    def _unmet(self) -> Iterator[Finding]:
        met: set[Entry] = set()
        asked = 0
        for part in self._parts():
            met |= part.meets
            asked |= part.asked
        met |= {("schedules", name) for name in self.calendar.names(asked)}
        met_or_left_messages = met.union(self._with_messages(met))
        for section in ("employees", "groups", "menus", "schedules"):
            for name in getattr(self.company, section):
                if (section, name) not in met_or_left_messages:
                    why = "named" if section == "employees" and self._may_be_named(name) else section
                    yield Finding(level="warning", path=f"{section}.{name}", message=UNMET[why])
        for name, group in self.company.groups.items():
            devices = any(self.company.employees[key].devices for key in group.members)
            if devices and ("groups", name) in met and ("rings", name) not in met:
                yield Finding(level="warning", path=f"groups.{name}.members", message=UNMET["rings"])

    def _may_be_named(self, employee: str) -> bool:
        """Whether an address book or a CRM, which no settings tell of, may name an employee for a caller."""
        asked = any(number.responsible for number in self.company.numbers.values())
        return asked and employee not in self.company.named

    def _with_messages(self, met: set[Entry]) -> Iterator[Entry]:
        """The groups whose mailboxes are met; a number's own only where calls to that number come to it."""
        for section, mailbox in met:
            if section == "mailboxes" and mailbox.startswith("group:"):
                yield "groups", mailbox.removeprefix("group:")
        for number, all_ in self.hours.items() if OWN_MAILBOX in met else ():
            group = self.company.numbers[number].group
            if group and any(OWN_MAILBOX in meets for hours in all_ for meets in hours.all_met):
                yield "groups", group

    def _parts(self) -> Iterator[Met]:
        """What calls meet, at own spots and beyond shared ones, each once."""
        seen = set()
        for hours in (each for all_ in self.hours.values() for each in all_):
            yield hours.met
            for entry in hours.entries:
                key = entry, hours.moment.open & self.times.hours(entry)
                if key not in seen:
                    seen.add(key)
                    beyond = self.times.beyond(entry, hours.moment.open)
                    yield Met(beyond.meets, beyond.asked)


def address(spot: Spot) -> str:
    """The key of the settings that has to do with a spot."""
    at = spot.at
    if isinstance(at, AtMenu):
        return f"menus.{at.menu}"
    if isinstance(at, (AtGroup, OnHold)):
        return f"groups.{at.group}"
    if isinstance(at, AtEmployee):
        return at.rule
    if isinstance(at, AtForward):
        return "forwarding"
    if isinstance(at, Onward):
        return ".".join(part for part in ("numbers", spot.number, STAGE_KEYS.get(at.stage, "")) if part)
    return f"numbers.{spot.number}"
