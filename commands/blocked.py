"""`flask blocked …`: the block list, besides the one in the settings.

Exit codes: 0 done; 1 the number is not on the list; 2 a wrong option; 3 the app is not set up (commands.context).
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import click
from flask.cli import AppGroup

from calls import blocks
from calls.blocks import Block
from commands.call_text import plain
from commands.context import NO, Number, Office, office
from commands.layout import table

blocked = AppGroup("blocked", help="The block list: list, add, remove.")


@blocked.command("list", with_appcontext=False)
@click.option("--all", "expired", is_flag=True, help="Also those whose block is over.")
@click.option("--json", "as_json", is_flag=True, help="Print them as a JSON list.")
def list_(*, expired: bool, as_json: bool) -> None:
    """List who is declined, why, and until when; those of the settings first."""
    with office() as at:
        with at.engine.connect() as connection:
            found = blocks.listed(connection) if expired else blocks.active(connection, at.now)
        if as_json:
            settings = [{"number": number, "reason": "settings", "settings": True} for number in at.company.blocked]
            rows = [plain(block) | {"settings": False} for block in found]
            click.echo(json.dumps([*settings, *rows], indent=2, ensure_ascii=False))
        elif not found and not at.company.blocked:
            click.echo("Nobody is blocked.")
        else:
            _print_list(found, at)


def _print_list(found: list[Block], at: Office) -> None:
    header = ("number", "blocked by", "since", "until", "reason")
    settings = [(number, "the settings", "", "for good", "") for number in at.company.blocked]
    rows = [(block.number, _by(block), _day(block.created_at, at), _until(block, at), block.reason) for block in found]
    for line in table([header, *settings, *rows], shrink=(4,)):
        click.echo(line)


@blocked.command("add", with_appcontext=False)
@click.argument("number", type=Number())
@click.option("--reason", default="blocked by hand", show_default=True, help="Why, for whoever asks later.")
@click.option("--days", type=click.IntRange(1, 3650), help="For how long; for good when left out.")
def add(number: str, reason: str, days: int | None) -> None:
    """Decline calls from NUMBER, within a minute; for one that is on the list, change why and until when."""
    with office() as at:
        expires_at = at.now + timedelta(days=days) if days else None
        block = Block(number=number, reason=reason, automatic=False, created_at=at.now, expires_at=expires_at)
        with at.engine.begin() as connection:
            blocks.add(connection, block)
        click.echo(f"{number} is blocked {_until(block, at, 'until ')}.")


@blocked.command("remove", with_appcontext=False)
@click.argument("number", type=Number())
def remove(number: str) -> None:
    """Take NUMBER off the list."""
    with office() as at:
        with at.engine.begin() as connection:
            found = blocks.remove(connection, number)
        if number in at.company.blocked_callers:
            click.echo(f"{number} is blocked by the settings; take it out of `blocked` there.", err=True)
            raise SystemExit(NO)
    if not found:
        click.echo(f"{number} is not on the list.", err=True)
        raise SystemExit(NO)
    click.echo(f"{number} is not blocked any more.")


def _by(block: Block) -> str:
    return "the app" if block.automatic else "hand"


def _day(moment: datetime, at: Office) -> str:
    return f"{at.local(moment):%d %b %Y %H:%M}"


def _until(block: Block, at: Office, word: str = "") -> str:
    return word + _day(block.expires_at, at) if block.expires_at else "for good"
