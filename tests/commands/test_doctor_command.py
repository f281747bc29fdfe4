"""`flask doctor`: a whole installation looked at over real HTTP, Redis and SQL, and each way in which it can be ill."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import SimpleWorker

from calls.room import NO_ROOM, READ_ONLY
from calls.upgrade import downgrade
from commands.doctor.finding import Patient, well
from commands.doctor.running import Check, run
from config.environment import Environment
from live import jobs_seen
from live.queue import PERIODIC, QUEUES
from tests.commands.desk import Desk
from tests.commands.ward import examined, ill, only, only_of
from tests.moments import SAMPLE
from tests.refusing import refusing
from tests.voice.provider import TOKEN


def test_an_installation_that_is_well(well_desk: Desk) -> None:
    lines = well_desk.lines()
    assert lines[-1] == "All is well."
    assert [line.split()[0] for line in lines[:-1]] == ["ok"] * (len(lines) - 1)
    text = "\n".join(lines)
    for part in ("Valkey ", "SQLite ", "lets signed requests in, and no others", "balance 100.00", "3 of the settings"):
        assert part in text


# "Must be readable when half of it is broken": names all that is missing, and goes on with what can be looked at.
def test_without_an_environment_all_of_it_is_named_and_the_rest_looked_at(
    well_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PUBLIC_URL", "TWILIO_AUTH_TOKEN", "SECRET_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("PORT", "http")
    monkeypatch.setenv("CRM", "salesforce")
    found = examined(well_desk)
    assert [said.split()[0] for _, said, _ in found["environment"]] == [
        *("PUBLIC_URL", "TWILIO_AUTH_TOKEN", "SECRET_KEY", "CRM", "PORT")
    ]
    assert found["public address"] == [
        ("unchecked", "not looked at, because of PUBLIC_URL, SECRET_KEY, TWILIO_AUTH_TOKEN", "")
    ]
    assert {part for part, rows in found.items() if rows[0][0] == "well"} == {
        "settings",
        "sounds",
        "database",
        "redis",
        "worker",
        "recordings",
        "clock",
    }
    text = well_desk.run().stdout
    assert text.count("set it for web, worker and release alike") == 1
    assert "5 broken, 0 warnings." in text


# Redis: reachable, what it does when it is full, what it keeps, whether it can write.
@pytest.mark.parametrize(
    ("settings", "level", "says_"),
    [
        ({"maxmemory-policy": "allkeys-lru"}, "warning", "its maxmemory-policy is allkeys-lru"),
        ({"maxmemory-policy": "allkeys-lru", "maxmemory": "1gb"}, "broken", "its maxmemory-policy is allkeys-lru"),
        ({"appendonly": "no"}, "warning", "it keeps nothing over a restart"),
        ({"appendonly": "no", "save": "60 1"}, "", ""),
    ],
)
def test_how_redis_is_set_is_told(
    well_desk: Desk, redis: Redis, settings: dict[str, str], level: str, says_: str
) -> None:
    before = {name: redis.config_get(name)[name] for name in settings}  # type: ignore[index]
    try:
        for name, value in settings.items():
            redis.config_set(name, value)
        found = examined(well_desk, code=1 if level == "broken" else 0)
    finally:
        for name, value in before.items():
            redis.config_set(name, value)
    if level:
        said = only(found, "redis")
        assert (said[0], says_ in said[1]) == (level, True)
        assert said[2]
    else:
        assert ill(found) == {}


def test_a_redis_that_is_nearly_full_is_told(well_desk: Desk, redis: Redis) -> None:
    redis.config_set("maxmemory", int(redis.info()["used_memory"] * 1.1))  # type: ignore[index]
    try:
        found = examined(well_desk, code=0)
    finally:
        redis.config_set("maxmemory", 0)
    assert only(found, "redis")[1].endswith("% of its memory is in use")


@pytest.mark.parametrize(
    ("how", "says", "remedy"),
    [
        ("full", "it is full; calls are routed without it", "raise its maxmemory"),
        ("unable to persist", "it is unable to write to its disk; ", "make room on its disk"),
        ("a replica", "it is a read-only replica; ", "let REDIS_URL name the primary"),
    ],
)
def test_a_redis_that_takes_nothing_is_told(well_desk: Desk, redis: Redis, how: str, says: str, remedy: str) -> None:
    with refusing(redis, how):
        found = examined(well_desk)["redis"]
    assert found[0][:2] == ("broken", found[0][1])
    assert found[0][1].startswith(says)
    assert found[0][2].startswith(remedy)


def test_stores_that_take_nothing_are_told(well_desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("commands.doctor.stores.why_nothing", lambda _: READ_ONLY)
    assert only_of(examined(well_desk), "database") == (
        "broken",
        "it is read-only; calls wait in Redis to be put on file",
        READ_ONLY.remedy,
    )
    monkeypatch.setattr("commands.doctor.stores.why_nothing", lambda _: None)
    monkeypatch.setenv("RECORDINGS_URL", f"file://{tmp_path}/recordings")
    monkeypatch.setattr("voice.recordings.keeping.why_no_file", lambda _: NO_ROOM)
    level, said, remedy = only_of(examined(well_desk), "recordings")
    assert (level, said) == ("broken", "their folder is without room on its disk; they wait at the provider")
    assert "keep_days" in remedy


def test_without_redis_the_rest_is_looked_at(well_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://:hidden@127.0.0.1:1/0")
    found = examined(well_desk)
    assert found["redis"][0][1].startswith("out of reach (")
    assert "hidden" not in str(found)
    assert found["worker"] == [("unchecked", "unknown while Redis is out of reach", "")]
    assert list(ill(found)) == ["redis", "worker", "public address"]
    assert "web has another REDIS_URL" in ill(found)["public address"][1]


def test_a_worker_that_is_missing_is_told(well_desk: Desk, redis: Redis) -> None:
    for worker in SimpleWorker.all(connection=redis):
        if worker.queue_names() == [QUEUES[1]]:
            worker.register_death()
    level, said, remedy = only(examined(well_desk), "worker")
    assert (level, said) == ("broken", "the worker of the slow jobs is not running; calls wait to be filed")
    assert "python -m live.worker" in remedy


def test_jobs_that_are_late_are_told(well_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_seen, "PERIODIC", {"crm.jobs.file_calls": PERIODIC["crm.jobs.file_calls"]})
    assert only(examined(well_desk, code=0), "worker")[:2] == ("warning", "late: file_calls")


def test_a_database_that_is_not_up_to_date_is_told(
    well_desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    downgrade(well_desk.engine, "0001")
    found = only_of(examined(well_desk), "database")
    assert found[1].startswith("at migration 0001 instead of ")
    assert found[2] == "run flask release"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/none.sqlite")
    assert only_of(examined(well_desk), "database")[1:] == ("there is none yet", "run flask release")
    assert not (tmp_path / "none.sqlite").exists()
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody:hidden@127.0.0.1:1/none")
    _, said, remedy = only_of(examined(well_desk), "database")
    assert said.startswith("out of reach (")
    assert "hidden" not in said
    assert remedy == "start the database, or mend DATABASE_URL"


def test_settings_that_are_not_right_are_told(well_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = SAMPLE.read_text("utf-8")
    (tmp_path / "company.yaml").write_text(text.replace("group: sales", "group: nobody"), "utf-8")
    monkeypatch.setenv("COMPANY_FILE", str(tmp_path / "company.yaml"))
    found = examined(well_desk)
    assert found["settings"][0][2] == "run flask company check, which names all of them"
    assert found["numbers"] == [("unchecked", "not known while the settings are not right", "")]
    (tmp_path / "company.yaml").write_text(text.replace("2027-06-30", "2026-01-31"), "utf-8")
    _, said, remedy = only(examined(well_desk), "settings")
    assert "the SIP connector was paid until 2026-01-31: sip numbers do not forward" in said
    assert remedy == "renew it and set sip_connector.paid_until in the settings"


def test_an_unwise_environment_is_warned_of(well_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "a" * 40)
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "SK" + "0" * 32)
    monkeypatch.setenv("DYNO", "web.1")
    monkeypatch.setenv("DATABASE_URL", "")
    said = [row[1] for row in examined(well_desk)["environment"]]
    assert said[0].startswith("SECRET_KEY can be guessed")
    assert said[1].startswith("TWILIO_ACCOUNT_SID is not AC and 32")
    assert said[2].startswith("recordings stay there")
    assert said[3].startswith("DATABASE_URL is not set: a dyno's disk is emptied")


# Who tries it out has no account, and is not to go and look for one.
def test_without_a_provider_nobody_is_sent_for_its_address(well_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVIDER", "simulator")
    monkeypatch.setenv("TWILIO_API_URL", "")
    found = examined(well_desk, code=0)
    assert [row[:2] for row in found["environment"]] == [("warning", "PROVIDER=simulator: no real call comes in")]
    assert found["provider"] == [("unchecked", "PROVIDER=simulator: there is no provider to be asked", "")]
    assert "TWILIO_API_URL" not in str(found)


def test_with_strict_a_warning_ends_with_1_too(well_desk: Desk, redis: Redis) -> None:
    redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        assert well_desk.run().exit_code == 0
        assert well_desk.run("--strict").exit_code == 1
    finally:
        redis.config_set("maxmemory-policy", "noeviction")


# "Within a bounded time (each check has a deadline)": what hangs, or fails in a way of its own, keeps no other back.
def test_a_check_that_hangs_or_fails_keeps_no_other_back() -> None:
    let_go = threading.Event()

    def hangs(_: Patient) -> Iterator[Any]:
        yield well("it has begun")
        let_go.wait(30)

    def fails(_: Patient) -> Iterator[Any]:
        raise LookupError(TOKEN)
        yield

    checks = {"hangs": Check(hangs), "fails": Check(fails), "is well": Check(lambda _: [well("yes")])}
    found = run(checks, Patient(environment=Environment()), within=0.1)
    let_go.set()
    assert [finding.said for finding in found["hangs"]] == ["it has begun", "no answer within 0.1 s"]
    assert [finding.said for finding in found["fails"]] == ["it could not be looked at (LookupError)"]
    assert [finding.said for finding in found["is well"]] == ["yes"]
