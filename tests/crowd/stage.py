"""The scene of a run: web, worker and store as the Procfile starts them, SQL, a provider, a portal, and the callers."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.request import urlopen

from redis import Redis
from sqlalchemy import Engine

from calls.database import connect
from calls.tokens import Tokens
from calls.upgrade import upgrade
from config.loader import load
from local.house import ACCOUNT, PUBLIC_URL, TOKEN
from simulator import DIALECTS, Provider, RestApp
from tests.crowd import books
from tests.crowd.crowd import MOST_THREADS, Crowd
from tests.crowd.experience import Experience
from tests.crowd.firm import Firm
from tests.crowd.rest import rest_api
from tests.crowd.servers import Servers, Store
from tests.portal.portal import CLIENT_ID, CLIENT_SECRET, Portal, portal
from tests.portal.telephony import Entity

SECRET_KEY = "a secret of this run"
STARTS_WITHIN = 60.0
PROCESSES = 2
"""Of the web, besides gunicorn's own."""


Lays = Callable[[Mapping[str, str], Store, Portal | None], AbstractContextManager[Mapping[str, str]]]
"""Lays something between the servers and what they depend on; gives the variables by which they reach that now."""


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a run wants: a CRM (a portal bears `rate` requests a second), shorter `pauses`, a database that exists.

    `lays` is called with the variables of the servers, the store and the portal.
    """

    crm: Literal["contacts", "bitrix24"] = "contacts"
    rate: float = 2.0
    pauses: Mapping[str, object] | None = None
    database: str | None = None
    threads: int = MOST_THREADS
    log_level: str = "INFO"
    lays: Lays = lambda *_: nullcontext({})


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Everything that takes part in a run; it is started by the thread that made it, and ends with it."""

    firm: Firm
    folder: Path
    database: str
    servers: Servers
    crowd: Crowd
    rest: RestApp
    portal: Portal | None
    engine: Engine
    redis: Redis
    rng: random.Random

    def starts(self) -> None:
        """Start the servers, and wait until all of their processes are there, and answer."""
        until = time.monotonic() + STARTS_WITHIN
        while len(self.servers.web.offspring) < PROCESSES or len(self.servers.parts) < 3:
            assert time.monotonic() < until, self.servers.web.said() + self.servers.worker.said()
            self.keeps()
            time.sleep(0.02)
        while not self._answers():
            assert time.monotonic() < until, self.servers.web.said()
            time.sleep(0.1)

    def _answers(self) -> bool:
        """Whether the web answers, and finds all its parts in order."""
        try:
            with urlopen(f"{self.servers.address}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def keeps(self) -> None:
        """Start again what does not run, as a platform would."""
        self.servers.keep(lambda: self.rng.uniform(0.1, 1.5))

    def unsettled(self) -> str | None:
        """Say what still has to happen before the books can be looked at, None when nothing has."""
        placed, attaches = len(self.crowd.carried), self.portal is not None
        return books.unsettled(self.engine, self.redis, self.firm, placed, attaches=attaches)

    def complaints(self) -> Iterator[str]:
        """Everything that is not as it must be, in words, when nothing is to happen any more."""
        yield from self.crowd.broken
        yield from books.complaints(self.firm, self.experiences(), self.engine, self.redis, self.portal)

    def experiences(self) -> list[Experience]:
        """What became of the calls, as their callers tell it."""
        return [Experience(firm=self.firm, plan=plan, call=call) for plan, call in self.crowd.carried]


@contextmanager
def stage(firm: Firm, folder: Path, needs: Needs, seed: int = 1) -> Iterator[Stage]:
    """Set the scene in an empty folder, which is left to whoever gave it; nothing is started yet but the store."""
    (folder / "metrics").mkdir()
    company = folder / "company.yaml"
    company.write_text(json.dumps(firm.document))
    load(company)
    database = needs.database or f"sqlite:///{folder}/calls.sqlite"
    engine = connect(database)
    upgrade(engine)
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        api, apps = stack.enter_context(rest_api())
        variables = _variables(folder, database, api, needs)
        there = stack.enter_context(_portal(firm, needs.rate)) if needs.crm == "bitrix24" else None
        if there is not None:
            Tokens(engine, "bitrix24", SECRET_KEY).put(there.token())
            variables |= {"BITRIX24_PORTAL": there.url, "BITRIX24_OAUTH_URL": there.oauth_url}
        store = Store(folder)
        servers = Servers(folder, {**variables, **stack.enter_context(needs.lays(variables, store, there))}, store)
        stack.callback(servers.stop)
        crowd = stack.enter_context(Crowd(_provider(firm, servers.address, api), threads=needs.threads))
        apps.append(RestApp(crowd))  # type: ignore[arg-type]  # it has all that is asked of one
        yield Stage(
            firm=firm,
            folder=folder,
            database=database,
            servers=servers,
            crowd=crowd,
            rest=apps[0],
            portal=there,
            engine=engine,
            redis=stack.enter_context(Redis.from_url(servers.store.url)),
            rng=random.Random(seed),
        )


def _portal(firm: Firm, rate: float) -> AbstractContextManager[Portal]:
    known = [
        Entity(kind="CONTACT", id=500 + place, number=number, name=f"Customer {place}", user=firm.users[key])
        for place, (number, key) in enumerate(firm.known.items())
    ]
    return portal(users=firm.users.values(), entities=known, drain=rate, most=25 * rate)


def _variables(folder: Path, database: str, api: str, needs: Needs) -> dict[str, str]:
    return {
        "PUBLIC_URL": PUBLIC_URL,
        "PROVIDER": "twilio",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": api,
        "DATABASE_URL": database,
        "COMPANY_FILE": str(folder / "company.yaml"),
        "RECORDINGS_URL": f"file://{folder}/recordings",
        "SECRET_KEY": SECRET_KEY,
        "CRM": needs.crm,
        "BITRIX24_CLIENT_ID": CLIENT_ID,
        "BITRIX24_CLIENT_SECRET": CLIENT_SECRET,
        "WEB_CONCURRENCY": str(PROCESSES),
        "LOG_LEVEL": needs.log_level,
        **({"PAUSES": json.dumps(needs.pauses)} if needs.pauses else {}),
    }


def _provider(firm: Firm, address: str, api: str) -> Provider:
    """The account at the provider, its numbers set up as the README says."""
    return Provider(
        public_url=PUBLIC_URL,
        connect_url=address,
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        dialect=DIALECTS["twilio"],
        own_numbers=firm.numbers,
        api_url=api,
    )
