"""`make bench`: how fast webhooks are answered, as ratios to a bare app in the same run.

The rounds of the apps take turns, so that a noisy machine slows all. `--profile` adds where a webhook's time goes,
`--weight` says instead what starting costs, and how much memory the processes hold.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from local import phases, spent, weight, without
from local.contenders import NAMES, Contender, Round, bare, calls_for, ringpath
from local.load import run

CONNECTIONS = (1, 8)

SIZES = (
    ("10 employees", 10, 1, 0),
    ("10,000 employees, 1,000 groups", 10_000, 1000, 0),
    ("10 employees, 10,000 calls up", 10, 1, 10_000),
)
"""The Ringpaths that race: employees, groups, and calls that are up already."""


def race(contenders: Sequence[Contender], connections: int, rounds: int, calls: int) -> dict[str, list[Round]]:
    """Let the contenders take turns."""
    results: dict[str, list[Round]] = {contender.name: [] for contender in contenders}
    for contender in contenders:
        run(contender.port, calls_for(contender, 50), connections)  # to warm up
    for _ in range(rounds):
        for contender in contenders:
            results[contender.name].append(_turn(contender, connections, calls))
    return results


def _turn(contender: Contender, connections: int, calls: int) -> Round:
    web, store = spent.children(contender.web), [contender.store] if contender.store else []
    webhooks = calls_for(contender, calls)
    before = spent.cpu(web), spent.cpu(store)
    timings = run(contender.port, webhooks, connections)
    used = spent.cpu(web) - before[0], spent.cpu(store) - before[1]
    return Round(timings=timings, web=used[0] * 1e6 / timings.requests, store=used[1] * 1e6 / timings.requests)


def rows(results: dict[str, list[Round]], connections: int) -> Iterator[str]:
    """Lines of a Markdown table; each figure is the median of the rounds."""
    median = statistics.median
    bare_rate = median(r.timings.requests / r.timings.seconds for r in results["bare"])
    bare_web = median(r.web for r in results["bare"])
    for name, rounds in results.items():
        rate = median(r.timings.requests / r.timings.seconds for r in rounds)
        cells = [name, str(connections), f"{rate:,.0f}", f"{rate / bare_rate:.2f}"]
        for webhook in NAMES:
            half, worst = (median(r.timings.percentile(webhook, p) for r in rounds) for p in (0.5, 0.99))
            cells.append(f"{half * 1000:.2f} / {worst * 1000:.2f}")
        web, store = median(r.web for r in rounds), median(r.store for r in rounds)
        cells += [f"{web:.0f} + {store:.0f}", f"{bare_web / (web + store):.2f}"]
        yield "| " + " | ".join(cells) + " |"


@click.command()
@click.option("--rounds", default=7, show_default=True, help="Rounds of each app; figures are their medians.")
@click.option("--calls", default=400, show_default=True, help="Calls of three webhooks in a round.")
@click.option("--profile", is_flag=True, help="Say where a webhook's time goes, besides.")
@click.option("--weight", "weighed", is_flag=True, help="Measure imports and memory instead.")
def main(rounds: int, calls: int, *, profile: bool, weighed: bool) -> None:
    """Race Ringpath against a bare Flask app, and print a table."""
    with tempfile.TemporaryDirectory(prefix="ringpath-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        if weighed:
            for line in weight.lines(folder):
                click.echo(line)
            return
        click.echo(
            "starting two bare apps, and Ringpath with 10 employees, with 10,000, and with 10,000 calls up", err=True
        )
        simplest = [stack.enter_context(bare(folder / "bare")), without.asking(stack, folder / "asking")]
        contenders = simplest + [stack.enter_context(ringpath(folder, *size)) for size in SIZES]
        for line in (*_head(), *_race(contenders, rounds, calls)):
            click.echo(line)
        if profile:
            rivals = [*contenders[:3], *without.opened(stack, folder / "without")]
            for line in (*without.head(), *_parts(rivals, rounds, calls), *phases.lines(folder / "phases")):
                click.echo(line)


def _head() -> Iterator[str]:
    version = sys.version.split()[0]
    yield f"\n{os.cpu_count()} cores, Python {version}, 2 gevent workers, load from the same machine\n"
    times = [f"{name} p50 / p99 ms" for name in NAMES]
    names = ["app", "connections", "requests/s", "ratio", *times, "CPU µs, web + Valkey", "ratio of CPU"]
    yield "| " + " | ".join(names) + " |"
    yield "|" + "---|" * len(names)


def _race(contenders: Sequence[Contender], rounds: int, calls: int) -> Iterator[str]:
    for connections in CONNECTIONS:
        yield from rows(race(contenders, connections, rounds, calls), connections)


def _parts(contenders: Sequence[Contender], rounds: int, calls: int) -> Iterator[str]:
    for connections in CONNECTIONS:
        yield from without.rows(race(contenders, connections, rounds, calls), SIZES[0][0], connections)


if __name__ == "__main__":
    main()
