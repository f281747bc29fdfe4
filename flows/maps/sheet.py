"""The sheet on which a map is drawn: nodes are put down once, and what leads away from them is drawn later."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from config.company import Company
from flows.maps.parts import Edge, Kind, Node, RouteMap, When
from flows.places import Stage
from flows.way import Aim

STAGES: tuple[Stage, ...] = tuple(stage for stage in get_args(Stage) if stage != "end")

SWITCHES: dict[Stage, str] = {"hours": "schedule"}
"""What of a number switches a stage on, where it does not have the stage's own name."""

ALWAYS_ON = frozenset({"blocked", "otherwise"})


class Sheet:
    """A map in the making; `destinations` draws each form of destination and returns the id of the node there."""

    def __init__(self, company: Company, number_key: str, destinations: Callable[[Sheet, Aim], str]) -> None:
        self.company, self.number_key = company, number_key
        self.number = company.numbers[number_key]
        self.menus_entered: set[tuple[str, Stage]] = set()
        self.menus_drawn: list[tuple[str, Stage]] = []
        self.groups_drawn: dict[str, tuple[str, Stage]] = {}
        self._follow = destinations
        self._nodes: dict[str, Node] = {}
        self._edges: dict[str, Edge] = {}
        self._todo: list[Callable[[], None]] = []

    def stage(self, name: Stage) -> str:
        """Put down a stage."""
        return self._put(Node(id=f"stage:{name}", kind="stage", key=name, on=self.is_on(name)))

    def node(
        self, name: str, kind: Kind, key: str, leads: Callable[[str], None] | None = None, *, asks: bool = False
    ) -> str:
        """Put down a node, once; `leads` draws the edges that leave it."""
        if name not in self._nodes and leads is not None:
            self._todo.append(lambda: leads(name))
        return self._put(Node(id=name, kind=kind, key=key, asks=asks))

    def _put(self, node: Node) -> str:
        self._nodes.setdefault(node.id, node)
        return node.id

    def edge(self, source: str, when: When, target: str, key: str = "") -> None:
        """Draw an edge, once."""
        edge = Edge.between(source, when, target, key)
        self._edges.setdefault(edge.id, edge)

    def end(self, kind: Kind) -> str:
        """Put down the end of a path."""
        return self.node(f"end:{kind}", kind, "")

    def is_on(self, stage: Stage) -> bool:
        """Whether a stage of the number is switched on."""
        return stage in ALWAYS_ON or bool(getattr(self.number, SWITCHES.get(stage, stage)))

    def go_on(self, stage: Stage) -> str:
        """Find the first stage from this one on that is switched on; after the last there is an apology."""
        later = STAGES[STAGES.index(stage) :] if stage != "end" else ()
        found = next((name for name in later if self.is_on(name)), None)
        return self.end("apology") if found is None else f"stage:{found}"

    def after(self, stage: Stage) -> str:
        """Find the stage that follows one."""
        return self.go_on(STAGES[STAGES.index(stage) + 1])

    def follow(self, aim: Aim) -> str:
        """Draw a destination."""
        return self._follow(self, aim)

    def finish(self) -> None:
        """Draw what leads away from everything that has been put down, to all ends."""
        while self._todo:
            self._todo.pop(0)()

    def map(self) -> RouteMap:
        """Make the map of what has been drawn; the keys of a menu come before its `no_choice`, whenever drawn."""
        edges = sorted(self._edges.values(), key=lambda edge: edge.when == "no_choice")
        return RouteMap(number=self.number_key, nodes=tuple(self._nodes.values()), edges=tuple(edges))
