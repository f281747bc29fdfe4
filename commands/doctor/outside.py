"""What is outside: the public address, the provider's account and numbers, the CRM."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import urlsplit

from calls.database import connect, database_url
from commands.crm import answer_problem
from commands.doctor.finding import Finding, Patient, broken, told, unchecked, warning, well
from commands.in_force import is_there
from commands.layout import printable
from commands.numbers import address_of, overruled
from config.environment import Environment
from config.problems import SettingsError
from crm import health
from live.connection import connect as connect_redis
from live.url import redis_url
from voice import readiness
from voice.provider.access import provider_api, unasked
from voice.provider.connecting import plan
from voice.provider.rented import lines
from voice.provider.rest import NUMBERS_UNTOLD, ProviderApi, ProviderError
from voice.round_trip import Arrival, NotHereError, out_of_reach, round_trip

SLOW = 2.0
"""Seconds; one provider waits 5 for a webhook, and a caller hears nothing meanwhile (twiml.md section 4)."""


def public_address(patient: Patient) -> Iterator[Finding]:
    """See whether PUBLIC_URL leads to this app, signed requests get through, and unsigned ones do not."""
    here = patient.environment
    if out_of_reach(here):
        yield broken(
            f"{here.public_url} is this machine, which no provider can reach", "set PUBLIC_URL to your address"
        )
    try:
        arrived = round_trip(here)
    except NotHereError as problem:
        yield broken(f"{here.public_url}: {problem}", problem.remedy)
        return
    if not arrived.signed:
        yield well(f"{here.public_url} refuses unsigned requests; this provider's signatures cannot be tried from here")
        return
    yield well(f"{here.public_url} lets signed requests in, and no others ({arrived.seconds:.2f} s)")
    yield from _how_it_arrived(here, arrived)


def _how_it_arrived(here: Environment, arrived: Arrival) -> Iterator[Finding]:
    """Signatures are checked against PUBLIC_URL, but the forms of the pages against what the proxy says."""
    wanted = urlsplit(here.public_url)
    if arrived.scheme != wanted.scheme:
        yield warning(
            f"the app sees {arrived.scheme}:// where PUBLIC_URL has {wanted.scheme}://: the proxy does not say how "
            "requests came, or is not believed",
            "let the proxy set X-Forwarded-Proto, and name its address in FORWARDED_ALLOW_IPS (docs/systemd.md)",
        )
    if arrived.host.lower() != wanted.netloc.rpartition("@")[2].lower():
        yield warning(
            f"the app sees the host {printable(arrived.host)}: the forms of its pages will be refused",
            "let the proxy pass on the Host header as it came",
        )
    for name in arrived.differs:
        yield warning(
            f"web has another {name} than this command, so what is told of it here is not about web",
            "set it the same for web, worker and commands, or run this where web runs",
        )
    if arrived.seconds > SLOW:
        yield warning(
            f"an answer takes {arrived.seconds:.1f} s", "see what is slow: the proxy, or too few web processes"
        )


def provider(patient: Patient) -> Iterator[Finding]:
    """Ask the provider whether the account is known and active, and what it has left."""
    api = provider_api(patient.environment)
    if api is None:
        yield unchecked(unasked(patient.environment))
        return
    try:
        yield _account(api, patient.environment)
        yield from _balance(api, patient)
    except ProviderError as error:
        yield broken(f"it cannot be asked: {error}", _ask_again(error))


def _ask_again(error: ProviderError) -> str:
    if " 401" in str(error):
        return "set TWILIO_AUTH_TOKEN (or TWILIO_API_TOKEN) to the account's own, of the console"
    return "see the provider's status page, TWILIO_API_URL, and that this machine may reach it"


def _account(api: ProviderApi, here: Environment) -> Finding:
    status = api.account_status()
    if status is None and not api.knows_us():  # some providers have calls of an account, and no page about it
        return broken(
            f"it knows no account {here.twilio_account_sid}", "set TWILIO_ACCOUNT_SID, or TWILIO_API_URL, right"
        )
    if status in ("suspended", "closed"):
        return broken(f"the account is {status}: no call comes in", "see the provider's console for the reason")
    return well(f"{here.provider}, account {here.twilio_account_sid[:6]}… {status or 'known'}")


def _balance(api: ProviderApi, patient: Patient) -> Iterator[Finding]:
    try:
        balance = api.balance()
    except ProviderError as error:
        if not error.permanent:
            raise
        yield well("it tells no balance, so forwards are always allowed")
        return
    try:
        minimum = patient.settings().company.forwarding.minimum_balance
    except SettingsError:
        minimum = None
    low = () if minimum is None else readiness.low(balance, minimum)
    yield from map(told, low)
    if not low:
        yield well(f"balance {balance}")
    if minimum is None and balance <= Decimal(0):
        yield warning(f"the balance is {balance}", "top up the provider's account")


def numbers(patient: Patient) -> Iterator[Finding]:
    """See where the webhooks of the provider's numbers lead, as `flask numbers connect` would."""
    api, here = provider_api(patient.environment), patient.environment
    if api is None:
        yield unchecked(unasked(here))
        return
    if not api.tells_numbers:
        yield unchecked(NUMBERS_UNTOLD)
        return
    try:
        company = patient.settings().company
        found = plan(api.numbers(), company, address_of(here))
    except SettingsError:
        yield unchecked("not known while the settings are not right")
        return
    except ProviderError as error:
        yield broken(f"the provider does not tell them: {error}", _ask_again(error))
        return
    if found.connected:
        yield well(f"{len(found.connected)} of the settings' numbers lead here")
    for each in found.to_change:
        what = ", ".join(f"{change.name} {change.now or 'nowhere'}" for change in each.changes)
        (line,) = lines([each.number], here.public_url)
        if line.well:  # by GET, or without a word about trying again
            yield warning(f"{each.number.number} leads here, and not as it should: {what}", "run flask numbers connect")
        else:
            yield broken(f"{each.number.number} does not lead here: {what}", "run flask numbers connect")
    for number in found.overruled:
        said, _, remedy = overruled(number, here.public_url).partition(": ")
        yield broken(f"{number.number} {said}", remedy)
    for key in found.lacking:
        yield warning(
            f"{key} ({company.numbers[key].name}) is in the settings, and the account has no such number",
            "rent it, or take it out of the settings",
        )
    if found.unknown:
        names = ", ".join(number.number for number in found.unknown)
        yield well(f"also in the account, and not in the settings: {names}")


def crm(patient: Patient) -> Iterator[Finding]:
    """See whether calls can be filed: the token, the portal's answer, and what waits for somebody."""
    here = patient.environment
    if not is_there(database_url(here)):  # looking into it would make it
        yield unchecked("not known without a database")
        return
    engine = connect(database_url(here))
    try:
        with connect_redis(redis_url(here)) as client:
            refusal = answer_problem(here, engine, client) if here.crm == "bitrix24" else None  # which notes how it is
            troubles = health.troubles(here, engine, client)
            for each in troubles:
                yield told(each, before=f"CRM={here.crm}: ", remedy=each.remedy or "see flask crm status")
            if troubles:
                return
            if refusal:
                yield broken(f"the portal refuses: {printable(refusal)}", "run flask crm connect, or see the portal")
            else:
                yield well(f"CRM={here.crm}")
    finally:
        engine.dispose()
