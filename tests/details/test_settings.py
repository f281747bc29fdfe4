"""The published settings of a process: imported once, followed, kept without SQL, and never waited for."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import Connection, Engine, create_engine

from calls import following, revisions, settings
from calls.following import Follower
from calls.settings import Settings
from config.loader import parse
from tests.databases import tables_are_away
from tests.details.conftest import FIRST, SECOND, THIRD
from tests.published import publish

WITHIN = 20.0
"""Seconds for what takes a few milliseconds when all is well."""


def test_what_is_published_is_taken_up(engine: Engine, of_database: Callable[[], Settings]) -> None:
    found = of_database()
    assert found.refresh() is False
    publish(engine, SECOND)
    assert found.refresh() is True
    assert (found.company.company, found.number) == ("Second", 2)
    assert found.refresh() is False


# Calls go on by the revision that they started with.
def test_earlier_settings_are_found_by_their_digest(engine: Engine, of_database: Callable[[], Settings]) -> None:
    found = of_database()
    publish(engine, SECOND)
    found.refresh()
    for document in (FIRST, SECOND):
        assert found.of(parse(document).revision) == parse(document)
    assert found.of("") is None
    assert found.of("0" * 12) is None


# … also one published before this process started, or that another process has taken up a moment ago.
def test_settings_that_this_process_never_had_are_found(
    engine: Engine, of_database: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "EVERY", 3600)
    publish(engine, FIRST)
    publish(engine, SECOND)
    found = of_database()
    found.follow()
    publish(engine, THIRD)
    assert found.of(parse(FIRST).revision) == parse(FIRST)
    assert found.of(parse(THIRD).revision) == parse(THIRD)
    assert (found.company.company, found.number) == ("Third", 3)
    assert found.of("0" * 12) is None


# An earlier version of the app may have worked out another digest for the same document.
def test_a_digest_of_an_earlier_version_is_known(
    engine: Engine, of_database: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(engine, FIRST)
    publish(engine, SECOND)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE revisions SET digest = 'older-digest' WHERE number = 1")
    found = of_database()
    found.follow()
    assert found.of("older-digest") == parse(FIRST)
    assert found.of(parse(FIRST).revision) == parse(FIRST)


def test_a_thread_keeps_up_with_sql(engine: Engine, of_database: Callable[[], Settings], caplog: object) -> None:
    found, taken = of_database(), Event()
    before = found.refresh

    def refresh() -> bool:
        done = before()
        if done:
            taken.set()
        return done

    found.refresh = refresh  # type: ignore[method-assign]
    found.follow()
    publish(engine, SECOND)
    assert following.EVERY < 2, "DESIGN section 4: within 2 s"
    assert taken.wait(WITHIN)
    assert found.company.company == "Second"


# Another process has published while SQL was away, and SQL is back: the call that has begun there goes on here.
def test_settings_are_looked_for_even_if_sql_was_away_a_moment_ago(
    engine: Engine, of_database: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "EVERY", 3600)
    monkeypatch.setattr(following, "BLINK", WITHIN)
    found = of_database()
    found.follow()
    with tables_are_away(engine, "revisions"):
        assert found.refresh() is False
    publish(engine, SECOND)
    assert found.of(parse(SECOND).revision) == parse(SECOND)
    assert found.number == 2


# … and as long as it stays away nobody waits longer than a blink.
def test_a_sql_that_is_away_and_hangs_is_hardly_waited_for(
    engine: Engine, of_database: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "EVERY", 3600)
    monkeypatch.setattr(following, "DEADLINE", WITHIN)
    found, goes_on, in_time = of_database(), Event(), list[bool]()
    with tables_are_away(engine, "revisions"):
        found.refresh()
    newest_number = revisions.newest_number

    def hangs(connection: Connection) -> int | None:
        if connection.engine.url != engine.url:  # an app of another test may still follow its own
            return newest_number(connection)
        in_time.append(goes_on.wait(WITHIN))
        return None

    monkeypatch.setattr(revisions, "newest_number", hangs)
    found.follow()
    assert found.of("0" * 12) is None
    goes_on.set()
    found.close()
    assert in_time == [True]


# Whether SQL answers shows within a blink; what it says may take longer to read.
@pytest.mark.parametrize("answers", [True, False])
def test_who_waits_goes_on_waiting_only_for_a_sql_that_answers(monkeypatch: pytest.MonkeyPatch, answers: bool) -> None:
    monkeypatch.setattr(following, "EVERY", 3600)
    monkeypatch.setattr(following, "BLINK", 0.01)
    monkeypatch.setattr(following, "DEADLINE", WITHIN)
    answered, fetched = Event(), list[str]()
    follower = Follower(lambda: answered.wait(WITHIN), fetched.append)

    def worth_it() -> bool:
        if answers:
            answered.set()
        return answers

    follower.find("wanted", worth_it=worth_it)
    assert fetched == (["wanted"] if answers else [])
    answered.set()
    follower.stop()


# All connections in use is not SQL away.
def test_connections_that_are_all_in_use_say_nothing_of_sql(
    engine: Engine, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    few = create_engine(engine.url, pool_size=1, max_overflow=0, pool_timeout=0.01)
    found = Settings.of_database(few, file)
    with few.connect():
        assert found.refresh() is False
    assert [r.levelno for r in caplog.records if r.name == "ringpath.settings"] == [logging.WARNING]
    caplog.clear()
    with tables_are_away(engine, "revisions"):
        assert found.refresh() is False
    assert [r.levelno for r in caplog.records] == [logging.ERROR], "it is said, as it had not been away"
    found.close()


# A SQL that hangs does not hang a webhook.
def test_a_sql_that_hangs_is_waited_for_a_moment(
    of_database: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, goes_on, asked = of_database(), Event(), Event()
    monkeypatch.setattr(following, "DEADLINE", 0.05)

    def hangs(_: object) -> None:
        asked.set()
        assert goes_on.wait(WITHIN)

    monkeypatch.setattr(revisions, "newest_number", hangs)
    monkeypatch.setattr(following, "EVERY", 0.001)
    found.follow()
    assert asked.wait(WITHIN)
    assert found.of("0" * 12) is None
    assert found.company.company == "First"
    assert found.of(parse(FIRST).revision) == parse(FIRST)
    goes_on.set()


# "A failure is logged once and the last known settings stay."
def test_without_sql_the_last_settings_stay_and_it_is_said_once(
    engine: Engine, of_database: Callable[[], Settings], caplog: pytest.LogCaptureFixture
) -> None:
    found = of_database()
    with tables_are_away(engine, "revisions"):
        assert [found.refresh() for _ in range(3)] == [False] * 3
        assert found.of("0" * 12) is None
    assert found.company.company == "First"
    assert len([r for r in caplog.records if r.levelno >= logging.ERROR]) == 1
    publish(engine, SECOND)
    assert found.refresh() is True
    with tables_are_away(engine, "revisions"):
        found.refresh()
    assert len([r for r in caplog.records if r.levelno >= logging.ERROR]) == 2


# A database that was restored from a backup knows less.
def test_a_database_from_a_backup_is_followed(engine: Engine, of_database: Callable[[], Settings]) -> None:
    publish(engine, FIRST)
    publish(engine, SECOND)
    found = of_database()
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM revisions WHERE number = 2")
    assert found.refresh() is True
    assert (found.company.company, found.number) == ("First", 1)


# Companies of 10,000 employees take much memory: the oldest go, and come back when a call asks for them.
def test_of_large_settings_few_are_kept(
    engine: Engine, of_database: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "MOST_KEPT", 2 * len(SECOND) + 10)
    monkeypatch.setattr(following, "EVERY", 3600)
    found = of_database()
    for document in (SECOND, THIRD):
        publish(engine, document)
        found.refresh()
    assert found.of(parse(FIRST).revision) is None
    assert found.of(parse(SECOND).revision) is not None
    found.follow()
    for document in (FIRST, SECOND):
        assert found.of(parse(document).revision) == parse(document)
    found.close()
    assert found.of(parse(FIRST).revision) is None
    assert found.of(parse(THIRD).revision) == parse(THIRD) == found.company


def test_a_process_that_leaves_its_settings_out_of_garbage_collections_leaves_the_next_out_too(
    engine: Engine, of_database: Callable[[], Settings]
) -> None:
    found = of_database()
    gc.freeze()
    try:
        before = gc.get_freeze_count()
        publish(engine, SECOND)
        found.refresh()
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()


def test_fixed_settings_stay_as_they_are(sample: object) -> None:
    found = Settings.fixed(parse(FIRST))
    found.follow()
    assert found.refresh() is False
    assert (found.number, found.of(parse(FIRST).revision)) == (None, parse(FIRST))
    assert found.of("0" * 12) is None
    found.close()


def test_whoever_reads_while_it_changes_sees_one_or_the_other(
    engine: Engine, of_database: Callable[[], Settings]
) -> None:
    found, over, odd = of_database(), Event(), []
    known = {parse(document).revision for document in (FIRST, SECOND, THIRD)}

    def read() -> None:
        while not over.is_set():
            company = found.company
            if company.revision not in known or found.of(company.revision) is None:
                odd.append(company)

    reader = Thread(target=read)
    reader.start()
    for document in (SECOND, THIRD, FIRST, SECOND):
        publish(engine, document)
        found.refresh()
    over.set()
    reader.join()
    assert odd == []
