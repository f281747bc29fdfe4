"""Spreading bits: what every spot leads to, told from the ends backwards, so that no way is followed for each spot."""

from __future__ import annotations

from collections.abc import Sequence

from flows.walk.parts import NOWHERE, Edge


def spread(edges: Sequence[Sequence[Edge]], bits: Sequence[int]) -> list[int]:
    """For every spot its own bits with those of all spots to which it leads."""
    found = list(bits)
    before: list[list[int]] = [[] for _ in edges]
    for here, ways in enumerate(edges):
        for edge in ways:
            if edge.target != NOWHERE:
                before[edge.target].append(here)
    waiting = [here for here, own in enumerate(found) if own]
    while waiting:
        here = waiting.pop()
        for earlier in before[here]:
            if found[here] & ~found[earlier]:
                found[earlier] |= found[here]
                waiting.append(earlier)
    return found
