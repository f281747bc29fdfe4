"""`flask users …`: who may open the pages, and links with which they choose a password.

Exit codes: 0 done; 1 there is no such user; 2 a wrong option; 3 the app is not set up (commands.context).
"""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy import Connection, Engine

from calls import users as book
from calls.users import NameTakenError, User
from commands.context import NO, office
from commands.layout import printable, table
from config.company import Company
from config.environment import Environment, read
from web import links
from web.access import Role

users = AppGroup("users", help="Users of the web pages: list, add, role, reset, remove, first.")

ROLES = click.Choice([str(role) for role in Role])

ONCE = "This link is good once, for three days:\n\n  {address}\n"


@users.command("list", with_appcontext=False)
def list_() -> None:
    """List who may log in."""
    with office() as at:
        with at.engine.connect() as connection:
            found = book.every(connection)
        if not found:
            click.echo("There are no users yet: flask users first makes the first administrator.")
            return
        rows = [("name", "employee", "roles", "state"), *(_row(user, at.company) for user in found)]
        for line in table(rows, shrink=(0, 1)):
            click.echo(line)


@users.command("add", with_appcontext=False)
@click.argument("name")
@click.option("--role", "roles", type=ROLES, multiple=True, help="May be repeated; of several the highest counts.")
@click.option("--employee", help="His key in the settings: whose calls and telephone these are.")
def add(name: str, roles: tuple[str, ...], employee: str | None) -> None:
    """Add a user, and print the link with which they choose a password."""
    if not book.spelled(name) or not name.isprintable() or len(name) > book.MOST_NAME:
        raise click.BadParameter("a name is 1 to 254 letters, digits and signs", param_hint="NAME")
    with office() as at:
        if employee is not None and employee not in at.company.employees:
            known = ", ".join(list(at.company.employees)[:20])
            raise click.BadParameter(f"{employee!r} is not in the settings; there are {known}", param_hint="--employee")
        try:
            with at.engine.begin() as connection:
                user = book.add(connection, name, roles=roles, employee=employee, now=at.now)
        except NameTakenError as taken:
            raise click.BadParameter(f"there is a user {taken} already", param_hint="NAME") from None
        _print_link(user)


@users.command("role", with_appcontext=False)
@click.argument("name")
@click.argument("roles", nargs=-1, type=ROLES)
def role(name: str, roles: tuple[str, ...]) -> None:
    """Give a user these roles in place of those they have; none at all takes them away."""
    with office() as at, at.engine.begin() as connection:
        user = _found(connection, name)
        book.change(connection, user.id, roles=roles)
        click.echo(f"{printable(user.name)}: {', '.join(sorted(set(roles))) or 'no role'}.")


@users.command("reset", with_appcontext=False)
@click.argument("name")
def reset(name: str) -> None:
    """Print a link with which a user chooses a new password."""
    with office() as at:
        with at.engine.connect() as connection:
            user = _found(connection, name)
        _print_link(user)


@users.command("remove", with_appcontext=False)
@click.argument("name")
def remove(name: str) -> None:
    """Remove a user; their sessions end at once."""
    with office() as at, at.engine.begin() as connection:
        user = _found(connection, name)
        book.remove(connection, user.id)
        click.echo(f"{printable(user.name)} is removed.")


@users.command("first", with_appcontext=False)
def first() -> None:
    """Print the link that makes the first administrator, while there are no users."""
    with office() as at:
        address = first_link(read(), at.engine)
        if address is None:
            click.echo("There are users already; flask users add and reset make links for them.", err=True)
            raise SystemExit(NO)
        click.echo(f"Open this address to become the administrator. {ONCE.format(address=address)}", nl=False)


def first_link(environment: Environment, engine: Engine) -> str | None:
    """Make the link for the first administrator, None when there are users; raises StoreError."""
    with engine.connect() as connection:
        if book.anybody(connection) or not environment.secret_key:
            return None
    return f"{environment.public_url}/welcome/{links.welcome_token(environment.secret_key)}"


def _print_link(user: User) -> None:
    environment = read()
    if not environment.secret_key:
        raise click.ClickException("SECRET_KEY is missing: it signs the link")
    if not user.active:
        click.echo(f"{printable(user.name)} may not log in; an administrator changes that on the page Users.", err=True)
    token = links.reset_token(environment.secret_key, user)
    link = ONCE.format(address=f"{environment.public_url}/reset/{token}")
    click.echo(f"{printable(user.name)} chooses a password here. {link}", nl=False)


def _found(connection: Connection, name: str) -> User:
    user = book.named(connection, name)
    if user is None:
        click.echo(f"There is no user {printable(name)}; flask users list shows all.", err=True)
        raise SystemExit(NO)
    return user


def _row(user: User, company: Company) -> tuple[str, ...]:
    person = company.employees.get(user.employee or "")
    state = "may log in" if user.active and user.password else "no password yet" if user.active else "locked"
    return user.name, person.name if person else user.employee or "", ", ".join(sorted(user.roles)), state
