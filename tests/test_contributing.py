"""How to add a CRM: the code of CONTRIBUTING.md is run as it stands there, and a call is filed with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import PurePath
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine

from calls import ledger
from config.company import Company
from config.environment import Environment
from crm import names
from crm.crm import Contact, Crm, CrmError, Filing, Sound
from crm.filing import Clerk
from local.house import House, house_environment
from simulator import Caller
from tests.details.rows import a_call, on_file
from tests.moments import ROOT, at

PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
CLASS, TABLE = re.findall(r"```python\n(.*?)```", PAGE.split("## How to add a CRM")[1].split("\n## ")[0], re.S)
NOW = at("2026-11-24 12:00")
KNOWN = Contact(kind="contact", id="7", name="Talleres Moreno", employee="eva")


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What Acme has on file, once it has been added as the page says."""
    monkeypatch.setattr(names, "CRMS", dict(names.CRMS))
    kept: dict[str, str] = {}
    known: dict[str, Any] = {each.__name__: each for each in (Contact, Crm, CrmError, Filing, Sound, Environment)}
    known |= {"Callable": Callable, "Engine": Engine, "Redis": Redis, "CRMS": names.CRMS}
    exec(CLASS + TABLE, known | {"NOTES": kept, "PEOPLE": {"+34600222001": KNOWN}})
    return kept


def test_a_crm_that_is_added_as_the_page_says_files_a_call(
    notes: dict[str, str], engine: Engine, redis: Redis, sample: Company
) -> None:
    crm = names.crm_of(house_environment("", "twilio", crm="acme"), engine, redis)
    assert crm is not None
    assert crm.find_caller("+34600222001", waiting=True) == KNOWN
    call = a_call(
        "2026-11-24 10:30", "answered", caller="+34600222001", employee="ana", answered_by="ana", crm_due_at=NOW
    )
    on_file(engine, call)
    clerk = Clerk(engine=engine, crm=crm, company=sample, clock=lambda: NOW)
    assert clerk.file_due(NOW + timedelta(seconds=3)) == 1
    assert notes == {f"call-{call.id}": f"Talleres Moreno: answered, {call.talk_seconds} s"}
    with engine.connect() as connection:
        kept = ledger.find(connection, call.id)
    assert kept is not None
    assert (kept.crm_state, kept.crm_call_id) == ("filed", f"call-{call.id}")
    crm.attach_recording(f"call-{call.id}", Sound(file=PurePath("a.wav"), name="a.wav"))
    assert notes[f"call-{call.id}"].endswith(", a.wav")
    assert clerk.file_due(NOW + timedelta(seconds=3)) == 0


def test_the_page_names_the_methods_that_a_crm_has() -> None:
    wanted = {name for name in vars(Crm) if not name.startswith("_")} - {
        "held"
    }  # which one that needs no leave inherits
    assert wanted == set(re.findall(r"^    def ([a-z]\w*)\(", CLASS, re.M))


def test_the_test_that_the_page_shows_is_one(open_house: Callable[..., House]) -> None:
    (shown,) = re.findall(r"```python\n(.*?)```", PAGE.split("## Tests")[1].split("\n## ")[0], re.S)
    found: dict[str, Any] = {"Caller": Caller}
    exec(shown, found)
    (test,) = (each for name, each in found.items() if name.startswith("test_"))
    test(open_house)
