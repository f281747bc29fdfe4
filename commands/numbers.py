"""`flask numbers connect`: the webhooks of the provider's numbers, set to this app.

Exit codes: 0 the numbers lead here; 1 not all of them do, be it that --dry-run has left them or that the account lacks
one; 2 a wrong option; 3 the app is not set up (commands.context).
It shows what would change and asks first: a copy of an installation that has the same settings and account, such as
one for trying things out, would otherwise take the company's numbers away with one word. A script says --yes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click
from flask.cli import AppGroup

from commands.context import NO, Number, Unusable, office, read_environment
from commands.layout import table
from config.company import Company
from config.environment import Environment
from voice.profiles import PROFILES
from voice.provider.access import provider_api, unasked
from voice.provider.connecting import Address, Connection, Plan, connect, plan
from voice.provider.rented import ProviderNumber
from voice.provider.rest import ProviderApi, ProviderError
from voice.round_trip import NotHereError, out_of_reach, round_trip

numbers = AppGroup("numbers", help="The numbers at the provider.")

CHECKED = "Nothing was changed. {said}; {remedy}. --unchecked connects all the same."


@numbers.command("connect", with_appcontext=False)
@click.argument("named", metavar="[NUMBER]...", nargs=-1, type=Number())
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--detach", is_flag=True, help="Take the NUMBERs off their application or trunk.")
@click.option("--unchecked", is_flag=True, help="Do not see first whether the app answers at PUBLIC_URL.")
def connect_(named: tuple[str, ...], *, dry_run: bool, yes: bool, detach: bool, unchecked: bool) -> None:
    """Let calls to the rented numbers of the settings, or to NUMBER alone, come to this app. Safe to repeat.

    A number of the account that the settings do not know is changed only when it is named.
    """
    if detach and not named:
        raise click.UsageError("--detach needs the NUMBERs that it is for")
    environment = read_environment()
    api, address = _api(environment), address_of(environment)
    with office() as at:
        planned = _plan(api, at.company, address, named, detach=detach)
        for line in told(planned, at.company, environment.public_url):
            click.echo(line)
    if not planned.to_change:
        raise SystemExit(_code(planned, named))
    problem = None if unchecked else _not_here(environment)
    if problem:
        click.echo(problem, err=True)
        raise SystemExit(NO)
    if dry_run:
        click.echo(f"{_count(planned.to_change)} would be changed; this was --dry-run.")
        raise SystemExit(NO)
    if not yes:
        click.confirm(f"Change {_count(planned.to_change)}?", abort=True)
    raise SystemExit(_code(planned, named) if _do(api, planned.to_change, address) else NO)


def address_of(environment: Environment) -> Address:
    """Where the provider is to find our webhooks."""
    return Address(public_url=environment.public_url, retries=PROFILES[environment.provider].retries)


def _api(environment: Environment) -> ProviderApi:
    api = provider_api(environment)
    if api is None:
        raise Unusable(unasked(environment))
    if out_of_reach(environment):
        raise Unusable(
            f"PUBLIC_URL is {environment.public_url}, which no provider can reach: set it to your own address"
        )
    return api


def _plan(api: ProviderApi, company: Company, address: Address, named: Iterable[str], *, detach: bool) -> Plan:
    try:
        return plan(api.numbers(), company, address, named=named, detach=detach)
    except ProviderError as error:
        raise Unusable(f"the provider does not tell its numbers: {error}") from None


def told(planned: Plan, company: Company, public_url: str) -> Iterator[str]:
    """Say in words what a plan comes to."""
    if planned.to_change:
        changes = [(each.number.number, *change) for each in planned.to_change for change in each.changes]
        rows = [(number, name, now or "-", then or "-") for number, name, now, then in changes]
        yield from table([("number", "webhook", "now", "will be"), *rows])  # nothing cut: somebody may want it back
    for number in planned.connected:
        yield f"{number.number} leads here already."
    for number in planned.overruled:
        yield f"{number.number} {overruled(number, public_url)}"
    for key in planned.lacking:
        yield f"{key} ({company.numbers[key].name}) is in the settings, and the account has no such number."
    for key in planned.absent:
        yield f"{key} is not a number of the account."
    if planned.unknown:
        yield f"The account also has {', '.join(each.number for each in planned.unknown)}, which no rented number of"
        yield "the settings is; name a number to connect it all the same."
    if sip := [key for key, number in company.numbers.items() if number.kind == "sip"]:
        yield f"Reached over SIP, and set at the trunk or SIP domain by hand: {', '.join(sip)}."


def overruled(number: ProviderNumber, public_url: str) -> str:
    """Say why the addresses of a number do not count, and what to do about it."""
    kind = "the application" if number.application else "the trunk"
    return (
        f"goes by {kind} {number.instead}, and its own addresses do not count: let that one lead to {public_url}, or "
        f"take the number off it: flask numbers connect {number.number} --detach"
    )


def _not_here(environment: Environment) -> str | None:
    """Numbers that lead to where no app of ours answers would lose every call."""
    try:
        round_trip(environment)
    except NotHereError as problem:
        return CHECKED.format(said=f"{environment.public_url}: {problem}", remedy=problem.remedy)
    return None


def _do(api: ProviderApi, connections: Iterable[Connection], address: Address) -> bool:
    """Change one after the other; what fails keeps none of the others back. Tells whether all was done."""
    well = True
    for each in connections:
        try:
            connect(api, each, address)
        except ProviderError as error:
            click.echo(f"{each.number.number} was not connected: {error}", err=True)
            well = False
        else:
            click.echo(f"{each.number.number} leads here now.")
    if not well:
        click.echo("Repeat the command for the rest: what is done is left alone.", err=True)
    return well


def _code(planned: Plan, named: tuple[str, ...]) -> int:
    """Where some are named, whether the account has the others does not matter."""
    return NO if planned.overruled or planned.absent or (planned.lacking and not named) else 0


def _count(connections: tuple[Connection, ...]) -> str:
    return "1 number" if len(connections) == 1 else f"{len(connections)} numbers"
