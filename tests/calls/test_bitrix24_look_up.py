"""Who calls, as Bitrix24 says, while the call goes on: in time, or not at all (DESIGN section 3)."""

from __future__ import annotations

import time
from typing import Any

import pytest

from crm import lookup
from tests.calls.bitrix24 import OpenBranch, company, open_branch
from tests.calls.companies import CUSTOMER, KNOWN, MAIN, number, say
from tests.calls.conftest import Why
from tests.portal.parameters import SEARCH
from tests.portal.patience import HURRIED
from tests.portal.served import LONGEST_HANG

__all__ = ["open_branch"]

GREETED = company(numbers=number(greeting=say("Gracias por llamar"), responsible={"no_answer": "continue"}))
AT_ONCE = company(numbers=number(responsible={"no_answer": "continue"}))


@pytest.fixture
def hurried(open_branch: OpenBranch, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deadline that a test can wait for, and that is over before the portal is given up."""
    monkeypatch.setattr(lookup, "DEADLINE", HURRIED / 2)


# "The look-up starts when the call starts, so that it is usually done by the time it is needed."
def test_a_known_caller_rings_his_responsible_after_the_greeting(open_branch: OpenBranch, why: Why) -> None:
    branch = open_branch(GREETED)
    caller = branch.dials(KNOWN).dials(MAIN).hears("Gracias por llamar").waits(5).rings("eva")
    assert "The caller is known; responsible: Eva." in why(branch.house, caller)
    assert len(branch.there.asked(SEARCH)) == 1
    assert branch.there.asked(SEARCH)[0].params == {"PHONE_NUMBER": KNOWN}


def test_without_a_greeting_he_is_asked_for_in_the_first_webhook(open_branch: OpenBranch) -> None:
    open_branch(AT_ONCE).dials(KNOWN).dials(MAIN).rings("eva")


def test_an_unknown_caller_rings_the_group(open_branch: OpenBranch) -> None:
    branch = open_branch(GREETED)
    branch.dials(CUSTOMER).dials(MAIN).waits(5).rings("ana")
    assert len(branch.there.asked(SEARCH)) == 1


def test_a_caller_without_a_number_is_not_asked_for(open_branch: OpenBranch) -> None:
    branch = open_branch(GREETED)
    branch.dials("anonymous").dials(MAIN).waits(5).rings("ana")
    assert branch.there.requests == []


# A second call within minutes needs no second question; the first webhook of every call is answered without waiting.
def test_the_answer_is_kept_for_the_next_call(open_branch: OpenBranch) -> None:
    branch = open_branch(AT_ONCE)
    branch.dials(KNOWN).dials(MAIN).rings("eva").hangs_up()
    branch.there.goes_away()
    branch.dials(KNOWN).dials(MAIN).rings("eva")
    branch.there.comes_back()


def test_the_greeting_does_not_wait_for_a_slow_portal(open_branch: OpenBranch) -> None:
    branch = open_branch(GREETED, patient=True)
    branch.there.fail("timeout before", method=SEARCH)
    began = time.monotonic()
    caller = branch.dials(KNOWN)
    caller.dials(MAIN)
    assert time.monotonic() - began < LONGEST_HANG / 2
    branch.there.works()  # the look-up is on its way by then, but may not have come yet
    branch.there.goes_away()
    branch.there.rests()
    branch.there.comes_back()
    caller.hears("Gracias por llamar").waits(5).rings("ana")


# "Late or failing means unknown caller, never a late answer."
@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("fault", ["timeout before", "timeout after", "late"])
def test_a_portal_that_is_late_has_an_unknown_caller(open_branch: OpenBranch, why: Why, fault: str) -> None:
    branch = open_branch(AT_ONCE)
    branch.there.fail(fault, method=SEARCH)
    began = time.monotonic()
    caller = branch.dials(KNOWN).dials(MAIN).rings("ana")
    assert time.monotonic() - began < LONGEST_HANG / 2
    branch.there.rests()
    caller.nobody_answers().rings("luis")
    assert not [line for line in why(branch.house, caller) if "responsible" in line]


@pytest.mark.parametrize(
    "fault", ["html", "internal", "denied", "limit", "drop before", "no json", "moved", "invalid grant"]
)
def test_a_portal_that_fails_has_an_unknown_caller(open_branch: OpenBranch, fault: str, caplog: Any) -> None:
    branch = open_branch(AT_ONCE)
    branch.there.fail(fault, method=SEARCH)
    branch.dials(KNOWN).dials(MAIN).rings("ana")
    assert "the CRM did not say who" in caplog.text


def test_a_portal_that_is_away_has_an_unknown_caller_at_once(open_branch: OpenBranch) -> None:
    branch = open_branch(AT_ONCE)
    branch.there.goes_away()
    began = time.monotonic()
    branch.dials(KNOWN).dials(MAIN).rings("ana")
    assert time.monotonic() - began < lookup.DEADLINE / 2


def test_an_application_that_is_not_connected_has_unknown_callers(open_branch: OpenBranch, caplog: Any) -> None:
    branch = open_branch(AT_ONCE)
    branch.there.revoke()
    branch.dials(KNOWN).dials(MAIN).rings("ana")
    assert "flask crm connect" in caplog.text
