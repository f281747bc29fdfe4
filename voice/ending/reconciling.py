"""What the provider knows and we do not: ends that were never told, calls that never reached us, and calls back."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from calls import ledger, missed
from calls.database import Unfit, said
from calls.details import CallFacts, LegFact
from config.telephone import caller_of
from flows.live import Note
from live import about
from voice.ending.closing import Closer
from voice.provider.call_list import CallPage, ProviderCall
from voice.provider.rest import ProviderApi, ProviderError

log = logging.getLogger("ringpath.reconciling")

LOOKS_BACK = timedelta(days=1)

SETTLING = timedelta(minutes=2)
"""A call that ended less than this ago is left for the next time: we may be about to hear of it."""

TOLD_WITHIN = timedelta(seconds=60)
"""After the end of a call, in which the provider may still be telling of it: it tries again, and we may put it off."""

MOST_PAGES = 10
MOST_CLOSED = 50
"""Pages turned and calls closed in one run: each closed call costs a question."""

WORKS_FOR = 20.0
"""Seconds after which a run begins nothing new: its last question may take 45 more, and rq ends a job after 180."""

OWN_PHONES = ("client:", "sip:", "sips:")
"""How a call from one of our own browsers or SIP phones begins: when it dials, a customer is called."""


@dataclass(frozen=True, kw_only=True)
class Books:
    """What is on file, and how more is put there.

    `ours` tells whether an address is one of our numbers; `known` which of some calls are on file; `close` writes a
    call with its legs; `called_back` notes that a number was called, when and from where. The last two may be repeated.
    """

    ours: Callable[[str], bool]
    known: Callable[[list[str]], set[str]]
    close: Callable[[ProviderCall, tuple[LegFact, ...]], None]
    called_back: Callable[[str, datetime, str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bookmark:
    """A place in the provider's list: a page (CallPage.here), and the call on it that was done last, "" for none."""

    page: str = ""
    after: str = ""


BEGINNING = Bookmark()


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """How far one run came: calls closed, calls that reached a customer, and where to go on, None after the last."""

    closed: int
    called_back: int
    rest: Bookmark | None


def books_of(
    closer: Closer, in_hand: Callable[[list[str]], set[str]], trace: Callable[[str], Sequence[Note]], now: datetime
) -> Books:
    """Open the books of this company, in SQL.

    `in_hand` tells which of some calls are still to be written there; `trace` what Redis has kept of one.
    """
    company = closer.company

    def known(call_ids: list[str]) -> set[str]:
        waiting = in_hand(call_ids)  # before SQL is asked: a call that is settled in between is in both, not in neither
        with closer.engine.connect() as connection:
            return waiting | ledger.known(connection, call_ids)

    def close(call: ProviderCall, legs: tuple[LegFact, ...]) -> None:
        facts = CallFacts(
            id=call.sid,
            number=company.number_called(call.to) or call.to,
            caller=caller_of(call.from_, company.country),
            started_at=_began(call),
            ended_at=_ended(call),
            trace=tuple(trace(call.sid)),
            legs=legs,
        )
        closer.close(facts, now)

    def called_back(number: str, when: datetime, how: str) -> None:
        missed.called_back(closer.engine, number, when, how)

    return Books(
        ours=lambda to: company.number_called(to) is not None, known=known, close=close, called_back=called_back
    )


def confirm(
    api: ProviderApi,
    silent: Iterable[str],
    now: datetime,
    *,
    close: Callable[[str, ProviderCall | None], None],
    still_up: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Ask about calls that have been silent for long: `close` those that have ended, or that nobody knows of.

    Returns how many. One that has just ended is left for the next time. Bounded, and stops at the first that the
    provider does not answer for; the next run begins there.
    """
    closed, known_here, ends = 0, False, clock() + WORKS_FOR
    for call_id in silent:
        with about.at(call=call_id):
            try:
                found = api.call(call_id)
                if found is None and not known_here and not (known_here := _knows_us(api)):
                    break
            except ProviderError as error:
                log.warning("call %s could not be confirmed: %s", call_id, error)
                break
            if found is not None and not found.over:
                still_up(call_id)
            elif found is None or not _just_ended(found, now):
                status = found.status if found else "the provider has never heard of it"
                log.warning("call %s ended (%s) and nobody told us; its people are free again", call_id, status)
                close(call_id, found)
                closed += 1
            if clock() >= ends:
                break
    return closed


def _just_ended(call: ProviderCall, now: datetime) -> bool:
    """Tell whether we may be about to hear of an end; a clock of the provider's that is far off counts for nothing."""
    return call.ended_at is not None and abs(now - call.ended_at) < TOLD_WITHIN


def _knows_us(api: ProviderApi) -> bool:
    """Tell whether a call that is not found is no more: with a wrong account every call would be, talks included."""
    known = api.knows_us()
    if not known:
        log.warning(
            "the provider's REST API does not know our account, so no call can be confirmed: "
            "check TWILIO_ACCOUNT_SID and TWILIO_API_URL"
        )
    return known


def reconcile(
    api: ProviderApi,
    books: Books,
    *,
    since: datetime,
    until: datetime,
    start: Bookmark = BEGINNING,
    clock: Callable[[], float] = time.monotonic,
) -> Round:
    """Go through the calls that began after `since`, the latest first, and put what is missing on file.

    That is calls to our numbers that ended before `until` and are not known, and customers who were called back.
    Bounded; the next run goes on where this one stopped. Raises ProviderError, and what the books raise; what was done
    before stays done. A call that SQL finds unfit is passed over.
    """
    run = _Run(api, books, until, clock)
    for number, page in enumerate(api.calls_since(since, start.page), 1):
        last = run.go_through(page, start.after if number == 1 else "")
        if last is not None:
            return run.stopped(Bookmark(page=page.here, after=last))
        if page.next and (number == MOST_PAGES or run.late):
            return run.stopped(Bookmark(page=page.next))
    return run.stopped(None)


class _Run:
    """One run: what it has done, and whether it has done enough."""

    def __init__(self, api: ProviderApi, books: Books, until: datetime, clock: Callable[[], float]) -> None:
        self._api, self._books, self._until, self._clock = api, books, until, clock
        self._ends = clock() + WORKS_FOR
        self._done = self._asked = self._closed = self._called_back = 0

    @property
    def late(self) -> bool:
        """Whether its time is over."""
        return self._clock() >= self._ends

    def stopped(self, bookmark: Bookmark | None) -> Round:
        """Tell what was done."""
        return Round(closed=self._closed, called_back=self._called_back, rest=bookmark)

    def go_through(self, page: CallPage, after: str) -> str | None:
        """Do what there is to be done with the calls of a page that follow `after`.

        Returns None, or the call done last ("" for none) when the run has to stop; that it does something, however late
        it is, gets us to the end of a slow provider's list.
        """
        books, last = self._books, after
        unheard = {call.sid for call in _unheard(page, books, self._until)}
        reached = {call.sid: call for call in page.calls if _reached_a_customer(call, books)}
        parents = _Parents(self._api, books, page, reached.values())
        for call in _following(page, after):
            if call.sid not in unheard and call.sid not in reached:
                continue
            if self._done and (self.late or self._asked == MOST_CLOSED):
                return last
            with about.at(call=call.sid):
                self._do(call, parents, unheard=call.sid in unheard)
            last = call.sid
        return None

    def _do(self, call: ProviderCall, parents: _Parents, *, unheard: bool) -> None:
        self._done += 1
        try:
            if unheard:
                self._asked += 1
                self._books.close(call, self._api.legs(call.sid))
                log.warning("call %s from %s to %s was never told; it is on file now", call.sid, call.from_, call.to)
                self._closed += 1
            elif placed := parents.placed(call):
                self._books.called_back(call.to, _began(call), f"called from {placed.from_}"[:200])
                self._called_back += 1
        except Unfit as error:
            log.warning("call %s cannot be put on file: %s", call.sid, said(error))


def _unheard(page: CallPage, books: Books, until: datetime) -> list[ProviderCall]:
    """Find the calls of a page that came to one of our numbers, are over, and are not on file."""
    over = [call for call in page.calls if call.incoming and call.over and _ended(call) <= until]
    ours = [call for call in over if books.ours(call.to)]
    known = books.known([call.sid for call in ours])
    return [call for call in ours if call.sid not in known]


def _ended(call: ProviderCall) -> datetime:
    """Tell when a call ended; the provider may leave it out for one that was not answered."""
    return call.ended_at or _began(call) + timedelta(seconds=call.seconds)


def _began(call: ProviderCall) -> datetime:
    assert call.started_at is not None, "calls_since leaves out what has not begun"
    return call.started_at


def _following(page: CallPage, after: str) -> Sequence[ProviderCall]:
    """Leave out the calls of a page up to `after`; none where it is not there."""
    sids = [call.sid for call in page.calls]
    return page.calls[sids.index(after) + 1 :] if after in sids else page.calls


class _Parents:
    """Who placed the calls of a page: the provider is asked only for what is neither on file nor on the page."""

    def __init__(self, api: ProviderApi, books: Books, page: CallPage, calls: Iterable[ProviderCall]) -> None:
        self._api, self._books = api, books
        self._found: dict[str, ProviderCall | None] = {call.sid: call for call in page.calls}
        self._came_in = books.known([call.parent for call in calls if call.parent])

    def placed(self, call: ProviderCall) -> ProviderCall | None:
        """Return the call with which one of ours began this one; None where a customer's own was forwarded."""
        if not call.parent:
            return call
        if call.parent in self._came_in:
            return None
        if call.parent not in self._found:
            self._found[call.parent] = self._api.call(call.parent)
        parent = self._found[call.parent]
        return parent if parent and _is_placed_by_us(parent, self._books) else None


def _reached_a_customer(call: ProviderCall, books: Books) -> bool:
    talked = call.over and not call.incoming and call.seconds > 0
    return talked and call.to.startswith("+") and not books.ours(call.to)


def _is_placed_by_us(parent: ProviderCall, books: Books) -> bool:
    """Tell whether a call that dialled somebody was one of ours, and not that of a customer."""
    if not parent.incoming:
        return True
    return parent.from_.startswith(OWN_PHONES) and not books.ours(parent.to)
