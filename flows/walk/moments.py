"""Classes of moments: which schedules are open together, some time in the coming year.

Hours matter to a route only by which schedules are open. So every moment at which the same ones are is the same
moment, and one of each kind stands for all. Holidays, days off, nights that run into the next day, other time zones
and the days on which clocks change are all met: every day of a year is looked at, days that are alike once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from config.company import Company
from config.schedules import Schedule
from flows.hours import opening

LOOK_AHEAD = 366
"""Days."""

ENOUGH = 4 * 3600
"""Seconds, which is the longest call of all: what lasts longer is not better."""

ONE = timedelta(days=1)


class Moment(NamedTuple):
    """One for all moments at which the same is open: a bit for each schedule in `open`, and one more for the licence.

    `at` begins the first stretch of them that leaves a call time enough, or else the longest, which lasts `seconds`.
    """

    open: int
    at: datetime
    seconds: int

    @property
    def enough(self) -> int:
        """How long a call may last, as far as it matters."""
        return min(self.seconds, ENOUGH)


class Calendar:
    """The schedules of a company, and the kinds of moment that they make in the year after `since`."""

    def __init__(self, company: Company, since: datetime) -> None:
        self._company = company
        self._zone = ZoneInfo(company.timezone)
        self.bits = {key: 1 << place for place, key in enumerate(company.schedules)}
        self.paid = 1 << len(self.bits)
        self._closed = lru_cache(maxsize=None)(lambda key, day: company.schedules[key].closed_on(day) is not None)
        self._zones = {key: ZoneInfo(s.timezone or company.timezone) for key, s in company.schedules.items()}
        self._licensed = any(number.kind == "sip" for number in company.numbers.values())
        self.moments = self._kinds(since.astimezone(self._zone).date())

    def names(self, mask: int) -> tuple[str, ...]:
        """The schedules whose bits are set."""
        return tuple(key for key, bit in self.bits.items() if mask & bit)

    def _kinds(self, first: date) -> tuple[Moment, ...]:
        found: dict[int, Moment] = {}
        seen = set()
        for place in range(LOOK_AHEAD):
            day = first + place * ONE
            alike = self._alike(day)
            if alike in seen:
                continue
            seen.add(alike)
            for moment in self._stretches(day):
                if moment.open not in found or moment.enough > found[moment.open].enough:
                    found[moment.open] = moment
        return tuple(found.values())

    def _alike(self, day: date) -> tuple[object, ...]:
        """Two days of which this is the same have the same hours."""
        noon = datetime.combine(day, time(12))
        clocks = {zone: (_offset(day, zone), _offset(day + ONE, zone)) for zone in {self._zone, *self._zones.values()}}
        closed = tuple(self._closed(key, day + shift * ONE) for key in self.bits for shift in (-1, 0, 1))
        return noon.weekday(), tuple(clocks.values()), closed, self._pays(day)

    def _pays(self, day: date) -> bool:
        connector = self._company.sip_connector
        return not self._licensed or connector is None or connector.paid_until >= day

    def _stretches(self, day: date) -> Iterator[Moment]:
        """Cut a day where anything opens or closes."""
        start, end = _instant(day, 0, self._zone), _instant(day + ONE, 0, self._zone)
        cuts = {start} | {cut for key in self.bits for cut in self._cuts(key, day) if start < cut < end}
        paid = self.paid * self._pays(day)
        ordered = sorted(cuts)
        for cut, following in zip(ordered, [*ordered[1:], end], strict=True):
            local = cut.astimezone(self._zone)
            yield Moment(self._open(local) | paid, local, int((following - cut).total_seconds()))

    def _cuts(self, key: str, day: date) -> Iterator[datetime]:
        schedule, zone = self._company.schedules[key], self._zones[key]
        for near in (day - ONE, day, day + ONE):
            yield _instant(near, 0, zone)
            for span in schedule.spans[near.weekday()]:
                for minute in span:
                    yield _instant(near, minute, zone)
                    yield _instant(near + ONE, minute, zone)

    def _open(self, at: datetime) -> int:
        schedules: dict[str, Schedule] = self._company.schedules
        open_ = (key for key, s in schedules.items() if opening(s, s.local(at, self._company.timezone)).open)
        return sum(self.bits[key] for key in open_)


def _offset(day: date, zone: ZoneInfo) -> timedelta | None:
    return datetime.combine(day, time(0), tzinfo=zone).utcoffset()


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """When a clock shows so many minutes of a day; 24:00 is the next day's first."""
    shown = datetime.combine(day + minute // 1440 * ONE, time(minute % 1440 // 60, minute % 60), tzinfo=zone)
    return shown.astimezone(UTC)
