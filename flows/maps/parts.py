"""What a route map is made of: nodes, edges, and the map itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Kind = Literal[
    "stage",
    "menu",
    "ask_extension",
    "by_extension",  # the employee whose extension was typed
    "responsible",  # the employee whom the CRM names
    "employee",
    "group",
    "groups",  # more groups by extension than a map can hold
    "hold",
    "forward",
    "mobile",
    "last_mobile",  # of the member of a group who was rung last
    "message",
    "answered",
    "forwarded",
    "goodbye",
    "apology",
    "declined",
]

ENDS = frozenset({"message", "answered", "forwarded", "goodbye", "apology", "declined"})
"""The kinds of node at which a path ends; all others lead on."""

When = Literal[
    "always",
    "next",
    "blocked",
    "open",
    "closed",
    "extension",
    "no_extension",
    "key",
    "no_choice",
    "known",
    "unknown",
    "answered",
    "no_answer",
    "no_mobile",
    "unanswered",
    "again",
    "message_key",
    "hold_over",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A point of the map. `key` names the stage, menu, employee, group, number dialled or mailbox.

    A `message` for the employee who was rung has the key "employee:", his `mobile` the key "". `asks` tells that
    whoever picks up a forward must press 1, `on` that a stage is not switched off.
    """

    id: str
    kind: Kind
    key: str = ""
    asks: bool = False
    on: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """A way from one node to another, `when` it is taken; `key` is the key of a menu, or a group's extension."""

    id: str
    source: str
    target: str
    when: When
    key: str = ""

    @classmethod
    def between(cls, source: str, when: When, target: str, key: str = "") -> Edge:
        """Make an edge; its id says all of it."""
        name = f"{source} {when}{' ' + key if key else ''} {target}"
        return cls(id=name, source=source, target=target, when=when, key=key)


@dataclass(frozen=True, kw_only=True)
class RouteMap:
    """A number's nodes, its stages first and in their order, and the edges between them."""

    number: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @cached_property
    def node(self) -> dict[str, Node]:
        """The nodes by their ids."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def leads(self) -> dict[str, tuple[Edge, ...]]:
        """The edges that leave each node, in the order in which they are read."""
        found: dict[str, list[Edge]] = {node.id: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.source].append(edge)
        return {key: tuple(edges) for key, edges in found.items()}

    @cached_property
    def stages(self) -> tuple[Node, ...]:
        """The stages in their order, those that are switched off too."""
        return tuple(node for node in self.nodes if node.kind == "stage")

    @cached_property
    def entrance(self) -> str:
        """The id of the node at which every call begins."""
        return self.stages[0].id

    @cached_property
    def reached(self) -> frozenset[str]:
        """The ids of the nodes that a call can get to."""
        return frozenset(self.within((self.entrance,)))

    def within(self, start: Iterable[str], without: frozenset[str] = frozenset()) -> set[str]:
        """Find the nodes that can be got to from some, themselves included, on ways that avoid others."""
        found: set[str] = set()
        todo = [node for node in start if node not in without]
        while todo:
            node = todo.pop()
            if node not in found:
                found.add(node)
                todo += [edge.target for edge in self.leads[node] if edge.target not in without]
        return found
