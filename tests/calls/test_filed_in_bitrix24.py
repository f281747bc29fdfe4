"""Whole calls, filed in Bitrix24: once, of the right type, by whoever owns them (DESIGN section 7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from simulator import Caller
from tests.calls.bitrix24 import USERS, OpenBranch, company, open_branch
from tests.calls.companies import CUSTOMER, KNOWN, MAIN, MOBILES, OUTSIDE, number, sales
from tests.crm.offices import ANA, EVA, LUIS
from tests.portal.parameters import FINISH, REGISTER
from tests.portal.telephony import Entity
from tests.providers import needs

__all__ = ["open_branch"]

INCOMING, REDIRECTED = "2", "3"
MESSAGE = timedelta(minutes=20)
"""By when a message that nobody has fetched is filed all the same."""

TO_MOBILE = company(groups=sales(members=["ana"], no_answer={"forward_to_mobile": "ana"}))
TO_OUTSIDE = company(groups=sales(members=["ana"], no_answer={"forward": OUTSIDE}))
UNCONDITIONAL = company(groups=sales(members=[], no_answer={"forward": OUTSIDE}))
HANGS_UP = company(groups=sales(members=["ana", "luis"], no_answer="hang_up"))
EVERYBODY = company(groups=sales(distribution="everybody", members=["ana", "luis", "eva"]))
MOBILE = MOBILES["ana"]

Play = Callable[[Caller], Any]

CALLS: dict[str, tuple[str, str, Play, str, int, str]] = {
    # settings, caller, what happens, TYPE, whose it is, code
    "an employee answers": (company(), CUSTOMER, lambda c: c.answers("ana").talks_to("ana", 45), INCOMING, ANA, "200"),
    "the second one rung answers": (
        *(company(), CUSTOMER, lambda c: c.nobody_answers().answers("luis").talks_to("luis", 9)),
        *(INCOMING, LUIS, "200"),
    ),
    "one of several answers": (
        *(EVERYBODY, CUSTOMER, lambda c: c.answers("luis").talks_to("luis", 5)),
        *(INCOMING, LUIS, "200"),
    ),
    "a known caller is answered by somebody else": (
        *(company(), KNOWN, lambda c: c.answers("ana").talks_to("ana", 5)),
        *(INCOMING, ANA, "200"),
    ),
    "a mobile answers": (
        *(TO_MOBILE, CUSTOMER, lambda c: c.nobody_answers().takes(MOBILE).talks_to(MOBILE, 7)),
        *(REDIRECTED, ANA, "200"),
    ),
    "an outside number answers": (
        *(TO_OUTSIDE, CUSTOMER, lambda c: c.nobody_answers().answers(OUTSIDE).talks_to(OUTSIDE, 7)),
        *(REDIRECTED, ANA, "200"),
    ),
    "an outside number answers a known caller": (
        *(TO_OUTSIDE, KNOWN, lambda c: c.nobody_answers().answers(OUTSIDE).talks_to(OUTSIDE, 7)),
        *(REDIRECTED, EVA, "200"),
    ),
    "unconditionally forwarded, a known caller": (
        *(UNCONDITIONAL, KNOWN, lambda c: c.answers(OUTSIDE).talks_to(OUTSIDE, 7)),
        *(REDIRECTED, EVA, "200"),
    ),
    "nobody answers": (
        *(HANGS_UP, CUSTOMER, lambda c: c.nobody_answers().nobody_answers().ended()),
        *(INCOMING, LUIS, "304"),
    ),
    "nobody answers a known caller": (
        *(HANGS_UP, KNOWN, lambda c: c.nobody_answers().nobody_answers().ended()),
        *(INCOMING, EVA, "304"),
    ),
    "a mobile does not answer": (
        *(TO_MOBILE, CUSTOMER, lambda c: c.nobody_answers().mailbox_answers(MOBILE).waits(60)),
        *(INCOMING, ANA, "304"),
    ),
    "the caller gives up": (company(), CUSTOMER, lambda c: c.rings("ana").hangs_up(), INCOMING, ANA, "603-S"),
    "a message": (
        *(company(), CUSTOMER, lambda c: c.nobody_answers().nobody_answers().leaves_message(7).hangs_up()),
        *(INCOMING, LUIS, "304"),
    ),
}


NEED = {"one of several answers": "legs", "a mobile does not answer": "whisper"}
"""What some of them need of the provider."""

ROWS = [pytest.param(*row, id=name, marks=[needs(NEED[name])] if name in NEED else []) for name, row in CALLS.items()]


@pytest.mark.parametrize(("settings", "who", "play", "kind", "owner", "code"), ROWS)
def test_a_call_is_filed_once_by_whoever_owns_it(
    open_branch: OpenBranch, settings: str, who: str, play: Play, kind: str, owner: int, code: str
) -> None:
    branch = open_branch(settings)
    caller = branch.dials(who).dials(MAIN)
    play(caller)
    if not caller.call.is_over:
        caller.hangs_up()
    call = branch.files(caller.ended(), after=MESSAGE)
    assert (call.crm_state, call.crm_reason) == ("filed", None)
    [found] = branch.there.calls
    assert (found["INCOMING"], found["PORTAL_USER_ID"], found["CALL_FAILED_CODE"]) == (kind, owner, code)
    assert (found["EXTERNAL_CALL_ID"], found["CALL_ID"]) == (call.id, call.crm_call_id)
    assert (found["PORTAL_NUMBER"], found["PHONE_NUMBER"]) == (MAIN, who)
    assert found["CALL_DURATION"] == call.talk_seconds
    assert (found["CRM_ENTITY_ID"] == 651) == (who == KNOWN)
    assert USERS[str(call.employee)]["crm_user"] == owner
    assert [len(branch.there.asked(method)) for method in (REGISTER, FINISH)] == [1, 1]


# "An unknown caller who reached an employee becomes a lead when `crm.create_lead`."
@pytest.mark.parametrize(
    ("who", "create", "answered", "leads"),
    [(CUSTOMER, True, True, 1), (CUSTOMER, False, True, 0), (CUSTOMER, True, False, 0), (KNOWN, True, True, 0)],
)
def test_who_becomes_a_lead(open_branch: OpenBranch, who: str, create: bool, answered: bool, leads: int) -> None:
    branch = open_branch(company(numbers=number(crm={"create_lead": create})))
    caller = branch.dials(who).dials(MAIN).rings("ana")
    if answered:
        caller.answers("ana").talks_to("ana", 5)
    assert branch.files(caller.hangs_up().ended()).crm_state == "filed"
    assert [lead["ASSIGNED_BY_ID"] for lead in branch.there.leads] == [ANA] * leads
    assert len(branch.there.calls) == 1


def test_a_stranger_who_was_forwarded_to_a_mobile_has_reached_an_employee(open_branch: OpenBranch) -> None:
    branch = open_branch(TO_MOBILE)
    caller = branch.dials().dials(MAIN).nobody_answers().takes(MOBILE).talks_to(MOBILE, 7)
    branch.files(caller.hangs_up().ended())
    assert len(branch.there.leads) == 1


def test_one_who_talked_to_an_outside_number_only_has_not(open_branch: OpenBranch) -> None:
    branch = open_branch(TO_OUTSIDE)
    caller = branch.dials().dials(MAIN).nobody_answers().answers(OUTSIDE).talks_to(OUTSIDE, 7)
    branch.files(caller.hangs_up().ended())
    assert branch.there.leads == []


# "Unconditional forward: an unknown caller is not filed in the CRM, and call details show no employee."
def test_an_unconditional_forward_of_an_unknown_caller_is_not_filed(open_branch: OpenBranch) -> None:
    branch = open_branch(UNCONDITIONAL)
    caller = branch.dials().dials(MAIN).answers(OUTSIDE).talks_to(OUTSIDE, 7).hangs_up().ended()
    call = branch.files(caller)
    assert (call.outcome, call.crm_state, call.employee) == ("forwarded", "skipped", None)
    assert "nobody at the company took part" in str(call.crm_reason)
    assert branch.there.asked(REGISTER) == []


# "A known caller is filed under the client and assigned to the responsible employee": also one who is no user of ours.
def test_a_responsible_whom_only_the_portal_knows_owns_the_call_there(open_branch: OpenBranch) -> None:
    branch = open_branch(UNCONDITIONAL)
    branch.there.telephony.entities = [Entity(kind="COMPANY", id=7, number=KNOWN, name="Moreno S.L.", user=99)]
    caller = branch.dials(KNOWN).dials(MAIN).answers(OUTSIDE).talks_to(OUTSIDE, 7).hangs_up().ended()
    call = branch.files(caller)
    assert (call.crm_state, call.employee, call.contact_name) == ("filed", None, "Moreno S.L.")
    [found] = branch.there.calls
    assert (found["PORTAL_USER_ID"], found["CRM_ENTITY_TYPE"], found["CRM_ENTITY_ID"]) == (99, "COMPANY", 7)


NOT_FILED = {
    "blocked": (company(blocked=[CUSTOMER]), CUSTOMER, None, lambda c: c.is_rejected()),
    "simulated": (company(), CUSTOMER, "simulator", lambda c: c.answers("ana").talks_to("ana", 5).hangs_up()),
    "simulated, a known caller": (company(), KNOWN, "simulator", lambda c: c.rings("ana").hangs_up()),
    "withheld": (company(), "anonymous", None, lambda c: c.rings("ana").hangs_up()),
}


@pytest.mark.parametrize(("settings", "who", "provider", "play"), NOT_FILED.values(), ids=NOT_FILED)
def test_what_is_not_filed(open_branch: OpenBranch, settings: str, who: str, provider: str | None, play: Play) -> None:
    branch = open_branch(settings, provider=provider)
    caller = branch.dials(who).dials(MAIN)
    play(caller)
    call = branch.files(caller.ended(), after=MESSAGE)
    assert call.crm_state == "skipped"
    assert call.crm_reason
    assert branch.there.calls == []
    assert branch.there.asked(REGISTER) == []


# Two close calls merged, a complaint of other systems' users.
def test_two_calls_of_one_caller_close_together_are_two(open_branch: OpenBranch) -> None:
    branch = open_branch(TO_MOBILE)
    for _ in range(2):
        caller = branch.dials().dials(MAIN).answers("ana").talks_to("ana", 1).hangs_up().ended()
    branch.files(caller)
    assert len({call["EXTERNAL_CALL_ID"] for call in branch.there.calls}) == 2
    assert len(branch.there.leads) == 1


def test_an_employee_who_is_no_user_is_named_as_what_is_to_be_mended(open_branch: OpenBranch) -> None:
    branch = open_branch(company(employees=USERS | {"ana": {"crm_user": None}}))
    caller = branch.dials().dials(MAIN).answers("ana").talks_to("ana", 5).hangs_up().ended()
    call = branch.files(caller)
    assert call.crm_state == "failed"
    assert "set crm_user" in str(call.crm_reason)
