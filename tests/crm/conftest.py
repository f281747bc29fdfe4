"""What the tests of the CRMs share."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from tests.crm.offices import Office, OpenOffice, office
from tests.portal.patience import patience
from tests.portal.portal import CLIENT_SECRET


@pytest.fixture
def open_office(redis: Redis, tmp_path: Path, caplog: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenOffice]:
    """Open offices: open_office(connected=False, refinish="twice", …). No secret may get into any log line."""
    caplog.set_level(logging.DEBUG)
    opened: list[Office] = []
    hangs = patience(lambda: any(each.there.may_hang for each in opened))
    monkeypatch.setattr("crm.bitrix24.oauth.PATIENCE", hangs)
    with ExitStack() as stack:

        def open_(**options: Any) -> Office:
            opened.append(stack.enter_context(office(redis, tmp_path, **options)))
            return opened[-1]

        yield open_
    written = "\n".join(logging.Formatter().format(record) for record in caplog.get_records("call"))
    for each in opened:
        assert [secret for secret in secrets(each) if secret in written] == []


@pytest.fixture
def here(open_office: OpenOffice) -> Office:
    """An office with a portal that works."""
    return open_office()


def secrets(here: Office) -> list[str]:
    """All that must never be written down: every token that the portal gave, its codes, and the client's secret."""
    return [*here.there.authority.given, CLIENT_SECRET]
