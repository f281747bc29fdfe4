"""Which calls are filed, whose they are, and what the CRM is told of them (DESIGN section 7)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from config.company import Company
from config.loader import parse
from crm.crm import Contact, responsible
from crm.filing import NO_CRM, NOBODY, SKIPPED, Clerk
from tests.calls.companies import acme
from tests.crm.filing.conftest import CONTACT, KNOWN, Office
from tests.details.rows import DIRECT, STRANGER

BLOCKED, SIMULATED = "the caller is on the block list", "a simulated call"
WITHHELD, NOT_OURS = "the caller withheld his number", "the number called is not in the settings"

REASONS: dict[str, dict[str, Any]] = {
    SIMULATED: {"simulated": True},
    BLOCKED: {"outcome": "blocked"},
    WITHHELD: {"caller": None},
    NOT_OURS: {"number": "+34919999999", "trace": ({"code": "unknown_number", "number": "+34919999999", "t": 1},)},
}


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("known", [True, False])
def test_some_calls_are_not_filed_whoever_called(office: Office, reason: str, known: bool) -> None:
    call = office.ended(**({"caller": KNOWN if known else STRANGER} | REASONS[reason]))
    assert office.files() == 1
    assert office.state(call) == ("skipped", reason)
    assert office.kept(call).crm_due_at is None
    assert (office.crm.asked, office.crm.filings) == ([], [])


# "They wait, without a limit": what was ours when somebody called is filed, whatever the settings say by now.
def test_a_call_is_filed_though_its_number_has_left_the_settings(office: Office) -> None:
    call = office.ended()
    office.company = parse(acme(numbers={call.number: None, "+34910000007": {"name": "Neu", "group": "sales"}}))
    office.files()
    assert office.state(call) == ("filed", None)


def test_without_a_crm_nothing_is_filed(office: Office) -> None:
    call = office.ended()
    office.files(Clerk(engine=office.engine, crm=None, company=office.company, clock=office.clock.now))
    assert office.state(call) == ("skipped", NO_CRM)


def test_every_reason_is_tried_above() -> None:
    assert SKIPPED.keys() == {*REASONS, NO_CRM}


# "Who owns a call: who answered; else the CRM's responsible; else the last one rung."
OWNERS: list[tuple[str, dict[str, Any], bool, str | None]] = [
    ("answered", {"answered_by": "luis", "employee": "luis"}, False, "luis"),
    ("answered", {"answered_by": "luis", "employee": "luis"}, True, "luis"),
    ("forwarded", {"answered_by": "luis", "employee": "luis", "forwarded_to": "+34600111333"}, True, "luis"),
    ("missed", {"employee": "luis"}, True, "eva"),
    ("missed", {"employee": "luis"}, False, "luis"),
    ("abandoned", {"employee": "luis"}, True, "eva"),
    ("closed", {"employee": "ana"}, True, "eva"),
    ("voicemail", {"employee": "luis", "mailbox": "group:sales"}, True, "eva"),
    ("voicemail", {"employee": "luis", "mailbox": "employee:luis"}, True, "luis"),
    # "Unconditional forward: … a known caller is filed under the client and assigned to the responsible employee."
    ("forwarded", {"answered_by": None, "employee": None, "forwarded_to": "+34910000999"}, True, "eva"),
]


@pytest.mark.parametrize(("outcome", "fields", "known", "owner"), OWNERS)
def test_a_call_belongs_to(office: Office, outcome: str, fields: dict[str, Any], known: bool, owner: str) -> None:
    call = office.ended(outcome, caller=KNOWN if known else STRANGER, **fields)
    office.files()
    found, [filing] = office.kept(call), office.crm.filings
    assert (found.crm_state, found.employee) == ("filed", owner)
    assert filing.user == office.company.employees[owner].crm_user
    assert (found.contact_type, found.contact_id, found.contact_name) == (
        ("company", "9", "Azahar") if known else (None, None, None)
    )
    assert filing.contact == (CONTACT if known else None)
    assert office.crm.calls() == [call.id]


# "an unknown caller is not filed in the CRM, and call details show no employee"
@pytest.mark.parametrize("outcome", ["forwarded", "missed", "abandoned"])
def test_an_unknown_caller_who_was_sent_away_at_once_is_not_filed(office: Office, outcome: str) -> None:
    call = office.ended(outcome, answered_by=None, employee=None, forwarded_to="+34910000999")
    office.files()
    assert office.state(call) == ("skipped", NOBODY)
    assert office.kept(call).employee is None
    assert office.crm.filings == []


def test_a_known_caller_of_somebody_without_a_telephone_here_is_his_all_the_same(office: Office) -> None:
    office.crm.contacts[KNOWN] = replace(CONTACT, user=99)
    call = office.ended("forwarded", caller=KNOWN, answered_by=None, employee=None)
    office.files()
    [filing] = office.crm.filings
    assert (office.kept(call).employee, filing.user) == (None, 99)


# What was published while a job files calls is taken up for whom it does not know, and asked for once.
@pytest.mark.parametrize("there", [True, False])
def test_a_call_of_somebody_who_has_just_got_another_key_is_filed_for_him(office: Office, there: bool) -> None:
    call = office.ended(employee="ana-ruiz", answered_by="ana-ruiz")
    asked: list[Company] = []
    boss = {"ana-ruiz": {"name": "Ana", "crm_user": 77}} if there else {}

    def newest() -> Company:
        asked.append(parse(acme(employees=boss)))
        return asked[-1]

    office.files(replace(office.clerk, newest=newest))
    [filing] = office.crm.filings
    assert (filing.user, len(asked)) == (77 if there else None, 1)
    assert office.kept(call).employee == "ana-ruiz"


# The CRM's responsible is known all the same when he is none of the employees of the settings.
@pytest.mark.parametrize("mailbox", [None, "group:sales"])
@pytest.mark.parametrize("rung", ["luis", None])
def test_a_call_is_filed_for_a_responsible_who_is_no_employee(
    office: Office, rung: str | None, mailbox: str | None
) -> None:
    office.crm.contacts[KNOWN] = replace(CONTACT, user=99)
    call = office.ended("voicemail" if mailbox else "missed", caller=KNOWN, employee=rung, mailbox=mailbox)
    office.files()
    [filing] = office.crm.filings
    assert (filing.user, office.kept(call).employee) == (99, rung)


@pytest.mark.parametrize("mine", [{"answered_by": "luis"}, {"mailbox": "employee:luis"}])
def test_no_responsible_takes_the_call_of_who_answered_it_or_was_left_a_message(
    office: Office, mine: dict[str, Any]
) -> None:
    office.crm.contacts[KNOWN] = replace(CONTACT, user=99)
    office.ended("voicemail" if "mailbox" in mine else "answered", caller=KNOWN, **{"employee": "luis"} | mine)
    office.files()
    [filing] = office.crm.filings
    assert filing.user == office.company.employees["luis"].crm_user


def test_the_responsible_may_be_named_by_the_key_of_the_settings(office: Office) -> None:
    office.crm.contacts[KNOWN] = Contact(kind="contact", id="1", name="X", employee="marta")
    call = office.ended("missed", caller=KNOWN)
    office.files()
    assert office.kept(call).employee == "marta"


# A revision that was published with it goes on; whoever has no responsible is nobody's client.
def test_crm_user_0_is_nobody() -> None:
    company = parse(acme(employees={"ana": {"crm_user": 0}}))
    assert company.employees["ana"].crm_user is None
    assert responsible(replace(CONTACT, user=None), company) is None


def test_a_long_name_is_cut_where_it_is_kept(office: Office) -> None:
    office.crm.contacts[KNOWN] = replace(CONTACT, name="x" * 500)
    call = office.ended("missed", caller=KNOWN)
    office.files()
    assert office.kept(call).contact_name == "x" * 200


# "An unknown caller who reached an employee becomes a lead when crm.create_lead."
@pytest.mark.parametrize(
    ("number", "caller", "answered_by", "lead"),
    [
        ("+34910000001", STRANGER, "ana", True),
        ("+34910000001", KNOWN, "ana", False),
        ("+34910000001", STRANGER, None, False),
        ("+34910000002", STRANGER, "ana", False),
    ],
)
def test_who_becomes_a_lead(office: Office, number: str, caller: str, answered_by: str | None, lead: bool) -> None:
    office.company = company_with_leads_on_its_main_number()
    office.ended("answered" if answered_by else "missed", number=number, caller=caller, answered_by=answered_by)
    office.files()
    [filing] = office.crm.filings
    assert filing.create_lead is lead


def company_with_leads_on_its_main_number() -> Company:
    other = {"name": "Directo", "group": "sales"}
    return parse(acme(numbers={"+34910000001": {"crm": {"create_lead": True}}, DIRECT: other}))
