"""The command itself: which checks there are, how what they find is shown, and the exit code."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict

import click

from commands.doctor import outside, shelves, stores, surroundings
from commands.doctor.clock import clock
from commands.doctor.finding import Finding, Level, Patient
from commands.doctor.running import Check, run
from commands.doctor.sounds import sounds
from commands.layout import printable
from config.environment import NEEDED_BY_BITRIX24, examine

ACCOUNT = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_TOKEN", "TWILIO_API_URL", "PROVIDER")

CHECKS = {
    "environment": Check(surroundings.environment),
    "settings": Check(surroundings.settings, ("COMPANY_FILE", "DATABASE_URL")),
    "sounds": Check(sounds, ("COMPANY_FILE", "DATABASE_URL")),
    "database": Check(stores.database, ("DATABASE_URL",)),
    "redis": Check(stores.redis, ("REDIS_URL",)),
    "worker": Check(stores.worker, ("REDIS_URL",)),
    "recordings": Check(shelves.recordings, ("RECORDINGS_URL", "PROVIDER", "TWILIO_API_URL")),
    "public address": Check(outside.public_address, ("PUBLIC_URL", "PROVIDER", "TWILIO_AUTH_TOKEN", "SECRET_KEY")),
    "provider": Check(outside.provider, ACCOUNT),
    "numbers": Check(outside.numbers, ("PUBLIC_URL", *ACCOUNT)),
    "crm": Check(
        outside.crm, ("CRM", "SECRET_KEY", "DATABASE_URL", "REDIS_URL", *(name.upper() for name in NEEDED_BY_BITRIX24))
    ),
    "clock": Check(clock, ("PROVIDER", "TWILIO_API_URL")),
}
"""Everything that is looked at, in the order in which it is told."""

WIDTH = max(map(len, CHECKS))
MARKS = {Level.WELL: "ok", Level.WARNING: "warning", Level.BROKEN: "BROKEN", Level.UNCHECKED: "-"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--strict", is_flag=True, help="Exit with status 1 for a warning too.")
def doctor(*, as_json: bool, strict: bool) -> None:
    """Look at everything that this installation needs, and say what to do about what is wrong.

    Changes nothing (into a bucket for recordings it puts a small file, and removes it), and takes a quarter of a minute
    at most. Run it where web and worker run, with their environment.
    Exits with status 0 when all is well or can wait, with 1 when something is broken.
    """
    environment, problems = examine()
    found = run(CHECKS, Patient(environment=environment, problems=tuple(problems)))
    counts = Counter(finding.level for findings in found.values() for finding in findings)
    if as_json:
        rows = [{"part": part} | asdict(finding) for part, findings in found.items() for finding in findings]
        click.echo(json.dumps({"state": _state(counts), "findings": rows}, indent=2, ensure_ascii=False))
    else:
        for part, findings in found.items():
            _show(part, findings)
        click.echo(_summary(counts))
    raise SystemExit(1 if counts[Level.BROKEN] or (strict and counts[Level.WARNING]) else 0)


def _show(part: str, findings: list[Finding]) -> None:
    """What is mended in the same way has its remedy once."""
    for finding, after in zip(findings, [*findings[1:], None], strict=True):
        click.echo(f"{MARKS[finding.level]:<8} {part:<{WIDTH}}  {printable(finding.said)}")
        if finding.remedy and not (after and after.remedy == finding.remedy):
            click.echo(f"{'':<8} {'':<{WIDTH}}  → {printable(finding.remedy)}")


def _state(counts: Counter[Level]) -> Level:
    return next((level for level in (Level.BROKEN, Level.WARNING) if counts[level]), Level.WELL)


def _summary(counts: Counter[Level]) -> str:
    if not counts[Level.BROKEN] and not counts[Level.WARNING]:
        return "All is well."
    warnings = counts[Level.WARNING]
    return f"{counts[Level.BROKEN]} broken, {warnings} {'warning' if warnings == 1 else 'warnings'}."
