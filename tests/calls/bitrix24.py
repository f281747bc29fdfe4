"""A house whose CRM is a portal of Bitrix24, and the jobs by which its calls are filed there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

from calls.details import CallDetails
from calls.tokens import Tokens
from crm import lookup
from crm.bitrix24 import client, crm
from crm.bitrix24.client import Patiences
from crm.filing import Clerk
from crm.names import crm_of
from local.house import House
from simulator import Caller
from tests.calls.companies import CUSTOMER, KNOWN, OpenHouse, acme, number, sales
from tests.calls.on_file import LATER, details, settle
from tests.crm.offices import ANA, EVA, KEY, LUIS, application
from tests.portal.patience import PATIENT, patience
from tests.portal.portal import Portal, portal
from tests.portal.telephony import Entity
from tests.providers import real as real_provider

USERS = {"ana": {"crm_user": ANA}, "luis": {"crm_user": LUIS}, "eva": {"crm_user": EVA}}
MORENO = Entity(kind="CONTACT", id=651, number=KNOWN, name="Talleres Moreno", user=EVA)

ROUND = {"members": ["ana", "luis"], "ring_seconds": 20, "no_answer": "voicemail"}


def company(**sections: Any) -> str:
    """A company of users of Bitrix24: Ana, then Luis, then a message; unknown callers become leads."""
    base = {"employees": USERS, "groups": sales(**ROUND), "numbers": number(crm={"create_lead": True})}
    return acme(**base | sections)


@dataclass(frozen=True)
class Branch:
    """A house and its portal."""

    house: House
    there: Portal
    redis: Redis

    def dials(self, who: str = CUSTOMER) -> Caller:
        """Somebody who calls the company."""
        return Caller(self.house.exchange, who)

    def files(self, caller: Caller, *, after: timedelta = LATER) -> CallDetails:
        """Let the jobs run some time after a call; returns what is on file of it."""
        settle(self.house, self.redis)
        self.house.clock.advance(after.total_seconds())
        environment, engine = self.house.environment, self.house.engine
        crm = crm_of(environment, engine, self.redis)
        clerk = Clerk(engine=engine, crm=crm, company=self.house.company, clock=self.house.clock.now)
        clerk.file_due(self.house.clock.now() + timedelta(seconds=3))
        return details(self.house, caller)


OpenBranch = Callable[..., Branch]


@pytest.fixture
def open_branch(open_house: OpenHouse, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenBranch]:
    """Open a house at a portal that is not slow, and knows Moreno, whom Eva looks after: open_branch(settings).

    A portal that may hang is hardly waited for, but with `patient`.
    """
    monkeypatch.setattr(crm, "RATE", 1000.0)
    monkeypatch.setattr(lookup, "DEADLINE", PATIENT)
    with ExitStack() as stack:

        def open_(
            settings: str | None = None,
            *,
            provider: str | None = None,
            patient: bool = False,
            **options: Any,
        ) -> Branch:
            look_up = patience(lambda: not patient and there.may_hang, urgent=True)
            monkeypatch.setattr(client, "Patiences", lambda: Patiences(look_up=look_up))
            there = stack.enter_context(portal(users=(ANA, LUIS, EVA, 99), entities=(MORENO,), drain=1000, most=1000))
            given = {"provider": provider or real_provider(), "crm": "bitrix24", "secret_key": KEY} | application(there)
            house = open_house(settings or company(), **given | options)
            Tokens(house.engine, "bitrix24", KEY).put(there.token())
            stack.callback(lambda: _check(there))
            return Branch(house, there, redis)

        yield open_


def _check(there: Portal) -> None:
    assert there.complaints == []
