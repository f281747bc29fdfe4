"""`make load`: thousands of calls in progress against real servers, and a table of figures.

make load ARGS="--seconds 120 --calls-per-second 30 --seed 1"
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from tests.load.picture import picture
from tests.load.report import table
from tests.load.trial import Order, run
from tests.load.watch import Reading
from tests.moments import ROOT

MOST_SHOWN = 40
TELLS_EVERY = 10


@click.command()
@click.option("--seconds", default=120.0, show_default=True, help="Within which the calls begin; most talk as long.")
@click.option("--calls-per-second", default=30.0, show_default=True)
@click.option("--seed", default=1, show_default=True, help="Of who calls whom when, and how everybody behaves.")
@click.option("--patience", default=240.0, show_default=True, help="Seconds to wait for the books after the last call.")
@click.option("--share", default=1.0, show_default=True, help="Of the time, for which the web processes may run.")
@click.option("--hurry", is_flag=True, help="Settle and fetch every second: for a short run.")
@click.option("--out", type=click.Path(path_type=Path), default=ROOT / "var" / "load", help="Where the report goes.")
def main(out: Path, **options: object) -> None:
    """Place calls, and tell how they were answered; the exit code is 1 when anything is not as it must be."""
    order = Order(**options)  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory(prefix="ringpath-load-") as name:
        folder = Path(name)
        report = run(order, folder, _tells)
        report.put(out, picture(report.readings, order.seconds))
        for server in ("web", "worker"):
            (out / f"{server}.log").write_bytes((folder / f"{server}.log").read_bytes())
    for line in table(report):
        click.echo(line)
    for complaint in report.complaints[:MOST_SHOWN]:
        click.echo(f"  {complaint}")
    click.echo(f"{len(report.complaints)} complaints; more in {out}")
    sys.exit(bool(report.complaints))


def _tells(reading: Reading) -> None:
    """Say now and then that the run goes on."""
    if round(reading.second) % TELLS_EVERY == 0:
        jobs = reading.quick_jobs + reading.slow_jobs
        told = f"{reading.placed} placed, {reading.up} up, {reading.on_hold} on hold, {jobs} jobs wait"
        click.echo(f"{reading.second:4.0f} s: {told}", err=True)


if __name__ == "__main__":
    main()
