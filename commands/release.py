"""`flask release`: what has to be right before a new version takes calls; the Procfile's release line runs it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import Engine

from calls import revisions
from calls.contacts import load_settings
from calls.database import StoreError, connect, database_url, said
from calls.migrated import NEWER, current, head, troubles
from calls.settings import Settings
from calls.upgrade import upgrade
from commands.context import Unusable, read_environment
from commands.in_force import is_another
from commands.users import first_link
from config.problems import SettingsError


@click.command("release")
@with_appcontext
def release() -> None:
    """Bring the database up to date, import the settings at the first start, load their contacts. Safe to repeat."""
    environment = read_environment()
    engine = connect(database_url(environment))
    try:
        click.echo(_up_to_date(engine))
        settings = Settings.of_database(engine, environment.company_file)
        click.echo(f"settings: revision {settings.number}{_differs(engine, environment.company_file)}")
        changes = load_settings(engine, settings.company, datetime.now(UTC))
        click.echo(f"contacts: {changes.added} added, {changes.changed} changed, {changes.removed} removed")
        if link := first_link(environment, engine):
            click.echo(f"there are no users yet; this address makes the first administrator: {link}")
    except SettingsError as problem:
        raise Unusable(f"the settings are not right.\n{problem}") from None
    except StoreError as error:
        raise Unusable(f"the database cannot be brought up to date: {said(error)}") from None
    finally:
        engine.dispose()


def _differs(engine: Engine, file: Path) -> str:
    """Say that a file is not what is published, to whoever has changed it and wonders."""
    with engine.connect() as connection:
        newest = revisions.newest(connection)
    if newest is None or not is_another(file, newest.document):
        return ""
    return f"; {file} is another: `flask company import {file}` publishes it"


def _up_to_date(engine: Engine) -> str:
    before = current(engine)
    for each in troubles(engine):
        if each.code == NEWER.code:
            raise Unusable(f"the database is {each}: deploy a version that knows it")
    upgrade(engine)
    return f"database at {head()}" + (f", was at {before or 'nothing'}" if before != head() else "")
