"""The settings that commands go by when they need nothing else: published ones where there are some, else a file's."""

from __future__ import annotations

import os
from pathlib import Path

import click
from sqlalchemy.engine import make_url

from calls import revisions
from calls.database import StoreError, connect, database_url, said
from commands.by_default import settings_file
from commands.context import NO
from config.company import Company
from config.environment import Environment
from config.loader import load, parse
from config.problems import SettingsError

FILE = click.option("--file", "file", type=click.Path(path_type=Path), help="Go by this settings file.")


def the_company(file: Path | None) -> Company:
    """Return the company of a file; without one what is published, else the company of COMPANY_FILE.

    Ends the command with everything that is wrong with the settings. Works without any environment or database.
    """
    try:
        document = None if file else _published()
        return load(file or settings_file()) if document is None else parse(document)
    except SettingsError as problem:
        click.echo(str(problem), err=True)
        raise SystemExit(NO) from None


def _published() -> str | None:
    """Return the document in force, None where no database holds one; says so when it does not answer."""
    try:
        url = database_url(Environment(database_url=os.environ.get("DATABASE_URL") or None))
        if not is_there(url):
            return None
        engine = connect(url)
        try:
            with engine.connect() as connection:
                found = revisions.newest(connection)
        finally:
            engine.dispose()
    except StoreError as error:
        why = f"The database does not tell what is published ({said(error)})"
        click.echo(f"{why}: {settings_file()} is used.", err=True)
        return None
    return found.document if found else None


def is_there(url: str) -> bool:
    """Tell whether there may be a database: looking into one of SQLite would make it."""
    address = make_url(url)
    return address.get_backend_name() != "sqlite" or Path(address.database or "").exists()
