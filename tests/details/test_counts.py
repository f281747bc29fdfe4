"""Calls counted by outcome: once each, however often, late and side by side their records are settled."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine

from calls import counts, ledger, outbox
from calls.outcomes import OUTCOMES
from tests.details.plans import plan
from tests.details.rows import a_call, on_file
from tests.moments import at

NOW = at("2026-11-24 12:00")
MINUTE = timedelta(minutes=1)


def counted(engine: Engine, *, simulated: bool = False) -> dict[str, int]:
    with engine.connect() as connection:
        return counts.counted(connection, simulated=simulated)


def test_a_call_counts_when_it_is_settled_and_once(engine: Engine) -> None:
    call = a_call("2026-11-24 10:30", "missed", settled_at=None)
    on_file(engine, call, call)
    assert counted(engine) == {}
    settled = replace(call, settled_at=NOW)
    on_file(engine, settled, settled, replace(settled, outcome="answered", code="200", settled_at=NOW + MINUTE))
    assert counted(engine) == {"missed": 1}


def test_each_outcome_counts_for_itself(engine: Engine) -> None:
    on_file(
        engine, *(a_call("2026-11-24 10:30", outcome) for outcome in OUTCOMES), a_call("2026-11-24 11:30", "missed")
    )
    assert counted(engine) == dict.fromkeys(OUTCOMES, 1) | {"missed": 2}


# Redis was gone at its end: settled by what is known of it (voice.ending.closing).
def test_a_call_that_is_settled_as_it_is_counts_too(engine: Engine) -> None:
    call = a_call("2026-11-24 10:30", "abandoned", settled_at=None)
    on_file(engine, call)
    with engine.begin() as connection:
        ledger.settle_as_it_is(connection, call.id, NOW)
        ledger.settle_as_it_is(connection, call.id, NOW + MINUTE)
    on_file(engine, replace(call, settled_at=NOW + MINUTE))
    assert counted(engine) == {"abandoned": 1}


def test_two_that_settle_one_call_at_a_time_count_it_once(engine: Engine) -> None:
    calls = [a_call("2026-11-24 10:30", "missed") for _ in range(10)]
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda call: on_file(engine, call), calls * 4))
    assert counted(engine) == {"missed": 10}


def test_a_rehearsal_does_not_count_among_real_calls(engine: Engine) -> None:
    on_file(engine, a_call("2026-11-24 10:30", "missed", simulated=True), a_call("2026-11-24 10:31", "missed"))
    assert counted(engine) == counted(engine, simulated=True) == {"missed": 1}


# The CRM's backlog and its oldest entry (issue 5, part 7).
def test_the_oldest_that_waits_to_be_filed(engine: Engine) -> None:
    with engine.connect() as connection:
        assert outbox.oldest(connection) is None
    old, new = a_call("2026-11-24 10:30", crm_due_at=NOW), a_call("2026-11-24 11:30", crm_due_at=NOW)
    on_file(engine, new, old, a_call("2026-11-24 09:30", crm_state="filed"))
    with engine.connect() as connection:
        assert outbox.oldest(connection) == old.ended_at
        assert outbox.backlog(connection) == {"pending": 2}


# Flat: whoever asks for figures reads no table of calls from end to end.
def test_figures_are_read_from_indexes(lite: Engine) -> None:
    steps = plan(lite, outbox.oldest) + plan(lite, outbox.backlog)
    assert "calls_unfiled" in " ".join(steps)
    assert [step for step in steps if step.startswith("SCAN") and "INDEX" not in step] == []
