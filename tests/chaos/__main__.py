"""`make chaos`: calls while everything is killed, paused, slowed and restarted; all must be answered, on file, filed.

make chaos ARGS="--seed 7 --seconds 120 --calls-per-second 10"
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from local import postgres
from tests.chaos.faults import FORGETFUL, POSTGRES, SQLITE
from tests.chaos.ground import Base, ChaosGround
from tests.chaos.verdict import judge, measures
from tests.kills.trial import Order, Report, run

MOST_SHOWN = 40
EVERY = 1.5
"""Seconds between two faults, on the average."""


def line(report: Report) -> str:
    """The figures of a run."""
    answered = report.latencies
    return (
        f"seed {report.order.seed}: {report.outcomes.total()} of {report.order.calls} calls on file; "
        f"{report.webhooks} requests, {report.unanswered} of them not answered, {report.repeated} repeated, "
        f"{report.fallbacks} of the fallback; p50 {answered[0] * 1000:.0f} ms, p99 {answered[1] * 1000:.0f} ms, "
        f"longest {answered[2]:.1f} s; {report.struck.total()} faults of {len(report.struck)} kinds; settled "
        f"{report.settled_after:.0f} s after the last call; {report.filed} filed, {report.twice} twice; "
        f"{len(report.complaints)} complaints; {report.seconds:.0f} s"
    )


@click.command()
@click.option("--seed", type=int, help="Of the first run; each further one has the next. By default thrown.")
@click.option("--runs", default=1, show_default=True)
@click.option("--seconds", default=60.0, show_default=True, help="Within which the calls begin and faults strike.")
@click.option("--calls-per-second", default=5.0, show_default=True)
@click.option("--every", default=EVERY, show_default=True, help="Seconds between two faults, on the average.")
@click.option("--only", multiple=True, help="Only faults whose name contains this. May be repeated.")
@click.option("--without", multiple=True, help="No faults whose name contains this. May be repeated.")
@click.option("--forgetful", is_flag=True, help="Redis may also lose all that it knew.")
@click.option("--patience", default=240.0, show_default=True, help="Seconds to wait for the books after the last call.")
@click.option("--hurry/--real", default=True, show_default=True, help="With shorter pauses (tests/kills/pauses.py).")
@click.option("--postgres", "on_postgres", is_flag=True, help="On a PostgreSQL of its own, in place of a SQLite file.")
@click.option("--logs", type=click.Path(path_type=Path), help="Where to keep what the servers say.")
def main(
    seed: int | None,
    runs: int,
    seconds: float,
    calls_per_second: float,
    every: float,
    only: tuple[str, ...],
    without: tuple[str, ...],
    logs: Path | None,
    *,
    forgetful: bool,
    on_postgres: bool,
    **options: object,
) -> None:
    """Place calls while faults strike; the exit code is 1 when anything is not as it must be."""
    first = random.SystemRandom().randrange(1_000_000) if seed is None else seed
    table = (POSTGRES if on_postgres else SQLITE) | (FORGETFUL if forgetful else {})
    faults = {
        name: fault
        for name, fault in table.items()
        if (not only or any(part in name for part in only)) and not any(part in name for part in without)
    }
    wrong = 0
    for each in range(first, first + runs):
        click.echo(f"seed {each}, {seconds:g} s, {calls_per_second:g} calls a second, {len(faults)} kinds of fault")
        with tempfile.TemporaryDirectory(prefix="ringpath-chaos-") as name, _base(on_postgres) as (base, database):
            order = Order(
                seed=each,
                calls=round(seconds * calls_per_second),
                seconds=seconds,
                strikes=round(seconds / every),
                faults=faults,
                least=1,
                merciful=True,
                database=database,
                ground=ChaosGround(base),
                tells=click.echo,
                judges=judge,
                measures=measures,
                **options,  # type: ignore[arg-type]
            )
            report = run(order, Path(name))
        _tell(report, logs)
        wrong += bool(report.complaints)
    sys.exit(wrong > 0)


def _tell(report: Report, logs: Path | None) -> None:
    click.echo(line(report))
    for measured in report.measured:
        click.echo(f"  {measured}")
    for fault, count in report.faults.most_common(12):
        click.echo(f"  the provider: {count:4} {fault}")
    for complaint in report.complaints[:MOST_SHOWN]:
        click.echo(f"  WRONG {complaint} (seed {report.order.seed})")
    if logs is not None:
        logs.mkdir(parents=True, exist_ok=True)
        for server, said in report.logs.items():
            (logs / f"{report.order.seed}-{server}.log").write_text(said)


@contextmanager
def _base(wanted: bool) -> Iterator[tuple[Base | None, str | None]]:
    """A PostgreSQL server and the address of its database; nothing for a file that the run makes for itself."""
    if not wanted:
        yield None, None
        return
    folder = postgres.create()
    base = Base(postgres.start(folder))
    try:
        yield base, base.running.url
    finally:
        base.keep(lambda: 0.0)
        postgres.stop(base.running)
        postgres.forget(folder)


if __name__ == "__main__":
    main()
