"""Who calls, as Bitrix24 says: telephony.externalCall.searchCrmEntities (bitrix24.md 6)."""

from __future__ import annotations

import time
from itertools import permutations
from typing import Any

import pytest

from crm.bitrix24.crm import contact_of
from crm.crm import Contact, CrmError, responsible
from live.gate import BURST, URGENT_BURST
from tests.crm.offices import LUIS, Office, OpenOffice
from tests.details.rows import MORENO, STRANGER
from tests.portal.parameters import SEARCH
from tests.portal.patience import HURRIED
from tests.portal.served import LONGEST_HANG
from tests.portal.telephony import Entity

CONTACT = Contact(kind="contact", id="651", name="Talleres Moreno", user=LUIS)


def entity(kind: str, **fields: Any) -> Entity:
    """Somebody with the number of Moreno."""
    return Entity(kind=kind, number=MORENO, **{"id": 7, "name": kind.title(), "user": 12} | fields)


@pytest.mark.parametrize("waiting", [True, False])
def test_a_known_caller_is_named_with_his_responsible(here: Office, waiting: bool) -> None:
    found = here.crm().find_caller(MORENO, waiting=waiting)
    assert found == CONTACT
    assert responsible(found, here.company) == "luis"
    assert [request.params for request in here.there.asked(SEARCH)] == [{"PHONE_NUMBER": MORENO}]


def test_an_unknown_caller_is_nobody(here: Office) -> None:
    assert here.crm().find_caller(STRANGER, waiting=True) is None


@pytest.mark.parametrize("kinds", list(permutations(["LEAD", "COMPANY", "CONTACT"])))
def test_a_person_goes_before_his_firm_and_both_before_a_lead(open_office: OpenOffice, kinds: tuple[str, ...]) -> None:
    here = open_office(entities=[entity(kind) for kind in kinds])
    found = here.crm().find_caller(MORENO, waiting=True)
    assert found is not None
    assert found.kind == "contact"
    here.there.telephony.entities = [entity(kind) for kind in kinds if kind != "CONTACT"]
    found = here.crm().find_caller(MORENO, waiting=True)
    assert found is not None
    assert found.kind == "company"


def test_of_two_of_a_kind_the_portals_first_counts(open_office: OpenOffice) -> None:
    here = open_office(entities=[entity("CONTACT", id=8), entity("CONTACT", id=7)])
    found = here.crm().find_caller(MORENO, waiting=True)
    assert found is not None
    assert found.id == "8"


# An employee who is not in the settings, or has no crm_user, cannot be rung: the caller is known all the same.
def test_a_responsible_whom_the_settings_do_not_know_is_nobody(open_office: OpenOffice) -> None:
    here = open_office(entities=[entity("CONTACT", user=99)])
    found = here.crm().find_caller(MORENO, waiting=True)
    assert found is not None
    assert found.user == 99
    assert responsible(found, here.company) is None


ROW = {"CRM_ENTITY_TYPE": "CONTACT", "CRM_ENTITY_ID": 651, "ASSIGNED_BY_ID": 14, "NAME": "Talleres Moreno"}

ODD: dict[str, tuple[Any, Contact | None]] = {
    "nobody": ([], None),
    "nobody, as PHP may write it": ({}, None),
    "nothing": (None, None),
    "a word": ("no", None),
    "a number": (0, None),
    "a list of something else": ([None, 1, "x", []], None),
    "one that is fine": ([ROW], CONTACT),
    "numbers as text": ([ROW | {"CRM_ENTITY_ID": "651", "ASSIGNED_BY_ID": "14"}], CONTACT),
    "a list whose keys are not in order": ({"3": ROW}, CONTACT),
    "a kind that is not documented": ([ROW | {"CRM_ENTITY_TYPE": "DEAL"}], None),
    "a kind that is no text": ([ROW | {"CRM_ENTITY_TYPE": ["CONTACT"]}], None),
    "without an id": ([{"CRM_ENTITY_TYPE": "CONTACT"}], None),
    "an id of 0": ([ROW | {"CRM_ENTITY_ID": 0}], None),
    "an id that is no number": ([ROW | {"CRM_ENTITY_ID": "C_651"}], None),
    "an id of other digits": ([ROW | {"CRM_ENTITY_ID": "²"}], None),
    "an id without an end": ([ROW | {"CRM_ENTITY_ID": "9" * 5000}], None),
    "an odd one beside one that is fine": ([ROW | {"CRM_ENTITY_ID": None}, ROW], CONTACT),
    "without a name": ([ROW | {"NAME": None}], Contact(kind="contact", id="651", name="contact 651", user=14)),
    "without a responsible": (
        [{name: value for name, value in ROW.items() if name != "ASSIGNED_BY_ID"}],
        Contact(kind="contact", id="651", name="Talleres Moreno"),
    ),
    "a responsible of 0": (
        [ROW | {"ASSIGNED_BY_ID": "0"}],
        Contact(kind="contact", id="651", name="Talleres Moreno"),
    ),
    "a name that no database takes": (
        [ROW | {"NAME": "Talleres\x00 \ud800Moreno\r\n"}],
        Contact(kind="contact", id="651", name="Talleres  " + " Moreno", user=14),
    ),
}


@pytest.mark.parametrize(("answer", "found"), ODD.values(), ids=ODD)
def test_odd_answers_are_read_for_what_can_be_used(answer: Any, found: Contact | None) -> None:
    assert contact_of(answer) == found


def test_a_name_without_an_end_is_cut() -> None:
    found = contact_of([ROW | {"NAME": "x" * 100_000}])
    assert found is not None
    assert len(found.name) == 200


# The deadline is 1.5 s, and a job has more time: each kind of request has its own patience.
def test_who_waits_for_a_caller_waits_less_long_than_a_job(here: Office) -> None:
    here.there.fail("timeout before", method=SEARCH, times=None)
    quick = here.client().look_up
    began = time.monotonic()
    with pytest.raises(CrmError, match="did not answer in time") as raised:
        quick(SEARCH, {"PHONE_NUMBER": MORENO})
    assert HURRIED <= time.monotonic() - began < LONGEST_HANG / 2
    assert raised.value.down


def test_a_look_up_does_not_wait_for_the_gate_behind_a_backlog(here: Office) -> None:
    crm = here.crm()
    for _ in range(BURST):
        crm.find_caller(STRANGER, waiting=False)
    for _ in range(URGENT_BURST - BURST):
        crm.find_caller(MORENO, waiting=True)
    assert here.clock.seconds == 0
    with pytest.raises(CrmError, match="its limit of requests is used up"):
        crm.find_caller(MORENO, waiting=True)
    assert here.clock.seconds == 0


def test_a_job_waits_for_the_gate(here: Office) -> None:
    crm = here.crm()
    for _ in range(BURST + 4):
        crm.find_caller(STRANGER, waiting=False)
    assert here.clock.seconds == pytest.approx(2, abs=0.1)


def test_a_portal_without_a_crm_says_so(here: Office) -> None:
    here.there.fail("no crm", method=SEARCH)
    with pytest.raises(CrmError, match="CRM is not installed") as raised:
        here.crm().find_caller(MORENO, waiting=True)
    assert raised.value.permanent
