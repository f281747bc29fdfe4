"""The limits of a portal, and an hour without it: kept and waited out by all workers together, and nothing is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from calls import outbox
from crm.bitrix24.client import FILING
from crm.bitrix24.crm import FILES_WITHIN
from crm.crm import CrmError
from live.gate import BREAKS_AFTER, BURST, LONGEST_BREAK, Gate
from tests.crm.offices import RUN, Office, OpenOffice, an_answered_call
from tests.details.rows import MORENO, a_call
from tests.moments import OPEN
from tests.portal.pace import Operating
from tests.portal.parameters import FINISH, REGISTER, SEARCH

BACKLOG = 40


def a_backlog(here: Office, calls: int = BACKLOG) -> None:
    """Calls of different callers."""
    here.write(*(an_answered_call(caller=f"+346110000{n:02}") for n in range(calls)))


# "2 requests a second per portal, shared through Redis" (issue 3, part 4): a portal that bears only just that.
def test_two_workers_file_a_backlog_and_are_never_refused(open_office: OpenOffice) -> None:
    here = open_office(drain=2.0, most=BURST + 1)
    a_backlog(here)
    clerks = [here.clerk(), here.clerk()]
    while "pending" in here.states():
        for clerk in clerks:
            clerk.file_due(here.clock.now() + RUN)
    assert {request.status for request in here.there.requests} == {200}
    assert len(here.there.calls) == BACKLOG
    requests = 3 * BACKLOG
    assert requests / 2 - BURST <= here.clock.seconds <= requests / 2 + 10


def test_two_workers_side_by_side_are_never_refused_either(open_office: OpenOffice) -> None:
    here = open_office(drain=2.0, most=BURST + 1)
    a_backlog(here, 12)
    clerks = [here.clerk(), here.clerk()]
    with ThreadPoolExecutor(2) as pool:
        for _ in range(100):
            list(pool.map(lambda clerk: clerk.file_due(here.clock.now() + RUN), clerks))
            if "pending" not in here.states():
                break
            here.clock.advance(1)
    assert {request.status for request in here.there.requests} == {200}
    assert len({call["EXTERNAL_CALL_ID"] for call in here.there.calls}) == len(here.there.calls) == 12


# `QUERY_LIMIT_EXCEEDED` and `OPERATION_TIME_LIMIT` are waited out by all workers together (issue 3, part 4).
@pytest.mark.parametrize(("fault", "pause"), [("limit", 5), ("overload", 300)])
def test_a_portal_that_is_asked_too_much_is_left_alone_by_everybody(here: Office, fault: str, pause: int) -> None:
    one, other = here.crm(), here.crm()
    here.there.fail(fault, method=SEARCH)
    with pytest.raises(CrmError):
        one.find_caller(MORENO, waiting=False)
    for crm in (one, other):
        with pytest.raises(CrmError, match="it has asked for a pause") as raised:
            crm.find_caller(MORENO, waiting=True)
        assert raised.value.wait == pytest.approx(pause, abs=0.1)
    assert len(here.there.requests) == 1
    here.clock.advance(pause)
    assert other.find_caller(MORENO, waiting=True) is not None


def test_a_method_that_has_used_up_its_time_is_left_alone_until_it_is_reset(here: Office) -> None:
    here.there.operating[FINISH] = Operating(most=10)
    here.there.operating[FINISH].add(here.seconds(), 11)
    here.write(first := an_answered_call(), an_answered_call())
    clerks = [here.clerk(), here.clerk()]
    for clerk in clerks:
        clerk.file_due(here.clock.now() + RUN)
    refused = here.there.asked(FINISH)
    assert [request.error for request in refused] == ["OPERATION_TIME_LIMIT"]
    assert len(here.there.asked(REGISTER)) == 2, "the other methods are not stopped"
    here.works(clerks[1])
    assert here.states() == ["filed", "filed"]
    assert [request.error for request in here.there.asked(FINISH)] == ["OPERATION_TIME_LIMIT", None, None]
    assert here.there.asked(FINISH)[1].at - refused[0].at >= 540
    assert here.call(first.id).crm_attempts == 0


def test_attempts_that_were_put_off_do_not_count(here: Office) -> None:
    here.write(call := an_answered_call())
    here.there.fail("limit", method=REGISTER, times=100)
    here.works()
    found = here.call(call.id)
    assert (found.crm_state, found.crm_attempts) == ("filed", 0)
    assert len(here.there.calls) == 1


# "an hour of CRM outage: every call ends up filed exactly once" (issue 3, part 4).
def test_an_hour_of_outage_loses_nothing(here: Office) -> None:
    here.write(*(a_call(OPEN, "missed", caller=MORENO) for _ in range(BACKLOG)))
    clerks, gate = [here.clerk(), here.clerk()], Gate(here.redis, rate=2, clock=here.seconds)
    here.there.goes_away()
    broken = 0.0
    while here.clock.seconds < 3600:
        for clerk in clerks:
            clerk.file_due(here.clock.now() + RUN)
        broken = max(broken, gate.state().broken)
        here.clock.advance(15)
    assert broken == pytest.approx(LONGEST_BREAK, abs=1)
    assert set(here.states()) == {"pending"}
    here.there.comes_back()
    here.works(clerks[0], seconds=LONGEST_BREAK + 3 * BACKLOG / 2 + 60)
    assert here.states().count("filed") >= BACKLOG - 8, "but for the few that have tried in vain again and again"
    here.works(clerks[0], seconds=outbox.PAUSES[-1])
    assert here.states() == ["filed"] * BACKLOG
    assert len({call["EXTERNAL_CALL_ID"] for call in here.there.calls}) == len(here.there.calls) == BACKLOG
    assert gate.state().failures == 0


# The circuit: after a few failures nobody asks, and one request in each break tries.
def test_a_portal_that_is_away_is_hardly_asked(here: Office) -> None:
    here.write(*(a_call(OPEN, "missed", caller=MORENO) for _ in range(BACKLOG)))
    here.there.fail("html", method=SEARCH, times=None)
    clerk = here.clerk()
    while here.clock.seconds < 3600:
        clerk.file_due(here.clock.now() + RUN)
        here.clock.advance(15)
    breaks = 5 + 3600 / LONGEST_BREAK
    assert BREAKS_AFTER < len(here.there.requests) <= BREAKS_AFTER + breaks + 2
    attempts = sum(call.crm_attempts for call in map(here.call, here.ids()))
    assert attempts == len(here.there.requests)


def test_who_looks_up_a_caller_is_told_at_once_that_the_portal_is_away(here: Office) -> None:
    here.there.goes_away()
    crm = here.crm()
    for _ in range(BREAKS_AFTER):
        with pytest.raises(CrmError, match="cannot be reached"):
            crm.find_caller(MORENO, waiting=True)
    with pytest.raises(CrmError, match="it has failed several times in a row"):
        crm.find_caller(MORENO, waiting=True)
    here.there.comes_back()
    here.clock.advance(6)
    assert crm.find_caller(MORENO, waiting=True) is not None


def test_the_oauth_server_alone_away_is_an_outage_too(here: Office) -> None:
    here.write(an_answered_call())
    here.there.expire_token()
    here.there._oauth.goes_away()
    here.clerk().file_due(here.clock.now() + RUN)
    assert here.states() == ["pending"]
    here.there._oauth.comes_back()
    here.works()
    assert len(here.there.calls) == 1


# Nothing waits for ever behind one call that the portal refuses for good.
def test_a_call_that_is_refused_does_not_keep_the_others(here: Office) -> None:
    refused = a_call(OPEN, "missed", employee="ana", caller="+0")
    here.write(refused, *(an_answered_call(caller=f"+3461100000{n}") for n in range(3)))
    here.there.fail("empty code", method=SEARCH)
    here.works()
    assert here.states() == ["failed", "filed", "filed", "filed"]
    assert here.clock.seconds < 10


def test_a_lease_is_longer_than_a_filing_may_take() -> None:
    one_step = FILING.gate + FILING.connect + FILING.answer
    assert timedelta(seconds=one_step + FILES_WITHIN + one_step) < outbox.LEASE
