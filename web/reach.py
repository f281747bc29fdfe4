"""Whose calls and recordings the person who is logged in may see and hear."""

from __future__ import annotations

from calls.details import CallDetails
from config.company import Company
from web.access import Permission
from web.reception import here
from web.sessions import person

Reach = frozenset[str] | None
"""Employees; None for everybody, and for what is nobody's."""


def reach(permission: Permission) -> Reach:
    """How far a permission reaches now."""
    return person().reach(permission, here().company)


def sees(reach: Reach, employee: str | None) -> bool:
    """Whether what belongs to an employee, or to nobody, is within a reach."""
    return reach is None or employee in reach


def hears(reach: Reach, mailbox: str | None, call: CallDetails, company: Company) -> bool:
    """Whether a recording of a call is within a reach: by the call's employee, a message also by its `mailbox`."""
    return sees(reach, call.employee) or any(sees(reach, each) for each in _owners(mailbox, company))


def _owners(mailbox: str | None, company: Company) -> tuple[str, ...]:
    kind, _, key = (mailbox or "").partition(":")
    if kind == "employee":
        return (key,)
    return company.groups[key].members if kind == "group" and key in company.groups else ()
