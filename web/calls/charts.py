"""Charts: how many calls come at which hour and what becomes of them, and how long callers wait for an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from flask import render_template, request, url_for
from wtforms import DateField, ValidationError
from wtforms.validators import Optional

from calls.figures import Hour, Waits, hours_of_a_day, hours_of_the_day, tallies, waits
from calls.filters import Filter
from calls.outcomes import GOT_THROUGH, OUTCOMES, Outcome
from web.access import Permission, rule
from web.calls import pages
from web.calls.wanted import GetForm, active, clean, day_begins, employees, possible
from web.charts import Series, figure, lying, patterns, stacked, swatch
from web.choosing import OneOf, by_name
from web.outcomes import OUTCOMES as WORDS
from web.reach import reach
from web.reception import here
from web.words import _, lazy

MOST_DAYS = 31
LIMITS = (10, 20, 30, 60)
"""Seconds: how many callers are answered within each is what switchboards are measured by."""

ORDER: tuple[Outcome, ...] = ("answered", "forwarded", "voicemail", "missed", "abandoned", "closed", "blocked")
"""From the foot of a bar to its top."""


class ChartForm(GetForm):
    """Which calls the charts are about."""

    since = DateField(lazy("From"), [Optional(), possible])
    until = DateField(lazy("Until"), [Optional(), possible])
    number = OneOf(lazy("Number"), named=lambda: by_name(here().company.numbers), none=lazy("all"))
    group = OneOf(lazy("Members of the group"), named=lambda: by_name(here().company.groups), none=lazy("all"))
    employee = OneOf(lazy("Employee"), named=employees, none=lazy("all"))

    def __init__(self, today: date) -> None:
        super().__init__(request.args)
        if not request.args.get("since") and not request.args.get("until"):
            self.since.data = self.until.data = today
        self.since.data = self.since.data or self.until.data
        self.until.data = self.until.data or self.since.data

    def validate_until(self, field: Any) -> None:
        """Refuse a period that ends before it begins, or is longer than one statement may count."""
        if not field.data or not self.since.data:
            return
        days = (field.data - self.since.data).days + 1
        if days < 1:
            raise ValidationError(_("This is before the first day."))
        if days > MOST_DAYS:
            raise ValidationError(_("At most %(days)s days.", days=MOST_DAYS))


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """Whole days at the company, and the calls of them that are counted."""

    since: datetime
    until: datetime
    wanted: Filter

    @property
    def one_day(self) -> bool:
        """Whether its hours are shown as they were, and not on average."""
        return (self.until - self.since) < timedelta(days=2)


class Shortcut(NamedTuple):
    """A link to a period that people often want; `here` when it is the one shown."""

    label: str
    url: str
    here: bool


@pages.get("/calls/charts")
@rule(Permission.CALLS)
def charts() -> str:
    """The charts of a period."""
    today = here().local(here().clock()).date()
    form = ChartForm(today)
    right = form.validate()
    shown = _drawn(_period(form)) if right else {}
    return render_template(
        "calls/charts.html", form=form, right=right, active=active(form), shortcuts=_shortcuts(form, today), **shown
    )


def _period(form: ChartForm) -> Period:
    since, until = day_begins(form.since.data), day_begins(form.until.data, 1)
    assert since is not None, "the form puts today where nothing is given"
    assert until is not None, "as above"
    mine, group = reach(Permission.CALLS), here().company.groups.get(form.group.data or "")
    if group is not None:
        members = frozenset(group.members)
        mine = members if mine is None else members & mine
    wanted = Filter(
        since=since,
        until=until,
        number=clean(form.number.data or "") or None,
        employee=clean(form.employee.data or "") or None,
        employees=mine,
        simulated=None if here().counts_simulated else False,
    )
    return Period(since=since, until=until, wanted=wanted)


def _drawn(period: Period) -> dict[str, Any]:
    """Count, and draw what was counted."""
    with here().engine.connect() as connection:
        counted, waited = tallies(connection, period.wanted), waits(connection, period.wanted)
    fold = hours_of_a_day if period.one_day else hours_of_the_day
    until = period.until if period.one_day else min(period.until, here().clock())
    hours = fold(counted, period.since, until, here().zone)
    totals = {name: sum(hour.calls[name] for hour in hours) for name in ORDER}
    calls = sum(totals.values())
    through = sum(each for name, each in totals.items() if name in GOT_THROUGH)
    return {
        "calls": calls,
        "through": through / calls if calls else 0,
        "back": sum(totals[name] for name in ORDER if OUTCOMES[name].call_back),
        "waits": waited,
        "patterns": patterns(),
        "one_day": period.one_day,
        "figure": figure,
        **_by_hour(hours, [name for name in ORDER if totals[name]], period),
        **_by_wait(waited),
    }


def _by_hour(hours: Sequence[Hour], outcomes: Sequence[Outcome], period: Period) -> dict[str, Any]:
    series = [
        Series(
            name=str(WORDS[name].word),
            key=name,
            values=tuple(float(hour.calls[name]) if period.one_day else hour.average(name) for hour in hours),
        )
        for name in outcomes
    ]
    title = _("Calls by the hour, and what became of them") if period.one_day else _("Calls in an hour on average")
    labels = [label(hour) for hour in hours]
    return {
        "hours_title": title,
        "hours": stacked(labels, series, title=title),
        "labels": labels,
        "series": series,
        "swatch": swatch,
    }


def label(hour: Hour) -> str:
    """Name an hour as the clocks show it; one that comes twice on a day is marked."""
    return f"{hour.hour}*" if hour.second else str(hour.hour)


def _by_wait(waited: Waits) -> dict[str, Any]:
    shares = [(_("within %(limit)s s", limit=limit), waited.within(limit)) for limit in LIMITS]
    title = _("How many of the answered calls were answered within how long")
    return {"shares": shares, "answers": lying(shares, title=title), "answers_title": title}


def _shortcuts(form: ChartForm, today: date) -> list[Shortcut]:
    """Link to the periods that end today, with the rest of the filter as it is."""
    kept = {name: form[name].data for name in ("number", "group", "employee") if form[name].data}
    found = []
    for text, days in ((_("Today"), 1), (_("7 days"), 7), (_("%(days)s days", days=MOST_DAYS), MOST_DAYS)):
        since = today - timedelta(days=days - 1)
        url = url_for("calls.charts", since=since, until=today, **kept)
        found.append(Shortcut(text, url, (form.since.data, form.until.data) == (since, today)))
    return found
