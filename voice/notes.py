"""What Redis cannot take into the trace of a call: kept in SQL, and where SQL fails too, in memory.

From there it goes to whichever of the two is back first: they are seldom away for the same time, and what is in memory
is lost with its process.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeGuard

from sqlalchemy import Engine

from calls import ledger
from calls.database import NoAnswer, StoreError, Unfit, said
from flows.live import Note
from live.promptly import NotInTimeError, promptly
from live.state import Take
from voice.refused import complain

log = logging.getLogger("ringpath.closing")

KEPT_WITHIN = 0.5
"""Seconds for which a webhook waits until its notes are kept: a caller may wait for the answer."""

TRY_AGAIN = 1.0
"""Seconds between two attempts to keep what is held."""

LAST_CHANCE = 5.0
"""Seconds for which a process that is told to end waits for SQL to take what is held; gunicorn bears 8."""

HELD_FOR = 120.0
"""Seconds after which it is given up."""

MOST_HELD = 10_000
"""Decisions that are held at once, a kilobyte each at most; further ones are lost."""


@dataclass(frozen=True, slots=True)
class _Held:
    """The notes of one decision, and until when (time.monotonic) they are tried to be kept."""

    call: str
    key: str
    now: datetime
    notes: Sequence[Note]
    until: float
    redis_takes: Take

    @property
    def kept_now(self) -> datetime:
        """Now, by the clock of the call: what comes after a record was settled has that settled anew."""
        return self.now + timedelta(seconds=time.monotonic() - self.until + HELD_FOR)


class Notebook:
    """Keeps notes in a database, and raises nothing; what is held is offered to Redis as well."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held: deque[_Held] = deque()
        self._under_way: dict[int, float] = {}
        self._lock = threading.Lock()
        self._at_work = False
        atexit.register(self._finish)

    def keep(
        self, call_id: str, key: str, now: datetime, notes: list[Note], redis_takes: Take = lambda *_: False
    ) -> bool:
        """Keep the notes of one decision; says whether SQL has them.

        If not, they are tried again in the background: `redis_takes` them, or SQL.
        """
        each = _Held(call_id, key, now, notes, time.monotonic() + HELD_FOR, redis_takes)
        if self._held or self._hanging():  # it is known to fail: nobody need wait to find out again
            self._hold(each)
            return False
        try:
            promptly(KEPT_WITHIN, "keeping notes", lambda: self._try(each))
        except NotInTimeError:
            log.warning("call %s: SQL does not take its trace in time", call_id)
            self._hold(each)  # for Redis, which may be back sooner; to keep it twice does no harm
            return False
        except Exception:  # _try has said so, or holds it
            return False
        return True

    def _hanging(self) -> bool:
        """Tell whether SQL has been asked by somebody who waits no longer, and has not answered yet."""
        late = time.monotonic() - KEPT_WITHIN
        return any(began < late for began in [*self._under_way.values()])

    def _try(self, each: _Held) -> None:
        try:
            self._write(each)
        except Exception as error:
            if _may_pass(error):
                complain(error)
                self._hold(each)
            else:
                _lost(each, error)
            raise

    def _write(self, each: _Held) -> None:
        self._under_way[id(each)] = time.monotonic()
        try:
            ledger.keep_notes(self._engine, each.call, each.key, each.kept_now, each.notes)
        finally:
            self._under_way.pop(id(each), None)

    def _hold(self, each: _Held) -> None:
        with self._lock:
            if len(self._held) >= MOST_HELD:
                _lost(each, StoreError("too many are held"))
                return
            self._held.append(each)
            if not self._at_work:
                threading.Thread(target=self._catch_up, daemon=True, name="notes").start()
                self._at_work = True

    def _catch_up(self) -> None:
        """Keep what is held, in order, until nothing is."""
        while (each := self._next()) is not None:
            try:
                if not each.redis_takes(each.call, each.key, each.kept_now, each.notes):
                    self._write_in_time(each)
            except Exception as error:  # whatever it is, those behind this one must not wait for ever
                if _may_pass(error) and time.monotonic() < each.until:
                    time.sleep(TRY_AGAIN)
                    continue
                _lost(each, error)
            self._held.popleft()

    def _write_in_time(self, each: _Held) -> None:
        """Write what is held, one attempt at a time; one that hangs must not keep it from a Redis that is back."""
        if self._hanging():
            raise NoAnswer("SQL has not answered yet")
        try:
            promptly(KEPT_WITHIN, "keeping notes", lambda: self._write(each))
        except NotInTimeError:
            raise NoAnswer(f"SQL has not answered within {KEPT_WITHIN:g} s") from None

    def _finish(self) -> None:
        until = time.monotonic() + LAST_CHANCE
        while (self._held or self._under_way) and time.monotonic() < until:
            time.sleep(TRY_AGAIN / 10)

    def _next(self) -> _Held | None:
        with self._lock:
            if not self._held:
                self._at_work = False
                return None
            return self._held[0]


def _may_pass(error: Exception) -> TypeGuard[StoreError]:
    return isinstance(error, StoreError) and not isinstance(error, Unfit)


def _lost(each: _Held, error: Exception) -> None:
    why = said(error) if isinstance(error, StoreError) else repr(error)
    log.warning("call %s: its trace has a hole (%s): %s", each.call, why, each.notes)
