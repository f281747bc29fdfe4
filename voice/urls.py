"""Places as URLs: the way in which a call carries its own position (DESIGN section 2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache, partial
from typing import Any
from urllib.parse import quote, urlencode

from flows.calls import Call
from flows.places import KIND_OF, KINDS, AtScreen, Place
from flows.routing import ROUTES

_COLUMNS = {kind: [(f.name, str(f.type), f.default) for f in fields(kind)] for kind in KINDS.values()}
_LIST = "tuple[str, ...]"
_COUNT = re.compile(r"[0-9]{1,12}")
_MASK = re.compile(r"[0-9]{1,400}")
"""400 digits hold a bit for each of a thousand members."""
_NUMBERS = {"tried": _MASK, "rang": _MASK, "told": re.compile(r"-1|[0-9]{1,12}")}
"""How each int is written; all others are counts. What is written in any other way is no URL of ours."""

_quoted = lru_cache(maxsize=1024)(partial(quote, safe=""))
"""Most of what addresses say are keys of the settings, the same again and again."""

WHILE_WAITING = "#rc=2&rp=all"
"""How often, and after what, the provider tries again (twiml.md 1.4). Few times, because a caller waits."""

CALLBACK = "#rc=5&rp=all"
"""As often as can be: nobody waits, and what is told here is told once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Urls:
    """Writes the addresses of the next webhooks, absolute under PUBLIC_URL.

    With `retries` each says in its fragment, which nobody sees but the provider, that a failure is to be tried again.
    """

    public_url: str
    revision: str
    retries: bool = False

    def place(self, call: Call, place: Place) -> str:
        """Write the address of a place of a call."""
        parts = [f"number={_quoted(call.number or '')}&revision={self.revision}"]
        if isinstance(place, AtScreen):  # a callee's leg has a call id of its own, and shows a number of ours as From
            parts.append(f"call={quote(call.id, safe='')}&caller={quote(call.caller or '', safe='')}")
        for name, kind, default in _COLUMNS[type(place)]:
            value = getattr(place, name)
            if value != default:
                parts.append(f"{name}={_written(value, kind)}")
        return f"{self.public_url}/voice/at/{KIND_OF[type(place)]}?{'&'.join(parts)}{self._tries(WHILE_WAITING)}"

    def leg(self, call: Call, employee: str, step: int) -> str:
        """Write where the provider tells how the leg of an employee's device fares."""
        values = {"number": call.number or "", "call": call.id, "employee": employee, "step": step}
        return f"{self.public_url}/voice/leg?{urlencode(values)}{self._tries(CALLBACK)}"

    def fixed(self, path: str) -> str:
        """Write the address of one of the fixed endpoints, such as voice/recording, or of a file of ours."""
        return f"{self.public_url}/{path}{self._tries(CALLBACK) if path.startswith('voice/') else ''}"

    def _tries(self, wish: str) -> str:
        return wish if self.retries else ""


def _written(value: Any, kind: str) -> str:
    if kind == "int":
        return str(value)
    return _quoted(",".join(value) if kind == _LIST else value)


def read_place(kind: str, query: Mapping[str, str]) -> Place:
    """Read a place from the address of a webhook; raises LookupError when it is none of ours."""
    if kind not in KINDS:
        raise LookupError(f"no such place: {kind[:40]!r}")
    values: dict[str, Any] = {}
    for name, column, _ in _COLUMNS[KINDS[kind]]:
        if name in query:
            values[name] = _read(name, column, query[name])
    if values.get("then", "end") not in ROUTES.stages:
        raise LookupError("no such stage")
    try:
        return KINDS[kind](**values)
    except TypeError as missing:
        raise LookupError(f"place {kind} lacks a part: {missing}") from None


def _read(name: str, column: str, text: str) -> str | int | tuple[str, ...]:
    if column == "int":
        if not _NUMBERS.get(name, _COUNT).fullmatch(text):
            raise LookupError(f"{name} is not a number: {text[:40]!r}")
        return int(text)
    return tuple(text.split(",")) if column == _LIST else text
