"""The whole house in one process, on a virtual clock: for `flask phone`, the tests and explanations.

The app is served over real HTTP on a free port of this machine, and a simulated provider calls it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from sqlalchemy import Engine
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from calls.database import connect
from calls.tables import metadata
from config.company import Company
from config.environment import Environment
from local.account import account
from simulator.clock import Clock
from simulator.exchange import Exchange
from voice.profiles import PROFILES
from voice.signature import fresh_keys

PUBLIC_URL = "https://ringpath.example.com"
ACCOUNT = "AC" + "0" * 32
TOKEN = "a-token-for-this-process-only"  # noqa: S105  (nothing outside this process accepts it)


class _QuietHandler(WSGIRequestHandler):
    """Keeps connections open, and leaves logging to the app."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@dataclass(frozen=True, kw_only=True)
class House:
    """A company's switchboard that can be called."""

    app: Flask
    exchange: Exchange
    company: Company
    clock: Clock
    connect_url: str
    engine: Engine
    environment: Environment


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an app on a free port of this machine; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_QuietHandler)
    thread = threading.Thread(target=server.serve_forever, args=(0.002,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def house(
    company: Company,
    *,
    redis_url: str,
    start: datetime,
    provider: str = "simulator",
    api_url: str | None = None,
    duplicate: bool = False,
    database: str | None = None,
    with_pages: bool = False,
    published: bool = False,
    **variables: Any,
) -> Iterator[House]:
    """Open a house at a moment of its own time; `variables` are further ones of its environment.

    With `published` it goes by what is published in its database, and `company` is only what its provider knows.
    """
    clock = Clock(start)
    with a_database(database) as engine:
        url = engine.url.render_as_string(hide_password=False)
        environment = house_environment(redis_url, provider, api_url, database_url=url, **variables)
        app = create_app(environment, company=None if published else company, clock=clock.now, with_pages=with_pages)
        with served(app) as connect_url:
            provider_side = replace(account(company, connect_url, environment), signing_key=_signing_key(provider))
            exchange = Exchange(provider_side, clock, duplicate=duplicate)
            yield House(
                app=app,
                exchange=exchange,
                company=company,
                clock=clock,
                connect_url=connect_url,
                engine=engine,
                environment=environment,
            )
        app.extensions["ringpath"].settings.close()
        app.extensions["ringpath"].closer.engine.dispose()
        app.extensions["reception"].engine.dispose()


@contextmanager
def a_database(url: str | None) -> Iterator[Engine]:
    """Connect to a database that has its tables, or to a new one of this house alone."""
    with TemporaryDirectory(prefix="ringpath-") as folder:
        engine = connect(url or empty_database(Path(folder)))
        yield engine
        engine.dispose()


def empty_database(folder: Path) -> str:
    """Put a SQLite file with its tables into a folder; gives its address."""
    file = folder / "calls.sqlite"
    file.write_bytes(_tables())
    return f"sqlite:///{file}"


@cache
def _tables() -> bytes:
    """What such a file begins with; made once, as tests open a thousand houses."""
    with TemporaryDirectory(prefix="ringpath-") as folder:
        file = Path(folder) / "calls.sqlite"
        engine = connect(f"sqlite:///{file}")
        metadata.create_all(engine)
        engine.dispose()
        return file.read_bytes()


def house_environment(redis_url: str, provider: str, api_url: str | None = None, **variables: Any) -> Environment:
    """The environment of a house: an account that only its own provider knows."""
    if PROFILES[provider].proof == "ed25519":
        variables.setdefault("telnyx_public_key", _telnyx_keys()[1])
    return Environment(
        public_url=PUBLIC_URL,
        provider=provider,
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
        twilio_api_url=api_url,
        redis_url=redis_url,
        log_level="WARNING",
        **variables,
    )


def _signing_key(provider: str) -> str:
    """What the simulated provider signs with, where it is not the token of the account."""
    return _telnyx_keys()[0] if PROFILES[provider].proof == "ed25519" else ""


@cache
def _telnyx_keys() -> tuple[str, str]:
    """A private key and its public one, for this process only."""
    return fresh_keys(PROFILES["telnyx"])
