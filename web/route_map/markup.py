"""Elements of SVG and HTML, escaped; and how wide a text will be, which no browser tells the server."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from markupsafe import Markup, escape

NARROW = frozenset("iljtfrI.,:;'|!()[]{} ·")
WIDE = frozenset("mwMW@%—…“”")
BOLD = 1.16


def tag(name: str, *content: str, **attributes: str | float | bool | None) -> Markup:
    """Write an element; `_` in the names of attributes stands for `-`, and attributes that are None are left out.

    Everything that is not Markup is escaped; the names come from the code alone.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_value(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{written}>{''.join(map(escape, content))}</{name}>")  # noqa: S704


def _value(value: str | float | bool) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Estimate how many pixels wide a text is; rather too much than too little."""
    return sum(map(_share, text)) * size * (BOLD if bold else 1)


@lru_cache(maxsize=1024)
def _share(char: str) -> float:
    if char in NARROW:
        return 0.34
    if char in WIDE:
        return 0.92
    if char.isupper():
        return 0.72
    return 1.05 if unicodedata.east_asian_width(char) in "WF" else 0.57


def cut(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """Cut a text that is wider than the room there is."""
    if width(text, size, bold=bold) <= room:
        return text
    left = room - width("…", size, bold=bold)
    for place, char in enumerate(text):
        left -= width(char, size, bold=bold)
        if left < 0:
            return text[:place].rstrip() + "…"
    return text
