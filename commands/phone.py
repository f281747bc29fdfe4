"""`flask phone`: a telephone to call the company with, in the terminal."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from redis import Redis

from commands.explain import load_or_exit, moment, number_of, settings_file
from config.company import Company
from flows.hours import opening
from flows.trace import sentence
from live import readings
from local import valkey
from local.house import House, house
from simulator.script import DeviceScript, play
from simulator.terminal import interactive
from simulator.transcript import transcript_lines

LOOK_AHEAD = timedelta(days=14)
STEP = timedelta(minutes=5)

DEVICE_HELP = (
    "answer, noanswer, busy, fail, decline or mailbox; answer:5 picks up after 5 seconds. May be repeated;"
    " devices that are not named do not answer."
)
AT_HELP = (
    'When, such as "2026-11-24 10:30", in the company\'s time zone; "now" for this moment;'
    " by default now, or the number's next opening."
)


def next_opening(company: Company, number: str, now: datetime) -> datetime:
    """Find the next moment at which a number is open; now when it is, or never is within two weeks."""
    key = company.numbers[number].schedule
    if key is None:
        return now
    schedule, at = company.schedules[key], now
    while at < now + LOOK_AHEAD:
        if opening(schedule, schedule.local(at, company.timezone)).open:
            return at
        at = (at + STEP).replace(minute=(at + STEP).minute // 5 * 5, second=0, microsecond=0)
    return now


def _moment(at: str | None, company: Company, number: str) -> datetime:
    if at == "now":
        return datetime.now(ZoneInfo(company.timezone))
    return moment(at, company) if at else next_opening(company, number, moment(None, company))


@contextmanager
def _open(company: Company, start: datetime, provider: str) -> Iterator[tuple[House, Redis]]:
    """A house with a Valkey of its own: a try-out call never makes a real employee busy."""
    with tempfile.TemporaryDirectory(prefix="ringpath-") as folder:
        embedded = valkey.ensure(Path(folder))
        try:
            with house(company, redis_url=embedded.url, start=start, provider=provider) as opened:
                yield opened, Redis.from_url(embedded.url)
        finally:
            valkey.stop(embedded)


@click.command("phone")
@click.option("--to", "to", help="The number to call; without it the telephone asks.")
@click.option("--from", "from_", default="+34600000001", show_default=True, help="Who calls; anonymous withholds.")
@click.option("--press", default="", help="Keys pressed, one entry per prompt: 1 or 2,9,101.")
@click.option("--device", "devices", multiple=True, metavar="DEVICE=WHAT", help=DEVICE_HELP)
@click.option("--at", "at", help=AT_HELP)
@click.option("--hang-up-after", type=float, metavar="SECONDS", help="The caller gives up after so long.")
@click.option("--provider", type=click.Choice(["twilio", "signalwire", "somleng"]), default="twilio", show_default=True)
@click.option("--why", is_flag=True, help="Print the trace of the call as well.")
def phone(
    to: str | None,
    from_: str,
    press: str,
    devices: tuple[str, ...],
    at: str | None,
    hang_up_after: float | None,
    provider: str,
    why: bool,
) -> None:
    """Call the company without a provider: nothing is charged, and nobody is really rung.

    With --to the call is played as told, and the exit code is 0 if the caller spoke to somebody. Without, you choose
    who calls, press the keys, and decide what every ringing device does.
    """
    company = load_or_exit(settings_file())
    number = number_of(to, company) if to else next(iter(company.numbers))
    start = _moment(at, company, number)
    script = _script(devices)
    click.echo(f"It is {start:%A %Y-%m-%d %H:%M} in {company.timezone}.")
    with _open(company, start, provider) as (opened, redis):
        if to is None:
            names = {key: found.name for key, found in company.numbers.items()}
            interactive(opened.exchange, numbers=names, input_=input, print_=click.echo)
            return
        result = play(opened.exchange, from_=from_, to=to, press=press, devices=script, hang_up_after=hang_up_after)
        for line in transcript_lines(result.call):
            click.echo(line)
        if why:
            click.echo("\nWhy:")
            for note in readings.trace(redis, result.call.sid):
                click.echo(f"  {sentence(note, company)}")
        faults = [str(fault) for fault in opened.exchange.faults]
    for fault in faults:
        click.echo(f"The provider would complain: {fault}", err=True)
    click.echo(f"The caller spoke to {result.reached}." if result.reached else "The caller spoke to nobody.")
    sys.exit(0 if result.reached else 1)


def _script(devices: tuple[str, ...]) -> DeviceScript:
    pairs: dict[str, str] = {}
    for text in devices:
        device, equals, what = text.rpartition("=")
        if not equals:
            raise click.BadParameter(f"{text!r}: write DEVICE=WHAT, such as client:ana=noanswer", param_hint="--device")
        pairs[device] = what
    try:
        return DeviceScript(pairs)
    except ValueError as wrong:
        raise click.BadParameter(str(wrong), param_hint="--device") from None
