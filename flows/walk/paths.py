"""Paths: the shortest sequence of events that leads somewhere, and how to play it again."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from config.company import Company
from flows.places import AtForward, AtGroup, OnHold
from flows.question import LET_PASS
from flows.walk.histories import is_forgotten
from flows.walk.lines import TO_RING, Hours, Peak, Side
from flows.walk.parts import NOWHERE, Deed, Edge, Spot

SAID = {
    "no answer": "nobody answers",
    "answer": "somebody answers",
    "picked up": "somebody picks up, and the provider does not say whether the two spoke",
    "screens": "whoever picks up is asked to press 1",
    "accepted": "he has pressed 1",
    "unpaid": "forwards cannot be paid for",
    "listed": "the caller is on the block list",
    "hangs up": "the caller hangs up",
    "lost": "the settings of the call are gone",
    "silence": "nothing is pressed",
    "speak": "a message is spoken",
    "say nothing": "nothing is said",
}
WITH = {
    "press": "{} is pressed",
    "from": "{} calls",
    "to": "{} is called",
    "rings": "{} rings",
    "away": "{} not free",
    "fault": "{}",
}
MOST_NAMED = 3


class Walked(NamedTuple):
    """An edge of a path, and the spot from which it leads."""

    here: int
    edge: Edge


@dataclass(kw_only=True)
class Replay:
    """A path as it can be played again: who calls whom and when, what he presses, who answers, who is not there.

    `press` has one entry for each prompt, LET_PASS where nothing is pressed. `whole` when the sequence can be played
    exactly: nobody has to be free at one moment and not at another, hours stay as they are for so long, and nothing
    happens that only a CRM, a block list or another provider can bring about.
    """

    to: str
    at: datetime
    caller: str = ""
    press: list[str] = field(default_factory=list)
    devices: dict[str, str] = field(default_factory=dict)
    away: list[str] = field(default_factory=list)
    unpaid: bool = False
    whole: bool = True
    story: list[str] = field(default_factory=list)


def path_to(hours: Hours, goal: int, last: Edge) -> list[Walked] | None:
    """The shortest path of a call over an edge away from a spot; None when there is none then."""
    graph, open_ = hours.graph, hours.moment.open
    start = graph.roots[hours.number]
    came: dict[int, Walked | None] = {start: None}
    waiting = deque([start])
    while waiting and goal not in came:
        here = waiting.popleft()
        for edge in graph.edges[here]:
            if edge.target != NOWHERE and edge.goes(open_):
                target = graph.resolved(edge.target, hours.number)
                if target not in came:
                    came[target] = Walked(here, edge)
                    waiting.append(target)
    found = goal in came and any(edge is last for edge in graph.edges[goal])
    return [*_back(came, goal), Walked(goal, last)] if found else None


def _back(came: dict[int, Walked | None], here: int) -> list[Walked]:
    path: list[Walked] = []
    step = came[here]
    while step is not None:
        path.append(step)
        step = came[step.here]
    return path[::-1]


def longest(hours: Hours, peak: Peak, side: Side) -> list[Walked]:
    """The whole path of a number's longest way: the shortest to where it begins, and from there in silence."""
    here, sink, edge = peak.here, peak.sink, peak.edge
    path: list[Walked] = []
    if edge is not None:
        path = path_to(hours, peak.here, edge) or []
    been: set[tuple[int, int]] = set()
    while edge is None or not _is_last(edge, sink, side):
        if edge is not None:
            here = hours.graph.resolved(edge.target, hours.number)
            sink = sink if here == edge.target else NOWHERE
        best = hours.best(here, sink, side)
        if best is None or (here, sink) in been:  # nothing of the kind follows, or it goes round and round
            return path
        been.add((here, sink))
        edge, sink = best.edge, best.sink
        path.append(Walked(here, edge))
    return path


def _is_last(edge: Edge, sink: int, side: Side) -> bool:
    rings = side is TO_RING and edge.rings is not None and sink == NOWHERE
    return edge.target == NOWHERE or edge.beep or rings


def replay(hours: Hours, path: list[Walked], stranger: str) -> Replay:
    """Write down how a path is played again."""
    company = hours.graph.company
    made = Replay(to=hours.number, at=hours.moment.at, caller=stranger)
    rung: tuple[str, ...] = ()
    for walked in path:
        spot = hours.graph.spots[walked.here]
        for deed in walked.edge.deeds:
            made.story.append(said(deed, company))
            rung = _play(made, spot, deed, rung)
    _check(made, path, company)
    lasts = sum(walked.edge.seconds for walked in path)
    passed = [hours.graph.spots[walked.here] for walked in path]
    # On hold the music comes to its end at moments that no story tells.
    if any(is_forgotten(spot) or isinstance(spot.at, OnHold) for spot in passed):
        made.whole = False
    if lasts > hours.moment.seconds or any(_may_be_others(hours, walked) for walked in path):
        made.whole = False
    while made.press and made.press[-1] == LET_PASS:
        made.press.pop()
    return made


def said(deed: Deed, company: Company) -> str:
    """A deed in words."""
    whom = [company.employees[key].name if deed.what == "away" else key for key in deed.whom]
    named = ", ".join(whom[:MOST_NAMED]) + (f" and {len(whom) - MOST_NAMED} more" if len(whom) > MOST_NAMED else "")
    if deed.what in WITH:
        return WITH[deed.what].format(named or "a caller whom only the CRM knows")
    return SAID.get(deed.what, deed.what)


def _play(made: Replay, spot: Spot, deed: Deed, rung: tuple[str, ...]) -> tuple[str, ...]:
    what, whom = deed
    if what == "press":
        made.press.append(whom[0])
    elif what == "silence" and spot.listens:
        made.press.append(LET_PASS)
    elif what == "from" and not whom[0]:  # nobody whom `flask phone` knows: a stranger's call comes nearest
        made.whole = False
    elif what == "from":
        made.caller = whom[0]
    elif what == "to":
        made.to = whom[0]
    elif what == "away":
        made.away += [key for key in whom if key not in made.away]
    elif what == "unpaid":
        made.unpaid = True
    elif what == "answer" and rung:
        made.devices[rung[0]] = "answer"
    elif what == "screens":
        made.devices[rung[0]] = f"mailbox:{whom[0]}"
    elif what in ("picked up", "listed", "lost", "say nothing", "fault"):
        made.whole = False
    return whom if what == "rings" else rung


def _check(made: Replay, path: list[Walked], company: Company) -> None:
    """Find what cannot be played: somebody who is free at one moment and not at another.

    He is free then, unless it is only for the last ring of all: then nobody would wait for it.
    """
    rung = {device for walked in path[:-1] for device in _rung(walked.edge)}
    changing = [key for key in made.away if rung.intersection(company.employees[key].devices)]
    made.away = [key for key in made.away if key not in changing]
    apart = {device for key in made.away for device in company.employees[key].devices}
    last = set(_rung(path[-1].edge)) if path else set()
    made.whole = made.whole and not changing and not last & apart


def _may_be_others(hours: Hours, walked: Walked) -> bool:
    """Whether others may ring than the story names: of a group it knows one member and all, and no order."""
    at, target = hours.graph.spots[walked.here].at, walked.edge.target
    if not isinstance(at, AtGroup) or target == NOWHERE:
        return False
    group, following = hours.graph.company.groups[at.group], hours.graph.spots[target].at
    together = group.distribution == "everybody" and isinstance(following, AtGroup) and following.group == at.group
    last_rung = group.no_answer == "forward_to_mobile" and len(group.members) > 1 and isinstance(following, AtForward)
    return together or last_rung


def _rung(edge: Edge) -> tuple[str, ...]:
    return tuple(device for deed in edge.deeds if deed.what == "rings" for device in deed.whom)
