"""One run: calls are placed while servers are killed; then everything must be settled, filed, and true."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from redis import Redis
from sqlalchemy import Engine

from calls.database import connect
from calls.tokens import Tokens
from calls.upgrade import upgrade
from config.loader import load
from local.house import ACCOUNT, PUBLIC_URL, TOKEN
from simulator import DIALECTS, Provider, RestApp
from tests.kills import books
from tests.kills.carrier import Carrier, rest_api
from tests.kills.experience import Experience
from tests.kills.killer import Killer
from tests.kills.pauses import PAUSES, RATE
from tests.kills.people import plans
from tests.kills.servers import Servers
from tests.kills.settings import KNOWN, USERS, document
from tests.portal.portal import CLIENT_ID, CLIENT_SECRET, Portal, portal
from tests.portal.telephony import Entity

SECRET_KEY = "a secret of this run"
EXPLAINED = ("11200", "11205", "11206", "15003")
"""What the provider complains of when a server is killed: no answer, no connection, a broken one, a lost callback."""

GLANCE = 0.02
LOOKS_EVERY = 0.5
STARTS_WITHIN = 30.0


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a run is to be: its seed, calls within so many seconds, kills, and how long to wait for the books."""

    seed: int
    calls: int = 300
    seconds: float = 45.0
    kills: int = 20
    spare: tuple[str, ...] = ()
    patience: float = 180.0
    hurry: bool = True
    database: str | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """What came of a run; it went well when nobody complains."""

    order: Order
    killed: Counter[str]
    restarts: dict[str, int]
    webhooks: int
    repeated: int
    fallbacks: int
    faults: Counter[str]
    outcomes: Counter[str]
    filed: int
    twice: int
    settled_after: float
    seconds: float
    complaints: tuple[str, ...]
    logs: dict[str, str]
    """What the servers have said, and the stories of the calls that are complained of."""


def run(order: Order, folder: Path) -> Report:
    """Do a run in an empty folder."""
    began = time.monotonic()
    with _scene(order, folder) as scene:
        settled_after = scene.plays()
        return scene.report(settled_after, time.monotonic() - began)


@contextmanager
def _scene(order: Order, folder: Path) -> Iterator[Scene]:
    (folder / "metrics").mkdir()
    company = folder / "company.yaml"
    company.write_text(json.dumps(document(datetime.now(UTC))))
    load(company)
    database = order.database or f"sqlite:///{folder}/calls.sqlite"
    engine = connect(database)
    upgrade(engine)
    rate = RATE if order.hurry else 2.0
    known = [
        Entity(kind="CONTACT", id=500 + place, number=number, name=f"Customer {place}", user=USERS[key])
        for place, (number, key) in enumerate(KNOWN.items())
    ]
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        there = stack.enter_context(portal(users=USERS.values(), entities=known, drain=rate, most=25 * rate))
        api, apps = stack.enter_context(rest_api())
        Tokens(engine, "bitrix24", SECRET_KEY).put(there.token())
        variables = _variables(company, database, there, api) | {
            "RECORDINGS_URL": f"file://{folder}/recordings",
            "PAUSES": json.dumps(PAUSES if order.hurry else {}),
        }
        servers = Servers(folder, variables)
        stack.callback(servers.stop)
        carrier = Carrier(_provider(servers.address, api))
        apps.append(RestApp(carrier))  # type: ignore[arg-type] - it has all that is asked of an exchange
        redis = stack.enter_context(Redis.from_url(servers.store.url))
        yield Scene(order, servers, carrier, there, engine, redis)


def _variables(company: Path, database: str, there: Portal, api: str) -> dict[str, str]:
    return {
        "PUBLIC_URL": PUBLIC_URL,
        "PROVIDER": "twilio",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": api,
        "DATABASE_URL": database,
        "COMPANY_FILE": str(company),
        "SECRET_KEY": SECRET_KEY,
        "CRM": "bitrix24",
        "BITRIX24_PORTAL": there.url,
        "BITRIX24_OAUTH_URL": there.oauth_url,
        "BITRIX24_CLIENT_ID": CLIENT_ID,
        "BITRIX24_CLIENT_SECRET": CLIENT_SECRET,
        "WEB_CONCURRENCY": "2",
        "LOG_LEVEL": "INFO",
    }


def _provider(address: str, api: str) -> Provider:
    """The account at the provider, its numbers set up as the README says."""
    return Provider(
        public_url=PUBLIC_URL,
        connect_url=address,
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        dialect=DIALECTS["twilio"],
        own_numbers=frozenset(document(datetime.now(UTC))["numbers"]),
        api_url=api,
    )


class Scene:
    """A run under way; everything is started by the thread that made it, and ends with it."""

    def __init__(
        self, order: Order, servers: Servers, carrier: Carrier, there: Portal, engine: Engine, redis: Redis
    ) -> None:
        self.order, self.servers, self.carrier, self.portal = order, servers, carrier, there
        self.engine, self.redis = engine, redis
        self.rng = random.Random(order.seed)
        self.killer = Killer(random.Random(order.seed + 1), order.seconds, order.kills, order.spare)

    def plays(self) -> float:
        """Place the calls and kill the servers; returns the seconds after the last call until all was settled."""
        self._starts()
        threads = [
            (plan.at, threading.Thread(target=self.carrier.carry, args=(plan,), daemon=True))
            for plan in plans(self.rng, self.order.calls, self.order.seconds)
        ]
        began = time.monotonic()
        due = list(threads)
        while due or any(thread.is_alive() for _, thread in threads):
            now = time.monotonic() - began
            while due and due[0][0] <= now:
                due.pop(0)[1].start()
            self.killer.strikes(self.servers, now)
            self._keeps()
        return self._settles()

    def _starts(self) -> None:
        until = time.monotonic() + STARTS_WITHIN
        while len(self.servers.web.offspring) < 2 or len(self.servers.parts) < 3:
            assert time.monotonic() < until, self.servers.web.said() + self.servers.worker.said()
            self._keeps()

    def _keeps(self) -> None:
        self.servers.keep(lambda: self.rng.uniform(0.1, 1.5))
        time.sleep(GLANCE)

    def _settles(self) -> float:
        began, looked = time.monotonic(), 0.0
        ids = [call.sid for _, call in self.carrier.carried]
        while time.monotonic() - began < self.order.patience:
            self._keeps()
            if time.monotonic() - looked >= LOOKS_EVERY:
                looked = time.monotonic()
                if books.unsettled(self.engine, self.redis, ids) is None:
                    break
        return time.monotonic() - began

    def report(self, settled_after: float, seconds: float) -> Report:
        """Look at the books."""
        carried = [Experience(plan=plan, call=call) for plan, call in self.carrier.carried]
        found, webhooks = books.on_file(self.engine), self.carrier.webhooks
        filed = [call["EXTERNAL_CALL_ID"] for call in self.portal.calls]
        strange = [f"the provider complains: {fault}" for fault in self.carrier.faults if fault.code not in EXPLAINED]
        complaints = (*self.carrier.broken, *strange, *books.complaints(carried, self.engine, self.redis, self.portal))
        stories = [
            "\n".join(books.story(each, found.get(each.call.sid)))
            for each in carried
            if any(each.call.sid in complaint for complaint in complaints)
        ]
        return Report(
            order=self.order,
            killed=self.killer.killed,
            restarts={each.name: each.starts - 1 for each in (self.servers.web, self.servers.worker)},
            webhooks=len(webhooks),
            repeated=len(webhooks) - len({webhook.token for webhook in webhooks}),
            fallbacks=sum("/voice/fallback" in webhook.url for webhook in webhooks),
            faults=Counter(f"{fault.code} {urlsplit(fault.url).path} {fault.message}" for fault in self.carrier.faults),
            outcomes=Counter(call.outcome for call in found.values()),
            filed=len(filed),
            twice=len(filed) - len(set(filed)),
            settled_after=settled_after,
            seconds=seconds,
            complaints=complaints,
            logs={server.name: server.said() for server in (self.servers.web, self.servers.worker)}
            | {"stories": "\n\n".join(stories)},
        )
