"""The address book as a CRM."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath

import pytest
from sqlalchemy import Engine

from calls.contacts import load_settings
from calls.database import connect
from calls.tables import metadata
from config.company import Company
from crm.contacts import Contacts
from crm.crm import Contact, CrmError, Filing, Sound
from tests.details.rows import MORENO, PRADO, a_call
from tests.moments import at

NOW = at("2026-11-24 10:30")


@pytest.fixture
def engine(tmp_path: Path, sample: Company) -> Iterator[Engine]:
    """A database with the sample's contacts."""
    engine = connect(f"sqlite:///{tmp_path}/calls.sqlite")
    metadata.create_all(engine)
    load_settings(engine, sample, NOW)
    yield engine
    engine.dispose()


def test_a_caller_is_found_with_the_employee_responsible_for_him(engine: Engine) -> None:
    crm = Contacts(engine)
    assert crm.find_caller(MORENO, waiting=True) == Contact(
        kind="contact", id=MORENO, name="Talleres Moreno", employee="eva"
    )
    assert crm.find_caller(PRADO, waiting=True) == Contact(kind="contact", id=PRADO, name="Clínica Dental Prado")
    assert crm.find_caller("+34699999999", waiting=True) is None


def test_when_sql_refuses_the_crm_is_down_and_may_be_asked_again(engine: Engine) -> None:
    metadata.drop_all(engine)
    with pytest.raises(CrmError, match="the address book cannot be read") as raised:
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
