"""How SQLite goes about a question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event


@contextmanager
def noted(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """Every statement that is sent meanwhile."""
    statements: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def plan(engine: Engine, ask: Callable[[Connection], object]) -> list[str]:
    """What SQLite does for each statement of a question."""
    with engine.connect() as connection:
        with noted(engine) as statements:
            ask(connection)
        rows = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given).all() for said, given in statements]
    return [row[-1] for found in rows for row in found]
