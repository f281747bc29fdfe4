"""A company in which every text that somebody may write is a script that would run if a page let it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import yaml
from sqlalchemy import Engine, insert

from calls import blocks, users
from calls.blocks import Block
from calls.tables import callbacks
from config.company import Company
from config.loader import parse
from tests.details.recorded import a_recorded_call
from tests.details.rows import STRANGER, a_call, on_file
from tests.moments import SAMPLE
from web.access import Role

SCRIPT = """'"></script><img data-hostile src=x onerror="stolen=1">"""
TEXT = SCRIPT + "{{7*191}}"
FORMULA = "=cmd|' /C calc'!A0"

MARK, WORKED_OUT = "<img data-hostile", "1337"
"""What stands on a page only where a text of somebody became a part of it, or was taken for a template."""


def hostile_document() -> str:
    """The sample company's settings, with such names."""
    found: dict[str, Any] = yaml.safe_load(SAMPLE.read_text("utf-8"))
    found["company"] = TEXT
    for section in ("employees", "groups", "numbers"):
        for each in found[section].values():
            each["name"] = TEXT
    for each in found["employees"].values():
        each["department"] = TEXT
    for each in found["menus"].values():
        each["prompt"] = {"say": TEXT}
    for each in found["contacts"]:
        each["name"] = TEXT
    found["numbers"]["+34910000001"]["greeting"] = {"say": TEXT}
    return yaml.safe_dump(found, allow_unicode=True)


def hostile_company() -> Company:
    """That company."""
    return parse(hostile_document())


def filled(engine: Engine, now: datetime) -> None:
    """Put such texts into every table that people or strangers write to."""
    spoilt = {"contact_name": TEXT, "contact_type": "contact", "contact_id": "1", "crm_state": "failed"}
    on_file(
        engine,
        a_call(now, "missed", caller=STRANGER, **spoilt, crm_reason=TEXT),
        a_call(now, "answered", caller="sip:" + SCRIPT[:14], employee="ana", answered_by=SCRIPT[:14]),
        a_call(now, "forwarded", caller=None, forwarded_to="+34600111222", contact_name=FORMULA),
    )
    a_recorded_call(engine, call={"contact_name": TEXT}, state="failed")
    with engine.begin() as connection:
        blocks.add(connection, Block(number="+34655000009", reason=TEXT, automatic=False, created_at=now))
        values = {"caller": "+34655000008", "called_at": now, "how": TEXT}
        connection.execute(insert(callbacks).values(**values))
        users.add(connection, TEXT, roles=[Role.MANAGER], employee="ana", now=now)
