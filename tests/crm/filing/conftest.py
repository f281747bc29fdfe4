"""A clerk, his CRM and his clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from calls import ledger
from calls.details import CallDetails
from config.company import Company
from crm.crm import Contact
from crm.filing import Clerk
from simulator.clock import Clock
from tests.crm.filing.memory import Memory
from tests.details.rows import a_call, on_file
from tests.moments import at

KNOWN = "+34655000002"
CONTACT = Contact(kind="company", id="9", name="Azahar", employee=None, user=18)  # 18 is Eva in the sample


@dataclass
class Office:
    """One database and one CRM; `clerk` files, and there may be more of them."""

    engine: Engine
    crm: Memory
    company: Company
    clock: Clock

    @property
    def clerk(self) -> Clerk:
        """A worker of its own."""
        return Clerk(engine=self.engine, crm=self.crm, company=self.company, clock=self.clock.now)

    def ended(self, outcome: str = "answered", **fields: Any) -> CallDetails:
        """A call is written and due."""
        details = {"employee": "ana", "crm_due_at": self.clock.now()} | fields
        if outcome in ("answered", "forwarded"):
            details = {"answered_by": "ana"} | details
        call = a_call("2026-11-24 10:30", outcome, **details)
        on_file(self.engine, call)
        return call

    def files(self, clerk: Clerk | None = None) -> int:
        """A clerk works for three seconds of a clock that stands still."""
        return (clerk or self.clerk).file_due(self.clock.now() + timedelta(seconds=3))

    def kept(self, call: CallDetails) -> CallDetails:
        """Read a call."""
        with self.engine.connect() as connection:
            found = ledger.find(connection, call.id)
        assert found is not None
        return found

    def state(self, call: CallDetails) -> tuple[str, str | None]:
        """How its filing stands, and why."""
        found = self.kept(call)
        return found.crm_state, found.crm_reason

    def settles(self, call: CallDetails, **changed: Any) -> None:
        """The record of a call is written once more, as when something was told late."""
        with self.engine.begin() as connection:
            ledger.write(connection, replace(call, settled_at=self.clock.now(), crm_due_at=self.clock.now(), **changed))


@pytest.fixture
def office(engine: Engine, sample: Company) -> Office:
    """Where calls of the sample company are filed, at noon."""
    return Office(engine, Memory({KNOWN: CONTACT}), sample, Clock(at("2026-11-24 12:00")))
