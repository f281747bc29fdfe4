"""Where every value of a YAML text stands, so that one of them can be exchanged and the rest stay as it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

try:  # ten times as fast, where PyYAML was built with libyaml
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

Kind = Literal["scalar", "mapping", "sequence", "alias"]


@dataclass(slots=True, kw_only=True, eq=False)
class Node:
    """A value of the text: where it starts and ends (characters; an anchor is part of it), and what is in it.

    `column` is where its line is indented to, or a flow collection's bracket stands; `style` is "|", ">", a quotation
    mark or "" for a scalar. A mapping has `keys` next to the values in `parts`. An alias has the `word` of the scalar
    that it repeats.
    """

    kind: Kind
    start: int
    end: int
    column: int = 0
    flow: bool = False
    style: str = ""
    anchor: str | None = None
    word: str = ""
    keys: list[Node] = field(default_factory=list)
    parts: list[Node] = field(default_factory=list)

    @property
    def block(self) -> bool:
        """Whether it is a collection over several lines, one part a line."""
        return self.kind in ("mapping", "sequence") and not self.flow

    @property
    def merges(self) -> bool:
        """Whether this key is <<, which adds the keys of another mapping."""
        return self.kind == "scalar" and self.word == "<<" and not self.style


@dataclass(frozen=True, kw_only=True)
class Places:
    """The root of a text, None where it holds no value, and the parts that aliases repeat."""

    root: Node | None
    repeated: tuple[Node, ...] = ()


def places(text: str) -> Places:
    """Find every value of a text that config.source can read; it may be ten thousand lines long."""
    return _Finder(text).find()


class _Finder:
    """Builds nodes from the parser's events: a composer would follow the aliases and forget where they stand."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._loader: Any = SafeLoader(text.encode())
        self._anchored: dict[str, Node] = {}
        self._repeated: dict[int, Node] = {}

    def find(self) -> Places:
        loader = self._loader
        loader.get_event()  # the start of the stream
        if loader.check_event(yaml.StreamEndEvent):
            return Places(root=None)
        loader.get_event()  # the start of the document
        root = self._node()
        return Places(root=root, repeated=tuple(self._repeated.values()))

    def _node(self) -> Node:
        event = self._loader.get_event()
        mark = event.start_mark
        node = Node(kind="scalar", start=mark.index, end=event.end_mark.index, column=mark.column)
        if isinstance(event, yaml.AliasEvent):
            repeated = self._anchored.get(str(event.anchor))
            if repeated is not None:
                self._repeated[id(repeated)] = repeated
            node.kind, node.word = "alias", repeated.word if repeated else ""
            return node
        node.anchor = event.anchor
        if isinstance(event, yaml.ScalarEvent):
            node.word, node.style = event.value, event.style or ""
            node.end = self._trimmed(node)
        elif isinstance(event, yaml.MappingStartEvent):
            node.kind, node.flow = "mapping", bool(event.flow_style)
            self._fill_mapping(node)
        else:
            node.kind, node.flow = "sequence", bool(event.flow_style)
            self._fill_sequence(node)
        if node.anchor:
            self._anchored[node.anchor] = node
        return node

    def _trimmed(self, node: Node) -> int:
        """Find the end of a scalar; the parser reads a block of text to where the next value starts."""
        end = node.end
        while node.style in ("|", ">") and self._text[end - 1] in " \t\r\n":
            end -= 1
        return max(end, node.start)

    def _fill_mapping(self, node: Node) -> None:
        while not self._loader.check_event(yaml.MappingEndEvent):
            node.keys.append(self._node())
            node.parts.append(self._node())
        self._close(node, node.keys)

    def _fill_sequence(self, node: Node) -> None:
        while not self._loader.check_event(yaml.SequenceEndEvent):
            node.parts.append(self._node())
        self._close(node, node.parts)

    def _close(self, node: Node, first: list[Node]) -> None:
        """Set the end; a block ends with its last part: the parser's own end lies after the comments that follow."""
        event = self._loader.get_event()
        node.end = event.end_mark.index if node.flow else node.parts[-1].end
        if node.block and node.kind == "mapping" and first:
            node.column = first[0].column  # its start may be an anchor in the line above
