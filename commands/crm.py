"""`flask crm connect` and `flask crm status`: the application at Bitrix24."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import click
from flask.cli import AppGroup
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine

from commands.context import NO, Office, Unusable, office
from commands.layout import printable
from config.environment import Environment, read
from crm.bitrix24.client import Client
from crm.bitrix24.connect import Connecting, ConnectProblem, connecting
from crm.bitrix24.crm import LINES, client_of
from crm.crm import CrmError
from live.connection import connect as connect_redis
from live.gate import Gate, GateState
from live.url import redis_url

crm = AppGroup("crm", help="Connect the CRM, and see how it is.")

OPEN = """Open this address, as an administrator of the portal, within ten minutes:

  {address}

It leads back to {public_url}/crm/connected, which must be the address of the application's handler at the portal.
"""

CONNECTED = "Connected. Calls that waited for it are filed now; others that failed, by: flask calls file --failed"


@crm.command("connect", with_appcontext=False)
@click.option("--code", help="The code that the portal shows where the application has no address of its own.")
def connect(code: str | None) -> None:
    """Let this app into Bitrix24: print the address to open, or take the CODE that it gave."""
    with office() as at:
        environment = read()
        way = _connecting(environment, at)
        if code is None:
            click.echo(OPEN.format(address=way.address(), public_url=environment.public_url), nl=False)
            return
        try:
            way.exchange(code)
        except ConnectProblem as problem:
            click.echo(f"Not connected: {problem}", err=True)
            raise SystemExit(NO) from None
        click.echo(CONNECTED)


@crm.command("status", with_appcontext=False)
def status() -> None:
    """Say whether the CRM is connected and answers; exits with status 1 when it does not."""
    with office() as at:
        environment = read()
        if environment.crm != "bitrix24":
            click.echo(f"CRM={environment.crm}: nothing to connect.")
            return
        _connecting(environment, at)
        redis = connect_redis(redis_url(environment))
        client = client_of(environment, at.engine, redis)
        click.echo(f"portal    {environment.bitrix24_portal}")
        click.echo(f"token     {_token(client, at)}")
        for line in _gate(client.gate):
            click.echo(f"requests  {line}")
        problem = _refusal(client)
        click.echo(f"answers   {'yes' if problem is None else 'no: ' + printable(problem)}")
        if problem is not None:
            raise SystemExit(NO)


def _connecting(environment: Environment, at: Office) -> Connecting:
    try:
        return connecting(environment, at.engine)
    except ConnectProblem as problem:
        raise Unusable(str(problem)) from None


def _token(client: Client, at: Office) -> str:
    renewed: datetime | None = client.tokens.renewed_at()
    return "none; run flask crm connect" if renewed is None else f"renewed {at.local(renewed):%Y-%m-%d %H:%M}"


def _gate(gate: Gate) -> Iterator[str]:
    try:
        state = gate.state()
    except RedisError as error:
        yield f"unknown: Redis is out of reach ({printable(str(error))})"
        return
    yield from list(gate_lines(state)) or ["open"]


def gate_lines(state: GateState) -> Iterator[str]:
    """Say in words what keeps requests from the CRM."""
    if state.broken:
        yield f"broken for {state.broken:.0f} s, after {state.failures} failures in a row"
    elif state.trying:
        yield f"the next request tries whether the CRM is back, after {state.failures} failures in a row"
    elif state.failures:
        yield f"open; the last requests failed ({state.failures})"
    if state.paused:
        yield f"paused for {state.paused:.0f} s, as the CRM has asked"
    for method, seconds in sorted(state.methods.items()):
        yield f"{method} paused for {seconds:.0f} s, as the CRM has asked"


def answer_problem(environment: Environment, engine: Engine, redis: Redis) -> str | None:
    """Ask the portal for the least there is, and say what it objects to; None when it answers."""
    return _refusal(client_of(environment, engine, redis))


def _refusal(client: Client) -> str | None:
    try:
        client.ask_anyway(LINES, {})
    except CrmError as error:
        return str(error)
    return None
