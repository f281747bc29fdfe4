"""The gate before the CRM: a rate that all processes keep together, and the pauses that the CRM asks for."""

from __future__ import annotations

import logging
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from redis import Redis

from live import gate as module
from live import keys
from live.connection import connect
from live.gate import BREAKS_AFTER, BURST, URGENT_BURST, Gate, GateShut, Turn
from tests.live.gates import FINISH, RATE, Gates, Time, enters, fails, shut


# Rate limit: leaky bucket; several workers keep it together (issue 3, part 4).
def test_all_processes_together_stay_below_the_rate(gates: Gates, time: Time) -> None:
    processes = [gates() for _ in range(4)]
    went = 0
    for _ in range(600):
        went += sum(enters(gate) is not None for gate in processes)
        time.now += 0.1
    assert BURST + 59 * RATE <= went <= BURST + 60 * RATE


def test_a_short_burst_goes_at_once(gate: Gate, time: Time) -> None:
    assert [enters(gate) is not None for _ in range(BURST + 1)] == [True] * BURST + [False]
    time.now += 1 / RATE
    assert enters(gate)
    assert enters(gate) is None


def test_who_is_shut_out_is_told_for_how_long(gate: Gate, time: Time) -> None:
    for _ in range(BURST):
        enters(gate)
    found = shut(gate)
    assert (found.why, found.wait) == ("rate", pytest.approx(1 / RATE, abs=0.002))
    time.now += found.wait
    assert enters(gate)


def test_who_has_patience_waits_for_his_turn(gate: Gate, time: Time) -> None:
    for _ in range(BURST + 6):
        gate.enter(FINISH, patience=5)
    assert time.slept == pytest.approx(6 / RATE, abs=0.01)


def test_nobody_waits_longer_than_his_patience(gate: Gate, time: Time) -> None:
    for _ in range(BURST):
        enters(gate)
    with pytest.raises(GateShut):
        gate.enter(FINISH, patience=0.4)
    assert time.slept == 0


# The look-up has a deadline of 1.5 s (DESIGN section 3): a backlog of calls to be filed must not cost it.
def test_who_looks_a_caller_up_goes_before_a_backlog(gates: Gates, time: Time) -> None:
    filing, looking = gates(), gates()
    for _ in range(100):
        while enters(filing):
            pass
        assert enters(looking, urgent=True)
        time.now += 1.0
    assert time.slept == 0


def test_look_ups_have_a_limit_too(gate: Gate, time: Time) -> None:
    went = 0
    for _ in range(100):
        went += enters(gate, urgent=True) is not None
    assert went == URGENT_BURST
    for _ in range(600):
        went += enters(gate, urgent=True) is not None
        time.now += 0.1
    assert went <= URGENT_BURST + 60 * RATE


def test_look_ups_take_from_what_the_others_may_ask(gate: Gate, time: Time) -> None:
    for _ in range(URGENT_BURST):
        enters(gate, urgent=True)
    assert shut(gate).wait == pytest.approx((URGENT_BURST + 1 - BURST) / RATE, abs=0.002)


def test_threads_at_the_same_moment_get_no_more_than_the_burst(gates: Gates) -> None:
    with ThreadPoolExecutor(8) as pool:
        turns = list(pool.map(lambda _: enters(gates()), range(80)))
    assert len([turn for turn in turns if turn]) == BURST


def _process(url: str, now: float, found: Any) -> None:
    with Redis.from_url(url) as redis:
        gate = Gate(redis, rate=RATE, clock=lambda: now)
        found.put(sum(enters(gate) is not None for _ in range(20)))


def test_processes_at_the_same_moment_get_no_more_than_the_burst(redis_url: str, redis: Redis, time: Time) -> None:
    context = multiprocessing.get_context("spawn")
    found = context.Queue()
    processes = [context.Process(target=_process, args=(redis_url, time.now, found)) for _ in range(3)]
    for process in processes:
        process.start()
    went = [found.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    assert sum(went) == BURST


# QUERY_LIMIT_EXCEEDED: waited out by all workers together (issue 3, part 4).
def test_a_pause_is_everybodys(gates: Gates, time: Time) -> None:
    one, other = gates(), gates()
    one.pause(one.enter(FINISH, patience=0), 5)
    for asked in ({}, {"urgent": True}, {"method": "voximplant.statistic.get"}):
        found = shut(other, **asked)
        assert (found.why, found.wait) == ("paused", pytest.approx(5, abs=0.002))
    time.now += 5
    assert enters(other)


def test_a_pause_is_waited_for_by_who_can(gate: Gate, time: Time) -> None:
    gate.pause(gate.enter(FINISH, patience=0), 5)
    assert gate.enter(FINISH, patience=6)
    assert time.slept == pytest.approx(5, abs=0.01)


def test_a_shorter_pause_does_not_end_a_longer_one(gate: Gate, time: Time) -> None:
    turn = gate.enter(FINISH, patience=0)
    gate.pause(turn, 300)
    gate.pause(turn, 5)
    time.now += 10
    assert shut(gate).wait == pytest.approx(290, abs=0.002)


# OPERATION_TIME_LIMIT: that method blocked for this app (bitrix24.md 1).
def test_a_method_that_has_used_up_its_time_is_left_alone_by_everybody(gates: Gates, time: Time) -> None:
    one, other = gates(), gates()
    one.pause_method(one.enter(FINISH, patience=0), 120)
    found = shut(other)
    assert (found.why, found.wait) == ("method", pytest.approx(120, abs=0.002))
    assert enters(other, "telephony.externalCall.register")
    time.now += 120
    assert enters(other)


# Nothing lives for ever, and all keys share one hash tag (DESIGN section 6).
def test_its_key_is_on_the_map_and_expires(gate: Gate, redis: Redis) -> None:
    fails(gate, BREAKS_AFTER)
    assert list(redis.scan_iter()) == [keys.GATE.encode()]
    assert 0 < redis.ttl(keys.GATE) <= module.LIVES


def test_a_failure_alone_expires_too(gate: Gate, redis: Redis) -> None:
    gate.failed(Turn(FINISH))
    assert redis.ttl(keys.GATE) > 0


def test_a_server_that_forgot_the_scripts_is_told_them_again(gate: Gate, redis: Redis) -> None:
    assert enters(gate)
    redis.script_flush()
    assert enters(gate)


# Redis gone (DESIGN section 6): the CRM is asked all the same, and each process keeps the rate for itself.
def test_without_redis_a_process_keeps_the_rate_for_itself(time: Time, caplog: Any) -> None:
    caplog.set_level(logging.WARNING)
    gate = Gate(connect("unix:///nonexistent/valkey.sock"), rate=RATE, clock=time, sleep=time.sleep)
    went = 0
    for _ in range(100):
        went += enters(gate) is not None
        time.now += 0.1
    assert BURST + 9 * RATE <= went <= BURST + 10 * RATE
    assert all(enters(gate, urgent=True) for _ in range(URGENT_BURST - BURST))
    assert caplog.text.count("without Redis") == 1, "its time-out is not paid by every request"
