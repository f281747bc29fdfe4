"""What one person sees of what is going on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from calls.missed import Missed
from calls.today import Figures, figures
from config.company import Company
from config.trouble import Troubles
from live.snapshot import CallNow, PersonNow, QueueNow, Snapshot
from web.access import Level, Permission, Person
from web.now_reading import MOST_MISSED, Reading, Waiting
from web.reach import Reach

MOST_PEOPLE = 200
"""Employees who are named, those who are not simply free or off first; all are counted."""

MOST_NAMED = 8
"""Callers to be called back who are named."""

MOST_SIGHTS = 200
"""Sights whose parts are kept; it is those that were asked for last."""

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
    """What is shown. `known` is False without Redis; `figures` and `missed` are None without a database.

    Two that are equal look the same as long as the settings are the same.
    """

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
    countless_missed: bool
    alerts: tuple[tuple[str, Troubles], ...]
    inside: bool

    @property
    def waiting(self) -> int:
        """How many callers are on hold."""
        return sum(queue.waiting for queue in self.queues)


def view(reading: Reading, sight: Sight, company: Company, waiting: Waiting) -> View:
    """Choose what somebody may see; `waiting` is who is to be called back within his reach."""
    live = reading.live
    calls = tuple(call for call in live.calls if _his(call, sight)) if live else ()
    people = _people(live, sight, company) if live else {}
    named = [pair for state in ORDER for pair in people.get(state, ())[:MOST_PEOPLE]]
    count = sum(map(len, people.values()))
    groups = _groups(sight, company)
    return View(
        known=live is not None,
        up=live.up if live and sight.reach is None else len(calls),
        calls=tuple(sorted(calls, key=lambda call: call.started)),
        queues=tuple(queue for queue in live.queues if groups is None or queue.group in groups) if live else (),
        people=tuple(named[:MOST_PEOPLE]),
        counts={state: len(some) for state, some in people.items()},
        more_people=max(0, count - MOST_PEOPLE),
        figures=None if reading.counted is None else figures(reading.counted, sight.reach),
        missed=None if waiting is None else waiting[:MOST_NAMED],
        more_missed=max(0, len((waiting or ())[:MOST_MISSED]) - MOST_NAMED),
        countless_missed=len(waiting or ()) > MOST_MISSED,
        alerts=tuple((part, found) for part, found in reading.troubles if _concerns(part, sight)),
        inside=sight.inside,
    )


def _people(live: Snapshot, sight: Sight, company: Company) -> dict[str, list[tuple[str, PersonNow]]]:
    """Those within reach by state, each state by name: no sorting, as this is done for 10,000 of them each second."""
    found: dict[str, list[tuple[str, PersonNow]]] = {}
    for key in _named(company, sight.reach):
        if key in live.people:  # settings may have been published since
            each = live.people[key]
            found.setdefault(each.state, []).append((key, each))
    return found


def _named(company: Company, reach: Reach) -> Sequence[str]:
    """The employees of a reach in the order of their names; where he sees himself alone, nobody else is looked at."""
    if reach is None:
        return company.employees_by_name
    if len(reach) < MOST_PEOPLE:
        return sorted(reach & company.employees.keys(), key=lambda key: (company.employees[key].name.casefold(), key))
    return [key for key in company.employees_by_name if key in reach]


def _his(call: CallNow, sight: Sight) -> bool:
    return sight.reach is None or any(employee in sight.reach for employee in call.people)


def _groups(sight: Sight, company: Company) -> frozenset[str] | None:
    """The groups whose queues somebody sees: those that an employee within his reach belongs to."""
    if sight.reach is None:
        return None
    return frozenset(group for key in sight.reach for group in company.queues_of.get(key, ()))


def _concerns(part: str, sight: Sight) -> bool:
    return sight.balance if part == "balance" else sight.inside


Rendered = Mapping[str, str]


class _Made(NamedTuple):
    """What was rendered, and from what."""

    number: int
    company: Company
    seen: View
    parts: Rendered


class Views:
    """What has been rendered: once for all who see the same in the same language, and anew when that has changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[Sight, _Made] = {}  # the one that was asked for last stands last

    def get(
        self, number: int, sight: Sight, company: Company, look: Callable[[], View], render: Callable[[View], Rendered]
    ) -> Rendered:
        """Return what a sight shows of reading `number`: looked at once, and rendered if it looks different."""
        with self._lock:
            made = self._made.pop(sight, None)
            if made is None or made.number != number or made.company is not company:
                seen = look()
                same = made is not None and made.company is company and made.seen == seen
                made = _Made(number, company, seen, made.parts if made and same else render(seen))
            self._made[sight] = made
            if len(self._made) > MOST_SIGHTS:
                del self._made[next(iter(self._made))]
        return made.parts


def changed(before: Rendered, after: Rendered) -> dict[str, Any]:
    """The parts that are to be sent to who has the others already."""
    return {name: text for name, text in after.items() if before.get(name) != text}
