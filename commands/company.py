"""`flask company check` and `flask company schema`: a settings file without the app around it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from pathlib import Path

import click
from flask.cli import AppGroup

from commands.by_default import settings_file, the_provider
from commands.imported import Imported
from commands.walked import Walked, data_of, lines_of, told, walked
from config.company import Company
from config.loader import examine, read_text
from config.problems import Problem, SettingsError
from config.reference import reference_text
from config.schema import schema_text
from flows.walk.paths import Replay
from voice.profiles import PROFILES

WHOSE = "Whose abilities to go by, PROVIDER's by default: what it cannot ring is not rung."

ELSEWHERE = {
    "explain": "commands.explain:explain",
    "export": "commands.revisions:export",
    "history": "commands.revisions:history",
    "import": "commands.revisions:import_",
    "rollback": "commands.revisions:rollback",
}

company = AppGroup("company", commands=Imported(ELSEWHERE), help="The company's settings: check, explain, publish.")


# Without the app: a broken file must not keep the command from saying what is wrong with it.
@company.command("check", with_appcontext=False)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")
@click.option("--provider", type=click.Choice(sorted(PROFILES)), default=the_provider, help=WHOSE)
def check(file: Path | None, *, as_json: bool, provider: str) -> None:
    """Name every problem of a settings file, by line; without errors, walk every path of every number.

    FILE is the one that COMPANY_FILE names, else config/company.yaml. Ends with 1 when there are errors, or when it
    is not proved that every call ends with a person, a forward, a message, words, or a refusal that the settings want.
    """
    file = file or settings_file()
    problems, found, company = _checked(file, provider)
    if as_json:
        click.echo(json.dumps(data_of(problems, found), indent=2, ensure_ascii=False))
    else:
        for line in (line for problem, how in problems.items() for line in told(problem, how, found)):
            click.echo(line)
        for line in lines_of(found, company) if found and company else ():
            click.echo(line)
        click.echo(f"{file}: {_summary(problems)}")
    if _count(problems, "error"):
        raise SystemExit(1)


@company.command("schema", with_appcontext=False)
@click.option("--markdown", is_flag=True, help="Print the reference for people (docs/settings.md) instead.")
def schema(*, markdown: bool) -> None:
    """Print the JSON Schema of the settings (config/schema.json)."""
    click.echo(reference_text() if markdown else schema_text(), nl=False)


def _checked(file: Path, provider: str) -> tuple[dict[Problem, Replay | None], Walked | None, Company | None]:
    try:
        text = read_text(file)
    except SettingsError as unreadable:
        return dict.fromkeys(unreadable.problems), None, None
    company, problems = examine(text)
    if company is None:
        return dict.fromkeys(problems), None, None
    found = walked(file, text, company, problems, provider)
    return dict.fromkeys(problems) | found.problems, found, company


def _count(problems: Iterable[Problem], level: str) -> int:
    return sum(problem.level == level for problem in problems)


def _summary(problems: Collection[Problem]) -> str:
    counts = ((_count(problems, level), level) for level in ("error", "warning"))
    said = [f"{count} {level}{'s' if count > 1 else ''}" for count, level in counts if count]
    return ", ".join(said) or "no problems"
