"""What came of a run of the load: figures for people, and the same as JSON."""

from __future__ import annotations

import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.crowd.pool import Timing
from tests.load.watch import Reading

MEGABYTE = 1_000_000
MOST_SAID = 120
CALLERS, CALLBACKS, ALL = "a caller waits", "nobody waits", "all"
NOBODY_WAITS = frozenset({"status", "leg", "recording"})
COMPLAINS, WARNS = frozenset({"ERROR", "CRITICAL", ""}), frozenset({"WARNING"})
"""Levels; "" are lines that somebody has printed beside the log, such as a traceback of Python's own."""

LINE = re.compile(
    r'(?:\S+Z )?(?P<level>[A-Z]+) \S+\[\d+\] (?P<logger>\S+?)(?: \w+=(?:"(?:[^"\\]|\\.)*"|\S+?))*: (?P<message>.*)'
)
"""A line of the log as live.logs writes it for people."""

DIFFERS = re.compile(r"CA[0-9a-f]{32}|(?<=\?)\S+|\d+\.\d+")
"""What is another in each call: its id, the query of an address, seconds."""

TRACE = ("Traceback (most recent call last)", " ")
"""How the lines of a traceback begin, all but the last, which names the error."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """How one endpoint has answered; times are milliseconds, as the caller's side measures them."""

    endpoint: str
    count: int
    p50: float
    p99: float
    most: float


@dataclass(frozen=True, kw_only=True)
class Report:
    """A run; it went well when there are no `complaints`. Memory is in bytes, `spent` in seconds of a processor."""

    seed: int
    calls_per_second: float
    share: float
    seconds: float
    played_for: float
    settled_after: float
    employees: int
    placed: int
    on_file: int
    most_up: int
    most_on_hold: int
    outcomes: Mapping[str, int]
    endpoints: tuple[Figures, ...]
    webhooks: int
    errors: Mapping[str, int]
    redis_at_start: int
    redis_per_call_up: float
    redis_left_per_call: float
    sql_per_call: float
    spent: Mapping[str, float]
    spent_by_everybody: float
    heaviest: Mapping[str, int]
    warnings: Mapping[str, int]
    complaints: tuple[str, ...]
    readings: tuple[Reading, ...]

    def written(self) -> str:
        """The report as JSON."""
        return json.dumps(asdict(self) | {"cores": os.cpu_count()}, indent=1)

    def put(self, folder: Path, picture: str) -> None:
        """Write everything into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.json").write_text(self.written(), "utf-8")
        (folder / "queues.svg").write_text(picture, "utf-8")


def endpoint_of(path: str) -> str:
    """Name the endpoint of an address: at/menu, leg, status; without what it is about."""
    return path.partition("?")[0].removeprefix("/voice/").removeprefix("/")


def figures(timings: Iterable[Timing]) -> tuple[Figures, ...]:
    """Count and measure by endpoint, by whether a caller waits, and all together."""
    found: dict[str, list[float]] = defaultdict(list)
    for timing in timings:
        name = endpoint_of(timing.path)
        for each in (name, CALLBACKS if name in NOBODY_WAITS else CALLERS, ALL):
            found[each].append(timing.seconds * 1000)
    together = {name: place for place, name in enumerate((CALLERS, CALLBACKS, ALL), 1)}
    order = sorted(found, key=lambda name: (together.get(name, 0), name))
    return tuple(_figures(name, sorted(found[name])) for name in order)


def _figures(name: str, times: list[float]) -> Figures:
    def share(part: float) -> float:
        return round(times[min(int(len(times) * part), len(times) - 1)], 2)

    return Figures(endpoint=name, count=len(times), p50=share(0.5), p99=share(0.99), most=round(times[-1], 2))


def refused(timings: Iterable[Timing]) -> Counter[str]:
    """Count what went wrong with requests, and all that had to be answered by the fallback."""
    wrong = Counter[str]()
    for timing in timings:
        name = endpoint_of(timing.path)
        if not 200 <= timing.status < 300:
            wrong[f"{name}: {timing.why or f'HTTP {timing.status}'}"] += 1
        elif name == "fallback":
            wrong["fallback: asked for"] += 1
    return wrong


def said(log: str, levels: Set[str]) -> Counter[str]:
    """Count what a log says at these levels, in lines as live.logs writes them; all calls and processes are alike."""
    counts = Counter[str]()
    for line in log.splitlines():
        found = LINE.fullmatch(line)
        level, logger, message = found.groups() if found else ("", "beside the log", line)
        if level in levels and not message.startswith(TRACE):
            counts[DIFFERS.sub("…", f"{level} {logger}: {message}".strip())[:MOST_SAID]] += 1
    return counts


def table(report: Report) -> Iterator[str]:
    """The figures, for a terminal or a page of Markdown."""
    yield (
        f"{report.placed} calls in {report.seconds:g} s (seed {report.seed}), the last ended after "
        f"{report.played_for:.0f} s; {report.employees} employees; {os.cpu_count()} cores"
    )
    if report.share < 1:
        yield f"the web processes ran for {report.share:.0%} of the time"
    yield f"up at once: {report.most_up}; on hold: {report.most_on_hold}"
    yield f"on file: {report.on_file} of {report.placed}, settled {report.settled_after:.0f} s after the last end"
    yield "outcomes: " + ", ".join(f"{count} {name}" for name, count in sorted(report.outcomes.items()))
    yield ""
    yield "| webhook | requests | p50 ms | p99 ms | max ms |"
    yield "|---|---|---|---|---|"
    for each in report.endpoints:
        yield f"| {each.endpoint} | {each.count:,} | {each.p50:.1f} | {each.p99:.1f} | {each.most:.1f} |"
    yield ""
    yield from _use(report)
    yield ""
    yield f"errors: {sum(report.errors.values()) or 'none'}"
    yield from (f"  {count} {what}" for what, count in report.errors.items())
    yield from (f"  warning, {count} times: {what}" for what, count in report.warnings.items())


def _use(report: Report) -> Iterator[str]:
    yield (
        f"Redis: {report.redis_at_start / MEGABYTE:.1f} MB before, {report.redis_per_call_up:,.0f} bytes per call up, "
        f"{report.redis_left_per_call:,.0f} left by each call that has ended"
    )
    yield f"SQL: {report.sql_per_call:,.0f} bytes per call"
    peaks = ((max(getattr(each, name) for each in report.readings), name) for name in JOBS)
    yield "most in the queues: " + ", ".join(f"{most} {JOBS[name]}" for most, name in peaks)
    yield ""
    yield "| part | processor s | cores | ms per webhook | most memory MB |"
    yield "|---|---|---|---|---|"
    for name, seconds in report.spent.items():
        each, cores = seconds * 1000 / max(report.webhooks, 1), seconds / report.played_for
        yield f"| {name} | {seconds:.1f} | {cores:.2f} | {each:.2f} | {report.heaviest.get(name, 0) / MEGABYTE:.0f} |"
    others = report.spent_by_everybody - sum(report.spent.values())
    yield f"| everybody else on the machine | {others:.1f} | {others / report.played_for:.2f} | | |"


JOBS = {"quick_jobs": "quick jobs", "slow_jobs": "slow jobs", "to_settle": "records to settle"}
