"""Whose things somebody may see."""

from __future__ import annotations

import pytest

from config.company import Company
from web.access import Level, Permission, Person


def person(level: Level, employee: str | None) -> Person:
    return Person(
        id=1, name="x", employee=employee, roles=frozenset(), levels=dict.fromkeys(Permission, level), language=None
    )


@pytest.mark.parametrize(
    ("level", "employee", "reach"),
    [
        (Level.ANY, None, None),
        (Level.ANY, "ana", None),
        (Level.NONE, "ana", set()),
        (Level.OWN, "ana", {"ana"}),
        (Level.OWN, None, set()),
        (Level.OWN, "gone", set()),
        (Level.DEPARTMENT, "ana", {"ana", "luis"}),
        (Level.DEPARTMENT, "eva", {"eva"}),
        (Level.DEPARTMENT, None, set()),
    ],
)
def test_a_level_reaches_so_far(sample: Company, level: Level, employee: str | None, reach: set[str] | None) -> None:
    assert person(level, employee).reach(Permission.CALLS, sample) == reach


# Those who have no department are not one department together.
def test_nobody_without_a_department_reaches_the_others_without_one(sample: Company) -> None:
    alone = sample.model_copy(
        update={
            "employees": {key: each.model_copy(update={"department": None}) for key, each in sample.employees.items()}
        }
    )
    assert person(Level.DEPARTMENT, "ana").reach(Permission.CALLS, alone) == {"ana"}
