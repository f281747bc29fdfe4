"""One number: its own spots put together with those that it shares, for each kind of hours that it tells apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, reduce
from math import inf
from operator import attrgetter, or_
from typing import NamedTuple

from config.draft import Entry
from flows.walk.graph import Graph
from flows.walk.moments import Moment
from flows.walk.parts import NOWHERE, Edge
from flows.walk.times import Best, Beyond, Far, Loop, Sinks, Starts, Times, asked, farthest, lengthen

Side = Callable[[Far], Sinks]

TO_END: Side = attrgetter("ends")
TO_RING: Side = attrgetter("rings")
"""Which of the two longest ways is looked for."""


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


class Own(NamedTuple):
    """The longest silent ways of a number's own spots: from each, and of those that begin with a key or the call."""

    far: dict[int, Far]
    ends: Peak
    rings: Peak


@dataclass(frozen=True, kw_only=True)
class Hours:
    """A number at one kind of moment; `known` is what its other moments have found out, and the same for this one."""

    number: str
    moment: Moment
    times: Times
    graph: Graph
    known: dict[tuple[tuple[int, ...], int], Own]

    @cached_property
    def own(self) -> dict[int, list[Edge]]:
        """The number's own spots, in the order in which calls come to them, and the ways on from each."""
        order = [self.graph.roots[self.number]]
        found: dict[int, list[Edge]] = {}
        seen = set(order)
        for here in order:
            found[here] = self.times.near(here, self.moment.open).ways
            for target in self._onward(found[here]):
                if target not in seen:
                    seen.add(target)
                    order.append(target)
        return found

    def _onward(self, ways: list[Edge]) -> Iterator[int]:
        """The own spots to which ways lead, perhaps through shared ones."""
        for edge in ways:
            if edge.target in self.graph.shared:
                for left in sorted(self.times.exits(edge.target, self.moment.open)):
                    yield self.graph.resolved(left, self.number)
            elif edge.target != NOWHERE:
                yield edge.target

    @cached_property
    def entries(self) -> tuple[int, ...]:
        """The shared spots that calls come to from its own."""
        found = dict.fromkeys(e.target for ways in self.own.values() for e in ways if e.target in self.graph.shared)
        return tuple(dict.fromkeys(each for t in found for each in self.times.entries(t, self.moment.open)))

    @cached_property
    def beyond(self) -> list[Beyond]:
        """What can be reached from each of these."""
        return [self.times.beyond(entry, self.moment.open) for entry in self.entries]

    @property
    def met(self) -> Met:
        """What calls meet at the number's own spots."""
        ways = [edge for ways in self.own.values() for edge in ways]
        return Met(frozenset().union(*(edge.meets for edge in ways)), asked(ways))

    @property
    def all_met(self) -> list[frozenset[Entry]]:
        """Whom calls meet, at the number's own spots and beyond."""
        return [self.met.meets, *(beyond.meets for beyond in self.beyond)]

    @property
    def kinds(self) -> frozenset[str]:
        """How calls end."""
        own = frozenset(e.end for ways in self.own.values() for e in ways if e.target == NOWHERE)
        return own.union(*(beyond.kinds for beyond in self.beyond))

    @cached_property
    def until_end(self) -> Peak:
        """The longest way until a call ends."""
        return self._peak(self._own.ends, TO_END, [beyond.ends for beyond in self.beyond])

    @cached_property
    def until_ring(self) -> Peak | None:
        """The longest way until a device rings, None when none ever does."""
        peak = self._peak(self._own.rings, TO_RING, [beyond.rings for beyond in self.beyond])
        return peak if peak.seconds >= 0 else None

    def _peak(self, own: Peak, side: Side, shared: list[Starts]) -> Peak:
        peak = own
        for starts in shared:
            for sink, start in starts.items():
                rest = self._rest(sink, side)
                if rest is not None and start.seconds + rest > peak.seconds:
                    peak = Peak(start.seconds + rest, start.here, start.edge, sink)
        return peak

    def _rest(self, sink: int, side: Side) -> float | None:
        """Seconds from a sink of the shared spots on; None where nothing of the kind follows."""
        if sink == NOWHERE:
            return 0
        best = side(self.far[self.graph.resolved(sink, self.number)]).get(NOWHERE)
        return best.seconds if best else None

    @property
    def far(self) -> dict[int, Far]:
        """The longest ways from the number's own spots; only NOWHERE is a sink there."""
        return self._own.far

    @cached_property
    def _own(self) -> Own:
        mask = reduce(or_, map(self.times.after_keys, self.own))
        key = tuple(self.own), self.moment.open & mask
        if key not in self.known:
            self.known[key] = self._from_own_spots()
        return self.known[key]

    def _from_own_spots(self) -> Own:
        far: dict[int, Far] = {}
        for here in (*self.own, self.graph.lost[self.number]):
            self._farthest(here, far, set())
        root = next(iter(self.own))
        peaks = [Peak(best.seconds if best else -1, root, None, NOWHERE) for best in map(_only, far[root])]
        for here, ways in self.own.items():
            for edge in ways:
                if edge.by_caller:
                    for side, best in enumerate(map(_only, self._over(here, edge, far, set()))):
                        if best and best.seconds > peaks[side].seconds:
                            peaks[side] = Peak(best.seconds, here, edge, best.sink)
        return Own(far, *peaks)

    def best(self, here: int, sink: int, side: Side) -> Best | None:
        """The longest way from a spot, own or shared, to a sink."""
        far = self.far.get(here) or self.times.far(here, self.moment.open)
        return side(far).get(NOWHERE if here in self.far else sink)

    def _farthest(self, here: int, known: dict[int, Far], trail: set[int]) -> Far:
        if here in known:
            return known[here]
        trail.add(here)
        found = Far({}, {})
        for edge in self.times.silent(here, self.moment.open):
            over = self._over(here, edge, known, trail)
            lengthen(found.ends, over.ends)
            lengthen(found.rings, over.rings)
        trail.discard(here)
        known[here] = found
        return found

    def _over(self, here: int, edge: Edge, known: dict[int, Far], trail: set[int]) -> Far:
        """The longest ways over one edge of an own spot; the sinks tell by which stage the shared spots are left."""

        def after(target: int) -> Far:
            found = self.graph.resolved(target, self.number)
            if found in trail:
                self.times.loops.append(Loop(here, edge, self.moment.open))
                return Far({NOWHERE: Best(inf, edge, NOWHERE)}, {})
            return self._farthest(found, known, trail)

        def look(target: int) -> Far:
            return (
                _joined(self.times.far(target, self.moment.open), after)
                if target in self.graph.shared
                else after(target)
            )

        far = farthest([edge], look)
        return Far(_most(far.ends), _most(far.rings))


def _only(sinks: Sinks) -> Best | None:
    """The one way of an own spot's."""
    return sinks.get(NOWHERE)


def _joined(shared: Far, after: Callable[[int], Far]) -> Far:
    """Put what follows a number's stages behind the ways that lead to them; the sink tells by which stage."""
    return Far(_behind(shared.ends, after, TO_END), _behind(shared.rings, after, TO_RING))


def _behind(sinks: Sinks, after: Callable[[int], Far], side: Side) -> Sinks:
    found: Sinks = {}
    for sink, best in sinks.items():
        rest = Best(0, best.edge, sink) if sink == NOWHERE else side(after(sink)).get(NOWHERE)
        if rest is not None:
            found[sink] = Best(best.seconds + rest.seconds, best.edge, sink)
    return found


def _most(sinks: Sinks) -> Sinks:
    """The longest of all; from a number's own spots only the seconds and the way count."""
    return {NOWHERE: max(sinks.values(), key=_SECONDS)} if sinks else {}


_SECONDS = attrgetter("seconds")
