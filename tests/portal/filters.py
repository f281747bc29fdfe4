"""The FILTER of the statistics: its operators, and values that arrive as text (bitrix24.md 9)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def matches(call: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether a record fits a FILTER."""
    return all(_fits(call, key, value) for key, value in wanted.items())


def _fits(call: dict[str, Any], key: str, value: Any) -> bool:
    name = key.lstrip("!<>=?%")
    operator, has = key[: len(key) - len(name)], str(call.get("INCOMING" if name == "CALL_TYPE" else name))
    among = [str(one) for one in (value if isinstance(value, Iterable) and not isinstance(value, str) else [value])]
    results = {
        "": has in among,
        "=": has in among,
        "!": has not in among,
        "!=": has not in among,
        "%": among[0] in has,
        "?": among[0] in has,
        "!%": among[0] not in has,
        ">": has > among[0],
        ">=": has >= among[0],
        "<": has < among[0],
        "<=": has <= among[0],
    }
    return results[operator]


def written(value: Any) -> str | None:
    """A value as it arrives: text, or nothing."""
    return None if value is None else str(value)
