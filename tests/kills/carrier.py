"""The provider: it carries many calls at once, in real time, and its REST API knows all of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from simulator import Call, Exchange, Leg, Provider, RestApp, Webhook
from simulator.faults import Fault
from simulator.sound import Sound
from tests.kills.clock import RealClock
from tests.kills.people import Plan
from tests.kills.person import Person


class Carrier:
    """Many exchanges as one: each call has its own, so that no call waits for the requests of another."""

    def __init__(self, provider: Provider) -> None:
        self.provider, self.clock = provider, RealClock()
        self.carried: list[tuple[Plan, Call]] = []
        self.broken: list[str] = []
        self._exchanges: list[Exchange] = []
        self._lock = threading.Lock()

    def carry(self, plan: Plan) -> None:
        """Carry one call from its beginning to its end."""
        exchange = Exchange(self.provider, self.clock)
        with self._lock:
            self._exchanges.append(exchange)
        try:
            call = Person(exchange, plan).calls()
        except Exception as error:  # it must be told, and no thread may die unheard
            self.broken.append(f"{plan.name}: {error!r}")
            return
        with self._lock:
            self.carried.append((plan, call))
        exchange.close()

    @property
    def faults(self) -> list[Fault]:
        """What the provider would have written into its debugger."""
        return [fault for exchange in self._all() for fault in exchange.faults]

    @property
    def webhooks(self) -> list[Webhook]:
        """All requests, the repeated ones too; those share a token."""
        parties = [party for exchange in self._all() for party in (*exchange.calls.values(), *exchange.legs.values())]
        return [webhook for party in parties for webhook in party.webhooks]

    # What the REST API asks of an exchange (simulator.rest).

    @property
    def calls(self) -> dict[str, Call]:
        """The calls by their ids."""
        return {sid: call for exchange in self._all() for sid, call in dict(exchange.calls).items()}

    @property
    def legs(self) -> dict[str, Leg]:
        """The dialled legs by their ids."""
        return {sid: leg for exchange in self._all() for sid, leg in dict(exchange.legs).items()}

    @property
    def sounds(self) -> dict[str, Sound]:
        """The recordings by their ids."""
        return {sid: sound for exchange in self._all() for sid, sound in dict(exchange.sounds).items()}

    def redirect(self, sid: str, url: str, method: str) -> None:
        """Give a live call another document."""
        self._of(sid).redirect(sid, url, method)

    def hang_up(self, sid: str) -> None:
        """End a live call."""
        self._of(sid).hang_up(sid)

    def _of(self, sid: str) -> Exchange:
        return next(exchange for exchange in self._all() if sid in exchange.calls or sid in exchange.legs)

    def _all(self) -> list[Exchange]:
        with self._lock:
            return list(self._exchanges)


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def rest_api() -> Iterator[tuple[str, list[RestApp]]]:
    """Serve a REST API on a free port: its address, and a list for the app, which is made later."""
    apps: list[RestApp] = []
    server = make_server(
        "127.0.0.1", 0, lambda environ, start: apps[0](environ, start), threaded=True, request_handler=_Quiet
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", apps
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
