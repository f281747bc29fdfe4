"""From a change of values to the pieces of text that have to be exchanged, and no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from config.yaml_places import Node, Places
from config.yaml_writing import STEP, WIDTH, after_key, block, fits, inline, item, word

Path = tuple[str | int, ...]


class RepeatedError(Exception):
    """What should change is repeated elsewhere in the file by an alias; `line` is where it stands."""

    def __init__(self, name: str, line: int) -> None:
        super().__init__(name)
        self.name, self.line = name, line


class Splice(NamedTuple):
    """Replace the characters from start to end."""

    start: int
    end: int
    text: str


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same in a file: 1 is neither 1.0 nor true, and the order of keys is nothing."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(part, other[key]) for key, part in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) or (one != one and other != other)  # NaN differs from itself


def spliced(text: str, splices: list[Splice]) -> str:
    """Apply splices, which may touch and not overlap; those at one place go in as they come."""
    parts: list[str] = []
    done = 0
    for splice in sorted(splices, key=lambda found: found.start):
        parts += text[done : splice.start], splice.text
        done = max(done, splice.end)
    return "".join([*parts, text[done:]])


@dataclass(frozen=True, kw_only=True)
class _Site:
    """What surrounds a value: its path and key, the column of the collection, and whether that is in brackets."""

    path: Path = ()
    key: Node | None = None
    column: int = -STEP
    flow: bool = False


@dataclass(frozen=True, kw_only=True)
class Splicer:
    """Finds the splices of one text. Values at `deepest` keys or more are written anew as a whole."""

    text: str
    places: Places
    newline: str = "\n"
    deepest: int = 99
    renames: Mapping[Path, Mapping[str, str]] = field(default_factory=dict)

    def splices(self, old: Any, new: Any) -> list[Splice]:
        """List what turns a text that says `old` into one that says `new`; raises RepeatedError."""
        root = self.places.root
        if root is None:
            end, written = len(self.text), block(new, 0, 0, newline=self.newline)
            return [Splice(end, end, f"{self._at_line_start()}{written}{self.newline}")]
        found = list(self._changes(root, old, new, _Site()))
        for splice in found:
            for node in self.places.repeated:
                if splice.start < node.end and node.start < splice.end:
                    raise self._repeated(node)
        return found

    def _at_line_start(self) -> str:
        return "" if not self.text or self.text.endswith("\n") else self.newline

    def _repeated(self, node: Node) -> RepeatedError:
        return RepeatedError(node.anchor or "", self.text.count("\n", 0, node.start) + 1)

    def _changes(self, node: Node, old: Any, new: Any, site: _Site) -> Iterator[Splice]:
        if same(old, new):
            return
        if any(node is repeated for repeated in self.places.repeated):
            raise self._repeated(node)
        inside = new and old and len(site.path) < self.deepest and not self._outgrows(node, new, site)
        if inside and node.kind == "mapping" and isinstance(new, dict):
            yield from self._in_mapping(node, old, new, site)
        elif inside and node.kind == "sequence" and isinstance(new, list):
            yield from self._in_sequence(node, old, new, site)
        else:
            yield self._replacement(node, new, site)

    def _outgrows(self, node: Node, new: Any, site: _Site) -> bool:
        """Tell whether a line in brackets would become too long, and can be written as several lines instead."""
        written = self.text[node.start : node.end]
        wide = node.flow and not site.flow and not node.anchor and not set("\n#") & set(written)
        return wide and node.column + len(inline(new)) > WIDTH and not fits(new, node.column, 3)

    # Mappings

    def _in_mapping(self, node: Node, old: dict[str, Any], new: dict[str, Any], site: _Site) -> Iterator[Splice]:
        renamed = self.renames.get(site.path, {})
        at: dict[str, int] = {}
        for place, said in enumerate(node.keys):
            if not said.merges:
                at.setdefault(renamed.get(said.word, said.word), place)
        if not at.keys() & new.keys():
            yield self._replacement(node, new, site)
            return
        back = {after: before for before, after in renamed.items()}
        for key, place in at.items():
            if key in new:
                yield from self._renamed(node.keys[place], key)
                below = _Site(
                    path=(*site.path, key), key=node.keys[place], column=node.column, flow=self._flow(node, site)
                )
                yield from self._changes(node.parts[place], old[back.get(key, key)], new[key], below)
        for key, place in at.items():
            if key not in new:
                yield self._removal(node, place, self._place(node, place))
        yield from self._added(node, at, old, new, site)

    def _renamed(self, key: Node, name: str) -> Iterator[Splice]:
        if key.kind == "scalar" and key.word != name:
            yield Splice(key.start, key.end, word(name))

    def _added(
        self, node: Node, at: dict[str, int], old: dict[str, Any], new: dict[str, Any], site: _Site
    ) -> Iterator[Splice]:
        """Put each new key after the one that precedes it; what << had added is said anew here."""
        last = max(place for key, place in at.items() if key in new)
        after = None
        for key, value in new.items():
            if key in at:
                after = at[key]
            elif not same(old.get(key, _MISSING), value):
                where = node.parts[last if after is None else after]
                yield self._insertion(node, where, key, value, site)

    def _insertion(self, node: Node, after: Node, key: str, value: Any, site: _Site) -> Splice:
        if self._flow(node, site):
            return Splice(after.end, after.end, f", {word(key)}: {inline(value)}")
        here = self._line_end(after.end)
        written = after_key(value, node.column, len(site.path) + 1, newline=self.newline)
        return Splice(here, here, f"{self.newline}{' ' * node.column}{word(key)}:{written}")

    # Lists

    def _in_sequence(self, node: Node, old: list[Any], new: list[Any], site: _Site) -> Iterator[Splice]:
        """Change what stands between the items that both begin and both end with."""
        least = min(len(old), len(new))
        head = next((i for i in range(least) if not same(old[i], new[i])), least)
        tail = next((i for i in range(least - head) if not same(old[-1 - i], new[-1 - i])), least - head)
        gone, come = old[head : len(old) - tail], new[head : len(new) - tail]
        both = min(len(gone), len(come))
        flow = self._flow(node, site)
        for place in range(head, head + both):
            below = _Site(path=(*site.path, place), column=node.column, flow=flow)
            yield from self._changes(node.parts[place], old[place], new[place], below)
        for place in range(head + both, head + len(gone)):
            yield self._removal(node, place, self._place(node, place))
        if come[both:]:
            yield self._items(node, head + both, come[both:], flow, len(site.path) + 1)

    def _items(self, node: Node, place: int, values: list[Any], flow: bool, depth: int) -> Splice:
        if flow:
            written = ", ".join(map(inline, values))
            here = node.parts[place - 1].end if place else node.parts[0].start
            return Splice(here, here, f", {written}" if place else f"{written}, ")
        indented = self.newline + " " * node.column
        lines = [f"- {item(value, node.column + STEP, depth, newline=self.newline)}" for value in values]
        if not place:
            here = self._place(node, 0)
            return Splice(here, here, "".join(line + indented for line in lines))
        here = self._line_end(node.parts[place - 1].end)
        return Splice(here, here, "".join(indented + line for line in lines))

    # Both

    def _flow(self, node: Node, site: _Site) -> bool:
        return node.flow or site.flow

    def _place(self, node: Node, place: int) -> int:
        """Find where a part starts: at its key, or at the dash before it."""
        if node.kind == "mapping":
            return node.keys[place].start
        here = node.parts[place].start
        if node.flow:
            return here
        while here > 0:
            start = self._line_start(here)
            dash = start + node.column
            if dash < len(self.text) and self.text[dash] == "-" and dash <= here:
                return dash
            here = start - 1
        return node.parts[place].start

    def _removal(self, node: Node, place: int, start: int) -> Splice:
        part, last = node.parts[place], place == len(node.parts) - 1
        if node.flow:
            return Splice(node.parts[place - 1].end, part.end, "") if last else self._until_next(node, place, start)
        line = self._line_start(start)
        if self.text[line:start].strip():
            return self._until_next(node, place, start)
        line = self._comment_start(line, start - line)
        end = self._line_end(part.end)
        if line == 0:
            return Splice(0, min(end + 1, len(self.text)), "")
        return Splice(self._before_break(line), end, "")

    def _until_next(self, node: Node, place: int, start: int) -> Splice:
        end = self._place(node, place + 1) if place + 1 < len(node.parts) else node.parts[place].end
        return Splice(start, end, "")

    def _comment_start(self, line: int, indent: int) -> int:
        """Go up over the comments right above a line, at its own column: they speak of it. The file's head stays."""
        first = line
        while first > 0:
            above = self._line_start(first - 1)
            if not self.text[above:first].startswith(" " * indent + "#"):
                return first
            first = above
        return line

    def _replacement(self, node: Node, new: Any, site: _Site) -> Splice:
        depth = len(site.path)
        foldable = not self.text[node.end : self._line_end(node.end)].strip()
        if site.key is None:
            written = inline(new) if site.flow else self._unkeyed(node, new, depth, foldable)
            space = " " if node.start == node.end and depth else ""
            return Splice(node.start, node.end, space + written)
        gap = self.text[site.key.end : node.start]
        if gap.strip() not in ("", ":") or (site.flow and node.start != node.end):
            return Splice(node.start, node.end, inline(new))
        if site.flow:
            return Splice(site.key.end, node.end, f": {inline(new)}")
        written = after_key(new, site.column, depth, newline=self.newline, foldable=foldable)
        if written.startswith(" ") and gap.strip() and not set(gap) & set("\r\n") and node.start != node.end:
            return Splice(node.start, node.end, written[1:])
        return Splice(site.key.end, node.end, ":" + written)

    def _unkeyed(self, node: Node, new: Any, depth: int, foldable: bool) -> str:
        write = item if depth else block
        return write(new, node.column if depth else 0, depth, newline=self.newline, foldable=foldable)

    def _line_start(self, here: int) -> int:
        return self.text.rfind("\n", 0, here) + 1

    def _line_end(self, here: int) -> int:
        end = self.text.find("\n", here)
        end = len(self.text) if end < 0 else end
        return end - 1 if end > here and self.text[end - 1] == "\r" else end

    def _before_break(self, line: int) -> int:
        return line - 2 if self.text[line - 2 : line] == "\r\n" else line - 1


_MISSING = object()
