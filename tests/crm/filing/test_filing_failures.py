"""Filing goes wrong in every way there is, and each call ends up in the CRM once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from calls import ledger, outbox
from calls.database import StoreError
from calls.outbox import LEASE
from crm.crm import CrmError
from tests.crm.filing.conftest import KNOWN, Office
from tests.crm.filing.memory import STEPS, fails
from tests.databases import tables_are_away

LEASE_SECONDS = LEASE.total_seconds()


class Killed(BaseException):
    """The worker is gone in the middle."""


def dies() -> None:
    raise Killed


def test_what_is_due_is_filed_and_what_is_filed_is_left(office: Office) -> None:
    calls = [office.ended() for _ in range(3)]
    assert office.files() == 3
    assert [office.state(call) for call in calls] == [("filed", None)] * 3
    assert office.crm.calls() == [call.id for call in calls]
    assert office.files() == 0


def test_a_clerk_stops_when_his_time_is_up(office: Office) -> None:
    for _ in range(3):
        office.ended()
    office.crm.at("finished", lambda: office.clock.advance(4))
    assert office.files() == 1


# "permanent errors separated"
def test_a_permanent_error_is_a_failure_that_shows(office: Office) -> None:
    call = office.ended()
    office.crm.at("register", fails("no such user", permanent=True))
    office.files()
    assert office.state(call) == ("failed", "no such user")
    office.clock.advance(86_400)
    assert office.files() == 0


# "retries and growing pauses"; "down" is no reason of its own to stop: the gate before the CRM is (live.gate).
@pytest.mark.parametrize("marks", [{}, {"down": True}])
@pytest.mark.parametrize("step", ["search", "register", "registered", "finish", "finished"])
def test_an_error_that_may_pass_is_tried_again(office: Office, step: str, marks: dict[str, Any]) -> None:
    call, other = office.ended(), office.ended()
    office.crm.at(step, fails("hiccup", **marks))
    assert office.files() == 2
    assert office.state(call) == ("pending", "hiccup")
    assert office.state(other) == ("filed", None)
    office.clock.advance(4)
    assert office.files() == 0
    office.clock.advance(1)
    assert office.files() == 1
    assert office.state(call) == ("filed", None)
    assert office.kept(call).crm_attempts == 1
    assert sorted(office.crm.calls()) == sorted([call.id, other.id])


# "QUERY_LIMIT_EXCEEDED and OPERATION_TIME_LIMIT waited out": the CRM is left alone, and that is no attempt.
@pytest.mark.parametrize("step", ["search", "register", "registered", "finish", "finished"])
def test_a_crm_that_wants_to_be_left_alone_is(office: Office, step: str) -> None:
    call, other = office.ended(), office.ended()
    office.crm.at(step, fails("too many requests", wait=40))
    assert office.files() == 1
    assert office.state(call) == ("pending", "too many requests")
    assert office.kept(call).crm_attempts == 0
    assert office.files() == 1
    assert office.state(other) == ("filed", None)
    office.clock.advance(39)
    assert office.files() == 0
    office.clock.advance(1)
    assert office.files() == 1
    assert sorted(office.crm.calls()) == sorted([call.id, other.id])


# An error of ours inside the CRM's client must not come back for ever without showing.
@pytest.mark.parametrize("step", STEPS)
def test_an_error_inside_is_an_attempt_and_is_cried_out(office: Office, step: str, caplog: Any) -> None:
    def breaks() -> None:
        raise KeyError("CALL_ID")

    call, other = office.ended(), office.ended()
    office.crm.at(step, breaks)
    assert office.files() == 2
    assert office.state(call) == ("pending", "an error inside Ringpath: KeyError: 'CALL_ID'")
    assert office.state(other) == ("filed", None)
    assert call.id in next(record.getMessage() for record in caplog.records if record.exc_info)
    office.clock.advance(5)
    office.files()
    assert sorted(office.crm.calls()) == sorted([call.id, other.id])


# "A worker killed with -9 at any line": a registration that nobody remembers leaves no trace at the portal.
@pytest.mark.parametrize("step", STEPS)
def test_a_worker_that_dies_is_followed_by_another_when_the_lease_ends(office: Office, step: str) -> None:
    call = office.ended(caller=KNOWN, outcome="missed")
    office.crm.at(step, dies)
    with pytest.raises(Killed):
        office.files()
    office.clock.advance(LEASE_SECONDS - 1)
    assert office.files() == 0
    office.clock.advance(1)
    assert office.files() == 1
    assert office.state(call) == ("filed", None)
    assert office.crm.calls() == [call.id]
    assert office.kept(call).employee == "eva"


# SQL refuses in the middle: the call is not given up, and what was remembered is not done again.
@pytest.mark.parametrize("step", STEPS)
def test_a_database_that_goes_away_in_the_middle_costs_a_lease(office: Office, step: str, caplog: Any) -> None:
    call = office.ended()
    gone = tables_are_away(office.engine, "calls")
    office.crm.at(step, gone.__enter__)
    with pytest.raises(StoreError):
        office.files()
    gone.__exit__(None, None, None)
    assert office.state(call) == ("pending", None)
    assert caplog.text == "", "it is told once, by the job"
    office.clock.advance(LEASE_SECONDS)
    assert office.files() == 1
    assert office.state(call) == ("filed", None)
    assert office.crm.calls() == [call.id]


def test_a_failure_that_cannot_be_written_is_no_attempt(office: Office) -> None:
    call = office.ended()
    gone = tables_are_away(office.engine, "calls")

    def both() -> None:
        gone.__enter__()
        raise CrmError("hiccup")

    office.crm.at("register", both)
    with pytest.raises(StoreError):
        office.files()
    gone.__exit__(None, None, None)
    assert office.kept(call).crm_attempts == 0


# A worker that is frozen for longer than its lease, at any line: the next one files the call, and it does not.
@pytest.mark.parametrize("step", ["search", "register", "registered"])
def test_a_worker_that_wakes_late_leaves_the_call_to_the_other(office: Office, step: str, caplog: Any) -> None:
    call = office.ended(outcome="missed", caller=KNOWN)

    def sleeps_long() -> None:
        office.clock.advance(LEASE_SECONDS)
        assert office.files() == 1

    office.crm.at(step, sleeps_long)
    office.files()
    assert office.crm.calls() == [call.id]
    assert office.state(call) == ("filed", None)
    assert [record.getMessage() for record in caplog.records] == [
        f"call {call.id} has passed to another worker, which files it"
    ]


@pytest.mark.parametrize("what", ["fails", "is put off", "fails for good"])
def test_a_worker_that_wakes_late_and_fails_undoes_nothing(office: Office, what: str) -> None:
    call = office.ended()
    marks = {"fails": {}, "is put off": {"wait": 5}, "fails for good": {"permanent": True}}[what]

    def sleeps_long() -> None:
        office.clock.advance(LEASE_SECONDS)
        assert office.files() == 1
        raise CrmError("too late", **marks)  # type: ignore[arg-type]

    office.crm.at("register", sleeps_long)
    office.files()
    assert office.state(call) == ("filed", None)
    assert office.crm.calls() == [call.id]


# A look-up that takes long must not leave the filing too little of the lease.
def test_the_lease_begins_anew_when_the_caller_is_known(office: Office) -> None:
    office.ended()
    office.crm.at("search", lambda: office.clock.advance(LEASE_SECONDS - 1))

    def other_looks() -> None:
        office.clock.advance(LEASE_SECONDS - 1)
        assert office.files() == 0

    office.crm.at("finish", other_looks)
    office.files()
    assert len(office.crm.filed) == 1


# Settling against filing: what is told late is taken in, and whose the call is in the CRM stays what it shows.
@pytest.mark.parametrize("step", STEPS)
def test_a_record_that_is_rewritten_while_it_is_filed_keeps_the_owner_that_was_filed(office: Office, step: str) -> None:
    call = office.ended("missed", caller=KNOWN, employee="luis")
    office.crm.at(step, lambda: office.settles(call, employee="luis", wait_seconds=33))
    assert office.files() == 1
    found = office.kept(call)
    assert (found.crm_state, found.employee, found.contact_id, found.wait_seconds) == ("filed", "eva", "9", 33)
    assert office.files() == 0, "settling has not released it a second time"
    assert office.crm.calls() == [call.id]


def test_a_record_that_is_rewritten_after_it_was_filed_keeps_its_filing(office: Office) -> None:
    call = office.ended("missed", caller=KNOWN, employee="luis")
    office.files()
    before = office.kept(call)
    office.clock.advance(600)
    office.settles(call, employee="luis", wait_seconds=33)
    found = office.kept(call)
    assert (found.employee, found.wait_seconds) == ("eva", 33)
    assert [getattr(found, name) for name in ledger.FILINGS] == [getattr(before, name) for name in ledger.FILINGS]
    assert office.files() == 0


# Between two attempts the record says who spoke after all: the next attempt goes by that.
def test_a_record_that_is_rewritten_between_attempts_is_filed_as_it_is_then(office: Office) -> None:
    call = office.ended("missed", caller=KNOWN, employee="luis")
    office.crm.at("register", fails())
    office.files()
    office.settles(call, outcome="answered", code="200", answered_by="luis", employee="luis")
    assert office.files() == 0, "the pause goes on"
    office.clock.advance(5)
    office.files()
    assert (office.kept(call).employee, office.crm.filings[-1].call.outcome) == ("luis", "answered")


# `flask calls file` against a worker that is at it.
def test_putting_failed_calls_back_does_not_disturb_a_worker(office: Office) -> None:
    office.ended()

    def puts_back() -> None:
        with office.engine.begin() as connection:
            assert outbox.again(connection, office.clock.now()) == 0
        assert office.files() == 0

    office.crm.at("finish", puts_back)
    office.files()
    assert len(office.crm.filed) == 1


def test_a_failed_call_that_was_put_back_is_filed_once_though_the_old_worker_still_runs(office: Office) -> None:
    call = office.ended()

    def the_other_fails_and_it_is_put_back() -> None:
        office.clock.advance(LEASE_SECONDS)
        office.crm.at("register", fails("no such user", permanent=True))
        office.files()
        office.clock.advance(1)
        with office.engine.begin() as connection:
            assert outbox.again(connection, office.clock.now()) == 1

    office.crm.at("registered", the_other_fails_and_it_is_put_back)
    office.files()  # wakes, and must not finish
    office.files()
    assert office.crm.calls() == [call.id]
    assert office.state(call) == ("filed", None)


def test_a_contact_that_the_crm_has_forgotten_is_forgotten(office: Office) -> None:
    call = office.ended(caller=KNOWN)
    office.crm.at("register", fails())
    office.files()
    assert office.kept(call).contact_id == "9"
    del office.crm.contacts[KNOWN]
    office.clock.advance(5)
    office.files()
    assert office.kept(call).contact_id is None


# Any number of workers, and jobs of one that overlap.
def test_clerks_side_by_side_file_each_call_once(office: Office) -> None:
    calls = [office.ended() for _ in range(30)]
    clerks: list[Callable[[], int]] = [office.files] * 3
    with ThreadPoolExecutor(3) as pool:
        taken = sum(pool.map(lambda works: works(), clerks))
    assert taken == 30
    assert sorted(office.crm.calls()) == sorted(call.id for call in calls)
