"""A map as a tree that can be drawn and read: the stages in order, and to the right of each what hangs on it.

A node hangs where it is reached first; wherever else a way leads to it, it is only named there. Ends are small: they
stand at the end of each path.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from flows.route_map import ENDS, Edge, Node, RouteMap

Shown = Literal["here", "again", "back", "stage", "elsewhere"]
"""How a node stands at the end of a way: itself, or only named: the same once more, one of those that lead here, a
stage further on, or a node that hangs somewhere else."""

DEEPEST = 40
"""Nodes in a row; what hangs on the last of them is only named."""


@dataclass(slots=True)
class Branch:
    """A node, the ways that lead to it from the one before, and what hangs on it."""

    node: Node
    edges: tuple[Edge, ...] = ()
    shown: Shown = "here"
    branches: list[Branch] = field(default_factory=list)


@dataclass(slots=True)
class Trunk:
    """A stage, what hangs on it, and the way to the next stage for calls that it does not take."""

    stage: Node
    branches: list[Branch]
    onward: Edge | None
    reached: bool


@dataclass(slots=True)
class Tree:
    """All stages, the letters of the nodes that are named elsewhere too, and whether any node is only named."""

    trunks: list[Trunk]
    letters: dict[str, str]
    names_any: bool


def tree_of(found: RouteMap) -> Tree:
    """Arrange a map as a tree."""
    homes = _homes(found)
    trunks = [_trunk(found, stage, homes) for stage in found.stages]
    every = list(_all(trunks))
    named = {branch.node.id for branch in every if branch.shown != "here"}
    hanging = [branch.node.id for branch in every if branch.shown == "here" and branch.node.id in named]
    letters = {node: _letter(place) for place, node in enumerate(hanging)}
    return Tree(trunks=trunks, letters=letters, names_any=bool(named))


def _homes(found: RouteMap) -> dict[str, str]:
    """Which node each hangs on: the one with the fewest steps to it, by an extension only if by no other way."""
    homes: dict[str, str] = {}
    on = [stage.id for stage in found.stages if stage.on]
    starts: Iterable[str] = [stage for stage in on if stage in found.reached] + [
        s for s in on if s not in found.reached
    ]
    for by_extension in (False, True):
        todo = deque(starts)
        seen = set(todo)
        while todo:
            node = todo.popleft()
            for edge in found.leads[node]:
                target = found.node[edge.target]
                if target.kind == "stage" or (edge.when == "extension" and edge.key and not by_extension):
                    continue
                if target.id not in seen:
                    seen.add(target.id)
                    homes.setdefault(target.id, node)
                    todo.append(target.id)
    return homes


def _trunk(found: RouteMap, stage: Node, homes: dict[str, str]) -> Trunk:
    ways = _ways(found, stage.id)
    onward = next((e for to, edges in ways for e in edges if found.node[to].kind == "stage"), None)
    here = [(to, edges) for to, edges in ways if found.node[to].kind != "stage"]
    branches = [_branch(found, to, edges, homes, (stage.id,)) for to, edges in here]
    return Trunk(stage=stage, branches=branches, onward=onward, reached=stage.id in found.reached)


def _ways(found: RouteMap, node: str) -> list[tuple[str, tuple[Edge, ...]]]:
    """What a node leads to, each once, with all edges that do."""
    ways: dict[str, list[Edge]] = {}
    for edge in found.leads[node]:
        ways.setdefault(edge.target, []).append(edge)
    return [(target, tuple(edges)) for target, edges in ways.items()]


def _branch(
    found: RouteMap, target: str, edges: tuple[Edge, ...], homes: dict[str, str], above: tuple[str, ...]
) -> Branch:
    node = found.node[target]
    shown = _shown(node, homes, above)
    branch = Branch(node=node, edges=edges, shown=shown)
    if shown == "here" and node.kind not in ENDS:
        ways = _ways(found, target)
        branch.branches = [_branch(found, to, by, homes, (*above, target)) for to, by in ways]
    return branch


def _shown(node: Node, homes: dict[str, str], above: tuple[str, ...]) -> Shown:
    if node.kind in ENDS:
        return "here"
    if node.kind == "stage":
        return "stage"
    if node.id in above:
        return "again" if node.id == above[-1] else "back"
    return "here" if homes.get(node.id) == above[-1] and len(above) < DEEPEST else "elsewhere"


def _all(trunks: list[Trunk]) -> Iterator[Branch]:
    """Every branch, in the order in which they are drawn."""
    todo = [branch for trunk in reversed(trunks) for branch in reversed(trunk.branches)]
    while todo:
        branch = todo.pop()
        yield branch
        todo += reversed(branch.branches)


def _letter(place: int) -> str:
    """A, B … Z, AA, AB …"""
    return (_letter(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)
