"""What every webhook works with: settings, provider, live state, who calls, the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from calls.settings import Settings
from config.company import Company
from flows.calls import Call
from flows.live import Callers, Live, Note
from flows.way import Desk
from live.keys import Space
from live.readings import Kept
from live.state import LegTold
from voice.ending.closing import Closer
from voice.ending.later import Later
from voice.profiles import Profile


class LiveState(Live, Protocol):
    """The live state as the door uses it: besides the one question, what the provider tells of legs and ends.

    `told_at` is when the provider told it, where that was not just now (live.state).
    """

    def leg(self, leg: LegTold, now: datetime, told_at: datetime | None = None) -> None:
        """A device of an employee was picked up or let go."""
        ...

    def end(self, call: Call, status: str, now: datetime, told_at: datetime | None = None) -> Kept | None:
        """The call is over; returns what is kept of it, None when that cannot be had."""
        ...

    def tell(self, call: Call, key: str, note: Note, now: datetime, told_at: datetime | None = None) -> bool:
        """Add something to the trace of a call, once for each key; False when it could be kept nowhere."""
        ...

    def rehearsing(self, space: Space) -> LiveState:
        """Make the live state of a rehearsal, which no real call notices."""
        ...


MOST_DESKS = 8
"""Revisions by which calls are decided at one time, as a rule one or two; what a desk has worked out is soon redone."""


@dataclass(frozen=True, kw_only=True)
class Switchboard:
    """What every webhook works with: the settings by revision, the provider, who is free, who calls, the time.

    `later` does what neither Redis nor SQL takes now. What is published may change between two looks at `company`: a
    webhook looks once.
    """

    settings: Settings
    profile: Profile
    public_url: str
    live: LiveState
    closer: Closer
    later: Later
    callers: Callable[[Company], Callers]
    clock: Callable[[], datetime]
    _desks: dict[str, Desk] = field(default_factory=dict, repr=False)

    @property
    def company(self) -> Company:
        """The company as it is published now."""
        return self.settings.company

    @property
    def rehearses(self) -> bool:
        """Whether its calls are rehearsals beside real ones, which count for nothing (voice.rehearsal)."""
        return self.closer.ahead is not None

    def desk(self, company: Company) -> Desk:
        """The desk that decides by one revision of the settings."""
        desk = self._desks.get(company.revision)
        if desk is None:
            desk = Desk(
                company=company,
                live=self.live,
                callers=self.callers(company),
                nouns=self.profile.nouns,
                screens=self.profile.whisper,
            )
            if len(self._desks) >= MOST_DESKS:
                self._desks.clear()  # or every company that there ever was would stay in memory
            self._desks[company.revision] = desk
        return desk
