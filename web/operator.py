"""The operator's page: whether the app is well, its jobs, what could not be filed, and the provider's numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from redis.exceptions import RedisError
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from calls import fetching, outbox
from calls.database import StoreError
from calls.details import CallDetails
from calls.filters import Filter
from calls.listing import page as page_of_calls
from live import jobs_seen, lines, readings
from live.queue import SLOW, queue
from web import alerts, versions
from web.access import Level, Permission, rule
from web.reception import here
from web.sessions import person
from web.words import _, lazy, ngettext

pages = Blueprint("operator", __name__, url_prefix="/operator")

MOST = 20
"""Calls and recordings that failed, which are listed; all are counted."""

ASKS_WITHIN = 60
"""Seconds for which a question to the provider waits for a worker."""

JOBS = {
    "voice.ending.settling.mirror_blocks": lazy("Copy the block list to Redis"),
    "voice.ending.settling.settle_records": lazy("Complete the records of calls"),
    "crm.jobs.file_calls": lazy("File calls in the CRM"),
    "voice.recordings.jobs.fetch_recordings": lazy("Fetch recordings"),
    "crm.jobs.attach_recordings": lazy("Attach recordings in the CRM"),
    "voice.jobs.confirm_calls": lazy("Ask the provider about silent calls"),
    "voice.jobs.fetch_balance": lazy("Ask for the provider balance"),
    "voice.jobs.fetch_numbers": lazy("Ask for the provider's numbers"),
    "voice.jobs.reconcile": lazy("Compare calls with the provider's"),
    "voice.recordings.jobs.remove_recordings": lazy("Remove old recordings"),
    "voice.jobs.remind": lazy("Remind of what is due"),
    "voice.ending.settling.forget": lazy("Forget what is no longer needed"),
    "voice.jobs.wake": lazy("Put a waiting caller through"),
}
"""The jobs in words."""

ACTIONS = {
    "retry": (jobs_seen.retry, lazy("The job is tried again.")),
    "dismiss": (jobs_seen.dismiss, lazy("The job is dismissed.")),
}
"""What can be done with a failed job, and what is said then."""

OPERATORS = rule(Permission.TELEPHONY, Level.ANY)

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Jobs:
    """What Redis knows of the jobs, of itself, and of the provider."""

    queues: list[jobs_seen.QueueSeen]
    failed: list[jobs_seen.FailedJob]
    runs: list[jobs_seen.LastRun]
    server: jobs_seen.Server
    lines: lines.Lines | None
    balance: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class OnFile:
    """What waits in SQL to be filed or fetched, and what failed."""

    calls: dict[str, int]
    failed_calls: tuple[CallDetails, ...]
    recordings: dict[str, int]
    failed_recordings: list[fetching.Failed]


@pages.get("")
@OPERATORS
def page() -> str:
    """The page."""
    checks = {name: check for name, check in here().checks.items() if name != "balance" or _sees_balance()}
    found = {name: check() for name, check in checks.items()}
    said = {alert.part: alert for alert in alerts.said((name, each) for name, each in found.items() if each)}
    return render_template(
        "operator/operator.html",
        parts_of_app=[(name, str(alerts.TITLES.get(name, name)), said.get(name)) for name in found],
        jobs=_unless(RedisError, _jobs),
        on_file=_unless(StoreError, _on_file),
        versions=versions.versions(here().engine),
        names=JOBS,
        ours=_ours(),
        shows_calls="calls.call" in current_app.view_functions,
    )


@pages.post("/jobs")
@OPERATORS
def jobs() -> Response:
    """Try a failed job again, or forget it."""
    act, done = ACTIONS.get(request.form.get("action", "")) or abort(400)
    if act(here().redis, request.form.get("job", "")):
        return _back(str(done), "jobs")
    return _back(_("This job is not among the failed ones any more."), "jobs", "warn")


@pages.post("/calls")
@OPERATORS
def calls() -> Response:
    """Have calls that could not be filed, one or all, filed again."""
    wanted = request.form.get("call") or None
    with here().engine.begin() as connection:
        if wanted and wanted not in {call.id for call in _failed_calls(connection)}:
            abort(404)
        count = outbox.again(connection, here().clock(), wanted)
    return _back(ngettext("%(num)s call is filed again.", "%(num)s calls are filed again.", count), "filing")


@pages.post("/recordings")
@OPERATORS
def recordings() -> Response:
    """Have recordings that failed fetched, or attached, again."""
    with here().engine.begin() as connection:
        count = fetching.again(connection, here().clock(), fetching.FAILED)
    said = ngettext("%(num)s recording is tried again.", "%(num)s recordings are tried again.", count)
    return _back(said, "filing")


@pages.post("/numbers")
@OPERATORS
def numbers() -> Response:
    """Have a worker ask the provider where the webhooks of its numbers lead."""
    queue(here().redis, SLOW).enqueue("voice.jobs.fetch_numbers", ttl=ASKS_WITHIN, result_ttl=0, failure_ttl=3600)
    return _back(_("The provider is being asked. Load the page again in a moment."), "numbers")


@pages.errorhandler(RedisError)
def without_redis(_error: RedisError) -> Response:
    """Say that nothing was done."""
    return _back(_("Redis is out of reach, so nothing was done. Try again soon."), "health", "bad")


def _jobs() -> Jobs:
    redis = here().redis
    return Jobs(
        queues=jobs_seen.queues(redis),
        failed=jobs_seen.failed(redis),
        runs=jobs_seen.last_runs(redis),
        server=jobs_seen.server(redis),
        lines=lines.kept(redis),
        balance=readings.known_balance(redis) if _sees_balance() else None,
    )


def _on_file() -> OnFile:
    with here().engine.connect() as connection:
        return OnFile(
            calls=outbox.backlog(connection),
            failed_calls=_failed_calls(connection),
            recordings=fetching.backlog(connection),
            failed_recordings=fetching.failures(connection, MOST),
        )


def _failed_calls(connection: Connection) -> tuple[CallDetails, ...]:
    """Those that this person may see; of the others only how many there are."""
    wanted = Filter(crm_state="failed", employees=person().reach(Permission.CALLS, here().company))
    return page_of_calls(connection, wanted, MOST).calls


def _unless(error: type[Exception], read: Callable[[], T]) -> T | None:
    """Read from a store; None when it is out of reach, so that the page shows what the other one has."""
    try:
        return read()
    except error:
        return None


def _sees_balance() -> bool:
    return person().may(Permission.BALANCE)


def _ours() -> dict[str, str]:
    """The rented numbers of the settings, which the provider should have."""
    return {key: number.name for key, number in here().company.numbers.items() if number.kind == "rented"}


def _back(said: str, place: str, kind: str = "good") -> Response:
    flash(said, kind)
    return redirect(url_for("operator.page", _anchor=place), 303)
