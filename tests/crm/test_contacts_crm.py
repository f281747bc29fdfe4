"""The address book as a CRM."""

from __future__ import annotations

from pathlib import PurePath

import pytest
from sqlalchemy import Engine

from calls.contacts import load_settings
from config.company import Company
from crm.contacts import Contacts
from crm.crm import Contact, CrmError, Filing, Sound
from tests.databases import tables_are_away
from tests.details.rows import MORENO, PRADO, a_call
from tests.moments import at

NOW = at("2026-11-24 10:30")


@pytest.fixture(autouse=True)
def _contacts(engine: Engine, sample: Company) -> None:
    load_settings(engine, sample, NOW)


def test_a_caller_is_found_with_the_employee_responsible_for_him(engine: Engine) -> None:
    crm = Contacts(engine)
    assert crm.find_caller(MORENO, waiting=True) == Contact(
        kind="contact", id=MORENO, name="Talleres Moreno", employee="eva"
    )
    assert crm.find_caller(PRADO, waiting=True) == Contact(kind="contact", id=PRADO, name="Clínica Dental Prado")
    assert crm.find_caller("+34699999999", waiting=True) is None


def test_when_sql_refuses_the_crm_is_down_and_may_be_asked_again(engine: Engine) -> None:
    with (
        tables_are_away(engine, "contacts"),
        pytest.raises(CrmError, match="the address book cannot be read") as raised,
    ):
        Contacts(engine).find_caller(MORENO, waiting=True)
    assert (raised.value.down, raised.value.permanent, raised.value.wait) == (True, False, None)


# "Every method may be repeated without harm" (crm.crm).
def test_filing_a_call_needs_nothing_and_may_be_repeated(engine: Engine) -> None:
    crm, remembered = Contacts(engine), list[str]()
    filing = Filing(call=a_call("2026-11-24 10:30"), user=None, contact=None, create_lead=True)
    for _ in range(2):
        crm.file_call(filing, remembered.append)
        crm.attach_recording("any", Sound(file=PurePath("a.wav"), name="a.wav"))
    assert remembered == []
