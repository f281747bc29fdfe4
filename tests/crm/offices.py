"""An office with a portal: a database, a company of users of Bitrix24, and clerks, on one clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from redis import Redis
from sqlalchemy import Engine, select

from calls import ledger
from calls.database import connect
from calls.details import CallDetails
from calls.tables import calls as table
from calls.tokens import Tokens
from config.company import Company
from config.environment import Environment
from config.loader import parse
from crm.bitrix24.client import Client, Patiences
from crm.bitrix24.crm import RATE, Bitrix24
from crm.bitrix24.oauth import OAuth
from crm.bitrix24.wire import session
from crm.crm import Contact, Filing
from crm.filing import Clerk
from live.gate import Gate
from local.house import empty_database, house_environment
from simulator.clock import Clock
from tests.calls.companies import acme, number
from tests.details.rows import MORENO, a_call
from tests.moments import OPEN, at
from tests.portal.patience import patience
from tests.portal.portal import CLIENT_ID, CLIENT_SECRET, Portal, portal
from tests.portal.telephony import Entity

KEY = "a key that seals tokens"
ANA, LUIS, EVA = 12, 14, 1

SETTINGS = acme(
    employees={"ana": {"crm_user": ANA}, "luis": {"crm_user": LUIS}, "eva": {"crm_user": EVA}},
    numbers=number(crm={"create_lead": True}),
)

KNOWN = Entity(kind="CONTACT", id=651, number=MORENO, name="Talleres Moreno", user=LUIS)

RUN = timedelta(seconds=3)
"""How long one run of the job works (crm.jobs)."""


@dataclass(frozen=True, kw_only=True)
class Office:
    """What the clerks share. Connections, gates and tokens are each process's own: `crm()` is one more process."""

    there: Portal
    engine: Engine
    redis: Redis
    clock: Clock
    company: Company

    def seconds(self) -> float:
        """The clock as the gate and the portal read it."""
        return self.clock.now().timestamp()

    def tokens(self) -> Tokens:
        """The tokens as one process has them."""
        return Tokens(self.engine, "bitrix24", KEY, clock=self.clock.now, sleep=self.clock.advance)

    def client(self, **others: Any) -> Client:
        """The client of one more process."""
        http = session()
        work = patience(lambda: self.there.may_hang, gate=5)
        look_up = patience(lambda: self.there.may_hang, gate=0.3, urgent=True)
        return Client(
            self.there.url,
            gate=Gate(self.redis, rate=RATE, clock=self.seconds, sleep=self.clock.advance),
            tokens=self.tokens(),
            oauth=OAuth(
                portal=self.there.url,
                url=self.there.oauth_url,
                client_id=CLIENT_ID,
                client_secret=CLIENT_SECRET,
                session=http,
            ),
            session=http,
            patiences=Patiences(**{"look_up": look_up, "filing": work, "upload": work} | others),
        )

    def environment(self, redis_url: str) -> Environment:
        """The environment of a process that has no clock but the real one."""
        return house_environment(
            redis_url,
            "twilio",
            crm="bitrix24",
            secret_key=KEY,
            database_url=self.engine.url.render_as_string(hide_password=False),
            **application(self.there),
        )

    def crm(self, **others: Any) -> Bitrix24:
        """The CRM as one more process has it."""
        return Bitrix24(self.client(**others), clock=lambda: self.clock.seconds)

    def clerk(self) -> Clerk:
        """Who files calls, in one more process."""
        return Clerk(engine=self.engine, crm=self.crm(), company=self.company, clock=self.clock.now)

    def write(self, *calls: CallDetails) -> None:
        """Put calls on file, to be filed in the CRM from now on."""
        with self.engine.begin() as connection:
            for call in calls:
                ledger.write(connection, replace(call, crm_due_at=self.clock.now()))

    def call(self, call_id: str) -> CallDetails:
        """What is on file of a call."""
        with self.engine.connect() as connection:
            found = ledger.find(connection, call_id)
        assert found is not None
        return found

    def ids(self) -> list[str]:
        """The calls on file."""
        with self.engine.connect() as connection:
            return list(connection.execute(select(table.c.id)).scalars())

    def states(self) -> list[str]:
        """How the filing of each call stands, sorted."""
        with self.engine.connect() as connection:
            return sorted(connection.execute(select(table.c.crm_state)).scalars())

    def works(self, clerk: Clerk | None = None, *, seconds: float = 30 * 86_400) -> None:
        """Let a clerk work until nothing is pending, or that long; each time something is due, and not before."""
        clerk, until = clerk or self.clerk(), self.clock.now() + timedelta(seconds=seconds)
        while (due := self._next_due()) is not None and max(due, self.clock.now()) < until:
            self.clock.advance(max(0.0, (due - self.clock.now()).total_seconds()))
            if not clerk.file_due(self.clock.now() + RUN):
                self.clock.advance(60)  # calls that wait for a connection are due all the time
            self.there.rests()

    def _next_due(self) -> datetime | None:
        pending = select(table.c.crm_due_at).where(table.c.crm_state == "pending").order_by(table.c.crm_due_at)
        with self.engine.connect() as connection:
            found: datetime | None = connection.execute(pending.limit(1)).scalar()
            return found


OpenOffice = Callable[..., Office]


def application(there: Portal) -> dict[str, str]:
    """What an environment says of the application at a portal."""
    return {
        "bitrix24_portal": there.url,
        "bitrix24_oauth_url": there.oauth_url,
        "bitrix24_client_id": CLIENT_ID,
        "bitrix24_client_secret": CLIENT_SECRET,
    }


@contextmanager
def office(
    redis: Redis, folder: Path, *, connected: bool = True, settings: str = SETTINGS, **options: Any
) -> Iterator[Office]:
    """Open an office; `options` are the portal's. At the end the portal must not have had anything to complain of."""
    clock = Clock(at(OPEN))
    engine = connect(empty_database(Path(mkdtemp(dir=folder))))
    options = {"users": (ANA, LUIS, EVA), "entities": (KNOWN,), "clock": lambda: clock.now().timestamp()} | options
    with portal(**options) as there:
        opened = Office(there=there, engine=engine, redis=redis, clock=clock, company=parse(settings))
        if connected:
            opened.tokens().put(there.token())
        yield opened
        assert there.complaints == []
    engine.dispose()


def an_answered_call(**fields: Any) -> CallDetails:
    """A stranger whom Ana spoke to."""
    return a_call(OPEN, "answered", **{"employee": "ana", "answered_by": "ana"} | fields)


def filing(call: CallDetails | None = None, *, user: int | None = ANA, **fields: Any) -> Filing:
    """An answered call to be filed for Ana, as a new lead."""
    return Filing(call=call or an_answered_call(), user=user, **{"contact": None, "create_lead": True} | fields)


MORENO_KNOWN = Contact(kind="contact", id="651", name="Talleres Moreno", user=LUIS)
