"""What one person sees of what is going on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from calls.missed import Missed
from calls.today import Figures, figures
from config.company import Company
from live.snapshot import CallNow, PersonNow, QueueNow, Snapshot
from web.access import Level, Permission, Person
from web.now_reading import Reading

MOST_PEOPLE = 200
"""Employees who are named, those who are not simply free or off first; all are counted."""

MOST_MISSED = 8

ORDER = ("talking", "ringing", "busy", "away", "free", "off")
"""The states of people, in the order in which they are shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """How far somebody sees: the employees in his reach (None: all), what is wrong inside, the balance; and in which
    language."""

    reach: frozenset[str] | None
    inside: bool
    balance: bool
    language: str

    def sees(self, employee: str | None) -> bool:
        """Whether an employee's things, or what is nobody's (None), are within reach."""
        return self.reach is None or employee in self.reach


def sight_of(person: Person, company: Company, language: str) -> Sight:
    """Work out how far somebody sees."""
    return Sight(
        reach=person.reach(Permission.CALLS, company),
        inside=person.may(Permission.TELEPHONY, Level.ANY),
        balance=person.may(Permission.BALANCE),
        language=language,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """What is shown. `known` is False without Redis; `figures` and `missed` are None without a database."""

    known: bool
    up: int
    calls: tuple[CallNow, ...]
    queues: tuple[QueueNow, ...]
    people: tuple[tuple[str, PersonNow], ...]
    counts: Mapping[str, int]
    more_people: int
    figures: Figures | None
    missed: tuple[Missed, ...] | None
    more_missed: int
    alerts: tuple[tuple[str, str], ...]
    inside: bool

    @property
    def waiting(self) -> int:
        """How many callers are on hold."""
        return sum(queue.waiting for queue in self.queues)


def view(reading: Reading, sight: Sight, company: Company) -> View:
    """Choose what somebody may see."""
    live = reading.live
    calls = tuple(call for call in live.calls if _his(call, sight)) if live else ()
    people = _people(live, sight, company) if live else {}
    named = [pair for state in ORDER for pair in people.get(state, ())[:MOST_PEOPLE]]
    count = sum(map(len, people.values()))
    groups = _groups(sight, company)
    open_ = None if reading.missed is None else [each for each in reading.missed if sight.sees(each.employee)]
    return View(
        known=live is not None,
        up=live.up if live and sight.reach is None else len(calls),
        calls=tuple(sorted(calls, key=lambda call: call.started)),
        queues=tuple(queue for queue in live.queues if groups is None or queue.group in groups) if live else (),
        people=tuple(named[:MOST_PEOPLE]),
        counts={state: len(some) for state, some in people.items()},
        more_people=max(0, count - MOST_PEOPLE),
        figures=None if reading.counted is None else figures(reading.counted, sight.reach),
        missed=None if open_ is None else tuple(open_[:MOST_MISSED]),
        more_missed=max(0, len(open_ or ()) - MOST_MISSED),
        alerts=tuple((name, said) for name, said in reading.problems if _concerns(name, sight)),
        inside=sight.inside,
    )


def _people(live: Snapshot, sight: Sight, company: Company) -> dict[str, list[tuple[str, PersonNow]]]:
    """Those within reach by state, each state by name: no sorting, as this is done for 10,000 of them each second."""
    found: dict[str, list[tuple[str, PersonNow]]] = {}
    for key in company.employees_by_name:
        if (sight.reach is None or key in sight.reach) and key in live.people:  # settings may have been published since
            each = live.people[key]
            found.setdefault(each.state, []).append((key, each))
    return found


def _his(call: CallNow, sight: Sight) -> bool:
    return sight.reach is None or any(employee in sight.reach for employee in call.people)


def _groups(sight: Sight, company: Company) -> frozenset[str] | None:
    """The groups whose queues somebody sees: those that an employee within his reach belongs to."""
    if sight.reach is None:
        return None
    return frozenset(group for key in sight.reach for group in company.queues_of.get(key, ()))


def _concerns(problem: str, sight: Sight) -> bool:
    return sight.balance if problem == "balance" else sight.inside


Rendered = Mapping[str, str]


class Views:
    """What has been rendered of the newest reading: once for all who see the same in the same language."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0
        self._made: dict[Sight, Rendered] = {}

    def get(self, number: int, sight: Sight, render: Callable[[], Rendered]) -> Rendered:
        """Return what was rendered of reading `number` for a sight, or render it."""
        with self._lock:
            if number != self._number:
                self._number, self._made = number, {}
            if sight not in self._made:
                self._made[sight] = render()
            return self._made[sight]


def changed(before: Rendered, after: Rendered) -> dict[str, Any]:
    """The parts that are to be sent to who has the others already."""
    return {name: text for name, text in after.items() if before.get(name) != text}
