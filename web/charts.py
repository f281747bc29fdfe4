"""Charts drawn on the server: plain SVG of our own, in the page itself.

Nothing is told by colour alone: every kind of bar has a pattern, every bar its words, and the page shows the figures as
a table beside the chart. Colours are classes, because the page's policy allows no style of its own, and so they know
the dark mode.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor, log10

from babel.numbers import format_decimal, format_percent
from markupsafe import Markup

from web.words import locale

WIDTH, HEIGHT = 760, 270
LEFT, TOP, RIGHT, BOTTOM = 46, 12, 6, 26
GAP = 0.22
"""Of a bar's place."""

MOST_TICKS = 5
ROW = 34
"""Height of a bar that lies."""

PATTERNS: Mapping[str, str] = {
    "answered": "",
    "forwarded": "M0 8L8 0M-2 2L2 -2M6 10L10 6",
    "voicemail": "M2 2h2v2h-2zM6 6h2v2h-2z",
    "missed": "M0 0L8 8M0 8L8 0",
    "abandoned": "M0 0L8 8M-2 6L2 10M6 -2L10 2",
    "closed": "M0 2H8M0 6H8",
    "blocked": "M2 0V8M6 0V8",
}
"""What is drawn over the colour of each outcome: a tile of 8 by 8."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """One kind of bar: the name that people read, the `key` of its colour and pattern, a value for each place."""

    name: str
    key: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a chart."""

    x: float
    y: float
    width: float
    height: float


def patterns() -> Markup:
    """Define the patterns, once on a page."""
    tiles = Markup("").join(
        Markup(
            '<pattern id="pattern-{}" width="8" height="8" patternUnits="userSpaceOnUse"><path d="{}"/></pattern>'
        ).format(key, path)
        for key, path in PATTERNS.items()
        if path
    )
    return Markup('<svg class="visually-hidden" width="0" height="0" aria-hidden="true"><defs>{}</defs></svg>').format(
        tiles
    )


def swatch(key: str) -> Markup:
    """Show the colour and pattern of a kind of bar, for the legend."""
    return Markup('<svg class="swatch" width="18" height="18" aria-hidden="true">{}</svg>').format(
        _filled(key, Box(0, 0, 18, 18))
    )


def stacked(labels: Sequence[str], series: Sequence[Series], *, title: str) -> Markup:
    """Draw bars that stand, each of several kinds on top of one another; `labels` name their places."""
    totals = [sum(each.values[place] for each in series) for place in range(len(labels))]
    step = _step(max(totals, default=0))
    top = step * max(1, -(-max(totals, default=0) // step))
    parts = [*_grid(step, top), *_names(labels), *_bars(labels, series, totals, top)]
    return _svg(WIDTH, HEIGHT, title, parts)


def lying(rows: Sequence[tuple[str, float]], *, title: str) -> Markup:
    """Draw bars that lie, one for each row: its name, and its part of the whole from 0 to 1."""
    left, height = 120, ROW * len(rows) + 4
    room = WIDTH - left - 70
    parts = list[Markup]()
    for place, (name, part) in enumerate(rows):
        y, shown = place * ROW + 4, format_percent(part, locale=locale())
        parts += [
            _text(left - 8, y + 19, name, "end"),
            Markup('<rect class="rail" x="{}" y="{}" width="{}" height="{}"/>').format(left, y, room, ROW - 8),
            _filled("answered", Box(left, y, room * part, ROW - 8)),
            _text(left + room + 8, y + 19, shown, "start"),
        ]
    return _svg(WIDTH, height, title, parts)


def figure(value: float) -> str:
    """Write a figure: whole as it is, an average with two digits."""
    return str(format_decimal(round(value, 2), format="#,##0.##", locale=locale()))


def _svg(width: int, height: int, title: str, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        width, height, title, Markup("").join(parts)
    )


def _step(most: float) -> float:
    """Choose the distance of the lines: 1, 2 or 5, or ten times that, so that there are few of them."""
    if most <= 0:
        return 1
    size = 10 ** floor(log10(most / MOST_TICKS))
    return float(next((size * times for times in (1, 2, 5) if size * times * MOST_TICKS >= most), size * 10))


def _grid(step: float, top: float) -> Iterator[Markup]:
    for place in range(round(top / step) + 1):
        y = _y(place * step, top)
        yield Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(LEFT, WIDTH - RIGHT, y, y)
        yield _text(LEFT - 6, y + 4, figure(place * step), "end")


def _names(labels: Sequence[str]) -> Iterator[Markup]:
    for place, label in enumerate(labels):
        if label:
            yield _text(round(_x(place + 0.5, len(labels)), 1), HEIGHT - 8, label, "middle")


def _bars(labels: Sequence[str], series: Sequence[Series], totals: Sequence[float], top: float) -> Iterator[Markup]:
    for place in range(len(labels)):
        if not totals[place]:
            continue
        left, right = (_x(place + GAP / 2, len(labels)), _x(place + 1 - GAP / 2, len(labels)))
        below, boxes, said = 0.0, list[Markup](), [labels[place]]
        for each in series:
            value = each.values[place]
            if value:
                y, foot = _y(below + value, top), _y(below, top)
                boxes.append(_filled(each.key, Box(left, y, right - left, foot - y)))
                said.append(f"{each.name} {figure(value)}")
                below += value
        words = Markup("<title>{}</title>").format(" · ".join(filter(None, said)))
        yield Markup("<g>{}{}</g>").format(words, Markup("").join(boxes))


def _filled(key: str, box: Box) -> Markup:
    """Draw a rectangle in its colour, and its pattern over it."""
    where = (round(box.x, 1), round(box.y, 1), round(box.width, 1), round(box.height, 1))
    shape = Markup('<rect class="of-{}" x="{}" y="{}" width="{}" height="{}"/>').format(key, *where)
    if not PATTERNS[key]:
        return shape
    over = Markup('<rect fill="url(#pattern-{})" x="{}" y="{}" width="{}" height="{}"/>').format(key, *where)
    return shape + over


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    return Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(x, y, anchor, text)


def _x(place: float, places: int) -> float:
    return LEFT + place * (WIDTH - LEFT - RIGHT) / places


def _y(value: float, top: float) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top), 1)
