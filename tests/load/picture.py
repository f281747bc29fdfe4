"""The run as a picture: lines over time, in panels one above the other that share their seconds; plain SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from tests.load.report import MEGABYTE
from tests.load.watch import Reading

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP = 900, 170, 64, 150, 34, 34
TICKS = 4
STYLE = """
svg { background: #fff; font: 13px system-ui, sans-serif; } text { fill: #1b2733; }
.title { font-weight: 600; } .grid { stroke: #d4dae1; } .end { stroke: #566575; stroke-dasharray: 2 4; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
"""
LOOKS = (("#1f5f8b", ""), ("#a3261f", "7 3"), ("#7a5200", "2 3"))
"""Colours, and dashes for those to whom colours say nothing."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a panel: its name and a value for each reading."""

    name: str
    values: tuple[float, ...]


def picture(readings: Sequence[Reading], placing: float) -> str:
    """Draw the readings; calls are placed until the second `placing`."""
    panels = {
        "Calls": [_line("calls up", readings, "up"), _line("on hold", readings, "on_hold")],
        "Waiting in the queues": [
            _line("quick jobs", readings, "quick_jobs"),
            _line("slow jobs", readings, "slow_jobs"),
            _line("to settle", readings, "to_settle"),
        ],
        "Redis, MB": [Line(name="memory", values=tuple(each.redis / MEGABYTE for each in readings))],
    }
    seconds = [each.second for each in readings]
    height = TOP + len(panels) * (PANEL + GAP) + 10
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">']
    parts += [f"<title>The load over time</title><style>{STYLE}</style>"]
    for place, (title, lines) in enumerate(panels.items()):
        parts += _panel(TOP + place * (PANEL + GAP), title, lines, seconds, placing)
    return "\n".join([*parts, "</svg>"])


def _line(name: str, readings: Sequence[Reading], field: str) -> Line:
    return Line(name=name, values=tuple(float(getattr(each, field)) for each in readings))


def _panel(top: float, title: str, lines: Sequence[Line], seconds: Sequence[float], placing: float) -> Iterator[str]:
    most = _round_up(max(max(line.values) for line in lines))
    last = max(seconds[-1], 1.0)

    def x(second: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * second / last, 1)

    def y(value: float) -> float:
        return round(top + (PANEL - 20) * (1 - value / most), 1)

    yield f'<text class="title" x="{LEFT}" y="{top - 12}">{escape(title)}</text>'
    for tick in range(TICKS + 1):
        value = most * tick / TICKS
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value)}" y2="{y(value)}"/>'
        yield f'<text x="{LEFT - 8}" y="{y(value) + 4}" text-anchor="end">{value:,.6g}</text>'
    step = _round_up(last / 8)
    for tick in range(int(last / step) + 1):
        yield f'<text x="{x(tick * step)}" y="{y(0) + 18}" text-anchor="middle">{tick * step:g} s</text>'
    if placing < last:
        yield f'<line class="end" x1="{x(placing)}" x2="{x(placing)}" y1="{y(0)}" y2="{y(most)}"/>'
    for place, (line, (colour, dashes)) in enumerate(zip(lines, LOOKS, strict=False)):
        points = " ".join(f"{x(second)},{y(value)}" for second, value in zip(seconds, line.values, strict=True))
        yield f'<polyline class="line" stroke="{colour}" stroke-dasharray="{dashes}" points="{points}"/>'
        below, edge = top + 16 + 20 * place, WIDTH - RIGHT + 12
        yield f'<path class="line" stroke="{colour}" stroke-dasharray="{dashes}" d="M{edge} {below - 4}h26"/>'
        yield f'<text x="{edge + 32}" y="{below}">{escape(line.name)}</text>'


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 5 and 8 times a power of ten."""
    size = 1.0
    while size * 10 <= value:
        size *= 10
    while size > value > 0:
        size /= 10
    return next((size * times for times in (1, 2, 4, 5, 8) if size * times >= value), size * 10)
