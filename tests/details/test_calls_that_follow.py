"""Calls on file follow whoever gets another key, in parts, and nobody else's do (calls.renamed)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from calls import renamed
from calls.tables import calls, renames
from config.renames import Renames
from tests.details.rows import a_call, on_file
from tests.moments import OPEN, at

NOW = at(OPEN)
HOUR = timedelta(hours=1)


def gets(engine: Engine, found: Renames, hours: float = 0) -> None:
    with engine.begin() as connection:
        renamed.note(connection, found, NOW + hours * HOUR)


def owners(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        found = connection.execute(select(calls.c.employee, func.count()).group_by(calls.c.employee))
        return {row[0]: row[1] for row in found}


def left(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(renames)).scalar_one()


def steps(most: int) -> Callable[[], bool]:
    tries = iter([True] * most)
    return lambda: next(tries, False)


def test_they_follow_in_parts_and_go_on_the_next_time(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renamed, "PART", 2)
    on_file(engine, *(a_call(NOW - n * HOUR, employee="ana") for n in range(1, 6)))
    gets(engine, {("employees", "ana"): "ana-ruiz"})
    assert not renamed.follow(engine, steps(2))
    assert (owners(engine), left(engine)) == ({"ana": 1, "ana-ruiz": 4}, 1)
    assert renamed.follow(engine, steps(9))
    assert (owners(engine), left(engine)) == ({"ana-ruiz": 5}, 0)


# The key of somebody may be given to another, in the same hour: each keeps the calls of the time in which it was his.
def test_each_keeps_the_calls_of_his_time(engine: Engine) -> None:
    on_file(engine, a_call(NOW - HOUR, employee="ana"), a_call(NOW + HOUR / 2, employee="ana"))
    gets(engine, {("employees", "ana"): "one"})
    gets(engine, {("employees", "ana"): "two", ("employees", "one"): "boss"}, hours=1)
    on_file(engine, a_call(NOW + 2 * HOUR, employee="ana"))
    renamed.follow(engine, lambda: True)
    assert owners(engine) == {"boss": 1, "two": 1, "ana": 1}


def test_messages_of_employees_and_groups_follow(engine: Engine) -> None:
    for name in ("employee:ana", "group:sales", "group:support"):
        on_file(engine, a_call(NOW - HOUR, "voicemail", mailbox=name))
    gets(engine, {("employees", "ana"): "one", ("groups", "sales"): "ventas"})
    renamed.follow(engine, lambda: True)
    with engine.connect() as connection:
        found = connection.scalars(select(calls.c.mailbox).order_by(calls.c.mailbox)).all()
    assert found == ["employee:one", "group:support", "group:ventas"]
