"""The end of a call: its record is written at once, and settled a few seconds later, when all has been told.

The web writes the record when the provider tells of the end, so that nothing but a lost database can lose it. The
provider's other callbacks come before, with, or after that one; the settling takes them in, releases the record to be
filed, and is done by a job.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile

from redis import Redis
from redis.exceptions import RedisError
from rq.timeouts import BaseTimeoutException
from sqlalchemy import Connection, Engine

from calls import ledger
from calls.blocks import consider
from calls.database import NoAnswer, StoreError, Unfit
from calls.details import CallDetails, CallFacts, LegFact, details_of, doubtful
from calls.recordings import found
from calls.recordings import write as write_recordings
from calls.renamed import renamed_since
from calls.settings import Settings
from config.company import Company
from flows.calls import Call
from flows.live import Note
from live import about, readings
from live.promptly import NotInTimeError, promptly
from live.readings import Kept
from voice.ending import logbook
from voice.ending.beginning import began, moment
from voice.provider.errors import NotAskedError, ProviderError

log = logging.getLogger("ringpath.closing")

UNSETTLED_FOR = timedelta(minutes=10)
"""After which a record is filed as it is: Redis has lost what would have settled it."""

MOST_SETTLED = 200
"""Calls settled in one run of the job."""

ASK_AGAIN = timedelta(seconds=30)
"""After which the provider is asked again about a call of which it did not tell."""

WRITTEN_WITHIN = 1.5
"""Seconds for which the provider, who tells of a call's end, is kept until its record is written; some wait for 5."""

AskLegs = Callable[[str], Sequence[LegFact]]
"""Asks the provider which devices were dialled for a call; raises ProviderError."""


@dataclass(frozen=True, kw_only=True)
class Closer:
    """Writes the records of calls that have ended; every method raises StoreError, settle() ProviderError too."""

    engine: Engine
    settings: Settings
    simulated: bool
    remote: str | None
    """Why recordings stay at the provider; None: they are fetched."""
    ahead: timedelta | None = None
    """By how much the clock of a rehearsal is ahead of the time at which it is put on file; None: calls are no
    rehearsals."""

    @property
    def company(self) -> Company:
        """The company as it is published now."""
        return self.settings.company

    def first(
        self, call: Call, kept: Kept | None, ended_at: datetime, seconds: int | None, now: datetime
    ) -> CallDetails:
        """Write the record of a call as the provider tells of its end, and return it.

        `kept` is what Redis has of it, None when Redis is gone; `seconds` how long the provider says it lasted.
        """
        try:
            return promptly(WRITTEN_WITHIN, "writing", lambda: self._first(call, kept, ended_at, seconds, now))
        except NotInTimeError:
            raise NoAnswer(f"SQL has not answered within {WRITTEN_WITHIN:g} s") from None

    def _first(
        self, call: Call, kept: Kept | None, ended_at: datetime, seconds: int | None, now: datetime
    ) -> CallDetails:
        with self.engine.begin() as connection:
            facts = self.facts(connection, call, kept, ended_at, seconds)
            details = self._details(connection, facts)
            due_at = now - (self.ahead or timedelta()) + UNSETTLED_FOR
            self._write(connection, replace(details, crm_due_at=due_at), now)
        return details

    def settle(self, call_id: str, kept: Kept, legs: AskLegs, now: datetime) -> None:
        """Write the record for good, and release it to be filed.

        Raises ProviderError when only the provider knows how the call went, and does not tell yet.
        """
        with self.engine.begin() as connection:
            facts = self._known(connection, call_id, kept)
            if facts is None:
                log.warning("call %s: nothing is known of it but its end", call_id)
                return
            if doubtful(facts):
                facts = replace(facts, legs=_legs(facts, legs, now))
            self._write_settled(connection, facts, now)

    def close(self, facts: CallFacts, now: datetime) -> None:
        """Write the record of a call whose end only the provider knows of, with what SQL has of its trace besides."""
        with self.engine.begin() as connection:
            trace = _in_order(facts.trace, ledger.notes_of(connection, facts.id))
            facts = replace(facts, trace=tuple(trace), simulated=self.simulated)
            details = self._write_settled(connection, facts, now)
        logbook.is_over(details, self.company)

    def facts(
        self, connection: Connection, call: Call, kept: Kept | None, ended_at: datetime, seconds: int | None
    ) -> CallFacts:
        """Put together what Redis, SQL and the provider know of a call."""
        fields = kept.fields if kept else {}
        trace = _in_order(kept.trace if kept else (), ledger.notes_of(connection, call.id))
        told = ended_at - timedelta(seconds=seconds or 0)
        facts = CallFacts(
            id=call.id,
            number=call.number or call.called or "unknown",
            caller=call.caller,
            started_at=began(connection, call.id, kept, trace, told),
            ended_at=moment(fields["ended"]) if "ended" in fields else ended_at,
            trace=tuple(trace),
            silent=ledger.silent(connection, call.id),
            simulated=self.simulated or self.ahead is not None,
        )
        return earlier(facts, self.ahead) if self.ahead else facts

    def _known(self, connection: Connection, call_id: str, kept: Kept) -> CallFacts | None:
        """Put together what is known of a call when its end is long told."""
        fields = kept.fields
        over = fields.get("ended") or fields.get("gone")
        if "started" not in fields or over is None:  # Redis has lost it, or was not asked when it began
            return self._on_file(connection, call_id, kept)
        number, caller = fields["number"] or None, fields["caller"] or None
        call = Call(id=call_id, number=number, caller=caller, called=_called(kept))
        return self.facts(connection, call, kept, moment(over), None)

    def _on_file(self, connection: Connection, call_id: str, kept: Kept) -> CallFacts | None:
        written = ledger.find(connection, call_id)
        if written is None:
            return None
        facts = ledger.facts_of(connection, written)
        trace = _in_order(facts.trace, kept.trace, ledger.notes_of(connection, call_id))
        return replace(facts, trace=tuple(trace))

    def _write_settled(self, connection: Connection, facts: CallFacts, now: datetime) -> CallDetails:
        details = self._details(connection, facts)
        self._write(connection, replace(details, settled_at=now, crm_due_at=now), now)
        if ledger.silent(connection, facts.id) != facts.silent:  # a message turned out to be silence meanwhile
            ledger.rework(connection, facts.id, self.company)
        return details

    def _details(self, connection: Connection, facts: CallFacts) -> CallDetails:
        return details_of(facts, self.company, partial(renamed_since, connection, facts.started_at))

    def _write(self, connection: Connection, details: CallDetails, now: datetime) -> None:
        ledger.write(connection, details)
        if details.simulated and not self.simulated:
            return  # a rehearsal beside real calls: its recordings have no sound, and it counts against nobody
        write_recordings(connection, found(details), now, remote=self.remote)
        if details.out_of_hours and details.caller and self.company.auto_block:
            consider(connection, self.company, details.caller, now)


def settle_due(
    redis: Redis, closer: Closer, legs: AskLegs, now: datetime, *, in_time: Callable[[], bool] = lambda: True
) -> int:
    """Settle the records that are due, while there is time; returns how many. What SQL refuses stays on the list.

    What the provider does not tell of yet is put off; in one run it is not asked again after it has failed, and the
    next begins with those for whom it was not. So is a call that cannot be settled for a reason of its own: the others
    do not wait behind it.
    """
    due, ask, settled = readings.ended(redis, now, MOST_SETTLED), _AskUntilItFails(legs), 0
    for call_id, score in takewhile(lambda _: in_time(), due.items()):
        with about.at(call=call_id):
            settled += _settle_listed(redis, closer, ask, now, call_id, score)
    with closer.engine.connect() as connection:
        forgotten = ledger.forgotten(connection, now - UNSETTLED_FOR, MOST_SETTLED)
        late = ledger.told_late(connection, MOST_SETTLED)
    _settle_unlisted(redis, closer, ask, now, list(takewhile(lambda _: in_time(), [*forgotten, *late])))
    if forgotten:
        log.warning("%d calls are settled by what is known of them: Redis was not there at their end", len(forgotten))
    return settled + len(forgotten) + len(late)


def _settle_listed(redis: Redis, closer: Closer, legs: AskLegs, now: datetime, call_id: str, score: str) -> bool:
    try:
        closer.settle(call_id, readings.kept(redis, call_id), legs, now)
    except ProviderError as error:
        log.warning("call %s waits: the provider did not say who was dialled (%s)", call_id, error)
        ahead = MOST_SETTLED - error.turn if isinstance(error, NotAskedError) else 0  # ms before the one that failed
        readings.settle_later(redis, call_id, now + ASK_AGAIN - timedelta(milliseconds=ahead))
        return False
    except Exception as error:
        if _befalls_all(error):
            raise
        log.exception("call %s cannot be settled", call_id)
        readings.settle_later(redis, call_id, now + ASK_AGAIN)
        return False
    readings.settled(redis, call_id, score)
    return True


def _settle_unlisted(redis: Redis, closer: Closer, legs: AskLegs, now: datetime, call_ids: Sequence[str]) -> None:
    """Settle records that Redis was not told of, or has lost, by what it has all the same, and what SQL was told."""
    for call_id in call_ids:
        with about.at(call=call_id):
            _settle_as_can_be(redis, closer, legs, now, call_id)


def _settle_as_can_be(redis: Redis, closer: Closer, legs: AskLegs, now: datetime, call_id: str) -> None:
    try:
        closer.settle(call_id, readings.kept(redis, call_id), legs, now)
        with closer.engine.begin() as connection:
            ledger.looked_at(connection, call_id, now)
    except ProviderError as error:
        log.warning("call %s waits: the provider did not say who was dialled (%s)", call_id, error)
    except Exception as error:
        if _befalls_all(error):
            raise
        log.exception("call %s is filed as it is", call_id)
        with closer.engine.begin() as connection:
            ledger.settle_as_it_is(connection, call_id, now)


def _befalls_all(error: Exception) -> bool:
    """Tell whether no other call could be settled either: a store is away, or rq ends the job."""
    gone = isinstance(error, StoreError | RedisError) and not isinstance(error, Unfit)
    return gone or isinstance(error, BaseTimeoutException)


class _AskUntilItFails:
    def __init__(self, legs: AskLegs) -> None:
        self._legs = legs
        self._failed: ProviderError | None = None
        self._unasked = 0

    def __call__(self, call_id: str) -> Sequence[LegFact]:
        if self._failed:
            self._unasked += 1
            raise NotAskedError(self._failed, self._unasked)
        try:
            return self._legs(call_id)
        except ProviderError as error:
            if not error.permanent:
                self._failed = error
            raise


def earlier(facts: CallFacts, by: timedelta) -> CallFacts:
    """Move a call and its trace: a rehearsal stands among the calls of when it was held, not of when it was set."""
    ms = by // timedelta(milliseconds=1)
    return replace(
        facts,
        started_at=facts.started_at - by,
        ended_at=facts.ended_at - by,
        trace=tuple(note | {"t": int(note["t"]) - ms} for note in facts.trace),
    )


def _legs(facts: CallFacts, legs: AskLegs, now: datetime) -> tuple[LegFact, ...]:
    """Ask which devices were dialled; none when the provider never will say, or has not for long."""
    try:
        return tuple(legs(facts.id))
    except ProviderError as error:
        if not error.permanent and now - facts.ended_at < UNSETTLED_FOR:
            raise
        log.warning("call %s: the provider did not say who was dialled: %s", facts.id, error)
        return ()


def _called(kept: Kept) -> str:
    """Find what was dialled when it was none of our numbers."""
    return next((note["number"] for note in kept.trace if note["code"] == "unknown_number"), "")


def _in_order(*traces: Iterable[Note]) -> list[Note]:
    """Put what several places know of one call together, by its time; what two of them know stands there once."""
    notes = {json.dumps(note, sort_keys=True): note for trace in traces for note in trace}
    return sorted(notes.values(), key=_time)


def _time(note: Note) -> int:
    return int(note["t"])
