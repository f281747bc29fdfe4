"""Circles and chains: routes on which a caller who does nothing would go round, or would be led on for too long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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


MOST_IN_A_CHAIN = 40
"""Groups and menus through which a caller who does nothing may be led: a call comes to no more groups than that
(flows.ringing.MOST_GROUPS), and nobody waits for so many."""


def circles(draft: Draft) -> Iterator[Problem]:
    """Find groups and menus that hand a silent caller on until he is back where he was, or on and on."""
    steps = _silent_steps(draft)
    done: dict[Point, None] = {}
    found = [_circle(trail) for trail in _closed_trails(steps, done)]
    yield from found
    if not found:
        yield from map(_chain, _long_trails(steps, done))


def _circle(trail: list[Step]) -> Problem:
    path = _path([trail[-1].to, *(step.to for step in trail)])
    message = f"a caller who does nothing goes round in a circle: {path}; end it with voicemail, hang_up or a forward"
    return Problem(path=trail[-1].address, message=message)


def _chain(trail: list[Step]) -> Problem:
    path = _path([step.to for step in trail])
    message = (
        f"a caller who does nothing is led through more than {MOST_IN_A_CHAIN} groups and menus: {path}; end it sooner"
        " with voicemail, hang_up or a forward"
    )
    return Problem(path=trail[1].address, message=message)


def _path(points: list[Point]) -> str:
    alike = len({section for section, _ in points}) == 1
    shown = points if len(points) <= 12 else [*points[:12], ("", "…"), points[-1]]
    return " → ".join(name if alike or not section else f"{section[:-1]} {name}" for section, name in shown)


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


def _closed_trails(steps: Steps, done: dict[Point, None]) -> Iterator[list[Step]]:
    """Walk every step once, without recursion (chains may be thousands long), and yield each circle that closes.

    All that is walked is `done` then, in an order in which whatever a point leads to comes before it.
    """
    for start in steps:
        trail: list[Step] = []
        on_trail: dict[Point, int] = {start: 0}
        left = [iter(steps[start])] if start not in done else []
        while left:
            step = next(left[-1], None)
            if step is None:
                left.pop()
                done[trail[-1].to if trail else start] = None
                del on_trail[trail.pop().to if trail else start]
            elif step.to in on_trail:
                yield [*trail[on_trail[step.to] :], step]
            elif step.to not in done and step.to in steps:
                trail.append(step)
                on_trail[step.to] = len(trail)
                left.append(iter(steps[step.to]))


def _long_trails(steps: Steps, done: Iterable[Point]) -> Iterator[list[Step]]:
    """Yield each trail that is one point too long, the first step of which tells only where it begins.

    Longer ones hold a trail that is told, so that a chain of thousands is told once.
    """
    lengths: dict[Point, int] = {}
    following: dict[Point, Step] = {}
    for point in done:
        onward = [step for step in steps[point] if step.to in lengths]
        longest = max(onward, key=lambda step: lengths[step.to], default=None)
        if longest is not None:
            following[point] = longest
        lengths[point] = 1 + (lengths[longest.to] if longest else 0)
        if lengths[point] == MOST_IN_A_CHAIN + 1:
            trail = [Step(point, "")]
            while trail[-1].to in following:
                trail.append(following[trail[-1].to])
            yield trail
