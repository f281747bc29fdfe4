"""Calls while the portal does not let us in: they wait, say why, and are filed by themselves when that is mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from calls import outbox
from calls.details import CallDetails
from calls.tables import tokens
from calls.tokens import REFUSED_FOR, Tokens
from config.trouble import english
from crm.bitrix24.crm import LINES
from crm.crm import CrmError
from crm.health import troubles
from tests.crm.offices import KEY, RUN, Office, OpenOffice, an_answered_call, filing
from tests.details.rows import MORENO
from tests.portal.parameters import FINISH, OAUTH, REGISTER, SEARCH

NEVER = "Bitrix24 has not been connected yet; run flask crm connect"


def runs(here: Office, times: int = 1) -> None:
    """The job runs, each time in a process of its own, five seconds after the last time (live.queue)."""
    for _ in range(times):
        here.clock.advance(5)
        here.clerk().file_due(here.clock.now() + RUN)


def waiting(here: Office, call: CallDetails) -> tuple[str, str | None, int]:
    """How a call's filing stands."""
    found = here.call(call.id)
    return found.crm_state, found.crm_reason, found.crm_attempts


def test_calls_wait_for_an_application_that_nobody_has_connected_yet(open_office: OpenOffice) -> None:
    here = open_office(connected=False)
    calls = [an_answered_call() for _ in range(3)]
    here.write(*calls)
    runs(here, 3)
    assert [waiting(here, call) for call in calls] == [("pending", NEVER, 0)] * 3
    assert here.there.requests == []
    here.tokens().put(here.there.token())
    runs(here)
    assert here.states() == ["filed"] * 3


REFUSALS: dict[str, tuple[str, Callable[[Office], object]]] = {
    "removed": ("flask crm connect", lambda here: here.there.revoke()),
    "denied": ("ACCESS_DENIED", lambda here: here.there.fail("denied", method=REGISTER, times=None)),
    "not paid for": ("paid for", lambda here: here.there.fail("payment", method=SEARCH, times=None)),
    "moved": ("it has moved", lambda here: here.there.fail("moved", method=SEARCH, times=None)),
}


# No attempt is counted, and however many calls wait, and callers ring, the portal is asked once in five minutes.
@pytest.mark.parametrize("how", REFUSALS)
def test_a_portal_that_refuses_us_is_asked_seldom_and_all_calls_say_why(here: Office, how: str) -> None:
    says, refuses = REFUSALS[how]
    refuses(here)
    calls = [an_answered_call() for _ in range(5)]
    here.write(*calls)
    runs(here, 2)
    asked = len(here.there.requests)
    assert asked <= 3
    runs(here, 50)
    with pytest.raises(CrmError) as error:
        here.client().call(REGISTER if how == "denied" else SEARCH, {})
    assert says in str(error.value)
    assert len(here.there.requests) == asked
    assert {state for state, _, _ in (waiting(here, call) for call in calls)} == {"pending"}
    assert all(says in str(reason) and attempts == 0 for _, reason, attempts in (waiting(here, call) for call in calls))
    here.clock.advance(REFUSED_FOR.total_seconds())
    runs(here, 10)
    assert asked < len(here.there.requests) <= 2 * asked


# Who may not file calls may be told who calls: rights go by method. Who is not let in at all is told nothing.
def test_who_may_not_file_calls_is_told_who_calls(here: Office) -> None:
    here.there.fail("denied", method=REGISTER, times=None)
    call = an_answered_call()
    here.write(call)
    runs(here, 2)
    for _ in range(3):
        found = here.crm().find_caller(MORENO, waiting=True)
        assert found is not None
    assert "ACCESS_DENIED" in str(here.crm().held())
    runs(here, 2)
    assert waiting(here, call)[0] == "pending"
    assert len(here.there.asked(REGISTER)) == 1


@pytest.mark.parametrize("code", ["denied", "payment"])
def test_who_may_not_be_told_who_calls_files_nothing(here: Office, code: str) -> None:
    here.there.fail(code, method=SEARCH, times=None)
    call = an_answered_call()
    here.write(call)
    runs(here, 3)
    assert waiting(here, call)[0] == "pending"
    assert (len(here.there.asked(SEARCH)), here.there.asked(REGISTER)) == (1, [])


@pytest.mark.parametrize("code", ["payment", "moved"])
def test_what_is_refused_to_the_whole_application_holds_look_ups_too(here: Office, code: str) -> None:
    here.there.fail(code, method=REGISTER, times=None)
    here.write(an_answered_call())
    runs(here)
    asked = len(here.there.requests)
    with pytest.raises(CrmError):
        here.crm().find_caller(MORENO, waiting=True)
    assert len(here.there.requests) == asked


def test_connected_again_every_right_is_tried(here: Office) -> None:
    here.there.fail("denied", method=REGISTER)
    with pytest.raises(CrmError):
        here.client().call(REGISTER, {})
    here.tokens().put(here.there.token())
    assert here.crm().held() is None


# `flask crm status` asks for what no call needs.
def test_a_right_that_only_a_question_needs_holds_nothing(here: Office) -> None:
    here.there.fail("denied", method=LINES)
    with pytest.raises(CrmError):
        here.client().ask_anyway(LINES, {})
    assert here.crm().held() is None


# That one method is let in again says nothing of another that is not.
def test_a_right_that_is_given_back_says_nothing_of_the_others(here: Office) -> None:
    for method in (SEARCH, REGISTER):
        here.there.fail("denied", method=method)
        with pytest.raises(CrmError):
            here.client().call(method, {})
    here.clock.advance(REFUSED_FOR.total_seconds() - 60)
    here.there.fail("denied", method=REGISTER)
    here.clock.advance(61)
    with pytest.raises(CrmError):
        here.client().call(REGISTER, {})
    assert "register" in str(here.crm().held())
    here.crm().find_caller(MORENO, waiting=True)
    refusal = here.tokens().refusal()
    assert refusal is not None
    assert refusal.recent
    assert "register" in refusal.reason


def test_the_names_of_refusals_fit_into_their_column() -> None:
    longest = max(len(f"bitrix24:refused:{method.rpartition('.')[2]}") for method in (SEARCH, REGISTER, FINISH, LINES))
    assert longest <= tokens.c.name.type.length  # type: ignore[attr-defined]


def test_what_is_mended_at_the_portal_is_noticed_within_five_minutes(here: Office) -> None:
    here.there.fail("denied", method=SEARCH)
    here.write(*[an_answered_call() for _ in range(3)])
    runs(here, 2)
    assert here.states() == ["pending"] * 3
    here.clock.advance(REFUSED_FOR.total_seconds())
    runs(here, 8)
    assert here.states() == ["filed"] * 3
    assert here.tokens().refusal() is None


def test_connected_again_it_is_filed_at_once(here: Office) -> None:
    here.there.revoke()
    here.write(an_answered_call(), an_answered_call())
    runs(here, 7)
    assert here.states() == ["pending"] * 2
    here.tokens().put(here.there.token())
    runs(here)
    assert here.states() == ["filed"] * 2


# A request that was under way while somebody connected the application says nothing of the new connection.
def test_a_refusal_that_comes_after_connecting_anew_holds_nothing_up(here: Office) -> None:
    old = here.tokens().read()
    assert old is not None
    here.tokens().put(here.there.token())
    here.tokens().refused(old, "the old one is void")
    assert here.tokens().refusal() is None


# `flask crm status` and `flask doctor` ask although we were refused just now; who asks knows that it is mended.
def test_whoever_wants_to_know_is_told_how_it_is_now(here: Office) -> None:
    here.there.fail("denied", method=SEARCH)
    here.write(an_answered_call())
    runs(here, 8)
    assert here.states() == ["pending"]
    here.client().ask_anyway(LINES, {})
    runs(here)
    assert here.states() == ["filed"]


def test_what_is_not_to_be_filed_is_not_kept_waiting(open_office: OpenOffice) -> None:
    here = open_office(connected=False)
    here.write(an_answered_call(), replace(an_answered_call(), outcome="blocked"))
    runs(here)
    assert here.states() == ["pending", "skipped"]


# Rights go by method: to be kept from recordings, or from the statistics, is no reason to file nothing.
def test_who_may_not_attach_recordings_may_file(here: Office, tmp_path: object) -> None:
    here.there.fail("denied", method="telephony.externalCall.attachRecord", times=None)
    with pytest.raises(CrmError) as error:
        here.client().call_beside("telephony.externalCall.attachRecord", {"CALL_ID": "x", "FILENAME": "a.mp3"})
    assert (error.value.permanent, error.value.unconnected) == (True, False)
    assert here.tokens().refusal() is None
    here.crm().file_call(filing(), lambda _: None)


def test_a_fault_of_one_call_keeps_no_other_waiting(here: Office) -> None:
    first, second = an_answered_call(), an_answered_call()
    here.write(first, second)
    here.there.fail("empty code", method=REGISTER)
    runs(here, 2)
    assert here.states() == ["failed", "filed"]


def test_the_health_says_that_we_are_not_let_in(here: Office, redis_url: str) -> None:
    environment = here.environment(redis_url)
    here.there.revoke()
    here.write(an_answered_call())
    runs(here)
    told = english(troubles(environment, here.engine, here.redis))
    assert told.startswith("Bitrix24 does not let us in (telephony.")
    assert told.endswith("); calls wait: mend it, then run flask crm status")
    Tokens(here.engine, "bitrix24", KEY).put(here.there.token())
    assert troubles(environment, here.engine, here.redis) == ()
    with here.engine.connect() as connection:
        assert outbox.backlog(connection) == {"pending": 1}


def test_a_token_of_another_key_is_no_connection(here: Office, redis_url: str) -> None:
    environment = replace(here.environment(redis_url), secret_key="another")
    assert english(troubles(environment, here.engine, here.redis)).startswith(
        "Bitrix24 is not connected, since SECRET_KEY is another than before; calls wait: "
    )


def test_oauth_is_not_asked_for_every_caller_once_it_has_refused(here: Office) -> None:
    here.there.authority.client_secret = "another"
    here.there.expire_token()
    for _ in range(5):
        with pytest.raises(CrmError, match="check BITRIX24_CLIENT_ID"):
            here.crm().find_caller(MORENO, waiting=True)
    assert len(here.there.asked(OAUTH)) == 1
    assert timedelta(minutes=1) < REFUSED_FOR
