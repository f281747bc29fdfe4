"""Editing a settings file by its values: what is not touched stays as it is written, comments, order and quotes."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from config.problems import Problem, short
from config.references import names_of
from config.source import Source
from config.source import read as read_source
from config.splices import Path, RepeatedError, Splicer, same, spliced
from config.yaml_places import Places, places
from config.yaml_writing import UnwritableError, plain

_ATTEMPTS = (99, 3, 2, 1, 0)
"""How much is kept of what surrounds a change: as a rule all, and ever less where the result would not read right."""


class EditError(Exception):
    """A change that cannot be made to this file by its values; the message is for whoever edits."""


class UnreadableError(EditError):
    """The text is no YAML that could be edited by its values; `problem` says why, and where."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Document:
    """A settings document that is edited by paths such as ("groups", "sales", "members", 0).

    Nothing is parsed until it is asked for, and the text is written when it is asked for: any number of changes cost
    one reading more. Raises UnreadableError on every use of values when the text is no valid YAML.
    """

    def __init__(self, text: str) -> None:
        self._text = text.removeprefix("\ufeff")
        self._wanted: Any = None
        self._changed = False
        self._renames: Mapping[Path, Mapping[str, str]] = {}

    @classmethod
    def read(cls, text: str) -> Document:
        """Take a text; whether it can be edited shows when it is."""
        return cls(text)

    def again(self) -> Document:
        """Return another document of the same text, to change; what was read of it is not read again."""
        other = Document(self.text)
        other.__dict__["_source"] = self._source
        return other

    @property
    def text(self) -> str:
        """The document with all changes; raises EditError for what cannot be written."""
        if self._changed:
            self._settle()
        return self._text

    @property
    def problem(self) -> Problem | None:
        """What keeps the document from being edited by its values, None when nothing does."""
        source = self._source
        if source.document is not None and not isinstance(source.document, dict):
            return Problem(path="", value=short(source.document), message="the settings are a mapping of keys")
        return source.problems[0] if source.document is None and source.problems else None

    def get(self, path: Path, default: Any = None) -> Any:
        """Return a copy of the value at a path, `default` where there is none."""
        value = self._values
        for part in path:
            below = _below(value, part)
            if below is _NOTHING:
                return default
            value = below
        return copy.deepcopy(value)

    def put(self, path: Path, value: Any) -> None:
        """Set the value at a path; what is missing above it is made, and an index one past the end of a list appends.

        Of a mapping or list only what differs is written anew, so that a whole entry may be put.
        """
        try:
            value = plain(value)
        except UnwritableError as error:
            raise EditError(str(error)) from None
        self._change(_with(self._values, path, value, path))

    def remove(self, path: Path) -> None:
        """Remove a key or an item of a list; removing what is not there changes nothing."""
        if self.get(path, _NOTHING) is not _NOTHING:
            self._change(_without(self._values, path))

    def rename(self, section: str, old: str, new: str) -> None:
        """Give an entry another key, and let everything that names it follow."""
        entries = self.get((section,))
        if not isinstance(entries, dict) or old not in entries:
            raise EditError(f"there is no {old} in {section}")
        if new == old:
            return
        if new in entries:
            raise EditError(f"there is already a {new} in {section}")
        self._settle()
        referring = names_of(self._values, section, old)
        wanted = self._values
        for path in referring:
            wanted = _with(wanted, path, new, path)
        renamed = {new if key == old else key: value for key, value in wanted[section].items()}
        self._renames = {(section,): {old: new}}
        self._change(wanted | {section: renamed})
        self._settle()

    def references(self, section: str, key: str) -> tuple[str, ...]:
        """List where the document names an entry, as dotted paths."""
        return tuple(".".join(map(str, path)) for path in names_of(self._values, section, key))

    @property
    def _values(self) -> Any:
        if self._changed:
            return self._wanted
        if self.problem is not None:
            raise UnreadableError(self.problem)
        return {} if self._source.document is None else self._source.document

    @cached_property
    def _source(self) -> Source:
        return read_source(self._text)

    @cached_property
    def _places(self) -> Places:
        return places(self._text)

    def _change(self, wanted: Any) -> None:
        before = self._wanted, self._changed
        self._wanted, self._changed = wanted, True
        if self._places.repeated:  # rare; then the one who edits is told at once
            try:
                self._settle()
            except EditError:
                self._wanted, self._changed = before
                self._renames = {}
                raise

    def _settle(self) -> None:
        """Write the changes into the text, and read it to be sure that it says what is wanted and nothing else."""
        if not self._changed:
            return
        if same(self._wanted, self._source.document):
            self._changed = False
            return
        problem: Problem | None = None
        for deepest in _ATTEMPTS:
            text = self._attempt(deepest)
            source = read_source(text)
            if same(source.document, self._wanted) and len(source.problems) <= len(self._source.problems):
                self._become(text, source)
                return
            problem = source.problems[0] if source.problems else None
        raise EditError(problem.message if problem else "this cannot be written by a form; use the YAML page")

    def _attempt(self, deepest: int) -> str:
        newline = "\r\n" if "\r\n" in self._text else "\n"
        splicer = Splicer(text=self._text, places=self._places, newline=newline, deepest=deepest, renames=self._renames)
        try:
            return spliced(self._text, splicer.splices(self._source.document, self._wanted))
        except RepeatedError as error:
            raise EditError(
                f"this part is repeated elsewhere in the file by its name (&{error.name}, line {error.line}): changing "
                "it would change both; use the YAML page"
            ) from None

    def _become(self, text: str, source: Source) -> None:
        self._text, self._changed, self._renames = text, False, {}
        self.__dict__.pop("_places", None)
        self.__dict__["_source"] = source


class _Nothing:
    def __deepcopy__(self, memo: Any) -> _Nothing:
        return self


_NOTHING = _Nothing()


def _below(value: Any, part: str | int) -> Any:
    if isinstance(value, dict) and isinstance(part, str):
        return value.get(part, _NOTHING)
    if isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value):
        return value[part]
    return _NOTHING


def _with(value: Any, path: Path, new: Any, whole: Path) -> Any:
    """Copy a value along a path, with something new at its end."""
    if not path:
        return new
    part, *rest = path
    if isinstance(part, str) and (value is None or isinstance(value, dict)):
        value = value or {}
        return {**value, part: _with(value.get(part), tuple(rest), new, whole)}
    if isinstance(part, int) and (value is None or isinstance(value, list)):
        value = value or []
        if 0 <= part <= len(value):
            below = value[part] if part < len(value) else None
            return [*value[:part], _with(below, tuple(rest), new, whole), *value[part + 1 :]]
    raise EditError(f"{'.'.join(map(str, whole))} cannot stand here: above it there is {short(value)}")


def _without(value: Any, path: Path) -> Any:
    part, *rest = path
    if rest:
        changed = _without(value[part], tuple(rest))
        if isinstance(value, dict):
            return {**value, part: changed}
        return [*value[:part], changed, *value[part + 1 :]]  # type: ignore[operator]
    if isinstance(value, dict):
        return {key: kept for key, kept in value.items() if key != part}
    return [kept for place, kept in enumerate(value) if place != part]
