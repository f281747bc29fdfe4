"""What the commands about calls work with: environment, settings and database, and what to say without them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from pydantic_core import PydanticCustomError
from sqlalchemy import Engine

from calls.database import StoreError, connect, database_url, said
from calls.migrated import current, head
from commands.in_force import in_force
from config.company import Company
from config.environment import Environment, EnvironmentProblem, read
from config.problems import SettingsError
from config.telephone import international

NO = 1
"""The exit code when the answer is no: there is no such call, a row was not taken. 2 is a wrong option."""

UNUSABLE = 3
"""The exit code when nothing could be asked: the environment, the settings or the database are not right."""


class Unusable(click.ClickException):
    """The app is not set up so that this command can work."""

    exit_code = UNUSABLE


@dataclass(frozen=True, kw_only=True, slots=True)
class Office:
    """A company, its database, and the moment at which a command was given."""

    company: Company
    engine: Engine
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone."""
        return ZoneInfo(self.company.timezone)

    def local(self, moment: datetime) -> datetime:
        """A moment as the clocks at the company show it."""
        return moment.astimezone(self.zone)


@contextmanager
def office() -> Iterator[Office]:
    """Open the company's database; ends the command with what is missing when that cannot be."""
    with opened() as (environment, engine):
        company = _company(engine, environment.company_file)
        yield Office(company=company, engine=engine, now=datetime.now(UTC))


@contextmanager
def opened() -> Iterator[tuple[Environment, Engine]]:
    """Open the database alone, for what must work while the settings are not right."""
    environment = read_environment()
    engine = connect(database_url(environment))
    try:
        _check(engine)
        yield environment, engine
    except StoreError as error:
        raise Unusable(f"the database does not do what was asked: {said(error)}") from None
    finally:
        engine.dispose()


def read_environment() -> Environment:
    """Read the environment; ends the command with all that is wrong with it."""
    try:
        return read()
    except EnvironmentProblem as problem:
        raise Unusable(f"the environment is not complete.\n{problem}\nSee .env.example.") from None


def _company(engine: Engine, file: Path) -> Company:
    try:
        return in_force(engine, file).company()
    except SettingsError as problem:
        raise Unusable(f"the settings are not right.\n{problem}") from None


def _check(engine: Engine) -> None:
    has, needs = current(engine), head()
    if has != needs:
        raise Unusable(f"the database is not up to date (it is at {has or 'nothing'}, not {needs}): run flask release")


class Number(click.ParamType[str]):
    """A telephone number in international format."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it in E.164 form."""
        try:
            return international(value)
        except PydanticCustomError as fault:
            self.fail(f"{value!r}: {fault.message()}", param, ctx)


WITHHELD = frozenset({"anonymous", "withheld"})
"""What may stand for a caller whose number is withheld: what providers send, and what our pages say."""


class Moment(click.ParamType[str]):
    """A day or a moment in the company's time zone, as text that `moment` reads when the company is known."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it as it is, if it is one."""
        if value not in DAYS:
            try:
                datetime.fromisoformat(value)
            except ValueError:
                self.fail(f'{value!r} is no moment; write "2026-11-24", "2026-11-24 10:30" or today', param, ctx)
        return str(value)


DAYS = {"today": 0, "yesterday": -1}


def moment(text: str | None, at: Office, *, end: bool = False) -> datetime | None:
    """Read what Moment has let through; a day is its first moment, with `end` the first one after it."""
    if text is None:
        return None
    if text in DAYS:
        text = str(at.local(at.now).date() + timedelta(days=DAYS[text]))
    found = datetime.fromisoformat(text)
    if end and len(text) <= len("2026-11-24"):
        found += timedelta(days=1)
    return found if found.tzinfo else found.replace(tzinfo=at.zone)
