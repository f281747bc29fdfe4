"""What the schema expects at a location of the settings, for messages that name it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel, Discriminator

from config.company import Company
from config.destinations import FORMS, TAG, WORD

Part = str | int


@dataclass(frozen=True, kw_only=True)
class Expected:
    """The type at a location, what narrows it, and the destinations that may stand there ("" where none may)."""

    kind: Any
    narrowed: tuple[Any, ...] = ()
    destinations: str = ""

    @property
    def record(self) -> type[BaseModel] | None:
        """The kind of record that belongs here."""
        return self.kind if isinstance(self.kind, type) and issubclass(self.kind, BaseModel) else None

    @property
    def words(self) -> tuple[str, ...]:
        """The words that may stand here."""
        members = get_args(self.kind) if get_origin(self.kind) in (Union, UnionType) else (self.kind,)
        bare = (_bare(member)[0] for member in members)
        return tuple(word for kind in bare if get_origin(kind) is Literal for word in get_args(kind))

    @property
    def bounds(self) -> str:
        """Say which numbers are allowed, such as " from 5 to 120"."""
        least = next((limit.ge for limit in self.narrowed if isinstance(limit, Ge)), None)
        most = next((limit.le for limit in self.narrowed if isinstance(limit, Le)), None)
        if least is not None and most is not None:
            return f" from {least} to {most}"
        return f", {least} or more" if least is not None else ""


def expected_at(location: Sequence[Part]) -> Expected:
    """Walk from the company to a location that pydantic named; an unknown step leads to `Any`."""
    found = Expected(kind=Company)
    for part in location:
        found = step(found, part)
    return found


def path_of(location: Sequence[Part]) -> str:
    """Write a location as the file knows it: dotted, without the marks of unions and keys."""
    return ".".join(str(part) for part in keys_of(location))


def keys_of(location: Sequence[Part]) -> tuple[Part, ...]:
    """Leave out the parts of a location that are no keys of the file."""
    end = list(location).index("[key]") if "[key]" in location else len(location)
    return tuple(part for part in location[:end] if not str(part).startswith(TAG))


def step(here: Expected, part: Part) -> Expected:
    """What is expected one key, or one item, further on."""
    if isinstance(part, str) and part.startswith(TAG):
        return here if part == WORD else Expected(kind=FORMS[part.removeprefix(TAG)])
    if here.record:
        known = here.record.model_fields.get(str(part))
        return _expected(known.annotation, tuple(known.metadata)) if known else Expected(kind=Any)
    arguments = get_args(here.kind)
    if get_origin(here.kind) is dict:
        return _expected(arguments[1])
    return _expected(arguments[0]) if get_origin(here.kind) is tuple else Expected(kind=Any)


def _expected(annotation: Any, narrowed: tuple[Any, ...] = ()) -> Expected:
    kind, more = _bare(annotation)
    narrowed += more
    choice = next((part for part in narrowed if isinstance(part, Discriminator)), None)
    return Expected(kind=kind, narrowed=narrowed, destinations=(choice and choice.custom_error_message) or "")


def _bare(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """Take Annotated and Optional off a type; what they said is the second result."""
    narrowed: tuple[Any, ...] = ()
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            narrowed += tuple(more)
        elif get_origin(annotation) in (Union, UnionType) and type(None) in get_args(annotation):
            kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
            if len(kinds) > 1:
                return annotation, narrowed
            annotation = kinds[0]
        else:
            return annotation, narrowed
