"""Circles: routes on which a caller who does nothing would go round."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from config.destinations import Destination, ToEmployee, ToGroup, ToMenu
from config.draft import Draft
from config.problems import Problem

Point = tuple[str, str]
"""A section, "groups" or "menus", and the name of an entry in it."""


class Step(NamedTuple):
    """Where a silent caller is led, and the address of the destination that leads there."""

    to: Point
    address: str


Steps = dict[Point, list[Step]]


def circles(draft: Draft) -> Iterator[Problem]:
    """Find groups and menus that hand a silent caller on until he is back where he was."""
    return map(_problem, _closed_trails(_silent_steps(draft)))


def _problem(trail: list[Step]) -> Problem:
    points = [trail[-1].to, *(step.to for step in trail)]
    alike = len({section for section, _ in points}) == 1
    shown = points if len(points) <= 12 else [*points[:12], ("", "…"), points[-1]]
    path = " → ".join(name if alike or not section else f"{section[:-1]} {name}" for section, name in shown)
    message = f"a caller who does nothing goes round in a circle: {path}; end it with voicemail, hang_up or a forward"
    return Problem(path=trail[-1].address, message=message)


def _silent_steps(draft: Draft) -> Steps:
    steps: Steps = {}
    for key, group in draft.company.groups.items():
        waits = group.no_answer == "hold"
        address = f"groups.{key}.hold.then" if waits else f"groups.{key}.no_answer"
        steps["groups", key] = list(_leads(group.hold.then if waits else group.no_answer, address))
    above = _menus_above(draft)
    for key, menu in draft.company.menus.items():
        address = f"menus.{key}.no_choice"
        if menu.no_choice == "back":
            steps["menus", key] = [Step(("menus", name), address) for name in above.get(key, ())]
        else:
            steps["menus", key] = list(_leads(menu.no_choice, address))
    return steps


def _leads(destination: Destination, address: str) -> Iterator[Step]:
    """Follow a destination, and what follows when the employee it rings does not answer."""
    if isinstance(destination, ToGroup):
        yield Step(("groups", destination.group), address)
    elif isinstance(destination, ToMenu):
        yield Step(("menus", destination.menu), address)
    elif isinstance(destination, ToEmployee):
        yield from _leads(destination.no_answer, f"{address}.no_answer")


def _menus_above(draft: Draft) -> dict[str, list[str]]:
    """List the menus to which `back` may lead from each menu.

    A menu that something else than a menu leads to has nothing above it then: `back` plays it again.
    """
    above: dict[str, list[str]] = {}
    for number in draft.company.numbers.values():
        if number.menu:
            above.setdefault(number.menu, []).append(number.menu)
    for address, destination, _ in draft.company.placed_destinations():
        if isinstance(destination, ToMenu):
            section, key, *_ = address.split(".")
            from_menu = section == "menus" and not address.endswith(".no_answer")
            above.setdefault(destination.menu, []).append(key if from_menu else destination.menu)
    return {key: list(dict.fromkeys(names)) for key, names in above.items()}


def _closed_trails(steps: Steps) -> Iterator[list[Step]]:
    """Walk every step once, without recursion (chains may be thousands long), and yield each circle that closes."""
    done: set[Point] = set()
    for start in steps:
        trail: list[Step] = []
        on_trail: dict[Point, int] = {start: 0}
        left = [iter(steps[start])] if start not in done else []
        while left:
            step = next(left[-1], None)
            if step is None:
                left.pop()
                done.add(trail[-1].to if trail else start)
                del on_trail[trail.pop().to if trail else start]
            elif step.to in on_trail:
                yield [*trail[on_trail[step.to] :], step]
            elif step.to not in done and step.to in steps:
                trail.append(step)
                on_trail[step.to] = len(trail)
                left.append(iter(steps[step.to]))
