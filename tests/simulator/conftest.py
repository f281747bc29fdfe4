"""A scripted application, an exchange that calls it, and a caller."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from simulator import DIALECTS, Caller, Clock, Exchange, Provider
from tests.simulator.application import PUBLIC_URL, Application, Reply, serving

TOKEN = "secret"
ACCOUNT = "AC" + "0" * 32
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Application], None]]:
    with serving() as serve:
        yield serve


@pytest.fixture
def application(serve: Callable[[Application], None]) -> Application:
    """An application without pages, but for the status callback."""
    application = Application(pages={"/voice/status": Reply(status=204, content_type=None)})
    serve(application)
    return application


@pytest.fixture
def exchanges(application: Application) -> Iterator[Callable[..., Exchange]]:
    """exchanges(dialect="twilio", duplicate=False, limits={…}, **provider fields)."""
    with ExitStack() as stack:

        def build(*, dialect: str = "twilio", duplicate: bool = False, limits: Any = None, **fields: Any) -> Exchange:
            provider = Provider(
                public_url=PUBLIC_URL,
                connect_url=application.connect_url,
                account_sid=ACCOUNT,
                auth_token=TOKEN,
                dialect=replace(DIALECTS[dialect], **(limits or {})),
            )
            exchange = Exchange(replace(provider, **fields), Clock(START), duplicate=duplicate)
            return stack.enter_context(closing(exchange))

        yield build


@pytest.fixture
def exchange(exchanges: Callable[..., Exchange]) -> Exchange:
    return exchanges()


@pytest.fixture
def caller(exchange: Exchange) -> Caller:
    return Caller(exchange)


@pytest.fixture
def first(application: Application) -> Callable[[str | Reply], None]:
    """Set the first document."""

    def set_first(page: str | Reply) -> None:
        application.pages["/voice/incoming"] = page

    return set_first
