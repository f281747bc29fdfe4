"""The clock, against one outside: what is off by a second tells wrong times, and by a minute lets no login hold."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from urllib3.exceptions import HTTPError as TransportError

from commands.doctor.finding import Finding, Patient, broken, unchecked, warning, well
from voice.profiles import rest_base
from voice.provider.answers import named, session
from voice.round_trip import is_local

ASKED = 4
"""Times that the outside is asked, spread over a second: a Date header has whole seconds."""

OFF = 1.0
FAR_OFF = 60.0
"""Seconds."""

NARROW = 0.5
"""Seconds between which a clock must be known to lie, so that the middle is taken for it."""

TIMEOUTS = (3.0, 4.0)

REMEDY = "switch time synchronisation on: timedatectl set-ntp true, or your host's own"


class Between(NamedTuple):
    """By how many seconds our clock is ahead: at least, and at most."""

    least: float
    most: float

    @property
    def off(self) -> float:
        """By how much it is ahead for all that is known: where answers were slow, no more than is certain."""
        if self.most - self.least < NARROW:
            return (self.least + self.most) / 2
        return max(self.least, 0) + min(self.most, 0)

    def both(self, other: Between) -> Between:
        """What agrees with two answers."""
        return Between(max(self.least, other.least), min(self.most, other.most))


def clock(patient: Patient) -> Iterator[Finding]:
    """Compare the clock with the provider's, or where its address is not known with that behind PUBLIC_URL."""
    here = patient.environment
    base = rest_base(here.provider, here.twilio_api_url)
    if not base and (not here.public_url or is_local(here.public_url)):
        yield unchecked("there is no clock outside to compare it with")
        return
    where = base or here.public_url
    try:
        ahead = compare(lambda: _date(where), time.time, time.sleep)
    except (OSError, TransportError, ValueError):
        yield unchecked(f"{named(where)} tells no time")
        return
    off = ahead.off
    if abs(off) < OFF:
        yield well(f"within a second of {named(where)}")
        return
    said = f"{abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} {named(where)}"
    yield (broken if abs(off) >= FAR_OFF else warning)(said, REMEDY)


def compare(ask: Callable[[], float], now: Callable[[], float], wait: Callable[[float], None]) -> Between:
    """Tell by how much our clock is ahead of one that tells whole seconds only, to a quarter of a second.

    `ask` returns the Unix time that the other tells; raises what it raises.
    """
    ahead = Between(float("-inf"), float("inf"))
    for turn in range(ASKED):
        if turn:
            wait(1 / ASKED)
        began = now()
        told = ask()
        ahead = ahead.both(Between(began - (told + 1), now() - told))
    return ahead


def _date(url: str) -> float:
    with session().get(url, timeout=TIMEOUTS, allow_redirects=False, stream=True) as answer:
        return parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
