"""create_app(): the one place where the parts of Ringpath are wired together."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from flask import Blueprint, Flask
from redis import Redis
from sqlalchemy import Engine

from calls import migrated
from calls.database import connect as connect_database
from calls.database import database_url
from calls.settings import Settings
from calls.shelf import ShelfError
from config.company import Company
from config.environment import Environment, EnvironmentProblem, read
from config.loader import parse
from config.problems import SettingsError
from crm import health as crm_health
from crm.lookup import Lookups
from crm.names import crm_of
from flows.calls import Call
from flows.places import Place
from live import health, logs
from live.connection import connect
from live.renaming import keep_up
from live.state import RedisLive
from live.url import redis_url
from local.telephones import telephones
from voice import readiness, working_on
from voice.ending.closing import Closer
from voice.ending.later import Later
from voice.ending.notes import Notebook
from voice.guard import LONGEST_BODY, open_door, webhooks
from voice.metrics import counting
from voice.pressure import Pressure, of_gevent
from voice.probe import probe
from voice.profiles import PROFILES
from voice.provider.access import provider_api, waker
from voice.provider.errors import ProviderError
from voice.recordings import keeping
from voice.recordings.keeping import MOST_BYTES, why_remote
from voice.signature import Signature
from voice.switchboard import Switchboard
from voice.urls import Urls
from web import pages, sorry
from web.aside import aside
from web.connect import connect as connect_page
from web.discreet import Discreet
from web.gauges import Gauges
from web.platform import platform
from web.reception import NAME, Check, ProviderSound, Reception

MEDIA = Path(__file__).parent / "voice" / "media"

Clock = Callable[[], datetime]


def now() -> datetime:
    """The one clock of the app: aware, UTC."""
    return datetime.now(UTC)


def create_app(
    environment: Environment | None = None,
    *,
    company: Company | None = None,
    clock: Clock = now,
    with_pages: bool = True,
) -> Flask:
    """Make the app from the environment, and the settings that are published in SQL; `company` fixes them.

    Whoever only calls it, as `flask phone` does, can do without the people's pages.

    Ends the process with every fault named when either is not right: an app that would fail in the first call must
    not start.
    """
    environment = environment or _environment()
    logs.begin(environment, "web")
    app = _flask(environment)
    redis = connect(redis_url(environment))
    engine = connect_database(database_url(environment))  # for calls; no page takes their connections
    settings = Settings.fixed(company) if company else _published(engine, environment.company_file)
    board = switchboard(environment, settings, redis, engine, clock)
    open_door(app, _webhooks(environment, board, clock))
    working_on.init_app(app)
    sorry.init_app(app, on_pages=with_pages)
    _connect_crm(app, environment, engine)
    reception = _reception(environment, board, redis, engine, clock)
    app.register_blueprint(_platform(reception))
    app.extensions[NAME] = reception
    if with_pages:
        pages.init_app(app, reception)
    app.extensions["ringpath"] = board
    settings.follow(partial(keep_up, redis, clock))
    return app


def _flask(environment: Environment) -> Flask:
    app = Flask("ringpath", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY
    app.secret_key = environment.secret_key or secrets.token_hex(32)  # without one no form survives a restart
    return app


def _webhooks(environment: Environment, board: Switchboard, clock: Clock) -> Flask:
    """The app that answers the provider, and our own signed question whether PUBLIC_URL leads here."""
    signature = Signature(
        token=environment.webhook_secret, profile=board.profile, public_url=environment.public_url, clock=clock
    )
    idle = of_gevent()
    pressure = Pressure(idle, repeats=board.profile.retries) if idle else None
    door = webhooks(board, signature, pressure=pressure)
    door.add_url_rule("/voice/probe", "probe", probe(environment), methods=["POST"])
    return door


def _reception(environment: Environment, board: Switchboard, redis: Redis, engine: Engine, clock: Clock) -> Reception:
    """What every page works with, and the platform."""
    return Reception(
        settings=board.settings,
        engine=connect_database(database_url(environment)),
        redis=redis,
        environment=environment,
        clock=clock,
        board=board,
        checks=_checks(environment, board.settings, redis, engine, clock),
        provider_sound=_provider_sound(environment),
        telephone=telephones(environment, board, redis),
    )


def _connect_crm(app: Flask, environment: Environment, engine: Engine) -> None:
    """Add the page by which an administrator connects the CRM, where there is one to connect."""
    if environment.crm == "bitrix24":
        from crm.bitrix24.connect import completion  # with what it needs, only where it is wanted

        app.register_blueprint(connect_page(completion(environment, engine)))


def _platform(reception: Reception) -> Blueprint:
    """What the platform asks, which is a stranger here."""
    told = {name: Discreet(name, check) for name, check in reception.checks.items()}
    token = reception.environment.metrics_token
    return platform(told, MEDIA, Gauges(reception, tells_balance=token is not None), token)


def switchboard(
    environment: Environment, settings: Settings, redis: Redis, engine: Engine, clock: Clock
) -> Switchboard:
    """Make what every webhook works with."""
    profile = PROFILES[environment.provider]

    def address(call: Call, place: Place) -> str:
        urls = Urls(public_url=environment.public_url, revision=call.revision, retries=profile.retries)
        return urls.place(call, place)

    later = Later()
    live = RedisLive(
        redis,
        address=address,
        queues=settings.queues_of,
        wake=waker(redis, environment),
        keep=counting(Notebook(engine, later).keep),
        leg_callbacks=profile.leg_callbacks,
    )
    return Switchboard(
        settings=settings,
        profile=profile,
        public_url=environment.public_url,
        live=live,
        closer=Closer(
            engine=engine,
            settings=settings,
            simulated=environment.provider == "simulator",
            remote=why_remote(environment),
        ),
        later=later,
        callers=Lookups(company=settings.company, crm=crm_of(environment, engine, redis), redis=redis).by,
        clock=clock,
    )


def _environment() -> Environment:
    try:
        return read()
    except EnvironmentProblem as problem:
        sys.exit(f"Ringpath cannot start: the environment is not complete.\n{problem}\nSee .env.example.")


def _published(engine: Engine, file: Path) -> Settings:
    try:
        return Settings.of_database(engine, file, parse=lambda document: aside(parse, document))
    except SettingsError as problem:
        sys.exit(f"Ringpath cannot start: the settings are not right.\n{problem}")


def _provider_sound(environment: Environment) -> ProviderSound | None:
    """Let the pages play what is still at the provider; None where its REST API is not known."""
    if provider_api(environment) is None:
        return None

    def fetch(url: str, file: BinaryIO) -> str:
        api = provider_api(environment)  # one for each: several may be fetched at once
        assert api is not None, "or there would be no such function"
        try:
            return api.media(url, file, MOST_BYTES)
        except ProviderError as error:
            raise ShelfError(str(error)) from None

    return fetch


def _checks(
    environment: Environment, settings: Settings, redis: Redis, engine: Engine, clock: Clock
) -> dict[str, Check]:
    """The parts of the app that can say how they are."""
    return {
        "redis": lambda: health.redis_troubles(redis),
        "database": lambda: migrated.troubles(engine) or migrated.refuses(engine),
        "worker": lambda: health.worker_troubles(redis),
        "crm": lambda: crm_health.troubles(environment, engine, redis),
        "balance": lambda: readiness.balance(redis, settings.company),
        "sip_connector": lambda: readiness.sip_connector(settings.company, clock()),
        "recordings": lambda: keeping.troubles(environment),
    }
