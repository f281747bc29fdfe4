"""One number: its own spots put together with those that it shares, for each kind of hours that it tells apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from config.draft import Entry
from flows.walk.graph import Graph
from flows.walk.moments import Moment
from flows.walk.parts import NOWHERE, Edge, Onward
from flows.walk.times import Best, Beyond, Far, Loop, Sinks, Times, farthest

ENDS: Callable[[Far], Sinks] = lambda far: far.ends  # noqa: E731
RINGS: Callable[[Far], Sinks] = lambda far: far.rings  # noqa: E731


class Peak(NamedTuple):
    """The longest silent way of a number: its seconds, where it begins, and the sink to which it leads.

    It begins with an edge that is the caller's doing, or with the call (None).
    """

    seconds: float
    here: int
    edge: Edge | None
    sink: int


class Met(NamedTuple):
    """Whom calls meet, and the bits of the schedules on which they hang."""

    meets: frozenset[Entry]
    asked: int


@dataclass(frozen=True, kw_only=True)
class Hours:
    """A number at one kind of moment."""

    number: str
    moment: Moment
    times: Times

    @property
    def graph(self) -> Graph:
        """The graph of all numbers."""
        return self.times.graph

    @cached_property
    def own(self) -> tuple[int, ...]:
        """The number's own spots, in the order in which calls come to them."""
        return tuple(self._own_spots())

    @cached_property
    def entries(self) -> tuple[int, ...]:
        """The shared spots that calls come to from its own."""
        targets = (e.target for here in self.own for e in self._ways(here))
        found = dict.fromkeys(t for t in targets if t != NOWHERE and self.graph.spots[t].shared)
        return tuple(dict.fromkeys(each for t in found for each in self.times.entries(t, self.moment.open)))

    @cached_property
    def met(self) -> Met:
        """What calls meet at the number's own spots."""
        ways = [edge for here in self.own for edge in self._ways(here)]
        asked = 0
        for edge in ways:
            asked |= edge.mask
        return Met(frozenset().union(*(edge.meets for edge in ways)), asked)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """How calls end."""
        own = {e.end for here in self.own for e in self._ways(here) if e.target == NOWHERE}
        return frozenset(own).union(*(self._beyond(entry).kinds for entry in self.entries))

    @cached_property
    def until_end(self) -> Peak:
        """The longest way until a call ends."""
        return self._peak(ENDS)

    @cached_property
    def until_ring(self) -> Peak | None:
        """The longest way until a device rings, None when none ever does."""
        peak = self._peak(RINGS)
        return peak if peak.seconds >= 0 else None

    def _own_spots(self) -> Iterator[int]:
        order = [self.graph.roots[self.number]]
        seen = set(order)
        for here in order:
            yield here
            for edge in self._ways(here):
                if edge.target == NOWHERE:
                    continue
                shared = self.graph.spots[edge.target].shared
                onward = self.times.exits(edge.target, self.moment.open) if shared else (edge.target,)
                for target in (self.graph.resolved(each, self.number) for each in sorted(onward)):
                    if target not in seen:
                        seen.add(target)
                        order.append(target)

    def _ways(self, here: int) -> Iterator[Edge]:
        return (edge for edge in self.graph.edges[here] if edge.goes(self.moment.open))

    def _beyond(self, entry: int) -> Beyond:
        return self.times.beyond(entry, self.moment.open)

    def _peak(self, side: Callable[[Far], Sinks]) -> Peak:
        first = side(self.far[self.own[0]]).get(NOWHERE)
        peak = Peak(first.seconds if first else -1, self.own[0], None, NOWHERE)
        for here in self.own:
            for edge in self._ways(here):
                if edge.by_caller:
                    best = side(self._over(here, edge, self.far)).get(NOWHERE)
                    if best and best.seconds > peak.seconds:
                        peak = Peak(best.seconds, here, edge, best.sink)
        for entry in self.entries:
            beyond = self._beyond(entry)
            for sink, start in (beyond.ends if side is ENDS else beyond.rings).items():
                rest = self._rest(sink, side)
                if rest is not None and start.seconds + rest > peak.seconds:
                    peak = Peak(start.seconds + rest, start.here, start.edge, sink)
        return peak

    def _rest(self, sink: int, side: Callable[[Far], Sinks]) -> float | None:
        """Seconds from a sink of the shared spots on; None where nothing of the kind follows."""
        if sink == NOWHERE:
            return 0
        best = side(self.far[self.graph.resolved(sink, self.number)]).get(NOWHERE)
        return best.seconds if best else None

    @cached_property
    def far(self) -> dict[int, Far]:
        """The longest ways from the number's own spots; only NOWHERE is a sink there."""
        mask = 0
        for here in self.own:
            mask |= self.times.after_keys(here)
        known = self.times.own_far.setdefault((self.number, self.own, self.moment.open & mask), {})
        for here in (*self.own, self.graph.lost[self.number]):
            self._farthest(here, known, set())
        return known

    def best(self, here: int, sink: int, side: Callable[[Far], Sinks]) -> Best | None:
        """The longest way from a spot, own or shared, to a sink."""
        far = self.far.get(here) or self.times.far(here, self.moment.open)
        return side(far).get(NOWHERE if here in self.far else sink)

    def _farthest(self, here: int, known: dict[int, Far], trail: set[int]) -> Far:
        if here in known:
            return known[here]
        trail.add(here)
        parts = [self._over(here, edge, known, trail) for edge in self.times.silent(here, self.moment.open)]
        known[here] = Far(_most([part.ends for part in parts]), _most([part.rings for part in parts]))
        trail.discard(here)
        return known[here]

    def _over(self, here: int, edge: Edge, known: dict[int, Far], trail: set[int] | None = None) -> Far:
        """The longest ways over one edge of an own spot; the sinks tell by which stage the shared spots are left."""
        on_trail = set() if trail is None else trail

        def after(target: int) -> Far:
            found = self.graph.resolved(target, self.number)
            if found in on_trail:
                self.times.loops.append(Loop(here, edge, self.moment.open))
                return Far({}, {})
            return self._farthest(found, known, on_trail)

        def look(target: int) -> Far:
            return _joined(self._far_of(target), after) if self.graph.spots[target].shared else after(target)

        far = farthest(iter([edge]), look)
        return Far(_most([far.ends]), _most([far.rings]))

    def _far_of(self, shared: int) -> Far:
        at = self.graph.spots[shared].at
        return self.times.far(shared, self.moment.open) if not isinstance(at, Onward) else Far({}, {})


def _joined(shared: Far, after: Callable[[int], Far]) -> Far:
    """Put what follows a number's stages behind the ways that lead to them; the sink tells by which stage."""
    return Far(_behind(shared.ends, after, ENDS), _behind(shared.rings, after, RINGS))


def _behind(sinks: Sinks, after: Callable[[int], Far], side: Callable[[Far], Sinks]) -> Sinks:
    found: Sinks = {}
    for sink, best in sinks.items():
        rest = Best(0, best.edge, sink) if sink == NOWHERE else side(after(sink)).get(NOWHERE)
        if rest is not None:
            found[sink] = Best(best.seconds + rest.seconds, best.edge, sink)
    return found


def _most(parts: list[Sinks]) -> Sinks:
    """The longest of all; from a number's own spots only the seconds and the way count."""
    best = max((b for sinks in parts for b in sinks.values()), key=lambda b: b.seconds, default=None)
    return {} if best is None else {NOWHERE: best}
