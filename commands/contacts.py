"""`flask contacts …`: the address book, which says who calls, and which employee is responsible for him.

Exit codes: 0 done; 1 some rows were not taken; 2 a wrong option, or a file that is no table; 3 the app is not set up
(commands.context).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import BinaryIO, TextIO

import click
from flask.cli import AppGroup

from calls import sheets
from calls.contact_sheets import COLUMNS, Imported, take, written
from calls.contacts import Entry, listed
from commands.call_text import employee_name
from commands.context import NO, Office, office
from commands.layout import printable, table

contacts = AppGroup("contacts", help="The address book: import, export, list.")


@contacts.command("import", with_appcontext=False)
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def import_(file: BinaryIO, *, dry_run: bool, as_json: bool) -> None:
    """Take contacts from a CSV file, and name every row that is not right.

    FILE is UTF-8; its first line names the columns: number, name, company, employee (the key in the settings), in any
    order. Nothing is removed; what the settings list under contacts is changed there. - reads what is piped in.
    """
    name = str(getattr(file, "name", "<stdin>"))
    with office() as at:
        try:
            report = take(at.engine, at.company, file.read(), at.now, dry_run=dry_run)
        except sheets.SheetProblem as problem:
            raise click.BadParameter(f"{name}: {problem}", param_hint="FILE") from None
    if as_json:
        click.echo(json.dumps(asdict(report), indent=2, ensure_ascii=False))
    else:
        _print_report(report, name, dry_run=dry_run)
    if report.problems:
        raise SystemExit(NO)


def _print_report(report: Imported, name: str, *, dry_run: bool) -> None:
    for problem in report.problems:
        click.echo(printable(str(problem)))
    if report.unused:
        unused = printable(", ".join(report.unused))
        click.echo(f"columns that are not used: {unused}; those that are: {', '.join(COLUMNS)}")
    taken = f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged"
    refused = f", {report.refused} row{'s' if report.refused > 1 else ''} not taken" if report.refused else ""
    click.echo(f"{name}: {taken}{refused}{'; a dry run: nothing was written' if dry_run else ''}")


@contacts.command("export", with_appcontext=False)
@click.option("--separator", type=click.Choice(sheets.SEPARATORS), default=",", show_default=True)
@click.option("--output", type=click.File("w", "utf-8", lazy=False), default="-", help="A file; - is the terminal.")
def export(separator: str, output: TextIO) -> None:
    """Write the address book as CSV, safe to open in a spreadsheet; import reads it back as it was."""
    with office() as at, at.engine.connect() as connection:
        for line in written(connection, separator):
            output.write(line)


@contacts.command("list", with_appcontext=False)
@click.argument("search", default="")
@click.option("--json", "as_json", is_flag=True, help="Print them as a JSON list.")
def list_(search: str, *, as_json: bool) -> None:
    """List contacts by name; SEARCH is a part of the number, the name or the company."""
    with office() as at:
        with at.engine.connect() as connection:
            found = listed(connection, search)
        if as_json:
            click.echo(json.dumps([asdict(entry) for entry in found], indent=2, ensure_ascii=False))
        elif not found:
            click.echo("No contacts.")
        else:
            _print_list(found, at)


def _print_list(entries: list[Entry], at: Office) -> None:
    header = ("number", "name", "company", "responsible", "from")
    rows = [
        (entry.number, entry.name, entry.company or "", employee_name(entry.employee, at), entry.source)
        for entry in entries
    ]
    for line in table([header, *rows], shrink=(1, 2, 3)):
        click.echo(line)
