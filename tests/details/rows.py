"""Call details for tests: written as the ledger writes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Engine

from calls import ledger
from calls.details import CallDetails
from calls.outcomes import GOT_THROUGH, OUTCOMES
from tests.moments import at

MAIN, DIRECT = "+34910000001", "+34910000002"
MORENO, AZAHAR, PRADO = "+34600222001", "+34600222002", "+34600222003"
STRANGER = "+34655000001"

_ids = count(1)


def a_call(when: str | datetime, outcome: Any = "missed", **fields: Any) -> CallDetails:
    """A call from a stranger to the main number; `when` is such as "2026-11-24 10:30", in Madrid."""
    started = at(when) if isinstance(when, str) else when
    wait, talk = fields.pop("wait", 20), fields.pop("talk", 60)
    through = outcome in GOT_THROUGH
    details = CallDetails(
        id=f"CA{next(_ids):032x}",
        number=MAIN,
        caller=STRANGER,
        started_at=started,
        answered_at=started + timedelta(seconds=wait) if through else None,
        ended_at=started + timedelta(seconds=wait + (talk if through else 0)),
        wait_seconds=wait,
        talk_seconds=talk if through else 0,
        outcome=outcome,
        code=OUTCOMES[outcome].code,
        settled_at=started + timedelta(minutes=10),
    )
    return replace(details, **fields)


def on_file(engine: Engine, *calls: CallDetails) -> None:
    """Write them."""
    with engine.begin() as connection:
        for call in calls:
            ledger.write(connection, call)


def ids(calls: Iterable[CallDetails]) -> list[str]:
    """Their ids, in order."""
    return [call.id for call in calls]
