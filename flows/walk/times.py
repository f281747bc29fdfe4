"""How long it takes: the longest silent way from every spot, to its end and until a device rings.

Silent: the caller does nothing but listen and wait. What he does begins a new count, so that a caller who presses
keys for an hour is nobody's fault; for every caller it holds that so long after his last key something has happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from math import inf
from operator import or_
from typing import NamedTuple, TypeVar

from config.draft import Entry
from flows.walk.graph import Graph
from flows.walk.parts import NOWHERE, Edge, Onward, Part
from flows.walk.spread import spread


class Best(NamedTuple):
    """The longest way to a sink: its seconds, its first edge, and the sink that is looked for beyond that edge."""

    seconds: float
    edge: Edge
    sink: int


Sinks = dict[int, Best]
"""The longest way to NOWHERE, which is the end or a ring, and to each of the stages for which a shared spot is left."""


class Start(NamedTuple):
    """Where a silent way begins: over an edge that is the caller's doing."""

    seconds: float
    here: int
    edge: Edge


Starts = dict[int, Start]
"""The longest of them to each sink."""

Way = TypeVar("Way", Best, Start)


class Begun(NamedTuple):
    """The silent ways that begin at a spot, to the end and to the first ring."""

    ends: Starts
    rings: Starts


class Far(NamedTuple):
    """The longest ways to the end of a call, and to the first ring."""

    ends: Sinks
    rings: Sinks


class Beyond(NamedTuple):
    """All that can be reached from a shared spot: stages, whom calls meet, how they end, and the longest ways.

    `hubs` are spots from which much can be reached, and to which many lead: what is beyond them is told once.
    """

    exits: frozenset[int]
    meets: frozenset[Entry]
    kinds: frozenset[str]
    asked: int
    ends: Starts
    rings: Starts
    hubs: frozenset[int]


class Loop(NamedTuple):
    """An edge by which a silent caller comes back to where he was, while these schedules are open."""

    here: int
    edge: Edge
    open: int


class Near(NamedTuple):
    """What is at a spot at some hours: its ways, where they lead, whom calls meet, how they end, which bits count.

    `keys` are those of the ways that are the caller's doing.
    """

    ways: list[Edge]
    keys: list[Edge]
    targets: tuple[int, ...]
    meets: frozenset[Entry]
    kinds: frozenset[str]
    asked: int


class Times:
    """The longest ways between shared spots; the same hours are asked once for all moments that they have in common."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.loops: list[Loop] = []
        self._asked = [asked(ways) for ways in graph.edges]
        self._hours = spread(graph.edges, self._asked)
        silent = [[edge for edge in ways if not edge.by_caller] for ways in graph.edges]
        self._silent_hours = spread(silent, [asked(ways) for ways in silent])
        self._left = {here for here, spot in enumerate(graph.spots) if isinstance(spot.at, Onward)}
        self._hubs = {here for here, spot in enumerate(graph.spots) if _is_hub(spot.at)}
        self._endless: dict[tuple[int, int], Edge] = {}
        self._near: dict[tuple[int, int], Near] = {}
        self._far: dict[tuple[int, int], Far] = {}
        self._beyond: dict[tuple[int, int], Beyond] = {}
        self._begins: dict[tuple[int, int], Begun] = {}
        self._entries: dict[tuple[int, int], tuple[int, ...]] = {}
        self._exits: dict[tuple[int, int], frozenset[int]] = {}

    def hours(self, spot: int) -> int:
        """The bits of a moment on which anything beyond a spot hangs."""
        return self._hours[spot]

    def after_keys(self, spot: int) -> int:
        """The bits of a moment on which hangs what follows one thing that the caller does at a spot, or nothing."""
        asked = self._asked[spot]
        for edge in self.graph.edges[spot]:
            asked |= 0 if edge.target == NOWHERE else self._silent_hours[edge.target]
        return asked

    def silent(self, here: int, open_: int) -> Iterator[Edge]:
        """The ways on for a caller who does nothing, without those that cannot go on for ever."""
        return (e for e in self.graph.edges[here] if not (e.by_caller or e.progresses) and e.goes(open_))

    def far(self, start: int, open_: int) -> Far:
        """The longest ways from a shared spot."""
        known = self._far.get((start, open_ & self._hours[start]))
        if known is not None:
            return known
        trail = [(start, self.silent(start, open_))]
        on_trail = {start}
        while trail:
            here, ways = trail[-1]
            edge = next(ways, None)
            if edge is None:
                key = here, open_ & self._hours[here]
                self._far[key] = farthest(self.silent(here, open_), self._look(open_))
                if key in self._endless:
                    self._far[key].ends[NOWHERE] = Best(inf, self._endless[key], NOWHERE)
                on_trail.discard(here)
                trail.pop()
            elif edge.target in on_trail:
                self.loops.append(Loop(here, edge, open_))
                self._endless.setdefault((here, open_ & self._hours[here]), edge)
            elif edge.target != NOWHERE and (edge.target, open_ & self._hours[edge.target]) not in self._far:
                trail.append((edge.target, self.silent(edge.target, open_)))
                on_trail.add(edge.target)
        return self._far[start, open_ & self._hours[start]]

    def _look(self, open_: int) -> Callable[[int], Far | None]:
        def look(target: int) -> Far | None:
            if target in self._left:
                return None
            return self._far.get((target, open_ & self._hours[target]), Far({}, {}))

        return look

    def beyond(self, start: int, open_: int) -> Beyond:
        """All that can be reached from a shared spot, by whatever the caller does."""
        key = (start, open_ & self._hours[start])
        if key not in self._beyond:
            self._beyond[key] = self._gather(start, open_)
        return self._beyond[key]

    def entries(self, start: int, open_: int) -> tuple[int, ...]:
        """A shared spot with the hubs beyond it, each once."""
        key = start, open_ & self._hours[start]
        if key not in self._entries:
            found = [start]
            for entry in found:
                found.extend(sorted(self.beyond(entry, open_).hubs.difference(found)))
            self._entries[key] = tuple(found)
        return self._entries[key]

    def exits(self, start: int, open_: int) -> frozenset[int]:
        """The stages for which calls leave the shared spots beyond one of them."""
        key = start, open_ & self._hours[start]
        if key not in self._exits:
            every = (self.beyond(entry, open_).exits for entry in self.entries(start, open_))
            self._exits[key] = frozenset().union(*every)
        return self._exits[key]

    def _gather(self, start: int, open_: int) -> Beyond:
        spots, seen = [start], {start}
        exits: set[int] = set()
        hubs: set[int] = set()
        nears: list[Near] = []
        ends: Starts = {}
        rings: Starts = {}
        for here in spots:
            if here in self._left:
                exits.add(here)
            elif here in self._hubs and here != start:
                hubs.add(here)
            else:
                near = self.near(here, open_)
                nears.append(near)
                spots.extend([target for target in near.targets if target not in seen])
                seen.update(near.targets)
                if near.keys:
                    begun = self._begun(here, open_)
                    lengthen(ends, begun.ends)
                    lengthen(rings, begun.rings)
        meets = frozenset[Entry]().union(*(near.meets for near in nears))
        kinds = frozenset[str]().union(*(near.kinds for near in nears))
        asked = reduce(or_, (near.asked for near in nears), 0)
        return Beyond(frozenset(exits), meets, kinds, asked, ends, rings, frozenset(hubs))

    def near(self, here: int, open_: int) -> Near:
        """What is at a spot."""
        key = here, open_ & self._asked[here]
        if key not in self._near:
            ways = [edge for edge in self.graph.edges[here] if edge.mask & open_ == edge.open]
            self._near[key] = Near(
                ways=ways,
                keys=[edge for edge in ways if edge.by_caller],
                targets=tuple(dict.fromkeys([edge.target for edge in ways if edge.target != NOWHERE])),
                meets=frozenset().union(*[edge.meets for edge in ways]),
                kinds=frozenset([edge.end for edge in ways if edge.target == NOWHERE]),
                asked=asked(ways),
            )
        return self._near[key]

    def _begun(self, here: int, open_: int) -> Begun:
        """The silent ways that begin with what the caller does at a shared spot."""
        key = here, open_ & self._hours[here]
        if key not in self._begins:
            ways = self.near(here, open_).keys
            for edge in ways:
                if edge.target != NOWHERE and edge.target not in self._left:
                    self.far(edge.target, open_)
            far = farthest(ways, self._look(open_))
            self._begins[key] = Begun(_starts(here, far.ends), _starts(here, far.rings))
        return self._begins[key]


def asked(ways: Iterable[Edge]) -> int:
    """The bits of a moment on which ways hang."""
    return reduce(or_, (edge.mask for edge in ways), 0)


def _is_hub(at: object) -> bool:
    return isinstance(at, Part) and at.what != "choice"


def _starts(here: int, sinks: Sinks) -> Starts:
    return {sink: Start(best.seconds, here, best.edge) for sink, best in sinks.items()}


def lengthen(most: dict[int, Way], found: dict[int, Way]) -> None:
    """Take the longer of the ways to each sink."""
    for sink, start in found.items():
        if sink not in most or start.seconds > most[sink].seconds:
            most[sink] = start


def farthest(ways: Iterable[Edge], look: Callable[[int], Far | None]) -> Far:
    """The longest way over some edges; `look` tells what is beyond a target, None when it is a sink itself."""
    ends: Sinks = {}
    rings: Sinks = {}
    for edge in ways:
        over = edge.target == NOWHERE or edge.beep
        beyond = None if over else look(edge.target)
        sink = NOWHERE if over else edge.target
        if beyond is None:
            _put(ends, sink, edge.seconds, edge)
        else:
            for sink, best in beyond.ends.items():
                _put(ends, sink, edge.seconds + best.seconds, edge)
        if edge.rings is not None:
            _put(rings, NOWHERE, edge.rings, edge)
        elif beyond is not None:
            for sink, best in beyond.rings.items():
                _put(rings, sink, edge.seconds + best.seconds, edge)
        elif not over:
            _put(rings, edge.target, edge.seconds, edge)
    return Far(ends, rings)


def _put(sinks: Sinks, sink: int, seconds: float, edge: Edge) -> None:
    if sink not in sinks or seconds > sinks[sink].seconds:
        sinks[sink] = Best(seconds, edge, sink)
