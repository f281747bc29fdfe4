"""`flask company check` and `flask company schema`: a settings file without the app around it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import AppGroup

from commands.in_force import settings_file
from config.loader import examine, read_text
from config.problems import Problem, SettingsError
from config.schema import schema_text

company = AppGroup("company", help="The company's settings: check, explain, publish.")


# Without the app: a broken file must not keep the command from saying what is wrong with it.
@company.command("check", with_appcontext=False)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the problems as a JSON list.")
def check(file: Path | None, *, as_json: bool) -> None:
    """Name every problem of a settings file, by line.

    FILE is the one that COMPANY_FILE names, else config/company.yaml. Ends with 1 when there are errors.
    """
    file = file or settings_file()
    problems = _problems(file)
    if as_json:
        click.echo(json.dumps([asdict(problem) for problem in problems], indent=2, ensure_ascii=False))
    else:
        for problem in problems:
            click.echo(problem)
        click.echo(f"{file}: {_summary(problems)}")
    if _count(problems, "error"):
        raise SystemExit(1)


@company.command("schema", with_appcontext=False)
def schema() -> None:
    """Print the JSON Schema of the settings (config/schema.json)."""
    click.echo(schema_text(), nl=False)


def _problems(file: Path) -> Sequence[Problem]:
    try:
        return examine(read_text(file))[1]
    except SettingsError as unreadable:
        return unreadable.problems


def _count(problems: Sequence[Problem], level: str) -> int:
    return sum(problem.level == level for problem in problems)


def _summary(problems: Sequence[Problem]) -> str:
    counts = ((_count(problems, level), level) for level in ("error", "warning"))
    said = [f"{count} {level}{'s' if count > 1 else ''}" for count, level in counts if count]
    return ", ".join(said) or "no problems"
