"""Tables that read well in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

WIDTH = 100
"""Columns of the terminal that tables are made for."""

GAP = 2


def printable(text: str) -> str:
    """Show what callers and others have typed without letting it command the terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def table(rows: Sequence[Sequence[str]], *, shrink: Sequence[int] = (), right: Sequence[int] = ()) -> Iterator[str]:
    """Set rows in columns; those of `shrink` are cut, the widest first, to fit; those of `right` stand flush right."""
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = _widths(rows, shrink)
    for row in rows:
        cells = (
            _cut(cell, width).rjust(width) if place in right else _cut(cell, width).ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield (" " * GAP).join(cells).rstrip()


def _widths(rows: Sequence[Sequence[str]], shrink: Sequence[int]) -> list[int]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    while sum(widths) + GAP * (len(widths) - 1) > WIDTH:
        widest = max(shrink, key=lambda place: widths[place], default=None)
        if widest is None or widths[widest] <= 1:
            break
        widths[widest] -= 1
    return widths


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def span(seconds: int) -> str:
    """Write seconds as m:ss, hours as h:mm:ss."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
