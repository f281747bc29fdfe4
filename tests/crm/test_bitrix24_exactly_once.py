"""Whatever goes wrong, and wherever: repeated by the clerk, a call ends on file exactly once, with one lead at most."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from calls import outbox
from tests.crm.offices import Office, OpenOffice, an_answered_call
from tests.portal.faults import FAULTS
from tests.portal.parameters import ATTACH, FINISH, OAUTH, REGISTER, SEARCH, STATISTICS

ENDLESS = ("drip", "flood")
"""These take as long as the client's patience is, and are tried for themselves (test_bitrix24_answers)."""

STRIKE = [name for name in FAULTS if name not in ENDLESS]
DONE_OR_NOT = [name for name in STRIKE if FAULTS[name].when != "before"]
"""Faults after which a request may have done its work."""

REFINISHES = ("gone", "same", "twice")


def ends_on_file_once(here: Office, calls: int = 1) -> None:
    """Work until all is filed; what failed for good is filed again, as by `flask calls file --failed`."""
    clerk = here.clerk()
    for _ in range(5):
        here.works(clerk)
        if set(here.states()) == {"filed"}:
            break
        here.there.mend()
        with here.engine.begin() as connection:
            outbox.again(connection, here.clock.now())
    assert here.states() == ["filed"] * calls
    assert len(here.there.calls) == calls
    assert len({call["EXTERNAL_CALL_ID"] for call in here.there.calls}) == calls
    assert len(here.there.leads) <= len({call["PHONE_NUMBER"] for call in here.there.calls})


@pytest.mark.parametrize("method", [SEARCH, REGISTER, FINISH])
@pytest.mark.parametrize("fault", STRIKE)
def test_a_fault_of_any_step(here: Office, fault: str, method: str) -> None:
    here.write(call := an_answered_call())
    here.there.fail(fault, method=method)
    ends_on_file_once(here)
    found = here.there.calls[0]
    assert (found["EXTERNAL_CALL_ID"], found["CALL_FAILED_CODE"], found["CALL_DURATION"]) == (call.id, "200", 60)
    assert here.call(call.id).crm_call_id == found["CALL_ID"]


# A finish whose answer was lost: whether it has worked is asked for, and that may go wrong as well.
@pytest.mark.parametrize("method", [STATISTICS, ATTACH])
@pytest.mark.parametrize("fault", STRIKE)
def test_a_fault_of_the_question_whether_the_call_is_on_file(open_office: OpenOffice, fault: str, method: str) -> None:
    here = open_office(statistics="none" if method == ATTACH else "all")
    here.write(an_answered_call())
    here.there.fail("drop after", method=FINISH)
    here.there.fail(fault, method=method)
    ends_on_file_once(here)
    assert len(here.there.asked(method)) >= 1


# A finish that has worked, or half, or does so when we have given up; with each right of the connected user to see the
# statistics, and each way in which a portal may take a second finish.
@pytest.mark.parametrize("refinish", REFINISHES)
@pytest.mark.parametrize("statistics", ["all", "own", "none"])
@pytest.mark.parametrize("fault", DONE_OR_NOT)
def test_a_finish_whose_answer_was_lost(open_office: OpenOffice, fault: str, statistics: str, refinish: str) -> None:
    here = open_office(statistics=statistics, refinish=refinish)
    here.write(an_answered_call())
    here.there.fail(fault, method=FINISH)
    ends_on_file_once(here)


# "a repeat within 30 minutes may return the existing CALL_ID" (bitrix24.md 2): and it may not.
@pytest.mark.parametrize("forgetful", [False, True])
@pytest.mark.parametrize("fault", DONE_OR_NOT)
def test_a_register_whose_answer_was_lost(open_office: OpenOffice, fault: str, forgetful: bool) -> None:
    here = open_office(forgetful=forgetful)
    here.write(an_answered_call())
    here.there.fail(fault, method=REGISTER)
    ends_on_file_once(here)
    assert len(here.there.leads) == 1


# While the portal may still be at a request, nothing is repeated next to it (bitrix24.md 1: a request may run 60 s).
@pytest.mark.parametrize("method", [REGISTER, FINISH])
@pytest.mark.parametrize("fault", ["timeout before", "drop before", "html"])
def test_a_lost_answer_is_waited_for_as_long_as_a_request_may_run(here: Office, fault: str, method: str) -> None:
    here.write(an_answered_call())
    here.there.fail(fault, method=method)
    ends_on_file_once(here)
    lost = next(request.at for request in here.there.asked(method))
    after = next(request.at for request in here.there.requests if request.at > lost)
    assert 60 <= after - lost < 70


def test_a_request_that_never_arrived_is_not_waited_for(here: Office) -> None:
    here.write(call := an_answered_call())
    here.there.goes_away()
    here.clerk().file_due(here.clock.now().replace(year=2030))
    here.there.comes_back()
    assert (here.call(call.id).crm_due_at - here.clock.now()).total_seconds() == 5  # type: ignore[operator]


# A call whose requests always time out is not tried every minute for ever: its pauses grow, and it counts as failed.
def test_a_call_that_never_gets_through_fails_in_the_end(here: Office) -> None:
    here.write(call := an_answered_call())
    here.there.fail("html", method=REGISTER, times=None)
    here.works()
    found = here.call(call.id)
    assert (found.crm_state, found.crm_attempts) == ("failed", outbox.MOST_ATTEMPTS)
    assert here.clock.seconds > 2 * 86_400
    here.there.mend()
    ends_on_file_once(here)


# Many calls, and one request in three goes wrong in whatever way.
@pytest.mark.parametrize("seed", range(6))
def test_a_portal_that_fails_in_every_way(open_office: OpenOffice, seed: int) -> None:
    dice = random.Random(seed)
    here = open_office(
        refinish=dice.choice(REFINISHES), statistics=dice.choice(["all", "own", "none"]), forgetful=dice.random() < 0.5
    )
    callers = [f"+3461100000{n}" for n in range(4)]
    here.write(*(an_answered_call(caller=dice.choice(callers)) for _ in range(8)))
    for _ in range(20):
        method = dice.choice([SEARCH, REGISTER, REGISTER, FINISH, FINISH, FINISH, STATISTICS, ATTACH])
        here.there.fail(dice.choice(STRIKE), method=method, nth=dice.randint(1, 3))
    ends_on_file_once(here, calls=8)


class Killed(BaseException):
    """The worker is killed here."""


def _before(kept: Callable[..., Any]) -> Callable[..., Any]:
    def killed(*_: Any, **__: Any) -> Any:
        raise Killed

    return killed


def _after(kept: Callable[..., Any]) -> Callable[..., Any]:
    def killed(connection: Any, *more: Any, **named: Any) -> Any:
        kept(connection, *more, **named)
        connection.commit()
        raise Killed

    return killed


# A worker killed at any line (issue 3, part 4): before and after each thing that is kept.
@pytest.mark.parametrize("refinish", REFINISHES)
@pytest.mark.parametrize("when", [_before, _after])
@pytest.mark.parametrize("step", ["owned", "remember", "filed"])
def test_a_worker_that_is_killed(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch, step: str, when: Callable[..., Any], refinish: str
) -> None:
    here = open_office(refinish=refinish)
    here.write(call := an_answered_call())
    with monkeypatch.context() as patched:
        patched.setattr(outbox, step, when(getattr(outbox, step)))
        with pytest.raises(Killed):
            here.clerk().file_due(here.clock.now().replace(year=2030))
    began = here.clock.seconds
    ends_on_file_once(here)
    if (step, when) != ("filed", _after):
        assert here.clock.seconds - began == pytest.approx(outbox.LEASE.total_seconds(), abs=2)
    assert here.call(call.id).crm_attempts == 0


# An expired token in the middle of it.
@pytest.mark.parametrize("fault", ["timeout after", "drop before", "html", "internal", "late"])
def test_a_fault_while_the_token_is_renewed(here: Office, fault: str) -> None:
    here.write(an_answered_call())
    here.there.expire_token()
    here.there.fail(fault, method=OAUTH)
    here.clerk().file_due(here.clock.now().replace(year=2030))
    here.there.rests()
    if FAULTS[fault].when in ("after", "late"):  # the pair is lost: only a person can help
        assert here.states() != ["filed"]
        here.tokens().put(here.there.token())
    ends_on_file_once(here)
