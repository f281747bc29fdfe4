"""Which calls are wanted, in SQL: of the indices that could be used, the one that leads to few rows, in order."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, false, or_, select, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from calls.outcomes import Outcome
from calls.tables import calls

WITHHELD = ""
"""The `caller` of a filter that wants the calls whose caller did not show his number."""

MOST_APART = 50
"""Employees whose calls are looked for one by one and merged; the calls of more than these are met often enough by
going through all that there are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """Which calls are wanted: those that began at `since` or later and before `until`, and fit all that is named.

    `employees` are those whose calls may be seen: None for everybody's and nobody's, empty for no call at all. `called`
    is a part of the caller's name: as the CRM wrote it on the call, or that of one of the `named` numbers.
    """

    since: datetime | None = None
    until: datetime | None = None
    number: str | None = None
    employee: str | None = None
    caller: str | None = None
    outcomes: tuple[Outcome, ...] = ()
    crm_state: str | None = None
    simulated: bool | None = None
    employees: frozenset[str] | None = None
    called: str | None = None
    named: frozenset[str] = frozenset()


def chosen(wanted: Filter, columns: Iterable[ColumnElement[Any]]) -> Select[Any]:
    """Select columns of the calls that are wanted."""
    return select(*columns).where(*conditions(wanted))


Rows = Literal["in order", "in any order", "known"]
"""How a statement comes by its rows: in the order of time, in any order, or it names them in a way of its own."""


def conditions(wanted: Filter, rows: Rows = "in order") -> Iterator[ColumnElement[bool]]:
    """Say a filter in SQL; of the indices that could be used, SQLite is left the one that leads to few rows.

    It has no statistics, and would rather find half of the table by an outcome and sort it.
    """
    wanted = narrowed(wanted)
    if wanted.employees == frozenset():
        yield false()
        return
    started_at = unindexed(calls.c.started_at) if rows == "known" else calls.c.started_at
    if wanted.since is not None:
        yield started_at >= wanted.since
    if wanted.until is not None:
        yield started_at < wanted.until
    if wanted.simulated is not None:
        yield calls.c.simulated.is_(wanted.simulated)
    leading = None if rows == "known" else _leading(wanted)
    if rows == "in any order":
        leading = leading or next((name for name, leads in _LEADS_SOMEWHERE.items() if leads(wanted)), None)
    for name, term in _TERMS.items():
        value = getattr(wanted, name)
        if value is not None and value != ():
            column = calls.c[_COLUMNS.get(name, name)]
            yield term(column if name == leading else unindexed(column), value)
    if wanted.called is not None:
        named = unindexed(calls.c.caller).in_(sorted(wanted.named))
        yield or_(named, calls.c.contact_name.icontains(wanted.called, autoescape=True))


def _leading(wanted: Filter) -> str | None:
    return next((name for name, leads in _LEADS.items() if leads(wanted)), None)


_COLUMNS = {"outcomes": "outcome", "employees": "employee"}

_TERMS: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "caller": lambda column, value: column.is_(None) if value == WITHHELD else column == value,
    "employee": operator.eq,
    "employees": lambda column, value: column.in_(sorted(value)),
    "number": operator.eq,
    "outcomes": lambda column, value: column.in_(value),
    "crm_state": operator.eq,
}

_LEADS: dict[str, Callable[[Filter], bool]] = {
    "caller": lambda wanted: wanted.caller is not None,
    "crm_state": lambda wanted: wanted.crm_state in {"pending", "failed"},  # few, it is to be hoped
    "employee": lambda wanted: wanted.employee is not None,
    "outcomes": lambda wanted: len(wanted.outcomes) == 1,
    "number": lambda wanted: wanted.number is not None,
}
"""What a filter names whose index is the best, the best first; else it is that of the time."""

_LEADS_SOMEWHERE: dict[str, Callable[[Filter], bool]] = {
    "employees": lambda wanted: wanted.employees is not None and len(wanted.employees) <= MOST_APART,
    "outcomes": lambda wanted: bool(wanted.outcomes),
}
"""The same where the rows need not be in order: then several values may lead to them."""

_BETTER = frozenset({"caller", "crm_state"})
"""Indices that lead to fewer calls than that of the employees does."""


class _Unindexed(FunctionElement[Any]):
    """A column, for PostgreSQL, which knows better; for SQLite a term that no index fits."""

    name = "unindexed"
    inherit_cache = True


@compiles(_Unindexed)
def _as_it_is(element: _Unindexed, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(element.clauses, **how)


@compiles(_Unindexed, "sqlite")
def _with_a_plus(element: _Unindexed, compiler: SQLCompiler, **how: Any) -> str:
    return "+" + compiler.process(element.clauses, **how)


def unindexed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Keep SQLite from finding rows by the index of a column."""
    return type_coerce(_Unindexed(column), column.type)


def apart(wanted: Filter) -> list[Filter]:
    """Split a filter whose best index is that of the employees into one for each of them."""
    some = wanted.employees
    if some is None or not 1 < len(some) <= MOST_APART or _leading(wanted) in _BETTER:
        return [wanted]
    return [replace(wanted, employees=None, employee=each) for each in sorted(some)]


def narrowed(wanted: Filter) -> Filter:
    """Say the same more simply: one employee rather than a set, nothing where nobody's calls may be seen."""
    some = wanted.employees
    if some is None or not some:
        return wanted
    if wanted.employee is not None:
        return replace(wanted, employees=None if wanted.employee in some else frozenset())
    return replace(wanted, employees=None, employee=next(iter(some))) if len(some) == 1 else wanted
