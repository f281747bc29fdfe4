"""What the provider knows and we do not: ends that were never told, calls that never reached us, and calls back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from calls import ledger, missed
from calls.details import CallFacts, LegFact
from voice.closing import Closer
from voice.provider_calls import CallPage, ProviderCall
from voice.rest import ProviderApi, ProviderError
from voice.webhook import caller_of

log = logging.getLogger("ringpath.reconciling")

LOOKS_BACK = timedelta(days=1)

SETTLING = timedelta(minutes=2)
"""A call that ended less than this ago is left for the next time: we may be about to hear of it."""

MOST_PAGES = 10
MOST_CLOSED = 50
"""Pages turned and calls closed in one run: each closed call costs a question."""

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
class Round:
    """How far one run came: calls closed, customers called back, and the page to go on with, "" after the last."""

    closed: int
    called_back: int
    page: str


def books_of(closer: Closer, now: datetime) -> Books:
    """Open the books of this company, in SQL."""
    company = closer.company

    def known(call_ids: list[str]) -> set[str]:
        with closer.engine.connect() as connection:
            return ledger.known(connection, call_ids)

    def close(call: ProviderCall, legs: tuple[LegFact, ...]) -> None:
        facts = CallFacts(
            id=call.sid,
            number=company.number_called(call.to) or call.to,
            caller=caller_of(call.from_, company.country),
            started_at=_began(call),
            ended_at=_ended(call),
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
    *,
    close: Callable[[str, ProviderCall | None], None],
    still_up: Callable[[str], None],
) -> int:
    """Ask about calls that have been silent for long: `close` those that have ended, or that nobody knows of.

    Returns how many. Stops at the first that the provider does not answer for; the next run begins with it.
    """
    closed, known_here = 0, False
    for call_id in silent:
        try:
            found = api.call(call_id)
            if found is None and not known_here and not (known_here := _knows_us(api)):
                break
        except ProviderError as error:
            log.warning("call %s could not be confirmed: %s", call_id, error)
            break
        if found is not None and not found.over:
            still_up(call_id)
        else:
            status = found.status if found else "the provider has never heard of it"
            log.warning("call %s ended (%s) and nobody told us; its people are free again", call_id, status)
            close(call_id, found)
            closed += 1
    return closed


def _knows_us(api: ProviderApi) -> bool:
    """Tell whether a call that is not found is no more: with a wrong account every call would be, talks included."""
    known = api.knows_us()
    if not known:
        log.warning(
            "the provider's REST API does not know our account, so no call can be confirmed: "
            "check TWILIO_ACCOUNT_SID and TWILIO_API_URL"
        )
    return known


def reconcile(api: ProviderApi, books: Books, *, since: datetime, until: datetime, page: str = "") -> Round:
    """Go through the calls that began after `since`, the latest first, and put what is missing on file.

    That is calls to our numbers that ended before `until` and are not known, and customers who were called back.
    Bounded; the next run goes on at the `page` where this one stopped. Raises ProviderError, and what the books raise;
    what was done before stays done.
    """
    closed = called_back = 0
    for number, found in enumerate(api.calls_since(since, page), 1):
        unheard = _unheard(found, books, until)
        for call in unheard[: MOST_CLOSED - closed]:
            books.close(call, api.legs(call.sid))
            log.warning("call %s from %s to %s was never told; it is on file now", call.sid, call.from_, call.to)
        if closed + len(unheard) > MOST_CLOSED:
            return Round(closed=MOST_CLOSED, called_back=called_back, page=found.here)
        closed += len(unheard)
        called_back += _note_calls_back(api, found, books)
        if number == MOST_PAGES:
            return Round(closed=closed, called_back=called_back, page=found.next)
    return Round(closed=closed, called_back=called_back, page="")


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


def _note_calls_back(api: ProviderApi, page: CallPage, books: Books) -> int:
    """Note the customers whom we reached; returns how many calls that were."""
    outgoing = [call for call in page.calls if _reached_a_customer(call, books)]
    here = {call.sid: call for call in page.calls}
    came_in = books.known([call.parent for call in outgoing if call.parent])
    noted = 0
    for call in outgoing:
        placed = call
        if call.parent:
            parent = None if call.parent in came_in else here.get(call.parent) or api.call(call.parent)
            if parent is None or not _is_placed_by_us(parent, books):
                continue  # a customer's own call, forwarded
            placed = parent
        books.called_back(call.to, _began(call), f"called from {placed.from_}"[:200])
        noted += 1
    return noted


def _reached_a_customer(call: ProviderCall, books: Books) -> bool:
    talked = call.over and not call.incoming and call.seconds > 0
    return talked and call.to.startswith("+") and not books.ours(call.to)


def _is_placed_by_us(parent: ProviderCall, books: Books) -> bool:
    """Tell whether a call that dialled somebody was one of ours, and not that of a customer."""
    if not parent.incoming:
        return True
    return parent.from_.startswith(OWN_PHONES) and not books.ours(parent.to)
