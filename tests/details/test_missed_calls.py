"""Missed calls: one entry for each caller, whose it is, and when it is settled."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine

from calls.details import CallDetails
from calls.listing import AT_ONCE
from calls.missed import COUNTED, Missed, Settled, called_back, missed
from calls.outcomes import CALL_BACK, OUTCOMES
from tests.details.rows import AZAHAR, DIRECT, MAIN, MORENO, STRANGER, a_call, on_file
from tests.moments import at

SINCE = at("2026-11-01 00:00")


def entries(engine: Engine, since: datetime = SINCE, **options: Any) -> list[Missed]:
    with engine.connect() as connection:
        return missed(connection, since, **options)


def waiting(engine: Engine, **options: Any) -> list[str]:
    return [entry.caller for entry in entries(engine, **options)]


# "Missed calls: one entry per caller, with how often and when, the owner" (issue 3, part 9).
def test_a_caller_has_one_entry_however_often_he_called(engine: Engine) -> None:
    last = a_call("2026-11-24 12:10", "abandoned", employee="luis", number=DIRECT, contact_name="Taller")
    on_file(
        engine,
        a_call("2026-11-24 10:30", employee="ana"),
        a_call("2026-11-24 11:00", "voicemail", employee="eva"),
        last,
    )
    assert entries(engine) == [
        Missed(
            caller=STRANGER,
            times=3,
            first_at=at("2026-11-24 10:30"),
            last_at=at("2026-11-24 12:10"),
            numbers=(DIRECT, MAIN),
            messages=1,
            call=last.id,
            name="Taller",
            employee="luis",
        )
    ]


def test_the_latest_caller_comes_first(engine: Engine) -> None:
    for when, caller in (("10:00", MORENO), ("10:01", AZAHAR), ("10:02", STRANGER), ("10:03", MORENO)):
        on_file(engine, a_call(f"2026-11-24 {when}", caller=caller))
    assert waiting(engine) == [MORENO, STRANGER, AZAHAR]
    assert waiting(engine, limit=2) == [MORENO, STRANGER]
    assert waiting(engine, caller=AZAHAR) == [AZAHAR]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_outcomes_that_want_a_call_back_are_missed_calls(outcome: Any, engine: Engine) -> None:
    on_file(engine, a_call("2026-11-24 10:30", outcome))
    assert waiting(engine) == ([STRANGER] if outcome in CALL_BACK else [])


def test_withheld_callers_cannot_be_called_back(engine: Engine) -> None:
    on_file(engine, a_call("2026-11-24 10:30", caller=None))
    assert waiting(engine, settled=True) == []


def test_simulated_calls_are_left_out_unless_asked_for(engine: Engine) -> None:
    on_file(engine, a_call("2026-11-24 10:30", simulated=True))
    assert waiting(engine) == []
    assert waiting(engine, simulated=True) == [STRANGER]


def test_a_simulated_call_does_not_settle_a_real_one(engine: Engine) -> None:
    on_file(engine, a_call("2026-11-24 10:30"), a_call("2026-11-24 10:40", "answered", simulated=True))
    assert waiting(engine) == [STRANGER]


def test_calls_before_the_period_do_not_count(engine: Engine) -> None:
    on_file(engine, a_call("2026-10-31 23:59"), a_call("2026-11-24 10:30"))
    assert entries(engine)[0].times == 1
    assert waiting(engine, since=at("2026-11-24 10:31")) == []


# "settled by itself when the caller gets through or is called back" (issue 3, part 9).
@pytest.mark.parametrize("outcome", ["answered", "forwarded"])
def test_a_caller_who_gets_through_later_settles_his_entry(outcome: Any, engine: Engine) -> None:
    on_file(engine, a_call("2026-11-24 10:30"), a_call("2026-11-24 10:40", outcome, wait=30))
    assert waiting(engine) == []
    assert entries(engine, settled=True)[0].settled == Settled(at=at("2026-11-24 10:40:30"), how="got through")


def test_having_got_through_before_settles_nothing(engine: Engine) -> None:
    on_file(engine, a_call("2026-11-24 10:30", "answered"), a_call("2026-11-24 10:40"))
    assert [(entry.caller, entry.times) for entry in entries(engine)] == [(STRANGER, 1)]


def test_a_call_that_was_waiting_when_the_other_was_missed_settles_it_too(engine: Engine) -> None:
    held = a_call("2026-11-24 10:30", "answered", wait=300)
    on_file(engine, held, a_call("2026-11-24 10:33", "abandoned"))
    assert waiting(engine) == []


def test_nobody_elses_call_settles_an_entry(engine: Engine) -> None:
    on_file(engine, a_call("2026-11-24 10:30"), a_call("2026-11-24 10:40", "answered", caller=MORENO))
    assert waiting(engine) == [STRANGER]


def test_a_caller_who_was_called_back_is_settled_and_it_is_known_how(engine: Engine) -> None:
    on_file(engine, a_call("2026-11-24 10:30"))
    called_back(engine, STRANGER, at("2026-11-24 10:29"), "too early")
    assert waiting(engine) == [STRANGER]
    for _ in range(2):  # noted twice
        called_back(engine, STRANGER, at("2026-11-24 11:00"), "by Ana")
    assert waiting(engine) == []
    assert entries(engine, settled=True)[0].settled == Settled(at=at("2026-11-24 11:00"), how="by Ana")


def test_a_call_back_counts_for_that_caller_alone(engine: Engine) -> None:
    on_file(engine, a_call("2026-11-24 10:30"), a_call("2026-11-24 10:30", caller=MORENO))
    called_back(engine, MORENO, at("2026-11-24 11:00"), "by Ana")
    assert waiting(engine) == [STRANGER]


def test_who_misses_us_again_begins_anew(engine: Engine) -> None:
    on_file(engine, a_call("2026-11-24 10:00"), a_call("2026-11-24 10:05", number=DIRECT))
    called_back(engine, STRANGER, at("2026-11-24 10:30"), "by Ana")
    on_file(engine, a_call("2026-11-24 11:00"), a_call("2026-11-24 11:10", "voicemail"))
    entry = entries(engine)[0]
    assert (entry.times, entry.first_at, entry.numbers) == (2, at("2026-11-24 11:00"), (MAIN,))
    assert entry.settled is None


def test_of_a_settled_entry_all_calls_of_the_period_are_counted(engine: Engine) -> None:
    on_file(engine, a_call("2026-11-24 10:00"), a_call("2026-11-24 10:05"))
    called_back(engine, STRANGER, at("2026-11-24 10:30"), "by Ana")
    assert entries(engine, settled=True)[0].times == 2


def test_a_record_that_is_written_again_does_not_count_twice(engine: Engine) -> None:
    call = a_call("2026-11-24 10:30")
    for _ in range(3):
        on_file(engine, call)
    assert entries(engine)[0].times == 1


def test_callers_are_found_however_many_calls_lie_between_them(engine: Engine) -> None:
    start = at("2026-11-24 10:00")
    many = (a_call(start + timedelta(seconds=n), caller=MORENO) for n in range(AT_ONCE + 10))
    on_file(engine, a_call("2026-11-24 09:00"), *many)
    assert [(entry.caller, entry.times) for entry in entries(engine)] == [(MORENO, AT_ONCE + 10), (STRANGER, 1)]


def told_simply(calls: list[CallDetails], backs: list[tuple[str, datetime]]) -> dict[str, tuple[int, bool]]:
    """The same rules without SQL: how often each caller was missed since he was reached, and whether it is settled."""
    told: dict[str, tuple[int, bool]] = {}
    for caller in {call.caller for call in calls if call.caller}:
        his = [call for call in calls if call.caller == caller]
        gone = [call.started_at for call in his if call.outcome in CALL_BACK]
        reached = [call.answered_at for call in his if call.answered_at] + [
            when for who, when in backs if who == caller
        ]
        if gone:
            last = max(reached, default=SINCE)
            new = [when for when in gone if when > last]
            told[caller] = (len(new), False) if new else (len(gone), True)
    return told


@pytest.mark.parametrize("seed", range(5))
def test_any_day_is_told_as_the_rules_say(seed: int, engine: Engine) -> None:
    dice = Random(seed)
    people = [f"+3460000{n:04}" for n in range(COUNTED + 40)]
    start = at("2026-11-24 08:00")

    def some_time() -> datetime:
        return start + timedelta(minutes=dice.randrange(600))

    calls = [
        a_call(some_time(), dice.choice(list(OUTCOMES)), caller=dice.choice([None, *people]), wait=dice.randrange(900))
        for _ in range(400)
    ]
    backs = [(dice.choice(people), some_time()) for _ in range(60)]
    on_file(engine, *calls)
    for caller, when in backs:
        called_back(engine, caller, when, "by Ana")
    found = {entry.caller: (entry.times, entry.settled is not None) for entry in entries(engine, settled=True)}
    assert found == told_simply(calls, backs)
    assert {entry.caller for entry in entries(engine)} == {who for who, (_, settled) in found.items() if not settled}
