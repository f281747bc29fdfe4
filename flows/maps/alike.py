"""Nodes that mean the same made one: a group reached from two places is one node as long as it leads to the same."""

from __future__ import annotations

from collections.abc import Mapping

from flows.maps.parts import Edge, RouteMap


def merged(found: RouteMap) -> RouteMap:
    """Merge the nodes that are alike in themselves and in all that they lead to.

    All nodes that are alike in themselves begin in one class; classes whose members lead to different ones are
    parted until none is.
    """
    numbered = _numbered({node.id: (node.kind, node.key, node.asks) for node in found.nodes})
    while True:
        led = {
            node.id: (
                numbered[node.id],
                frozenset((edge.when, edge.key, numbered[edge.target]) for edge in found.leads[node.id]),
            )
            for node in found.nodes
        }
        parted = _numbered(led)
        if len(set(parted.values())) == len(set(numbered.values())):
            return _one_of_each(found, parted)
        numbered = parted


def _numbered(classes: Mapping[str, object]) -> dict[str, int]:
    numbers: dict[object, int] = {}
    return {node: numbers.setdefault(found, len(numbers)) for node, found in classes.items()}


def _one_of_each(found: RouteMap, classes: dict[str, int]) -> RouteMap:
    first: dict[int, str] = {}
    for node in found.nodes:
        first.setdefault(classes[node.id], node.id)
    kept = frozenset(first.values())
    ways = (
        Edge.between(edge.source, edge.when, first[classes[edge.target]], edge.key)
        for edge in found.edges
        if edge.source in kept
    )
    edges = {edge.id: edge for edge in ways}
    nodes = tuple(node for node in found.nodes if node.id in kept)
    return RouteMap(number=found.number, nodes=nodes, edges=tuple(edges.values()))
