"""The gate before the CRM: a circuit that breaks when the CRM keeps failing, and mends by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from redis import Redis

from live.connection import connect
from live.gate import BREAKS_AFTER, FIRST_BREAK, LONGEST_BREAK, TRIES_FOR, Gate, GateShut
from tests.live.gates import FINISH, RATE, Gates, Time, breaks, enters, fails, shut


# A circuit breaker stops asking a CRM that keeps failing, and tries again by itself (issue 3, part 3).
def test_failures_in_a_row_break_the_circuit_for_everybody(gates: Gates) -> None:
    one, other = gates(), gates()
    fails(one, BREAKS_AFTER - 1)
    assert enters(other, urgent=True)
    fails(one)
    for asked in ({}, {"urgent": True}):
        found = shut(other, **asked)
        assert (found.why, found.wait) == ("broken", pytest.approx(FIRST_BREAK, abs=0.002))


def test_a_broken_circuit_is_not_waited_for(gate: Gate, time: Time) -> None:
    fails(gate, BREAKS_AFTER)
    with pytest.raises(GateShut):
        gate.enter(FINISH, patience=60)
    assert time.slept == 0


def test_an_answer_between_failures_starts_the_count_anew(gate: Gate) -> None:
    for _ in range(3):
        fails(gate, BREAKS_AFTER - 1)
        turn = enters(gate, urgent=True)
        assert turn is not None
        assert turn.told
        gate.answered(turn)
    assert enters(gate, urgent=True)


def test_with_nothing_wrong_an_answer_costs_no_word(gate: Gate, redis: Redis) -> None:
    turn = gate.enter(FINISH, patience=0)
    before = redis.info("stats")["total_commands_processed"]
    gate.answered(turn)
    assert redis.info("stats")["total_commands_processed"] == before + 1


def test_after_the_break_one_request_tries_and_mends_it(gates: Gates, time: Time) -> None:
    one, other = gates(), gates()
    breaks(one, time)
    turn = one.enter(FINISH, patience=0)
    assert turn.tries
    assert shut(other).why == "broken"
    one.answered(turn)
    later = other.enter(FINISH, patience=0)
    assert not later.tries
    assert not later.told


def test_each_try_that_fails_doubles_the_break(gate: Gate, time: Time) -> None:
    breaks(gate, time)
    lasted = []
    for _ in range(9):
        fails(gate)
        lasted.append(shut(gate).wait)
        time.now += lasted[-1]
    expected = [min(FIRST_BREAK * 2**n, LONGEST_BREAK) for n in range(1, 10)]
    assert lasted == pytest.approx(expected, abs=0.002)
    assert lasted[-1] == LONGEST_BREAK
    gate.answered(gate.enter(FINISH, patience=0))
    fails(gate, BREAKS_AFTER)
    assert shut(gate).wait == pytest.approx(FIRST_BREAK, abs=0.002)


def test_requests_that_were_under_way_do_not_lengthen_the_break(gate: Gate, time: Time) -> None:
    turns = [gate.enter(FINISH, patience=0, urgent=True) for _ in range(BREAKS_AFTER + 10)]
    for turn in turns:
        gate.failed(turn)
    assert shut(gate).wait == pytest.approx(FIRST_BREAK, abs=0.002)
    time.now += FIRST_BREAK + 1
    gate.failed(turns[-1])
    assert enters(gate)


def test_a_try_whose_process_died_is_followed_by_another(gate: Gate, time: Time) -> None:
    breaks(gate, time)
    assert gate.enter(FINISH, patience=0).tries
    time.now += TRIES_FOR - 1
    assert enters(gate) is None
    time.now += 1
    assert gate.enter(FINISH, patience=0).tries


# A portal that says that it is asked too much is there.
@pytest.mark.parametrize("says", [Gate.pause, Gate.pause_method])
def test_a_try_that_is_told_to_wait_mends_the_circuit(gate: Gate, time: Time, says: Callable[..., None]) -> None:
    breaks(gate, time)
    says(gate, gate.enter(FINISH, patience=0), 7)
    assert shut(gate).why in {"paused", "method"}
    time.now += 7
    assert not gate.enter(FINISH, patience=0).tries


def test_its_state_can_be_told(gate: Gate, time: Time) -> None:
    turn = gate.enter(FINISH, patience=0)
    gate.pause_method(turn, 120)
    gate.pause(turn, 5)
    state = gate.state()
    assert (state.paused, state.methods) == (pytest.approx(5), {FINISH: pytest.approx(120)})
    time.now += 6
    fails_elsewhere = [gate.enter("x", patience=0, urgent=True) for _ in range(BREAKS_AFTER)]
    for turn in fails_elsewhere:
        gate.failed(turn)
    state = gate.state()
    assert (state.failures, state.paused, state.trying) == (BREAKS_AFTER, 0, False)
    assert state.broken == pytest.approx(FIRST_BREAK)
    time.now += FIRST_BREAK
    assert gate.state().trying


def test_without_redis_nobody_is_kept_from_asking_by_a_failure(time: Time) -> None:
    gate = Gate(connect("unix:///nonexistent/valkey.sock"), rate=RATE, clock=time, sleep=time.sleep)
    for _ in range(BREAKS_AFTER * 2):
        fails(gate)
        time.now += 1
    assert enters(gate)
