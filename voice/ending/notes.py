"""What Redis cannot take into the trace of a call: kept in SQL, or by whichever of the two is back first."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from sqlalchemy import Engine

from calls import ledger
from calls.database import NoAnswer, said
from flows.live import Told
from live.promptly import NotInTimeError, promptly
from live.state import Take
from voice.ending.later import Later, may_pass, tell_lost
from voice.ending.refused import complain

log = logging.getLogger("ringpath.closing")

KEPT_WITHIN = 0.5
"""Seconds for which a webhook waits until its notes are kept: a caller may wait for the answer."""

OFFERED_FOR = 2.0
"""Seconds for which SQL has what is held to itself; then Redis is asked again, which may be back."""


@dataclass(slots=True)
class _Notes:
    told: Told
    redis_takes: Take
    since: float
    kept: bool = False

    def now(self) -> Told:
        """As of now: what comes after a record was settled has that settled anew."""
        call, key, then, notes = self.told
        return call, key, then + timedelta(seconds=time.monotonic() - self.since), notes


class Notebook:
    """Keeps notes in a database, and raises nothing; what is held for later is offered to Redis as well."""

    def __init__(self, engine: Engine, later: Later) -> None:
        self._engine, self._later = engine, later

    def keep(self, told: Told, redis_takes: Take = lambda _: False) -> bool:
        """Keep the notes of one decision; says whether SQL has them.

        If not, they are tried again in the background: `redis_takes` them, or SQL.
        """
        call, each, loss = told[0], _Notes(told, redis_takes, time.monotonic()), f"its trace has a hole: {told[3]}"
        if not self._later.holds:  # or both stores are known to fail, and nobody need wait to find out again
            try:
                self._write([each], KEPT_WITHIN)
            except Exception as error:
                if not may_pass(error):
                    tell_lost(call, loss, error)
                    return False
                log.warning("call %s: SQL does not take its trace (%s)", call, said(error))
                complain(error)
            else:
                return True
        self._later.hold(call, told[1], each, self._give, loss=loss)
        return False

    def _give(self, many: Sequence[_Notes]) -> None:
        """Give notes to whoever takes them; raises StoreError when nobody does."""
        missing = [each for each in many if not each.kept]
        for takes, those in groupby(missing, lambda each: each.redis_takes):
            some = [*those]
            if not takes([each.now() for each in some]):
                self._write(some, OFFERED_FOR)

    def _write(self, many: Sequence[_Notes], seconds: float) -> None:
        """Write notes within some seconds, in one attempt at a time; one that comes late counts all the same."""
        if self._later.hangs(KEPT_WITHIN):
            raise NoAnswer("it has not answered yet")

        def write() -> None:
            with self._later.under_way():
                ledger.keep_notes(self._engine, [each.now() for each in many])
            for each in many:
                each.kept = True

        try:
            promptly(seconds, "keeping notes", write)
        except NotInTimeError:
            raise NoAnswer(f"it has not answered within {seconds:g} s") from None
