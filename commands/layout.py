"""Tables that read well in a terminal."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence

WIDTH = 100
"""Columns of a table where the terminal does not say how many it has."""

NARROWEST = 80


def printable(text: str) -> str:
    """Show what callers and others have typed without letting it command the terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def table(rows: Sequence[Sequence[str]], *, shrink: Sequence[int] = (), right: Sequence[int] = ()) -> Iterator[str]:
    """Set rows in columns; those of `shrink` are cut, the widest first, to fit; those of `right` stand flush right."""
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    room = max(shutil.get_terminal_size((WIDTH, 0)).columns, NARROWEST)
    gap = 2 if sum(widths) + 2 * (len(widths) - 1) <= room else 1
    _narrow(widths, shrink, room - gap * (len(widths) - 1))
    for row in rows:
        cells = (
            _cut(cell, width).rjust(width) if place in right else _cut(cell, width).ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield (" " * gap).join(cells).rstrip()


def _narrow(widths: list[int], shrink: Sequence[int], room: int) -> None:
    while sum(widths) > room:
        widest = max(shrink, key=lambda place: widths[place], default=None)
        if widest is None or widths[widest] <= 1:
            return
        widths[widest] -= 1


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def span(seconds: int) -> str:
    """Write seconds as m:ss."""
    return f"{seconds // 60}:{seconds % 60:02}"
