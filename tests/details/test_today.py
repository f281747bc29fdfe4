"""The calls of a day in a line, and the messages that are somebody's."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from calls.messages import Message, messages_of
from calls.today import Figures, figures, tallies
from tests.details.recorded import a_recorded_call, a_recording
from tests.details.rows import a_call, on_file
from tests.moments import at

MIDNIGHT = at("2026-11-24 00:00")


def of_day(engine: Engine, *reach: str, simulated: bool = False) -> Figures:
    """The figures of the day for somebody who reaches so far; everybody's where nobody is named."""
    with engine.connect() as connection:
        return figures(tallies(connection, MIDNIGHT, simulated=simulated), frozenset(reach) or None)


def test_a_day_is_counted_by_what_became_of_the_calls(engine: Engine) -> None:
    outcomes = ("answered", "forwarded", "voicemail", "missed", "abandoned", "closed", "blocked")
    on_file(engine, *(a_call("2026-11-24 10:30", outcome) for outcome in outcomes))
    on_file(engine, a_call("2026-11-23 23:59", "answered"), a_call("2026-11-24 00:00", "answered"))
    assert of_day(engine) == Figures(calls=8, answered=3, missed=4)


def test_who_reaches_some_employees_sees_their_calls_counted(engine: Engine) -> None:
    on_file(
        engine,
        a_call("2026-11-24 10:30", "answered", employee="ana"),
        a_call("2026-11-24 10:31", "missed", employee="ana"),
        a_call("2026-11-24 10:32", "answered", employee="luis"),
        a_call("2026-11-24 10:33", "missed"),
    )
    assert of_day(engine, "ana") == Figures(calls=2, answered=1, missed=1)
    assert of_day(engine, "ana", "luis") == Figures(calls=3, answered=2, missed=1)
    assert of_day(engine, "eva") == Figures(calls=0, answered=0, missed=0)


@pytest.mark.parametrize(("simulated", "count"), [(False, 1), (True, 2)])
def test_simulated_calls_count_where_all_calls_are(engine: Engine, simulated: bool, count: int) -> None:
    on_file(engine, a_call("2026-11-24 10:30"), a_call("2026-11-24 10:31", simulated=True))
    assert of_day(engine, simulated=simulated).calls == count


def messages(engine: Engine, employee: str, *, most: int = 10, simulated: bool = False) -> list[Message]:
    """The messages of an employee since midnight."""
    with engine.connect() as connection:
        return messages_of(connection, employee, MIDNIGHT, most, simulated=simulated)


def a_message(engine: Engine, employee: str | None, state: str = "kept", **call: object) -> str:
    """A call that left a message for somebody, by the id of its recording."""
    his = {"employee": employee, "mailbox": f"employee:{employee}"} | call
    return a_recorded_call(engine, "voicemail", call=his, kind="voicemail", state=state, seconds=7)


def test_the_messages_of_somebody_are_his_alone(engine: Engine) -> None:
    his = a_message(engine, "ana", contact_name="Bodegas Ñu")
    a_message(engine, "luis")
    a_message(engine, None)
    (message,) = messages(engine, "ana")
    assert (message.id, message.name, message.seconds, message.state) == (his, "Bodegas Ñu", 7, "kept")


@pytest.mark.parametrize(
    ("state", "there"), [("kept", 1), ("pending", 1), ("remote", 1), ("failed", 1), ("silent", 0), ("removed", 0)]
)
def test_what_nobody_can_listen_to_is_no_message(engine: Engine, state: str, there: int) -> None:
    a_message(engine, "ana", state)
    assert len(messages(engine, "ana")) == there


def test_a_recording_of_a_conversation_is_no_message(engine: Engine) -> None:
    call = a_call("2026-11-24 10:30", "voicemail", employee="ana")
    on_file(engine, call)
    a_recording(engine, call.id, state="kept")
    assert messages(engine, "ana") == []


def test_the_newest_messages_come_first_and_no_more_than_are_wanted(engine: Engine) -> None:
    first, second, third = (a_message(engine, "ana", started_at=at(f"2026-11-24 1{hour}:00")) for hour in range(3))
    assert [message.id for message in messages(engine, "ana", most=2)] == [third, second]
    assert first not in {message.id for message in messages(engine, "ana", most=2)}


def test_simulated_messages_are_left_out_unless_asked_for(engine: Engine) -> None:
    a_message(engine, "ana", simulated=True)
    assert messages(engine, "ana") == []
    assert len(messages(engine, "ana", simulated=True)) == 1
