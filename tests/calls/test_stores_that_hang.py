"""Redis and SQL that do not refuse, but hang: no caller waits for them longer than a moment, and nothing is lost."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from calls import ledger
from calls.database import connect
from calls.details import CallFacts, LegFact
from calls.tables import metadata
from live import keys, readings
from simulator import Caller
from tests.calls.companies import CUSTOMER, MAIN, OpenHouse, acme, number, sales, say
from tests.calls.on_file import caught_up, closer, details, is_given, on_file
from tests.calls.servers import Server
from tests.databases import tables_are_away
from tests.moments import ROOT
from tests.providers import needs
from voice.ending.closing import Closer
from voice.ending.later import Later
from voice.ending.notes import Notebook


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A Redis of its own; one that failed is asked again at once."""
    monkeypatch.setattr("live.state.TRY_AGAIN", 0.0)
    server = Server(tmp_path)
    yield server
    server.is_killed()


@contextmanager
def hanging(monkeypatch: pytest.MonkeyPatch, where: Any, name: str) -> Iterator[None]:
    """Let a function hang, until the end of the block; what was begun meanwhile is then done."""
    goes_on, function, threads = threading.Event(), getattr(where, name), []

    def hangs(*words: Any) -> Any:
        threads.append(threading.current_thread())
        goes_on.wait(60)
        return function(*words)

    with monkeypatch.context() as patched:
        patched.setattr(where, name, hangs)
        yield
    assert threads
    goes_on.set()
    for thread in threads:
        thread.join(60)


# Redis gone, and an SQL that hangs: the caller goes on, and what was decided is kept as soon as it can be.
def test_a_caller_does_not_wait_until_his_trace_is_kept(
    open_house: OpenHouse, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voice.ending.notes.KEPT_WITHIN", 0.05)
    monkeypatch.setattr("voice.ending.later.TRY_AGAIN", 0.01)
    house = open_house(acme(numbers=number(greeting=say("Hola."))), redis_url=server.url)
    server.is_killed()
    with hanging(monkeypatch, ledger, "keep_notes"):
        caller = Caller(house.exchange).dials(MAIN).hears("Hola").stays_silent().rings("ana").answers("ana")
        caller.talks_to("ana")
    caught_up(house)
    caller.other_side_hangs_up().ended()
    assert details(house, caller).answered_by == "ana"


# The end of a call is told to an SQL that hangs: the provider is answered, and the record is written all the same.
def test_the_provider_does_not_wait_until_a_record_is_written(
    open_house: OpenHouse, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voice.ending.closing.WRITTEN_WITHIN", 0.05)
    house = open_house(acme())
    with hanging(monkeypatch, Closer, "_first"):
        caller = Caller(house.exchange).dials(MAIN).rings("ana").hangs_up().ended()
        assert [each.status_code for each in caller.call.webhooks if "/voice/status" in each.url] == [200]
    assert on_file(house, caller, redis).outcome == "abandoned"


# With Redis gone as well nobody could keep it: the provider is to tell again.
def test_without_redis_the_provider_is_asked_to_tell_again(
    open_house: OpenHouse, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voice.ending.closing.WRITTEN_WITHIN", 0.05)
    house = open_house(acme(), redis_url=server.url)
    server.is_killed()
    with hanging(monkeypatch, Closer, "_first"):
        caller = Caller(house.exchange).dials(MAIN).rings("ana").hangs_up().ended()
    answers = [each.status_code for each in caller.call.webhooks if "/voice/status" in each.url]
    assert set(answers) == {503}
    caught_up(house)
    assert details(house, caller).outcome == "abandoned"  # the late writing has been done
    assert [fault.code for fault in house.exchange.faults] == ["15003"]
    house.exchange.faults.clear()


# Who is woken is on hold, and nobody else is to wait for that.
def test_nobody_waits_until_others_are_woken(
    open_house: OpenHouse, redis: Redis, monkeypatch: Any, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("live.state.WAKES_WITHIN", 0.05)
    group = {"members": ["ana"], "no_answer": "hold", "hold": {"max_minutes": 2, "then": "voicemail"}}
    house = open_house(acme(groups=sales(**group)), provider="twilio", api_url="http://127.0.0.1:9")
    talking = Caller(house.exchange).dials(MAIN).rings("ana").answers("ana").talks_to("ana")
    holding = Caller(house.exchange, "+34600000002").dials(MAIN).holds()
    live = house.app.extensions["ringpath"].live
    with hanging(monkeypatch, live, "_wake"):
        talking.other_side_hangs_up().ended()
    assert "could not be woken (not done within 0.05 s)" in caplog.text
    assert readings.waiting(redis, "sales") == [holding.call.sid]
    holding.hangs_up().ended()


# Neither Redis nor SQL: what was decided meanwhile is held in memory, and put into the trace when SQL is back.
def test_what_neither_store_can_take_is_kept_when_sql_is_back(
    open_house: OpenHouse, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voice.ending.later.TRY_AGAIN", 0.01)
    house = open_house(acme(groups=sales(no_answer="voicemail")), redis_url=server.url)
    server.is_killed()
    with tables_are_away(house.engine, "notes"):
        caller = Caller(house.exchange).dials(MAIN).rings("ana").answers("ana").talks_to("ana")
    caught_up(house)
    caller.other_side_hangs_up().ended()
    found = details(house, caller)
    assert [note["code"] for note in found.trace][:3] == ["arrived", "group", "rings"]
    assert (found.outcome, found.answered_by) == ("answered", "ana")


# Both were away, and Redis is back first: it takes what was decided, before the process that holds it can be lost.
def test_what_neither_store_can_take_is_given_to_redis_when_that_is_back_first(
    open_house: OpenHouse, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voice.ending.later.TRY_AGAIN", 0.01)
    house = open_house(acme(groups=sales(no_answer="voicemail")), redis_url=server.url)
    server.is_killed()
    with tables_are_away(house.engine, "notes"):
        caller = Caller(house.exchange).dials(MAIN).rings("ana").answers("ana").talks_to("ana")
        server.comes_back()
        caught_up(house)
        with Redis.from_url(server.url) as redis:
            told = [note["code"] for note in readings.trace(redis, caller.call.sid)]
        assert told[:3] == ["arrived", "group", "rings"]
    caller.other_side_hangs_up().ended()
    found = details(house, caller)
    assert [note["code"] for note in found.trace][: len(told)] == told
    assert (found.outcome, found.answered_by) == ("answered", "ana")


def test_what_is_held_for_too_long_is_told_and_let_go(
    open_house: OpenHouse, server: Server, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr("voice.ending.later.TRY_AGAIN", 0.01)
    monkeypatch.setattr("voice.ending.later.HELD_FOR", 0.02)
    house = open_house(acme(), redis_url=server.url)
    server.is_killed()
    with tables_are_away(house.engine, "notes"):
        Caller(house.exchange).dials(MAIN).rings("ana")
        caught_up(house)
    assert "its trace has a hole" in caplog.text


# Not every provider tells again, and some have no list to be asked; who talked is free again as soon as anybody knows.
@pytest.mark.parametrize("first", ["Redis", "SQL"])
def test_an_end_that_neither_store_takes_is_told_to_whichever_is_back_first(
    open_house: OpenHouse, server: Server, redis: Redis, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    monkeypatch.setattr("voice.ending.later.TRY_AGAIN", 0.01)
    house = open_house(acme(), redis_url=server.url)
    caller = Caller(house.exchange).dials(MAIN).rings("ana").answers("ana").talks_to("ana")
    server.is_killed()
    with tables_are_away(house.engine, "calls", "notes"):
        caller.other_side_hangs_up().ended()
        told = [each.status_code for each in caller.call.webhooks if "/voice/status" in each.url]
        assert set(told) == {503}
        house.exchange.faults.clear()
        if first == "Redis":
            server.comes_back()
            caught_up(house)
            with Redis.from_url(server.url) as back:
                assert readings.ended(back, house.clock.now() + timedelta(minutes=1), 9).keys() == {caller.call.sid}
    caught_up(house)
    if first == "SQL":
        assert details(house, caller).outcome == "answered"


# Whatever is wrong with the notes of one call, those of the others are kept, and no caller is told.
def test_notes_that_cannot_be_kept_at_all_hold_up_no_others(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr("voice.ending.later.TRY_AGAIN", 0.01)
    house, keep_notes = open_house(acme()), ledger.keep_notes

    def keeps(engine: Any, many: Any) -> None:
        if any(call_id == "odd" for call_id, *_ in many):
            raise UnicodeError("no such character")
        keep_notes(engine, many)

    monkeypatch.setattr(ledger, "keep_notes", keeps)
    held = Later()
    notebook, now = Notebook(house.engine, held), house.clock.now()
    assert not notebook.keep(("odd", "key", now, []))
    with tables_are_away(house.engine, "notes"):
        assert not notebook.keep(("CA1", "key", now, [{"code": "group", "t": 1}]))
        assert not notebook.keep(("odd", "key", now, []))
        assert not notebook.keep(("CA2", "key", now, [{"code": "group", "t": 2}]))
    is_given(held)
    with house.engine.connect() as connection:
        assert [note["t"] for call in ("CA1", "CA2") for note in ledger.notes_of(connection, call)] == [1, 2]
    assert caplog.text.count("(UnicodeError('no such character'))") == 2


# Who answered is asked of the provider when the trace does not know that anybody was dialled.
def test_who_answered_is_asked_where_the_trace_has_a_hole(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(acme())
    caller = Caller(house.exchange).dials(MAIN).rings("ana")
    device = caller.call.ringing_legs[0].device
    redis.ltrim(keys.trace(caller.call.sid), 0, 0)
    caller.answers("ana").talks_to("ana")
    redis.ltrim(keys.trace(caller.call.sid), 0, 0)
    caller.other_side_hangs_up().ended()
    leg = LegFact(to=device, status="completed", seconds=30)
    found = on_file(house, caller, redis, [leg])
    assert (found.outcome, found.answered_by, found.employee) == ("answered", "ana", "ana")


# The provider's list told of its end, and SQL has since been given what was held.
@needs("legs")
def test_a_call_whose_end_was_never_told_has_its_trace(open_house: OpenHouse, server: Server) -> None:
    house = open_house(acme(groups=sales(no_answer="voicemail")), redis_url=server.url)
    server.is_killed()
    caller = Caller(house.exchange).dials(MAIN).rings("ana").answers("ana").talks_to("ana")
    now = house.clock.now()
    facts = CallFacts(id=caller.call.sid, number=MAIN, caller=CUSTOMER, started_at=now, ended_at=now, trace=())
    closer(house).close(facts, now)
    found = details(house, caller)
    assert (found.outcome, found.answered_by) == ("answered", "ana")
    caller.other_side_hangs_up().ended()


ENDS = """
import sys
from datetime import UTC, datetime
from sqlalchemy import text
from calls.database import connect
from voice.ending.later import Later
from voice.ending.notes import Notebook

engine = connect(sys.argv[1])
with engine.begin() as connection:
    connection.execute(text("ALTER TABLE notes RENAME TO elsewhere"))
assert not Notebook(engine, Later()).keep(("CA1", "key", datetime.now(UTC), [{"code": "group", "t": 1}]))
with engine.begin() as connection:
    connection.execute(text("ALTER TABLE elsewhere RENAME TO notes"))
"""


# Somebody else writes into the file until the process is about to end.
ENDS_MEANWHILE = """
import atexit, sqlite3, sys
from datetime import UTC, datetime
from calls.database import connect
from voice.ending import notes
from voice.ending.later import Later

notes.KEPT_WITHIN = 0.1
writer = sqlite3.connect(sys.argv[1].removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
notebook = notes.Notebook(connect(sys.argv[1]), Later())
writer.execute("BEGIN IMMEDIATE")
atexit.register(writer.close)
assert not notebook.keep(("CA1", "key", datetime.now(UTC), [{"code": "group", "t": 1}]))
"""


@pytest.mark.parametrize("ends", [ENDS, ENDS_MEANWHILE], ids=["held", "under way"])
def test_a_process_that_is_told_to_end_gives_what_it_holds_a_last_chance(tmp_path: Path, ends: str) -> None:
    engine = connect(f"sqlite:///{tmp_path}/calls.sqlite")
    metadata.create_all(engine)
    command = [sys.executable, "-c", ends, f"sqlite:///{tmp_path}/calls.sqlite"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    with engine.connect() as connection:
        assert ledger.notes_of(connection, "CA1") == [{"code": "group", "t": 1}]
    engine.dispose()
