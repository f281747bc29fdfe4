"""`flask company check` and `flask company schema`: the settings without the app around them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
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
    """Name every problem of the settings, by line; without errors, walk every path of every number.

    Without FILE it checks what is in force, as phone and explain do: what is published, else the file that COMPANY_FILE
    names, or config/company.yaml. Name the file that you want to publish.

    Exits with status 1 when there are errors, or when it is not proved that every call ends with a person, a forward, a
    message, words, or a refusal that the settings want.
    """
    subject = _subject(file)
    problems, found, company = _checked(subject, provider)
    if as_json:
        data = {"settings": subject.name} | data_of(problems, found)
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        for line in (line for problem, how in problems.items() for line in told(problem, how, found)):
            click.echo(line)
        for line in lines_of(found, company) if found and company else ():
            click.echo(line)
        click.echo(f"{subject.name}: {_summary(problems)}")
    if subject.unlike:
        other = f"{subject.unlike} is another, and was not checked"
        click.echo(f"{other}: `flask company check {subject.unlike}` does that", err=True)
    if _count(problems, "error"):
        raise SystemExit(1)


@company.command("schema", with_appcontext=False)
@click.option("--markdown", is_flag=True, help="Print the reference for people (docs/settings.md) instead.")
def schema(*, markdown: bool) -> None:
    """Print the JSON Schema of the settings (config/schema.json)."""
    click.echo(reference_text() if markdown else schema_text(), nl=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Subject:
    """What is checked: its name, its text or why there is none, its file, and a settings file that is unlike it."""

    name: str
    text: str | SettingsError
    file: Path | None = None
    unlike: Path | None = None


def _subject(file: Path | None) -> _Subject:
    here = file or settings_file()
    try:
        if file:
            return _Subject(name=str(file), text=read_text(file), file=file)
        from commands.in_force import is_another, without_environment  # loads SQL, which a file does without

        found = without_environment()
    except SettingsError as unreadable:
        return _Subject(name=str(here), text=unreadable, file=here)
    if found.number is None:
        return _Subject(name=str(here), text=found.document, file=here)
    unlike = here if is_another(here, found.document) else None
    return _Subject(name=f"revision {found.number}", text=found.document, unlike=unlike)


def _checked(subject: _Subject, provider: str) -> tuple[dict[Problem, Replay | None], Walked | None, Company | None]:
    if isinstance(subject.text, SettingsError):
        return dict.fromkeys(subject.text.problems), None, None
    company, problems = examine(subject.text)
    if company is None:
        return dict.fromkeys(problems), None, None
    found = walked(subject.file, subject.text, company, problems, provider)
    return dict.fromkeys(problems) | found.problems, found, company


def _count(problems: Iterable[Problem], level: str) -> int:
    return sum(problem.level == level for problem in problems)


def _summary(problems: Collection[Problem]) -> str:
    counts = ((_count(problems, level), level) for level in ("error", "warning"))
    said = [f"{count} {level}{'s' if count > 1 else ''}" for count, level in counts if count]
    return ", ".join(said) or "no problems"
