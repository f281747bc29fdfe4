"""Opening hours: whether a schedule is open at a local moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from config.schedules import Schedule, Span


class Opening(NamedTuple):
    """Open or not, and in a few words why."""

    open: bool
    why: str


def opening(schedule: Schedule, local: datetime) -> Opening:
    """Tell whether a schedule is open at a moment of its own time zone.

    A closed day wins over its weekly hours. A span begins at its first minute and ends before its last; one that
    ends before it begins runs into the next day and belongs to the day on which it began.
    """
    minute = local.hour * 60 + local.minute
    today, yesterday = local.date(), local.date() - timedelta(days=1)
    closed = schedule.closed_on(today)
    if not closed:
        for span in schedule.spans[today.weekday()]:
            if span[0] <= minute < (span[1] if span[1] > span[0] else 24 * 60):
                return Opening(True, _clock(span))
    if not schedule.closed_on(yesterday):
        for span in schedule.spans[yesterday.weekday()]:
            if span[1] <= span[0] and minute < span[1]:
                return Opening(True, _clock(span))
    return Opening(False, closed or "hours")


def _clock(span: Span) -> str:
    return "-".join(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in span)
