"""Books on paper, for a company of three numbers, and the calls of a day that they are compared with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from calls.details import LegFact
from tests.voice.provider import NOW, Side
from voice.ending.reconciling import BEGINNING, LOOKS_BACK, SETTLING, Bookmark, Books, reconcile
from voice.provider.call_list import ProviderCall

MAIN = "+34910000001"
OTHER = "+34910000002"
CUSTOMER = "+34600000001"


@dataclass
class Paper:
    """Books on paper: what was on file, what was put there."""

    known: set[str] = field(default_factory=set)
    closed: list[tuple[str, tuple[LegFact, ...]]] = field(default_factory=list)
    called_back: list[tuple[str, datetime, str]] = field(default_factory=list)
    asked: int = 0

    @property
    def books(self) -> Books:
        """The same as reconcile() wants them."""
        return Books(
            ours=lambda to: to in {MAIN, OTHER, "sip:101@acme.example.com"},
            known=self.which,
            close=self.close,
            called_back=lambda *told: self.called_back.append(told),
        )

    def which(self, call_ids: list[str]) -> set[str]:
        self.asked += 1
        return self.known & set(call_ids)

    def close(self, call: ProviderCall, legs: tuple[LegFact, ...]) -> None:
        assert call.sid not in self.known
        self.known.add(call.sid)
        self.closed.append((call.sid, legs))


def run(side: Side, paper: Paper, start: Bookmark | None = BEGINNING, **more: Any) -> Bookmark | None:
    """Go through the last day; returns where to go on."""
    assert start is not None
    before = len(paper.closed), len(paper.called_back)
    done = reconcile(side.api, paper.books, since=NOW - LOOKS_BACK, until=NOW - SETTLING, start=start, **more)
    assert (done.closed, done.called_back) == (len(paper.closed) - before[0], len(paper.called_back) - before[1])
    return done.rest


def incoming(side: Side, **more: Any) -> str:
    """A customer's call of which the app never heard, an hour ago unless it is said otherwise."""
    usual: dict[str, Any] = {"from_": CUSTOMER, "to": MAIN, "seconds": 60, "ago": 3600}
    return side.rest.add_call(**usual | more)


def outgoing(side: Side, **more: Any) -> str:
    """A call from our account to a customer."""
    usual: dict[str, Any] = {"from_": MAIN, "to": CUSTOMER, "seconds": 42, "ago": 1800, "direction": "outbound-api"}
    return side.rest.add_call(**usual | more)
