"""Books on paper, for a company of three numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from calls.details import LegFact
from voice.provider_calls import ProviderCall
from voice.reconciling import Books

MAIN = "+34910000001"
OTHER = "+34910000002"


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
