"""create_app(): the one place where the parts of Ringpath are wired together."""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine

from calls.database import connect as connect_database
from calls.database import database_url
from calls.upgrade import problem as database_problem
from config.company import Company
from config.environment import Environment, EnvironmentProblem, read
from config.loader import load
from config.problems import SettingsError
from crm.health import problem as crm_problem
from crm.lookup import Lookups
from crm.names import crm_of
from flows.calls import Call
from flows.places import Place
from live import queue
from live.connection import connect
from live.state import RedisLive
from live.url import redis_url
from voice import readiness
from voice.closing import Closer, keep_notes
from voice.door import Switchboard, voice
from voice.guard import guard
from voice.jobs import waker
from voice.keeping import why_remote
from voice.profiles import PROFILES
from voice.signature import Signature, SignedRequest
from voice.urls import Urls
from web import pages
from web.connect import connect as connect_page
from web.platform import platform
from web.reception import Reception

MEDIA = Path(__file__).parent / "voice" / "media"

log = logging.getLogger("ringpath")

Clock = Callable[[], datetime]


def now() -> datetime:
    """The one clock of the app: aware, UTC."""
    return datetime.now(UTC)


def create_app(environment: Environment | None = None, *, company: Company | None = None, clock: Clock = now) -> Flask:
    """Make the app from the environment and the company's settings.

    Ends the process with every fault named when either is not right: an app that would fail in the first call must
    not start.
    """
    environment = environment or _environment()
    company = company or _company(environment.company_file)
    logging.basicConfig(level=environment.log_level, format="%(levelname)s %(name)s %(message)s")
    app = Flask("ringpath", static_folder=None)
    app.request_class = SignedRequest
    app.secret_key = environment.secret_key or secrets.token_hex(32)  # without one no form survives a restart
    redis = connect(redis_url(environment))
    engine = connect_database(database_url(environment))
    board = switchboard(environment, company, redis, engine, clock)
    profile = PROFILES[environment.provider]
    token, public_url = environment.twilio_auth_token, environment.public_url
    guard(app, board, Signature(token=token, profile=profile, public_url=public_url), pages.sorry)
    app.register_blueprint(voice(board))
    checks = {
        "redis": lambda: _redis_problem(redis),
        "database": lambda: database_problem(engine),
        "worker": lambda: _worker_problem(redis),
        "crm": lambda: crm_problem(environment, engine, redis),
        "balance": lambda: _balance_problem(redis, company),
        "sip_connector": lambda: readiness.sip_connector(company, clock()),
    }
    app.register_blueprint(platform(checks, MEDIA))
    if environment.crm == "bitrix24":
        from crm.bitrix24.connect import completion  # with what it needs, only where it is wanted

        app.register_blueprint(connect_page(completion(environment, engine)))
    reception = Reception(
        settings=Fixed(company),
        engine=engine,
        redis=redis,
        environment=environment,
        clock=clock,
        board=board,
        checks=checks,
    )
    pages.init_app(app, reception)
    app.extensions["ringpath"] = board
    return app


class Fixed(NamedTuple):
    """Settings that stay as they are."""

    company: Company
    number: int | None = None


def switchboard(environment: Environment, company: Company, redis: Redis, engine: Engine, clock: Clock) -> Switchboard:
    """Make what every webhook works with."""
    profile = PROFILES[environment.provider]
    urls = Urls(public_url=environment.public_url, revision=company.revision, retries=profile.retries)

    def address(call: Call, place: Place) -> str:
        return urls.place(call, place)

    live = RedisLive(
        redis,
        address=address,
        queues=lambda employee: company.queues_of.get(employee, ()),
        wake=waker(redis, environment),
        keep=keep_notes(engine),
        leg_callbacks=profile.leg_callbacks,
    )
    return Switchboard(
        company=company,
        revisions={company.revision: company},
        profile=profile,
        public_url=environment.public_url,
        live=live,
        closer=Closer(
            engine=engine,
            company=company,
            simulated=environment.provider == "simulator",
            remote=why_remote(environment),
        ),
        callers=Lookups(company=company, crm=crm_of(environment, engine, redis), redis=redis),
        clock=clock,
    )


def _environment() -> Environment:
    try:
        return read()
    except EnvironmentProblem as problem:
        sys.exit(f"Ringpath cannot start: the environment is not complete.\n{problem}\nSee .env.example.")


def _company(file: Path) -> Company:
    try:
        return load(file)
    except SettingsError as problem:
        sys.exit(f"Ringpath cannot start: the settings are not right.\n{problem}")


def _redis_problem(redis: Redis) -> str | None:
    try:
        redis.ping()
    except RedisError as error:
        log.warning("Redis is out of reach (%s)", error)
        return "out of reach; calls are routed without it, groups in listed order"
    return None


def _balance_problem(redis: Redis, company: Company) -> str | None:
    try:
        return readiness.balance(redis, company)
    except RedisError:
        return "unknown while Redis is out of reach"


def _worker_problem(redis: Redis) -> str | None:
    try:
        missing = queue.unattended(redis)
    except RedisError:
        return "unknown while Redis is out of reach"
    return next((problem for name, problem in NO_WORKER.items() if name in missing), None)


NO_WORKER = {
    queue.QUICK: "no worker is running; callers on hold wait for the music to end, and calls wait to be filed",
    queue.SLOW: "the worker of the slow jobs is not running; calls wait to be filed",
}
