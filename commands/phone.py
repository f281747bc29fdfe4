"""`flask phone`: a telephone to call the company with, in the terminal."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from redis import Redis

from commands.context import WITHHELD
from commands.explain import entries_of, moment, number_of
from commands.in_force import FILE, the_company
from commands.walked import PROVIDER
from config.company import Company
from config.environment import EnvironmentProblem, read
from flows.hours import opening
from flows.live import Note
from flows.trace import sentence
from live import keys, readings
from live.connection import connect
from live.url import redis_url
from local import valkey
from local.account import account
from local.house import House, house
from simulator.clock import Clock
from simulator.exchange import Exchange
from simulator.script import DeviceScript, Result, play
from simulator.terminal import interactive
from simulator.transcript import transcript_lines
from voice.profiles import PROFILES

LOOK_AHEAD = timedelta(days=14)
STEP = timedelta(minutes=5)

DEVICE_HELP = (
    "answer, noanswer, busy, fail, decline or mailbox; answer:5 picks up after 5 seconds. May be repeated;"
    " devices that are not named do not answer."
)
LIVE_HELP = (
    "Call the app that runs on this machine, as .env describes it, in place of a switchboard of its own. Employees"
    " are marked as ringing there: not for a company that is taking calls."
)
AWAY_HELP = "An employee who is away during the whole call; may be repeated."
UNPAID_HELP = "The provider's balance is spent, so that forwards of rented numbers with a minimum_balance are skipped."
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


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """How things are while a call is played: who is away, and whether the provider's balance is spent."""

    away: tuple[str, ...] = ()
    unpaid: bool = False


def arrange(opened: House, redis: Redis, state: State) -> None:
    """Bring a house into a state."""
    for employee in state.away:
        opened.app.extensions["ringpath"].live.set_away(employee, away=True, now=opened.clock.now())
    if state.unpaid:
        redis.set(keys.BALANCE, "-1")


def _state(away: tuple[str, ...], unpaid: bool, live: bool, company: Company) -> State:
    if live and (away or unpaid):
        raise click.BadParameter("the people of a running app are as they are", param_hint="--away and --unpaid")
    for employee in away:
        if employee not in company.employees:
            raise click.BadParameter(f"{employee} is none of the company's employees", param_hint="--away")
    return State(away=away, unpaid=unpaid)


@contextmanager
def _own_house(company: Company, start: datetime, provider: str, state: State) -> Iterator[tuple[Exchange, Redis]]:
    """A house with a Valkey of its own: a try-out call never makes a real employee busy."""
    with tempfile.TemporaryDirectory(prefix="ringpath-") as folder:
        embedded = valkey.ensure(Path(folder))
        try:
            with house(company, redis_url=embedded.url, start=start, provider=provider) as opened:
                redis = Redis.from_url(embedded.url)
                arrange(opened, redis, state)
                yield opened.exchange, redis
        finally:
            valkey.stop(embedded)


def _running_app(company: Company) -> tuple[Exchange, Redis]:
    """The app that runs on this machine, called as its provider would."""
    try:
        environment = read()
    except EnvironmentProblem as problem:
        raise click.ClickException(f"the environment is not that of a running app:\n{problem}") from None
    if PROFILES[environment.provider].proof == "ed25519":  # we have only the key that checks
        raise click.ClickException(f"nobody but {environment.provider} can sign its calls; leave --live out")
    address = f"http://127.0.0.1:{os.environ.get('PORT') or '8000'}"
    exchange = Exchange(account(company, address, environment), Clock(datetime.now(UTC)))
    return exchange, connect(redis_url(environment))


@click.command("phone")
@click.option("--to", "to", help="The number to call; without it the telephone asks.")
@click.option(
    "--from", "from_", default="+34600000001", show_default=True, help="Who calls; anonymous or withheld withholds."
)
@click.option("--press", default="", help="Keys pressed, one entry per prompt: 1 or 2,9,101; - presses none.")
@click.option("--away", "away", multiple=True, metavar="EMPLOYEE", help=AWAY_HELP)
@click.option("--unpaid", is_flag=True, help=UNPAID_HELP)
@click.option("--device", "devices", multiple=True, metavar="DEVICE=WHAT", help=DEVICE_HELP)
@click.option("--at", "at", help=AT_HELP)
@click.option(
    "--hang-up-after", type=click.FloatRange(min=0), metavar="SECONDS", help="The caller gives up after so long."
)
@click.option("--provider", type=click.Choice(sorted(PROFILES)), default=PROVIDER, show_default=True)
@click.option("--live", is_flag=True, help=LIVE_HELP)
@click.option("--why", is_flag=True, help="Print the trace of the call as well.")
@FILE
def phone(
    to: str | None, at: str | None, provider: str, live: bool, why: bool, file: Path | None, **script: Any
) -> None:
    """Call the company without a provider: nothing is charged, and nobody is really rung.

    With --to the call is played as told, and the exit code is 0 if the caller spoke to somebody. Without, you choose
    who calls, press the keys, and decide what every ringing device does.
    """
    company = the_company(file)
    number = number_of(to, company) if to else next(iter(company.numbers))
    if live and at:
        raise click.BadParameter("a running app has its own time; leave --at out", param_hint="--at")
    start = _moment("now" if live else at, company, number)
    state = _state(script.pop("away"), script.pop("unpaid"), live, company)
    devices = _devices(script.pop("devices"))
    if script["from_"] in WITHHELD:
        script["from_"] = "anonymous"  # as providers send it
    script["press"] = ",".join(entries_of(script["press"]))
    click.echo(f"It is {start:%A %Y-%m-%d %H:%M} in {company.timezone}.")
    with (
        nullcontext(_running_app(company)) if live else _own_house(company, start, provider, state) as (exchange, redis)
    ):
        if to is None:
            names = {key: found.name for key, found in company.numbers.items()}
            interactive(exchange, numbers=names, input_=input, print_=click.echo)
            return
        result = play(exchange, to=to, devices=devices, **script)
        _report(company, exchange, result, readings.trace(redis, result.call.sid) if why else [])
    sys.exit(0 if result.reached else 1)


def _report(company: Company, exchange: Exchange, result: Result, trace: list[Note]) -> None:
    for line in transcript_lines(result.call):
        click.echo(line)
    if trace:
        click.echo("\nWhy:")
    for note in trace:
        click.echo(f"  {sentence(note, company)}")
    for fault in exchange.faults:
        click.echo(f"The provider would complain: {fault}", err=True)
    click.echo(f"The caller spoke to {result.reached}." if result.reached else "The caller spoke to nobody.")


def _devices(devices: tuple[str, ...]) -> DeviceScript:
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
