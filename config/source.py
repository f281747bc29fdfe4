"""Reading YAML so that every value keeps the line and the spelling that it has in the file."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from config.problems import Problem

try:  # ten times as fast, where PyYAML was built with libyaml
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

MOST_BYTES = 4_000_000
"""Size of the largest file that is read: 10,000 employees with everything about them take 2.5 MB."""
MOST_VALUES = 500_000
"""Values in a document, those that aliases repeat included: a few lines of aliases could spell billions."""
MOST_LEVELS = 40
"""Levels of nesting; the settings themselves have nine."""
LONGEST_PLAIN = 64
"""Characters of a number, a date or a word like true. YAML 1.1 counts 1:1:1 by sixties: a long one would take hours."""

_TAG = "tag:yaml.org,2002:"
_UNFIT = re.compile(r"[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What neither XML nor PostgreSQL can hold; escapes such as "\\x01" bring it in (YAML 1.2, 5.1; XML 1.0, 2.2)."""
_HINTS = {
    "mapping values are not allowed": "put text that holds a colon in quotation marks",
    "cannot start any token": "indent with spaces, not tabs; put text that starts with @, ` or % in quotation marks",
    "found unexpected end of stream": "a quotation mark is not closed",
    "found undefined alias": "an alias (*name) needs an anchor (&name) above it",
    "did not find expected key": "check the indentation, and that every quotation mark is closed",
    "did not find expected ',' or": "a bracket is not closed, or a comma is missing",
    "could not find expected ':'": "a colon and a space must follow a key",
}


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a file says: its values, the line of each dotted path, and the text of what YAML did not take as text.

    `problems` are in the way of editing it by its values; `unfit` values can be edited, and must be.
    """

    document: Any = None
    lines: dict[str, int] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unfit: list[Problem] = field(default_factory=list)

    def line(self, path: str) -> int | None:
        """Find the line of a path, or of the nearest part above it that has one."""
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return self.lines.get(path)


def read(text: str) -> Source:
    """Read the text of a YAML file; never raises: what cannot be read is a problem, and then `document` is None."""
    if len(text) > MOST_BYTES:
        return Source(problems=[Problem(path="", message=f"the file is larger than {MOST_BYTES // 1_000_000} MB")])
    try:
        reader = _Reader(text.encode())
        return reader.read_source()
    except UnicodeEncodeError:
        return Source(problems=[Problem(path="", message="the text holds characters that no file can hold")])
    except _UnreadableError as fault:
        return Source(problems=[fault.problem])
    except yaml.YAMLError as fault:
        return Source(problems=[_syntax(fault)])


class _UnreadableError(Exception):
    def __init__(self, message: str, event: Any, path: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(path=path, message=message, line=_line(event))


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _syntax(fault: yaml.YAMLError) -> Problem:
    what = str(getattr(fault, "problem", None) or getattr(fault, "reason", None) or fault)
    mark = getattr(fault, "problem_mark", None)
    column = f" (column {mark.column + 1})" if mark else ""
    hint = next((f"; {hint}" for part, hint in _HINTS.items() if part in what), "")
    return Problem(path="", message=f"not valid YAML: {what}{column}{hint}", line=mark.line + 1 if mark else None)


class _Reader(SafeLoader):
    """Builds values straight from the parser's events, which know their lines.

    Keys are always taken as they are written, so that 1: and +34910000001: need no quotation marks.
    """

    def __init__(self, stream: bytes) -> None:
        super().__init__(stream)
        self._source = Source()
        self._anchored: dict[str, tuple[object, int] | None] = {}
        self._values = 0
        self._level = 0

    def read_source(self) -> Source:
        """Read the one document of the stream."""
        self.get_event()  # the start of the stream
        if self.check_event(yaml.StreamEndEvent):
            return self._source
        self.get_event()  # the start of the document
        document = self._value("")
        self.get_event()
        if not self.check_event(yaml.StreamEndEvent):
            raise _UnreadableError("a second document starts here (---); the settings are one", self.peek_event())
        found = self._source
        return replace(found, document=document)

    def _value(self, path: str) -> object:
        event: Any = self.get_event()
        self._count(1, event)
        if isinstance(event, yaml.AliasEvent):
            return self._repeated(event, path)
        if event.tag not in (None, "!", _TAG + "str"):
            raise _UnreadableError(f"the tag {event.tag} is not known here; remove it", event, path)
        before = self._values
        if event.anchor:
            self._anchored[event.anchor] = None
        value = self._BUILDERS[type(event)](self, event, path)
        if event.anchor:
            self._anchored[event.anchor] = value, self._values - before
        return value

    def _count(self, values: int, event: Any) -> None:
        self._values += values
        if self._values > MOST_VALUES:
            raise _UnreadableError(f"more than {MOST_VALUES} values, counting what aliases (*name) repeat", event)

    def _repeated(self, event: Any, path: str) -> object:
        if event.anchor not in self._anchored:
            raise _UnreadableError(
                f"*{event.anchor} repeats nothing: there is no &{event.anchor} above it", event, path
            )
        anchored = self._anchored[event.anchor]
        if anchored is None:
            raise _UnreadableError(f"*{event.anchor} stands inside what it repeats", event, path)
        value, values = anchored
        self._count(values, event)
        return value

    def _scalar(self, event: Any, path: str) -> object:
        self._fit(event, path)
        value = self._meaning(event)
        if not isinstance(value, str):
            self._source.written.setdefault(path, event.value)
        return value

    def _meaning(self, event: Any) -> object:
        if event.tag == _TAG + "str" or len(event.value) > LONGEST_PLAIN:
            return event.value
        tag = self.resolve(yaml.ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]
        construct = _PLAIN.get(tag or "")
        if construct is None:
            return event.value
        try:
            return construct(self, yaml.ScalarNode(tag, event.value))
        except (ValueError, OverflowError):  # 2026-02-31, or a number of 5,000 digits: the schema will say so
            return event.value

    def _sequence(self, event: Any, path: str) -> object:
        self._enter(event, path)
        values: list[object] = []
        while not self.check_event(yaml.SequenceEndEvent):
            here = _below(path, str(len(values)))
            self._source.lines.setdefault(here, _line(self.peek_event()))
            values.append(self._value(here))
        self._leave()
        return values

    def _mapping(self, event: Any, path: str) -> object:
        self._enter(event, path)
        values: dict[str, object] = {}
        merged: dict[str, object] = {}
        while not self.check_event(yaml.MappingEndEvent):
            key_event: Any = self.get_event()
            key = self._key(key_event, path)
            here = _below(path, key)
            if key == "<<" and not getattr(key_event, "style", None):
                _merge(merged, self._value(here), key_event, here)
            elif key in values:
                self._twice(here, key_event)
                self._value(here)
            else:
                self._source.lines.setdefault(here, _line(key_event))
                values[key] = self._value(here)
        self._leave()
        return {**merged, **values} if merged else values

    def _fit(self, event: Any, path: str) -> None:
        """Refuse characters that would spoil every document in which they are said."""
        unfit = None if event.value.isprintable() else _UNFIT.search(event.value)
        if unfit is not None:
            message = f"holds the character U+{ord(unfit[0]):04X}, which can be neither said nor shown; remove it"
            self._source.unfit.append(Problem(path=path, message=message, line=_line(event)))

    def _key(self, event: Any, path: str) -> str:
        if isinstance(event, yaml.AliasEvent):
            anchored = self._anchored.get(str(event.anchor))
            if anchored and isinstance(anchored[0], str):
                return anchored[0]
        elif isinstance(event, yaml.ScalarEvent):
            self._fit(event, path)
            if event.anchor:
                self._anchored[event.anchor] = event.value, 0
            return str(event.value)
        raise _UnreadableError("a key must be a word or a number", event, path)

    def _twice(self, path: str, event: Any) -> None:
        first = self._source.lines[path]
        message = f"this key stands here twice, first in line {first}; keep one of them"
        self._source.problems.append(Problem(path=path, message=message, line=_line(event)))

    def _enter(self, event: Any, path: str) -> None:
        self._level += 1
        if self._level > MOST_LEVELS:
            raise _UnreadableError(f"nested more than {MOST_LEVELS} levels deep", event, path[:60])

    def _leave(self) -> None:
        self._level -= 1
        self.get_event()  # the end

    _BUILDERS: dict[type, Callable[[_Reader, Any, str], object]] = {  # noqa: RUF012
        yaml.ScalarEvent: _scalar,
        yaml.SequenceStartEvent: _sequence,
        yaml.MappingStartEvent: _mapping,
    }


_PLAIN: dict[str, Callable[[_Reader, Any], object]] = {
    _TAG + "int": SafeLoader.construct_yaml_int,
    _TAG + "float": SafeLoader.construct_yaml_float,
    _TAG + "bool": SafeLoader.construct_yaml_bool,
    _TAG + "null": SafeLoader.construct_yaml_null,
    _TAG + "timestamp": SafeLoader.construct_yaml_timestamp,
}
"""What YAML makes of plain words; all the rest is text."""


def _merge(merged: dict[str, object], value: object, event: Any, path: str) -> None:
    """Add what << adds: one mapping or a list of them; what is there already wins.

    Into the same mapping, and never by a new one: thousands of << that add nothing would copy the rest each time.
    """
    for part in value if isinstance(value, list) else [value]:
        if not isinstance(part, dict):
            raise _UnreadableError("<< takes a mapping, or a list of mappings", event, path)
        for name, each in part.items():
            merged.setdefault(name, each)
