"""Writing values into a YAML text so that config.source reads exactly those values back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from math import isinf, isnan
from typing import Any

import yaml

STEP = 2
"""Columns that a level is indented by."""
WIDTH = 110
"""Columns that what is written tries to keep within."""
_SHORT = 60

_PLAIN = re.compile(r"[^\W\d_][\w\-./@]*( [\w\-./@]+)*")
"""Text that needs no quotation marks, be it a key, a value or in brackets, unless YAML takes it for something else."""
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_resolve: Callable[..., str] = yaml.SafeLoader("").resolve


class UnwritableError(Exception):
    """A value that no settings file can hold; the message says why."""


def plain(value: Any) -> Any:
    """Copy a value as the file will hold it: mappings with text keys, lists, and plain scalars."""
    if isinstance(value, dict):
        return {_text(key): plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Decimal):
        return float(value)
    if value is None or isinstance(value, (bool, int, float, date)):
        return value
    raise UnwritableError(f"a settings file cannot hold a {type(value).__name__}")


def _text(value: object) -> str:
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UnwritableError("the text holds characters that no file can hold") from None
    return text


def word(text: str) -> str:
    """Write a text on one line, in quotation marks unless it is plainly a word."""
    if _PLAIN.fullmatch(text) and _resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str":
        return text
    return '"' + "".join(_ESCAPES.get(c) or (c if c.isprintable() else _escaped(c)) for c in text) + '"'


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _number(value: float) -> str:
    if isnan(value):
        return ".nan"
    if isinf(value):
        return ".inf" if value > 0 else "-.inf"
    text = repr(value)
    if "e" in text:  # YAML 1.1 wants both the dot and the sign: 1.0e+16
        digits, _, power = text.partition("e")
        text = f"{digits if '.' in digits else digits + '.0'}e{power if power[0] in '+-' else '+' + power}"
    return text


_SCALARS: dict[type, Callable[[Any], str]] = {
    str: word,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: _number,
    date: date.isoformat,
    datetime: datetime.isoformat,
    type(None): lambda _: "null",
}


def inline(value: Any) -> str:
    """Write a value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{word(key)}: {inline(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return _SCALARS[type(value)](value)


def fits(value: Any, column: int, depth: int) -> bool:
    """Tell whether a value reads better on one line; entries of a section (depth 2) have lines of their own."""
    parts = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    if not parts:
        return True
    if depth == 2 and isinstance(value, dict):
        return False
    nested = any(isinstance(part, dict) and part for part in parts)
    if nested and (depth <= 1 or isinstance(value, list)):
        return False
    return column + len(inline(value)) <= (_SHORT if nested else WIDTH)


def after_key(value: Any, column: int, depth: int, *, newline: str, foldable: bool = True) -> str:
    """Write what follows the colon of a key that stands at a column: on the same line, or indented below it.

    `depth` counts the keys from the root to the value; `foldable`: nothing else follows on the line of its end.
    """
    inner = column + STEP
    if isinstance(value, str) and foldable and _folds(value, column):
        return f" >-{newline}{_folded(value, inner, newline)}"
    if fits(value, column + _SHORT // 4, depth):
        return " " + inline(value)
    return newline + " " * inner + block(value, inner, depth, newline=newline, foldable=foldable)


def block(value: Any, column: int, depth: int, *, newline: str, foldable: bool = True) -> str:
    """Write a mapping or list over several lines, each at a column but the first, which is where the text goes."""
    if isinstance(value, dict) and value:
        parts = value.items()
        lines = [
            f"{word(key)}:{after_key(part, column, depth + 1, newline=newline, foldable=foldable)}"
            for key, part in parts
        ]
    elif isinstance(value, list) and value:
        lines = [f"- {item(part, column + STEP, depth + 1, newline=newline, foldable=foldable)}" for part in value]
    else:
        return inline(value)
    return f"{newline}{' ' * column}".join(lines)


def item(value: Any, column: int, depth: int, *, newline: str, foldable: bool = True) -> str:
    """Write an item of a list; `column` is where it starts, after the dash."""
    if fits(value, column, max(depth, 3)):
        return inline(value)
    return block(value, column, depth, newline=newline, foldable=foldable)


def _folds(text: str, column: int) -> bool:
    """Tell whether a text is long, and words with single spaces between them, which folding gives back exactly."""
    return column + len(text) > WIDTH and all(part.isprintable() and part for part in text.split(" "))


def _folded(text: str, column: int, newline: str) -> str:
    lines: list[str] = [""]
    for part in text.split(" "):
        if lines[-1] and column + len(lines[-1]) + 1 + len(part) > WIDTH:
            lines.append(part)
        else:
            lines[-1] = f"{lines[-1]} {part}".lstrip()
    return newline.join(" " * column + line for line in lines)
