"""How long it takes: the longest silent way from every spot, to its end and until a device rings.

Silent: the caller does nothing but listen and wait. What he does begins a new count, so that a caller who presses
keys for an hour is nobody's fault; for every caller it holds that so long after his last key something has happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from config.draft import Entry
from flows.walk.graph import Graph
from flows.walk.parts import NOWHERE, Edge, Onward, Part


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


class Times:
    """The longest ways between shared spots; the same hours are asked once for all moments that they have in common."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.loops: list[Loop] = []
        self._hours = self._asked_beyond(lambda _: True)
        self._silent_hours = self._asked_beyond(lambda edge: not edge.by_caller)
        self._far: dict[tuple[int, int], Far] = {}
        self._beyond: dict[tuple[int, int], Beyond] = {}
        self._begins: dict[tuple[int, int], Begun] = {}
        self._entries: dict[tuple[int, int], tuple[int, ...]] = {}
        self._exits: dict[tuple[int, int], frozenset[int]] = {}
        self.own_far: dict[tuple[str, tuple[int, ...], int], dict[int, Far]] = {}

    def hours(self, spot: int) -> int:
        """The bits of a moment on which anything beyond a spot hangs."""
        return self._hours[spot]

    def after_keys(self, spot: int) -> int:
        """The bits of a moment on which hangs what follows one thing that the caller does at a spot, or nothing."""
        asked = 0
        for edge in self.graph.edges[spot]:
            asked |= edge.mask | (0 if edge.target == NOWHERE else self._silent_hours[edge.target])
        return asked

    def _asked_beyond(self, counts: Callable[[Edge], bool]) -> list[int]:
        edges = self.graph.edges
        asked = [0] * len(edges)
        before: list[list[int]] = [[] for _ in edges]
        for here, ways in enumerate(edges):
            for edge in filter(counts, ways):
                asked[here] |= edge.mask
                if edge.target != NOWHERE:
                    before[edge.target].append(here)
        waiting = list(range(len(edges)))
        while waiting:
            here = waiting.pop()
            for earlier in before[here]:
                if asked[here] & ~asked[earlier]:
                    asked[earlier] |= asked[here]
                    waiting.append(earlier)
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
                self._far[here, open_ & self._hours[here]] = farthest(self.silent(here, open_), self._look(open_))
                on_trail.discard(here)
                trail.pop()
            elif edge.target in on_trail:
                self.loops.append(Loop(here, edge, open_))
            elif edge.target != NOWHERE and (edge.target, open_ & self._hours[edge.target]) not in self._far:
                trail.append((edge.target, self.silent(edge.target, open_)))
                on_trail.add(edge.target)
        return self._far[start, open_ & self._hours[start]]

    def _look(self, open_: int) -> Callable[[int], Far | None]:
        def look(target: int) -> Far | None:
            if isinstance(self.graph.spots[target].at, Onward):
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
        spots, exits = [start], set()
        seen = {start}
        meets: set[Entry] = set()
        kinds: set[str] = set()
        asked = 0
        ends: Starts = {}
        rings: Starts = {}
        hubs: set[int] = set()
        for here in spots:
            if isinstance(self.graph.spots[here].at, Onward):
                exits.add(here)
                continue
            if here != start and self._is_hub(here):
                hubs.add(here)
                continue
            for edge in self.graph.edges[here]:
                if edge.mask & open_ != edge.open:
                    continue
                asked |= edge.mask
                meets.update(edge.meets)
                if edge.target == NOWHERE:
                    kinds.add(edge.end)
                elif edge.target not in seen:
                    seen.add(edge.target)
                    spots.append(edge.target)
            begin = self._begun(here, open_)
            _raise(ends, begin.ends)
            _raise(rings, begin.rings)
        sets = frozenset(exits), frozenset(meets), frozenset(kinds)
        return Beyond(*sets, asked, ends, rings, frozenset(hubs))

    def _is_hub(self, here: int) -> bool:
        at = self.graph.spots[here].at
        return isinstance(at, Part) and at.what != "choice"

    def _begun(self, here: int, open_: int) -> Begun:
        """The silent ways that begin with what the caller does at a shared spot."""
        key = here, open_ & self._hours[here]
        if key not in self._begins:
            found = self._begins[key] = Begun({}, {})
            for edge in self.graph.edges[here]:
                if edge.by_caller and edge.goes(open_):
                    if edge.target != NOWHERE and not isinstance(self.graph.spots[edge.target].at, Onward):
                        self.far(edge.target, open_)
                    far = farthest(iter([edge]), self._look(open_))
                    _raise(found.ends, {sink: Start(best.seconds, here, edge) for sink, best in far.ends.items()})
                    _raise(found.rings, {sink: Start(best.seconds, here, edge) for sink, best in far.rings.items()})
        return self._begins[key]


def _raise(most: Starts, found: Starts) -> None:
    for sink, start in found.items():
        if sink not in most or start.seconds > most[sink].seconds:
            most[sink] = start


def farthest(ways: Iterator[Edge], look: Callable[[int], Far | None]) -> Far:
    """The longest way over some edges; `look` tells what is beyond a target, None when it is a sink itself."""
    ends: Sinks = {}
    rings: Sinks = {}
    for edge in ways:
        over = edge.target == NOWHERE or edge.beep
        beyond = None if over else look(edge.target)
        sink = NOWHERE if over else edge.target
        if beyond is None:
            _put(ends, sink, Best(edge.seconds, edge, sink))
        else:
            for sink, best in beyond.ends.items():
                _put(ends, sink, Best(edge.seconds + best.seconds, edge, sink))
        if edge.rings is not None:
            _put(rings, NOWHERE, Best(edge.rings, edge, NOWHERE))
        elif beyond is not None:
            for sink, best in beyond.rings.items():
                _put(rings, sink, Best(edge.seconds + best.seconds, edge, sink))
        elif not over:
            _put(rings, edge.target, Best(edge.seconds, edge, edge.target))
    return Far(ends, rings)


def _put(sinks: Sinks, sink: int, best: Best) -> None:
    if sink not in sinks or best.seconds > sinks[sink].seconds:
        sinks[sink] = best
