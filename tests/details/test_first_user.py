"""The first administrator: one, however many open the link at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event

import pytest
from sqlalchemy import Engine

from calls import users
from calls.database import connect
from calls.users import NotFirstError

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def add(engine: Engine, name: str, before_the_end: Callable[[], object] = lambda: None) -> bool:
    try:
        with engine.begin() as connection:
            users.add_first(connection, name, roles=["administrator"], now=NOW)
            before_the_end()
    except NotFirstError:
        return False
    return True


def test_the_first_is_added_and_nobody_after_him(engine: Engine) -> None:
    assert add(engine, "ana")
    assert [add(engine, name) for name in ("eva", "ana")] == [False, False]
    with engine.connect() as connection:
        assert [user.name for user in users.every(connection)] == ["ana"]


# Neither has ended when the other begins: the first ends once the second is through, or visibly waits for him.
@pytest.mark.parametrize("second", ["eva", "ana"])
def test_of_two_at_the_same_moment_one_is_the_first(engine: Engine, second: str) -> None:
    added, through = Event(), Event()

    def first() -> bool:
        return add(engine, "ana", lambda: (added.set(), through.wait(0.3)))

    with ThreadPoolExecutor(1) as people:
        outcome = people.submit(first)
        assert added.wait(5)
        own = connect(engine.url.render_as_string(hide_password=False))
        try:
            assert not add(own, second)
        finally:
            own.dispose()
            through.set()
        assert outcome.result()
    with engine.connect() as connection:
        assert [user.name for user in users.every(connection)] == ["ana"]
