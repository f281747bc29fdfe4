"""The job that files calls: it finds the environment's own database and CRM, and fails for nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis
from rq import SimpleWorker
from rq.registry import FailedJobRegistry
from sqlalchemy import select, update

from calls import renamed
from calls.database import engine_of
from calls.tables import calls
from config.environment import of_process
from crm import jobs
from crm.contacts import Contacts
from crm.names import crm_of
from live.queue import OURS, queue
from tests.commands.desk import VARIABLES
from tests.crm.filing.conftest import Office
from tests.crm.filing.memory import fails
from tests.databases import tables_are_away
from tests.published import forget_settings

NAME = "filing-of-a-test"
Works = Callable[[], None]


@pytest.fixture
def works(
    office: Office, database: str, redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Works]:
    """Let a worker run the job once, in an environment that names the office's database: works()."""
    for name, value in (VARIABLES | {"DATABASE_URL": database, "REDIS_URL": redis_url}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(jobs, "now", office.clock.now)
    monkeypatch.setattr(jobs, "crm_of", lambda *_: office.crm)
    of_process.cache_clear()
    forget_settings()

    def work() -> None:
        origin = queue(redis, NAME)
        origin.enqueue("crm.jobs.file_calls")
        SimpleWorker([origin], connection=redis, **OURS).work(burst=True, logging_level="CRITICAL")
        assert FailedJobRegistry(queue=origin).count == 0

    yield work
    engine_of(database).dispose()
    of_process.cache_clear()
    forget_settings()


def test_what_is_due_is_filed(office: Office, works: Works) -> None:
    three = [office.ended() for _ in range(3)]
    works()
    works()
    assert office.crm.calls() == [call.id for call in three]


def test_it_works_for_some_seconds_and_leaves_the_rest_to_the_next_run(office: Office, works: Works) -> None:
    first, *_ = [office.ended() for _ in range(3)]
    office.crm.at("finished", lambda: office.clock.advance(jobs.WORKS_FOR.total_seconds()))
    works()
    assert office.crm.calls() == [first.id]
    works()
    assert len(office.crm.calls()) == 3


# Its owner got another key while it waited: until all calls have followed he would be nobody, and so would it.
def test_calls_follow_whoever_was_renamed_before_they_are_filed(
    office: Office, works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = office.ended()
    with office.engine.begin() as connection:
        connection.execute(update(calls).where(calls.c.id == call.id).values(employee="before"))
        renamed.note(connection, {("employees", "before"): "ana"}, office.clock.now())
    with monkeypatch.context() as patch:
        patch.setattr(renamed, "follow", lambda *_: False)
        works()
    assert office.state(call)[0] == "pending"
    works()
    assert office.state(call)[0] == "filed"
    with office.engine.connect() as connection:
        assert connection.scalars(select(calls.c.employee)).all() == ["ana"]


def test_a_database_that_refuses_is_told_and_tried_next_time(office: Office, works: Works, caplog: Any) -> None:
    call = office.ended()
    with tables_are_away(office.engine, "calls"):
        works()
    assert "calls wait to be filed" in caplog.text
    works()
    assert office.state(call) == ("filed", None)


def test_a_crm_that_fails_fails_no_job(office: Office, works: Works) -> None:
    call = office.ended()
    office.crm.at("search", fails("no answer", down=True))
    works()
    assert office.state(call) == ("pending", "no answer")


@pytest.mark.parametrize(("name", "state"), [("contacts", "filed"), ("none", "skipped")])
def test_the_environment_names_the_crm(
    office: Office, works: Works, monkeypatch: pytest.MonkeyPatch, name: str, state: str
) -> None:
    monkeypatch.setattr(jobs, "crm_of", crm_of)
    monkeypatch.setenv("CRM", name)
    call = office.ended()
    works()
    assert office.state(call)[0] == state


def test_the_address_book_needs_nothing_to_be_filed_in(office: Office) -> None:
    call = office.ended()
    clerk = replace(office.clerk, crm=Contacts(office.engine))
    assert clerk.file_due(office.clock.now() + timedelta(seconds=3)) == 1
    assert office.state(call) == ("filed", None)
