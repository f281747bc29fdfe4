"""`flask release`: what has to be right before a new version takes calls; the Procfile's release line runs it."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask.cli import with_appcontext
from sqlalchemy import Engine

from calls.contacts import load_settings
from calls.database import StoreError, connect, database_url, said
from calls.upgrade import current, head, upgrade
from calls.upgrade import problem as database_problem
from commands.context import Unusable, read_all


@click.command("release")
@with_appcontext
def release() -> None:
    """Check the settings, bring the database up to date, load the settings' contacts. Safe to repeat."""
    environment, company = read_all()
    engine = connect(database_url(environment))
    try:
        click.echo(f"{environment.company_file}: no errors")
        click.echo(_up_to_date(engine))
        changes = load_settings(engine, company, datetime.now(UTC))
        click.echo(f"contacts: {changes.added} added, {changes.changed} changed, {changes.removed} removed")
    except StoreError as error:
        raise Unusable(f"the database cannot be brought up to date: {said(error)}") from None
    finally:
        engine.dispose()


def _up_to_date(engine: Engine) -> str:
    before = current(engine)
    problem = database_problem(engine)
    if problem and "newer" in problem:
        raise Unusable(f"the database is {problem}: deploy a version that knows it")
    upgrade(engine)
    return f"database at {head()}" + (f", was at {before or 'nothing'}" if before != head() else "")
