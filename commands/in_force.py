"""The settings that are in force, by which commands go that are told no other: what is published, else a file's."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from calls import revisions
from calls.database import StoreError, connect, database_url, said
from commands.by_default import settings_file
from config.company import Company
from config.environment import Environment
from config.loader import load, parse, read_text
from config.problems import SettingsError

FILE = click.option("--file", "file", type=click.Path(path_type=Path), help="Go by this settings file.")


@dataclass(frozen=True, kw_only=True, slots=True)
class InForce:
    """A settings document, its revision (None: a file's), and what a database said that does not tell of any, or ""."""

    document: str
    number: int | None = None
    silent: str = ""

    def company(self) -> Company:
        """Make the company of it; raises SettingsError."""
        return parse(self.document)


def in_force(engine: Engine, file: Path) -> InForce:
    """Read what is published, else a file; raises StoreError, and SettingsError where the file cannot be read."""
    with engine.connect() as connection:
        found = revisions.newest(connection)
    return InForce(document=found.document, number=found.number) if found else InForce(document=read_text(file))


def as_far_as_told(environment: Environment, file: Path) -> InForce:
    """Read the same where the database may be missing or silent: the file's then. Raises SettingsError."""
    try:
        url = database_url(environment)
        if not is_there(url):
            return InForce(document=read_text(file))
        engine = connect(url)
        try:
            return in_force(engine, file)
        finally:
            engine.dispose()
    except StoreError as error:
        return InForce(document=read_text(file), silent=said(error))


def without_environment() -> InForce:
    """Read the same where no variable needs to be set; says so when the database is silent. Raises SettingsError."""
    environment = Environment(database_url=os.environ.get("DATABASE_URL") or None)
    found = as_far_as_told(environment, settings_file())
    if found.silent:
        why = f"The database does not tell what is published ({found.silent})"
        click.echo(f"{why}: {settings_file()} is used.", err=True)
    return found


def the_company(file: Path | None) -> Company:
    """Return the company of a file; without one what is published, else the company of COMPANY_FILE.

    Ends the command with everything that is wrong with the settings. Works without any environment or database.
    """
    try:
        return load(file) if file else without_environment().company()
    except SettingsError as problem:
        click.echo(str(problem), err=True)
        raise SystemExit(1) from None


def is_another(file: Path, document: str) -> bool:
    """Tell whether a file says something else than a document; one that cannot be read says nothing."""
    try:
        return read_text(file) != document
    except SettingsError:
        return False


def is_there(url: str) -> bool:
    """Tell whether there may be a database: looking into one of SQLite would make it."""
    address = make_url(url)
    return address.get_backend_name() != "sqlite" or Path(address.database or "").exists()
