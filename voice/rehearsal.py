"""Rehearsals: simulated calls that are routed as real ones are, and that no real call notices.

Each has a switchboard of its own, with the same webhooks behind the same guard. It is served nowhere: only who holds
`app` can call it, and only who holds `token` is believed. Employees who ring in it are free for real callers, nothing
of it is filed in a CRM or counts against a caller, and its record in the call details is marked.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask, request
from redis import Redis
from redis.exceptions import RedisError

from calls.database import StoreError, said
from config.company import Company
from flows.live import Note
from live import readings
from live.keys import REAL, Space
from voice.guard import NAME, open_door, webhooks
from voice.params import provider_params
from voice.signature import Signature, fresh_keys
from voice.switchboard import Switchboard
from voice.webhook import call_of

MEDIA = Path(__file__).parent / "media"

log = logging.getLogger("ringpath.rehearsal")

Clock = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """The switchboard of one simulated call; `company` are its settings."""

    app: Flask
    token: str = field(repr=False)
    board: Switchboard
    company: Company
    redis: Redis
    space: Space

    def trace(self, call_id: str) -> list[Note]:
        """Return the decisions taken for the call, in order; none while Redis is out of reach."""
        try:
            return readings.trace(self.redis, call_id, self.space)
        except RedisError as error:
            log.warning("call %s: its trace cannot be read (%s)", call_id, error)
            return []

    def end(self, call_id: str, now: datetime) -> None:
        """Settle the record of the call, and leave nothing in Redis; calls of the real switchboard are left to it."""
        if self.space == REAL:
            return
        try:
            kept = readings.kept(self.redis, call_id, self.space)
            readings.forget(self.redis, self.space, call_id, self.company.groups)
            self.board.closer.settle(call_id, kept, lambda _: (), now)
        except RedisError as error:
            log.warning("call %s: what it left cannot be removed (%s)", call_id, error)
        except StoreError as error:
            log.warning("call %s: its record waits to be settled (%s)", call_id, said(error))


def beside(board: Switchboard, redis: Redis, *, clock: Clock, ahead: timedelta | None) -> Rehearsal:
    """Open a switchboard beside the real one, on `clock`, which is `ahead` of the real time; None: it is now."""
    space = Space.of_rehearsal(secrets.token_hex(8), elsewhen=ahead is not None)
    closer = replace(board.closer, ahead=ahead or timedelta())
    apart = replace(board, live=board.live.rehearsing(space), closer=closer, clock=clock, _desks={})
    opened = _open(apart, redis, space)
    if ahead is not None:
        _say_when(opened)
    return opened


def within(board: Switchboard, redis: Redis, *, clock: Clock) -> Rehearsal:
    """Call the switchboard itself, where all calls are simulated: they meet, and everybody sees them."""
    return _open(replace(board, clock=clock), redis, REAL)


def _open(board: Switchboard, redis: Redis, space: Space) -> Rehearsal:
    app = Flask("rehearsal", static_folder=MEDIA, static_url_path="/media")
    token, check = fresh_keys(board.profile)
    signature = Signature(token=check, profile=board.profile, public_url=board.public_url, clock=board.clock)
    open_door(app, webhooks(board, signature, measures=False))  # the figures are those of real webhooks
    return Rehearsal(app=app, token=token, board=board, company=board.company, redis=redis, space=space)


def _say_when(rehearsal: Rehearsal) -> None:
    """Let the trace begin with the moment that the call pretends to be at: its record stands at the real one."""
    board, company = rehearsal.board, rehearsal.company
    door: Flask = rehearsal.app.extensions[NAME]

    @door.before_request
    def tell() -> None:
        if request.endpoint == "voice.incoming":
            now = board.clock()
            moment = now.astimezone(ZoneInfo(company.timezone))
            note: Note = {"code": "rehearsed", "moment": f"{moment:%Y-%m-%d %H:%M}", "zone": company.timezone}
            board.live.tell(call_of(provider_params(), {}, company), "rehearsed", note, now)
