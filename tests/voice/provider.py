"""A provider's REST API over real HTTP, without an app that it would call, and a client of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from simulator import DIALECTS, Clock, Exchange, Provider, RestApp, rest_app
from simulator.sound import Sound
from tests.simulator.api import serving_api
from tests.waiting import SOON
from voice.profiles import PROFILES, Rest
from voice.provider.rest import ProviderApi

ACCOUNT = "AC" + "0" * 32
TOKEN = "a-token-that-must-not-be-told"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PATIENT, HURRIED = (SOON, SOON), (0.5, 0.5)
"""Seconds to connect and for the next bytes: no answer is late because this machine does something else meanwhile; and
for answers that do not come."""

HANGS = ("before", "after", "drip")
"""Outages in which the provider says nothing, or hardly anything (simulator)."""


@dataclass(frozen=True)
class Side:
    """The provider, what it serves and where, and our client."""

    rest: RestApp
    url: str
    api: ProviderApi

    def record(self, sound: Sound, sid: str = "RE" + "1" * 32) -> str:
        """Let there be a recording, and return its address."""
        self.rest.exchange.sounds[sid] = sound
        return f"{self.url}/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}"

    @contextmanager
    def outage(self, kind: str, **of_what: Any) -> Iterator[None]:
        """Let something be out of order until the end of the block; an answer that never comes is hardly waited for."""
        self.api._timeouts = HURRIED if kind in HANGS else PATIENT
        self.rest.break_down(kind, **of_what)
        yield
        self.rest.mend()
        self.api._timeouts = PATIENT


@contextmanager
def provider_side(dialect: str = "twilio", prefix: str = "") -> Iterator[Side]:
    """Serve the API of a provider; at SignalWire it is below a prefix."""
    account = Provider(
        public_url="https://acme.example.com",
        connect_url="http://127.0.0.1:1",
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        dialect=DIALECTS[dialect],
    )
    with closing(Exchange(account, Clock(NOW))) as exchange:
        rest = rest_app(exchange)
        with serving_api(rest) as url:
            exchange.provider = replace(account, api_url=url)
            spoken = PROFILES[dialect].rest or Rest()
            api = ProviderApi(base=url + prefix, account_sid=ACCOUNT, auth_token=TOKEN, rest=spoken, timeouts=PATIENT)
            yield Side(rest, url, api)
