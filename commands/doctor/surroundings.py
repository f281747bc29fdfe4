"""The environment and the settings: what an installation is told."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from commands.doctor.finding import Finding, Patient, broken, told, warning, well
from config.environment import Environment
from config.problems import SettingsError
from voice import readiness
from voice.recordings import keeping

SET = "set it for web, worker and release alike: .env.example says more, `heroku config:set NAME=…` does it on Heroku"

PLAIN_SECRET = 8
"""A secret of fewer different characters was typed, not drawn."""

WHOLE_NUMBERS = {"PORT": range(1, 65_536), "WEB_CONCURRENCY": range(1, 1_000)}
"""Read by gunicorn.conf.py alone."""

ON_A_DYNO = {
    "redis_url": (
        "REDIS_URL",
        "dynos share no disk for an embedded Valkey",
        "run heroku addons:create heroku-redis:mini",
    ),
    "database_url": (
        "DATABASE_URL",
        "a dyno's disk is emptied at every restart, and SQLite's file with it",
        "run heroku addons:create heroku-postgresql:essential-0",
    ),
}


def environment(patient: Patient) -> Iterator[Finding]:
    """Name every variable that is missing, malformed or unwise."""
    found = [broken(problem, SET) for problem in patient.problems]
    found += [*_gunicorn(os.environ), *_unwise(patient), *_dyno(patient.environment, os.environ)]
    yield from found
    if not found:
        yield well("complete")


def _gunicorn(variables: Mapping[str, str]) -> Iterator[Finding]:
    for name, sensible in WHOLE_NUMBERS.items():
        text = variables.get(name, "").strip()
        if text and not (text.isdigit() and int(text) in sensible):
            yield broken(f"{name} should be a whole number from 1 to {sensible[-1]} (not {text[:20]!r})", SET)


def _unwise(patient: Patient) -> Iterator[Finding]:
    here = patient.environment
    if here.secret_key and len(set(here.secret_key)) < PLAIN_SECRET:
        yield warning(
            "SECRET_KEY can be guessed, and with it links, forms and the CRM's token",
            "draw one: python -c 'import secrets; print(secrets.token_hex())'; afterwards run flask crm connect again",
        )
    if here.provider == "simulator" and "PROVIDER" not in patient.wrong:
        yield warning("PROVIDER=simulator: no real call comes in", "set PROVIDER and its account when you have one")
    if here.provider == "twilio" and here.twilio_account_sid and not _is_account(here.twilio_account_sid):
        yield broken(
            "TWILIO_ACCOUNT_SID is not AC and 32 hexadecimal digits",
            "copy the Account SID from the console's first page; an API key (SK…) is another thing",
        )
    if here.provider != "simulator" and (reason := keeping.warning(here)):
        yield warning(reason, "set what it names, or leave them at the provider")


def _is_account(text: str) -> bool:
    return bool(re.fullmatch(r"AC[0-9a-fA-F]{32}", text))


def _dyno(here: Environment, variables: Mapping[str, str]) -> Iterator[Finding]:
    if not variables.get("DYNO"):
        return
    for field, (name, why, remedy) in ON_A_DYNO.items():
        if not getattr(here, field):
            yield broken(f"{name} is not set: {why}", remedy)


def settings(patient: Patient) -> Iterator[Finding]:
    """Say which settings are in force, and whether something in them runs out."""
    try:
        found = patient.settings()
    except SettingsError as problem:
        count = len(problem.problems)
        more = f", and {count - 1} more" if count > 1 else ""
        yield broken(
            f"they are not right: {problem.problems[0]}{more}", "run flask company check, which names all of them"
        )
        return
    yield well(f"{found.company.company}, {found.source}")
    yield from map(told, readiness.sip_connector(found.company, patient.now))
