"""`flask company explain`: the trace that a call would have, without placing it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from commands.in_force import FILE, the_company
from config.company import Company
from config.telephone import caller_of
from flows import question
from flows.callers import ListedCallers
from flows.calls import Call
from flows.explain import explain as explain_call
from flows.live import Blind
from flows.question import UnclearError, moment_of
from flows.trace import sentence
from flows.way import Desk


def moment(text: str | None, company: Company) -> datetime:
    """Read a moment such as "2026-11-24 10:30" in the company's time zone; now when there is none."""
    zone = ZoneInfo(company.timezone)
    if text is None:
        return datetime.now(zone)
    try:
        return moment_of(text, zone)
    except UnclearError:
        right = f'{text!r} is no moment; write it as "2026-11-24 10:30"'
        raise click.BadParameter(right, param_hint="--at") from None


def number_of(text: str, company: Company) -> str:
    """Find the number that is called, or end with the ones there are."""
    found = company.number_called(text)
    if found is None:
        listed = ", ".join(f"{key} ({number.name})" for key, number in company.numbers.items())
        raise click.BadParameter(f"{text} is none of the company's numbers: {listed}", param_hint="--to")
    return found


def entries_of(press: str) -> tuple[str, ...]:
    """Read the keys pressed at each prompt, such as 2,9,101."""
    try:
        return question.entries_of(press)
    except UnclearError as unclear:
        right = f"{unclear.value!r}: a telephone has the keys 0 to 9, * and #"
        raise click.BadParameter(right, param_hint="--press") from None


@click.command("explain")
@click.option("--to", "to", required=True, help="The number called.")
@click.option("--from", "from_", default="", help="Who calls; anonymous, withheld or nothing withholds.")
@click.option("--at", "at", help='When, such as "2026-11-24 10:30", in the company\'s time zone; now by default.')
@click.option("--press", default="", help="Keys pressed, one entry per prompt: 1 or 2,9,101.")
@FILE
def explain(to: str, from_: str, at: str | None, press: str, file: Path | None) -> None:
    """Print why a call would go where it goes: everybody at work free, and nobody answering.

    By the published settings where there are some, else by the file that COMPANY_FILE names, or config/company.yaml.
    """
    company = the_company(file)
    call = Call(id="explained", number=number_of(to, company), caller=caller_of(from_, company.country), called=to)
    desk = Desk(company=company, live=Blind(), callers=ListedCallers(company))
    for step in explain_call(desk, call, moment(at, company), entries_of(press)):
        click.echo(f"{step.at:%H:%M:%S}  {sentence(step.note, company)}")
