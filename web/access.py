"""Who may do what: permissions, roles, and the rule that every page has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, TypeVar

from config.company import Company


class Level(IntEnum):
    """How far a permission reaches; those that are only allowed or denied know ANY and NONE."""

    NONE = 0
    OWN = 1
    DEPARTMENT = 2
    ANY = 3


class Permission(StrEnum):
    """What is allowed: the permission table of the source product, and who may look after users."""

    CALLS = "calls"
    RECORDINGS = "recordings"
    DELETE_RECORDINGS = "delete_recordings"
    EMPLOYEES = "employees"
    TELEPHONY = "telephony"
    NUMBERS = "numbers"
    BALANCE = "balance"
    USERS = "users"


class Role(StrEnum):
    """The roles of the source product."""

    ADMINISTRATOR = "administrator"
    CHIEF_EXECUTIVE = "chief_executive"
    HEAD_OF_DEPARTMENT = "head_of_department"
    MANAGER = "manager"


FOUR, ALLOW = tuple(Level), (Level.NONE, Level.ANY)

LEVELS: Mapping[Permission, tuple[Level, ...]] = {
    Permission.CALLS: FOUR,
    Permission.RECORDINGS: FOUR,
    Permission.DELETE_RECORDINGS: ALLOW,
    Permission.EMPLOYEES: FOUR,
    Permission.TELEPHONY: ALLOW,
    Permission.NUMBERS: ALLOW,
    Permission.BALANCE: ALLOW,
    Permission.USERS: ALLOW,
}
"""The levels that a permission can have."""

_NONE, _OWN, _DEPARTMENT, _ANY = Level

DEFAULTS: Mapping[Permission, tuple[Level, Level, Level]] = {
    Permission.CALLS: (_ANY, _DEPARTMENT, _OWN),
    Permission.RECORDINGS: (_ANY, _DEPARTMENT, _OWN),
    Permission.DELETE_RECORDINGS: (_ANY, _NONE, _NONE),
    Permission.EMPLOYEES: (_ANY, _DEPARTMENT, _OWN),
    Permission.TELEPHONY: (_ANY, _NONE, _NONE),
    Permission.NUMBERS: (_NONE, _NONE, _NONE),
    Permission.BALANCE: (_ANY, _NONE, _NONE),
    Permission.USERS: (_NONE, _NONE, _NONE),
}
"""Until an administrator changes it: chief executive, head of department, manager. An administrator may do all."""

CHANGEABLE = tuple(role for role in Role if role is not Role.ADMINISTRATOR)

Changed = Mapping[tuple[str, str], int]


def level_of(role: str, permission: Permission, changed: Changed) -> Level:
    """Tell how far a role reaches; a role that does not exist any more reaches nowhere."""
    if role == Role.ADMINISTRATOR:
        return Level.ANY
    if role not in CHANGEABLE:
        return Level.NONE
    default = DEFAULTS[permission][CHANGEABLE.index(Role(role))]
    level = changed.get((role, permission), default)
    return Level(level) if level in LEVELS[permission] else default


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Who is logged in; `employee` is his key in the settings, None for somebody without a telephone."""

    id: int
    name: str
    employee: str | None
    roles: frozenset[str]
    levels: Mapping[Permission, Level]
    language: str | None = None

    def level(self, permission: Permission) -> Level:
        """How far a permission reaches; of several roles the highest wins."""
        return self.levels[permission]

    def may(self, permission: Permission, least: Level = Level.OWN) -> bool:
        """Whether it reaches at least so far."""
        return self.levels[permission] >= least

    def reach(self, permission: Permission, company: Company) -> frozenset[str] | None:
        """Name the employees whose things this person may see; None: everybody's, and what is nobody's."""
        level, mine = self.levels[permission], self.employee
        if level == Level.ANY:
            return None
        if level == Level.NONE or mine is None or mine not in company.employees:
            return frozenset()
        department = company.employees[mine].department
        if level == Level.OWN or department is None:
            return frozenset({mine})
        return frozenset(key for key, each in company.employees.items() if each.department == department)


def levels_of(roles: frozenset[str], changed: Changed) -> dict[Permission, Level]:
    """Work out every permission of somebody with these roles."""
    return {
        permission: max((level_of(role, permission, changed) for role in roles), default=Level.NONE)
        for permission in Permission
    }


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may open a page: whoever reaches at least `least` with `permission`; without one anybody who is logged in."""

    permission: Permission | None = None
    least: Level = Level.OWN
    public: bool = False

    def admits(self, person: Person) -> bool:
        """Whether somebody who is logged in may open it."""
        return self.permission is None or person.may(self.permission, self.least)


PUBLIC = Rule(public=True)
ANYBODY = Rule()

View = TypeVar("View", bound=Callable[..., Any])


def rule(wanted: Rule | Permission, least: Level = Level.OWN) -> Callable[[View], View]:
    """Give a view its rule; stands below the route."""
    found = wanted if isinstance(wanted, Rule) else Rule(permission=wanted, least=least)

    def mark(view: View) -> View:
        view.__dict__["rule"] = found
        return view

    return mark


def rule_of(view: Callable[..., Any] | None) -> Rule | None:
    """Return the rule of a view, None when it has none and is to be refused."""
    return getattr(view, "rule", None)
