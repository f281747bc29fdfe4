"""`make kills`: run the kill test some times, and print a line of figures for each.

make kills ARGS="--runs 10 --seed 1"
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tests.databases import VARIABLE, new_postgres
from tests.kills.faults import KILLS
from tests.kills.trial import Order, Report, run

MOST_SHOWN = 40


def line(report: Report) -> str:
    """The figures of a run."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(report.struck.items()))
    return (
        f"seed {report.order.seed}: {report.outcomes.total()} of {report.order.calls} calls on file, "
        f"{report.webhooks} requests, {report.repeated} repeated, {report.fallbacks} of the fallback; "
        f"killed {report.struck.total()} ({kinds}); settled {report.settled_after:.0f} s after the last call; "
        f"{report.filed} filed, {report.twice} twice; {len(report.complaints)} complaints; {report.seconds:.0f} s"
    )


@click.command()
@click.option("--runs", default=1, show_default=True)
@click.option("--seed", default=1, show_default=True, help="Of the first run; each further one has the next.")
@click.option("--calls", default=300, show_default=True)
@click.option("--seconds", default=45.0, show_default=True, help="Within which the calls begin and servers are killed.")
@click.option("--kills", default=20, show_default=True)
@click.option("--spare", multiple=True, type=click.Choice([*KILLS]), help="Whom not to kill. May be repeated.")
@click.option("--patience", default=180.0, show_default=True, help="Seconds to wait for the books after the last call.")
@click.option("--hurry/--real", default=True, show_default=True, help="With shorter pauses (tests/kills/pauses.py).")
@click.option("--postgres", is_flag=True, help=f"On the server of {VARIABLE}, in place of a SQLite file.")
@click.option("--logs", type=click.Path(path_type=Path), help="Where to keep what the servers say.")
def main(
    runs: int, seed: int, kills: int, spare: tuple[str, ...], logs: Path | None, *, postgres: bool, **options: object
) -> None:
    """Place calls while servers are killed; the exit code is 1 when anything is not as it must be."""
    wrong = 0
    if logs:
        logs.mkdir(parents=True, exist_ok=True)
    options |= {"strikes": kills, "faults": {name: fault for name, fault in KILLS.items() if name not in spare}}
    for each in range(seed, seed + runs):
        with tempfile.TemporaryDirectory(prefix="ringpath-kills-") as name, _database(postgres) as database:
            report = run(Order(seed=each, database=database, **options), Path(name))  # type: ignore[arg-type]
        click.echo(line(report))
        for complaint in report.complaints[:MOST_SHOWN]:
            click.echo(f"  {complaint}")
        for fault, count in report.faults.most_common() if logs else ():
            click.echo(f"  {count:4} {fault}")
        wrong += bool(report.complaints)
        if logs is not None:
            for server, said in report.logs.items():
                (logs / f"{each}-{server}.log").write_text(said)
    sys.exit(wrong > 0)


@contextmanager
def _database(postgres: bool) -> Iterator[str | None]:
    """A new database of the PostgreSQL server; None for a file that the run makes for itself."""
    if not postgres:
        yield None
        return
    if not os.environ.get(VARIABLE):
        raise click.UsageError(f"--postgres needs {VARIABLE}")
    with new_postgres() as url:
        yield url


if __name__ == "__main__":
    main()
