"""Telephones of the web process: a simulated provider that calls the switchboard without leaving the process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from redis import Redis

from config.company import Company
from config.environment import Environment
from flows.live import Note
from local.account import account
from simulator.clock import Clock
from simulator.exchange import Exchange
from simulator.in_process import HERE, InProcess
from simulator.telephone import Telephone
from voice import rehearsal
from voice.rehearsal import Rehearsal
from voice.switchboard import Switchboard


@dataclass(frozen=True, kw_only=True)
class Line:
    """A telephone, and the switchboard that it calls."""

    telephone: Telephone
    rehearsal: Rehearsal
    clock: Callable[[], datetime]

    @property
    def company(self) -> Company:
        """The settings that the call is routed by."""
        return self.rehearsal.company

    def trace(self) -> list[Note]:
        """Return the decisions taken for the call up to now."""
        return self.rehearsal.trace(self.telephone.call.sid)

    def close(self) -> None:
        """Hang up, if the call is not over, and put everything away; once."""
        self.telephone.drop()
        if self.telephone.dialled:
            self.rehearsal.end(self.telephone.call.sid, self.clock())


def telephones(environment: Environment, board: Switchboard, redis: Redis) -> Callable[[datetime | None], Line]:
    """Make what opens a line; a moment, if given, is what its clock shows when the call is placed.

    With PROVIDER=simulator calls of now go to the switchboard itself, so that they meet and are seen; all others to
    one of their own.
    """

    def open_(moment: datetime | None) -> Line:
        now = board.clock()
        clock = Clock(moment or now)
        if environment.provider == "simulator" and moment is None:
            opened = rehearsal.within(board, redis, clock=clock.now)
        else:
            ahead = None if moment is None else moment - now
            opened = rehearsal.beside(board, redis, clock=clock.now, ahead=ahead)
        provider = replace(account(opened.company, HERE, environment), signing_key=opened.token)
        exchange = Exchange(provider, clock, patience=0, transport=InProcess(opened.app))
        return Line(telephone=Telephone(exchange), rehearsal=opened, clock=board.clock)

    return open_
