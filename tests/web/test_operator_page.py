"""The operator's page: what is wrong, in words; failed jobs tried again and dismissed; the provider's numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from redis import Redis
from rq import SimpleWorker
from sqlalchemy import insert, select, update

from calls.tables import calls, recordings
from calls.users import change_permissions
from live import keys, lines
from live.jobs_seen import failed
from live.lines import Line, Lines
from live.queue import PERIODIC, QUEUES, SLOW, queue
from local.house import House
from simulator import Caller
from tests.calls.companies import MAIN
from tests.databases import tables_are_away
from tests.live import test_jobs_seen as job_of
from tests.web.conftest import Browser
from web.access import Level, Permission, Role
from web.operator import JOBS
from web.reception import NAME

LoggedIn = Callable[..., Browser]


@pytest.fixture
def boss(logged_in: LoggedIn) -> Browser:
    """An administrator."""
    return logged_in(Role.ADMINISTRATOR)


def words(browser: Browser, path: str = "/operator") -> str:
    """The words of the page."""
    answer = browser.get(path)
    assert answer.status_code == 200
    main = answer.text.partition("<main")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


@pytest.mark.parametrize("role", [Role.HEAD_OF_DEPARTMENT, Role.MANAGER])
def test_it_is_for_operators_only(logged_in: LoggedIn, role: Role, redis: Redis) -> None:
    job_id = job_of.failure(redis)
    browser = logged_in(role, employee="ana")
    assert browser.get("/operator").status_code == 403
    for path in ("jobs", "calls", "recordings", "numbers"):
        answer = browser.post(f"/operator/{path}", {"job": job_id, "action": "dismiss"})
        assert answer.status_code == 403
    assert [job.id for job in failed(redis)] == [job_id]


def test_each_part_of_the_app_says_how_it_is(boss: Browser, redis: Redis) -> None:
    text = words(boss)
    assert "Background jobs Not well No worker is running." in text
    assert re.search(r"Redis Well Database \S+ ", text) or "Redis Well" in text
    workers = [SimpleWorker([queue(redis, name)], connection=redis) for name in QUEUES]
    for worker in workers:
        worker.register_birth()
    assert "Background jobs Well" in words(boss)
    for worker in workers:
        worker.register_death()


def test_a_failed_job_is_shown_tried_again_and_dismissed(boss: Browser, redis: Redis) -> None:
    job_id = job_of.failure(redis)
    text = words(boss)
    assert "Jobs that failed" in text
    assert "CA1" in text
    assert "the CRM is closed: &lt;b&gt;on Sundays&lt;/b&gt;" in text
    answer = boss.post("/operator/jobs", {"job": job_id, "action": "retry"})
    assert (answer.status_code, answer.location) == (303, "/operator#jobs")
    assert queue(redis, SLOW).job_ids == [job_id]
    assert "The job is tried again." in words(boss)
    job_of.work(redis)
    assert "Jobs that failed" in words(boss)
    boss.post("/operator/jobs", {"job": job_id, "action": "dismiss"})
    assert "The job is dismissed." in words(boss)
    assert failed(redis) == []
    boss.post("/operator/jobs", {"job": job_id, "action": "dismiss"})
    assert "not among the failed ones any more" in words(boss)


@pytest.mark.parametrize("fields", [{}, {"job": "x"}, {"job": "x", "action": "explode"}])
def test_what_makes_no_sense_is_refused(boss: Browser, fields: dict[str, str]) -> None:
    assert boss.post("/operator/jobs", fields).status_code == 400


def test_a_forged_form_does_nothing(boss: Browser, redis: Redis) -> None:
    job_id = job_of.failure(redis)
    assert boss.post("/operator/jobs", {"job": job_id, "action": "dismiss"}, token="forged").status_code == 400
    assert [job.id for job in failed(redis)] == [job_id]


def test_every_job_has_a_name_that_people_understand() -> None:
    assert PERIODIC.keys() <= JOBS.keys()


def test_calls_that_could_not_be_filed_are_filed_again(web_house: House, boss: Browser) -> None:
    for caller in ("+34600000001", "+34600000002"):
        Caller(web_house.exchange, caller).dials(MAIN).hangs_up().ended()
    with web_house.engine.begin() as connection:
        connection.execute(update(calls).values(crm_state="failed", crm_reason="no such user", crm_due_at=None))
        ids = list(connection.execute(select(calls.c.id)).scalars())
    text = words(boss)
    assert "Calls that could not be filed 2" in text
    assert text.count("no such user") == 2
    boss.post("/operator/calls", {"call": ids[0]})
    assert "1 call is filed again." in words(boss)
    boss.post("/operator/calls")
    assert "1 call is filed again." in words(boss)
    with web_house.engine.connect() as connection:
        assert set(connection.execute(select(calls.c.crm_state)).scalars()) == {"pending"}


def test_recordings_that_failed_are_fetched_again(web_house: House, boss: Browser) -> None:
    row = {
        "id": "RE1",
        "call_id": "CA1",
        "kind": "recording",
        "url": "https://api.example.com/RE1",
        "seconds": 5,
        "recorded_at": web_house.clock.now(),
        "state": "failed",
        "reason": "404 <i>gone</i>",
        "attempts": 60,
    }
    with web_house.engine.begin() as connection:
        connection.execute(insert(recordings).values(row))
    assert "404 &lt;i&gt;gone&lt;/i&gt;" in words(boss)
    boss.post("/operator/recordings")
    assert "1 recording is tried again." in words(boss)
    assert "Recordings waiting to be fetched 1" in words(boss)


HERE = Line(number=MAIN, name="", voice="here", fallback="here", status="here", instead="")


def test_the_numbers_of_the_provider_and_where_their_webhooks_lead(boss: Browser, redis: Redis) -> None:
    assert "has not been asked yet" in words(boss)
    stray = replace(HERE, number="+34910000555", voice="https://demo.twilio.com/voice", fallback="")
    ruled = replace(HERE, number="+34910000556", instead="AP123")
    lines.keep(redis, Lines(at=datetime.now(UTC), lines=(HERE, stray, ruled)))
    text = words(boss)
    assert "+34 910 00 00 01 Principal here here here" in text
    assert "+34 910 00 05 55 no elsewhere https://demo.twilio.com/voice not set here" in text
    assert "application or a trunk of its own, AP123" in text
    assert "flask numbers connect" not in text  # it leaves alone what the settings do not know
    lines.keep(redis, Lines(at=datetime.now(UTC), lines=(replace(HERE, fallback=""),)))
    assert "What leads elsewhere is set right by this command: flask numbers connect" in words(boss)
    lines.keep(redis, Lines(at=datetime.now(UTC), lines=(stray,)))
    assert "+34 910 00 00 01 is in the settings, and the provider's account has no such number." in words(boss).replace(
        "&#39;", "'"
    )
    lines.keep(redis, Lines(at=datetime.now(UTC), problem="the provider does not answer"))
    text = words(boss)
    assert "the provider does not answer" in text
    assert "no such number" not in text


# A person asks; a worker puts the question, so that no web process waits for the provider.
def test_the_provider_is_asked_by_a_worker(boss: Browser, redis: Redis) -> None:
    boss.post("/operator/numbers")
    (job,) = queue(redis, SLOW).jobs
    assert job.func_name == "voice.jobs.fetch_numbers"
    assert "The provider is being asked." in words(boss)


def test_the_balance_is_for_those_who_may_know_it(web_house: House, boss: Browser, redis: Redis) -> None:
    redis.set(keys.BALANCE, "1234.5")
    assert "1234.5" in words(boss)


def test_versions_are_told(boss: Browser) -> None:
    text = words(boss)
    for name in ("Ringpath 0.", "Python 3.", "Valkey ", "SQLite", "flask 3.1", "rq 3.0"):
        assert name in text
    assert "in use" in text


def test_without_redis_the_rest_is_still_shown(
    web_house: House, boss: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Redis.from_url("unix:///nonexistent/valkey.sock")
    monkeypatch.setitem(web_house.app.extensions, NAME, replace(web_house.app.extensions[NAME], redis=away))
    text = words(boss)
    assert text.count("Redis is out of reach, so nobody knows.") == 2
    assert "Calls waiting to be filed 0" in text
    for path in ("numbers", "jobs"):
        assert boss.post(f"/operator/{path}", {"job": "x", "action": "retry"}).status_code == 303
        assert "Redis is out of reach, so nothing was done." in words(boss)


def test_without_a_table_the_rest_is_still_shown(web_house: House, boss: Browser) -> None:
    with tables_are_away(web_house.engine, "calls"):
        text = words(boss)
    assert "The database is out of reach, so nobody knows." in text
    assert "Queues" in text


def test_of_calls_that_failed_each_sees_and_files_again_those_in_his_reach(
    web_house: House, boss: Browser, logged_in: LoggedIn
) -> None:
    for caller in ("+34600000001", "+34600000002"):
        Caller(web_house.exchange, caller).dials(MAIN).hangs_up().ended()
    with web_house.engine.begin() as connection:
        connection.execute(update(calls).values(crm_state="failed", crm_reason="no such user", crm_due_at=None))
        mine, other = connection.execute(select(calls.c.id).order_by(calls.c.caller)).scalars()
        connection.execute(update(calls).where(calls.c.id == mine).values(employee="eva"))
        connection.execute(update(calls).where(calls.c.id == other).values(employee="ana"))
        change_permissions(connection, {(Role.HEAD_OF_DEPARTMENT, Permission.TELEPHONY): Level.ANY})
    head = logged_in(Role.HEAD_OF_DEPARTMENT, employee="eva")
    text = words(head)
    assert "Calls that could not be filed 2" in text
    assert text.count("no such user") == 1
    assert "+34 600 00 00 02" not in text
    assert head.post("/operator/calls", {"call": other}).status_code == 404
    assert head.post("/operator/calls", {"call": mine}).status_code == 303


def test_how_low_the_balance_is_is_told_to_those_who_may_know_it_only(
    web_house: House, boss: Browser, logged_in: LoggedIn, redis: Redis
) -> None:
    redis.set(keys.BALANCE, "0.37")
    with web_house.engine.begin() as connection:
        allowed = {(Role.MANAGER, Permission.TELEPHONY): Level.ANY}
        change_permissions(connection, allowed)
    assert "0.37" in words(boss)
    for page in (words(logged_in(Role.MANAGER, employee="ana")), boss.get("/readyz").text):
        assert "0.37" not in page
    assert "below forwarding.minimum_balance" in boss.get("/readyz").text
