"""Records survive: SQL gone, Redis gone, both gone, callbacks lost; each call is on file once, and truthfully."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select
from sqlalchemy.exc import DataError

from calls import ledger
from calls.details import CallDetails, LegFact
from calls.tables import calls
from flows.calls import Call
from live import readings
from local.house import House
from simulator import Caller
from tests.calls.companies import CUSTOMER, MAIN, MOBILES, OUTSIDE, OpenHouse, acme, sales
from tests.calls.journeys import SAYING_NOTHING
from tests.calls.on_file import LATER, closer, details, on_file, settle
from tests.calls.servers import Server
from tests.databases import tables_are_away
from tests.providers import browser, needs
from voice.ending.closing import ASK_AGAIN, UNSETTLED_FOR, settle_due
from voice.provider.rest import ProviderError

ROUND = acme(groups=sales(members=["ana", "luis"], no_answer="voicemail"))
STATUS = "/voice/status"


@pytest.fixture
def open_house(open_house: OpenHouse, database: str) -> OpenHouse:
    """Open houses whose calls are kept in a database of each kind."""
    return partial(open_house, database=database)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A Redis of its own; one that failed is asked again at once, so that no test waits for the clock."""
    monkeypatch.setattr("live.state.TRY_AGAIN", 0.0)
    server = Server(tmp_path)
    yield server
    server.is_killed()


def sql_refuses(house: House) -> AbstractContextManager[None]:
    """Let every write of a call fail, as with a full disk or a database that is being moved."""
    return tables_are_away(house.engine, "calls", "notes")


def written(house: House) -> list[str]:
    """The ids of the calls that are on file."""
    with house.engine.connect() as connection:
        return list(connection.scalars(select(calls.c.id)))


def answered(house: House) -> Caller:
    """A call that Ana takes for twelve seconds."""
    return Caller(house.exchange, CUSTOMER).dials(MAIN).answers("ana").talks_to("ana", 12).hangs_up()


def callbacks(caller: Caller, path: str) -> list[int]:
    """What was answered to the webhooks at a path."""
    return [webhook.status_code for webhook in caller.call.webhooks if webhook.url.partition("#")[0].endswith(path)]


# "If SQL refuses the write, the record waits in Redis and a job writes it later"
def test_a_record_that_sql_refuses_waits_in_redis(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(ROUND)
    with sql_refuses(house):
        caller = answered(house)
    assert callbacks(caller, STATUS) == [200]
    assert written(house) == []
    assert on_file(house, caller, redis).outcome == "answered"


def test_a_record_that_the_job_cannot_write_waits_for_the_next_run(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(ROUND)
    caller = answered(house)
    with sql_refuses(house), pytest.raises(Exception, match=r"no such table|does not exist"):
        settle(house, redis)
    assert len(readings.ended(redis, house.clock.now() + timedelta(days=1), 10)) == 1
    assert on_file(house, caller, redis).settled_at is not None


# Nothing waits for ever behind one call: neither what SQL cannot take nor an error of ours.
@pytest.mark.parametrize("error", [DataError("INSERT", {}, Exception("too long")), KeyError("code")])
def test_a_record_that_cannot_be_settled_keeps_no_other(
    open_house: OpenHouse,
    redis: Redis,
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    house = open_house(ROUND)
    bad, good = answered(house), Caller(house.exchange, CUSTOMER).dials(MAIN).hangs_up()
    write = ledger.write

    def refuses_one(connection: Any, record: CallDetails) -> None:
        if record.id == bad.call.sid:
            raise error
        write(connection, record)

    monkeypatch.setattr(ledger, "write", refuses_one)
    settle(house, redis)
    assert details(house, good).settled_at is not None
    assert [r.getMessage() for r in caplog.records if r.exc_info] == [f"call {bad.call.sid} cannot be settled"]
    caplog.clear()
    monkeypatch.undo()
    house.clock.advance(ASK_AGAIN.total_seconds())
    assert on_file(house, bad, redis).settled_at is not None


# "if both are gone the callback is answered 503 and its URL asks the provider to retry"
@needs("retries")
def test_with_both_gone_the_provider_is_asked_to_come_again(open_house: OpenHouse, server: Server) -> None:
    house = open_house(ROUND, redis_url=server.url)
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).answers("ana").talks_to("ana", 12)
    server.is_killed()
    with sql_refuses(house):
        caller.hangs_up()
    assert set(callbacks(caller, STATUS)) == {503}
    assert len(callbacks(caller, STATUS)) > 1  # the provider has tried again, as the address asks
    last = [webhook for webhook in caller.call.webhooks if STATUS in webhook.url][-1]
    assert house.exchange.wire.again(last).status_code == 200
    assert written(house) == [caller.call.sid]
    house.exchange.faults.clear()  # the provider complains of the 503, rightly


# Redis gone when the call ends: the record is written by what the provider tells, and completed when Redis is back.
def test_a_call_that_ends_without_redis_is_on_file_and_completed_later(open_house: OpenHouse, server: Server) -> None:
    house = open_house(ROUND, redis_url=server.url)
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).answers("ana").talks_to("ana", 12)
    server.is_killed()
    caller.hangs_up()
    assert written(house) == [caller.call.sid]
    server.comes_back()
    board = house.app.extensions["ringpath"]
    with Redis.from_url(server.url) as redis:
        assert readings.silent_calls(redis, house.clock.now() + timedelta(minutes=5), 10) == [caller.call.sid]
        # what confirm_calls does when the provider says that the call is over
        call = board.live.end(_call_of(caller), "completed", house.clock.now())
        assert call is not None
        found = on_file(house, caller, redis)
    assert (found.outcome, found.employee, found.answered_by) == ("answered", "ana", "ana")


# "Redis gone: calls are still answered and routed": what was decided meanwhile is in the trace all the same.
@needs("talk")
def test_a_call_without_redis_from_beginning_to_end_is_on_file(open_house: OpenHouse, server: Server) -> None:
    house = open_house(ROUND, redis_url=server.url)
    server.is_killed()
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).nobody_answers().answers("luis").talks_to("luis", 12)
    caller.hangs_up()
    found = details(house, caller)
    assert (found.outcome, found.employee, found.talk_seconds) == ("answered", "luis", 12)
    assert [note["code"] for note in found.trace][:3] == ["arrived", "group", "rings"]


@pytest.mark.parametrize("left", ["message", "silence"])
def test_a_message_without_redis_is_on_file(open_house: OpenHouse, server: Server, left: str) -> None:
    house = open_house(ROUND, redis_url=server.url)
    server.is_killed()
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).nobody_answers().nobody_answers()
    if left == "message":
        caller.leaves_message(6).presses("#")
    else:
        caller.waits(SAYING_NOTHING)
    caller.ended()
    assert details(house, caller).outcome == ("voicemail" if left == "message" else "missed")


# A record that nothing will ever settle, because Redis has lost the call, is filed as it is.
def test_a_record_that_redis_has_forgotten_is_released(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(ROUND)
    caller = answered(house)
    redis.flushall()
    settle(house, redis)
    assert details(house, caller).settled_at is None
    late = house.clock.now() + UNSETTLED_FOR + timedelta(seconds=1)
    settle_due(redis, closer(house), lambda _: (), late)
    found = details(house, caller)
    assert (found.outcome, found.settled_at, found.crm_due_at) == ("answered", late, late)


# What comes when the record has been settled changes it once more, and not its filing.
def test_what_is_told_late_is_taken_in(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(ROUND)
    caller = answered(house)
    on_file(house, caller, redis)
    board = house.app.extensions["ringpath"]
    board.live.tell(
        _call_of(caller), "RE1", {"code": "recorded", "seconds": 9, "url": "", "sid": "RE1"}, house.clock.now()
    )
    found = on_file(house, caller, redis)
    assert [note["code"] for note in found.trace][-1] == "recorded"


# The trace has a hole (a lost Dial action): the provider knows who was talked to.
def test_the_provider_is_asked_where_the_trace_has_a_hole(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(acme(groups=sales(members=[], no_answer={"forward": OUTSIDE})))
    house.exchange.hangup_action = False
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).answers(OUTSIDE).talks_to(OUTSIDE, 33).hangs_up()
    said = (LegFact(to=OUTSIDE, status="completed", seconds=33),)
    found = on_file(house, caller, redis, said)
    assert (found.outcome, found.forwarded_to, found.talk_seconds) == ("forwarded", OUTSIDE, 33)


# Nobody is filed as "abandoned" because the provider's REST API was away for a moment.
def test_a_provider_that_does_not_say_yet_is_asked_again(
    open_house: OpenHouse, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    house = open_house(acme(groups=sales(members=[], no_answer={"forward": OUTSIDE})))
    house.exchange.hangup_action = False
    callers = [
        Caller(house.exchange, CUSTOMER).dials(MAIN).answers(OUTSIDE).talks_to(OUTSIDE, 33).hangs_up() for _ in range(2)
    ]
    asked: list[str] = []

    def is_away(call_id: str) -> list[LegFact]:
        asked.append(call_id)
        raise ProviderError("it is away", permanent=False)

    now = house.clock.now() + LATER
    assert settle_due(redis, closer(house), is_away, now) == 0
    assert len(asked) == 1  # the second need not wait for the same time-out
    assert [details(house, caller).settled_at for caller in callers] == [None, None]
    said = (LegFact(to=OUTSIDE, status="completed", seconds=33),)
    assert settle_due(redis, closer(house), lambda _: said, now) == 0  # not yet
    assert settle_due(redis, closer(house), lambda _: said, now + ASK_AGAIN) == 2
    assert [details(house, caller).outcome for caller in callers] == ["forwarded"] * 2
    caplog.clear()


@pytest.mark.parametrize(("permanent", "after"), [(True, LATER), (False, UNSETTLED_FOR + LATER)])
def test_a_provider_that_never_says_keeps_no_record_open(
    open_house: OpenHouse, redis: Redis, permanent: bool, after: timedelta
) -> None:
    house = open_house(acme(groups=sales(members=[], no_answer={"forward": OUTSIDE})))
    house.exchange.hangup_action = False
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).answers(OUTSIDE).talks_to(OUTSIDE, 33).hangs_up()

    def refuses(_: str) -> list[LegFact]:
        raise ProviderError("it does not say", permanent=permanent)

    assert settle_due(redis, closer(house), refuses, house.clock.now() + after) == 1
    assert details(house, caller).settled_at is not None


@needs("whisper")
def test_a_screened_mobile_that_was_picked_up_is_no_answer_for_the_provider_either(
    open_house: OpenHouse, redis: Redis
) -> None:
    house = open_house(acme(groups=sales(members=[], no_answer={"forward_to_mobile": "ana"})))
    house.exchange.hangup_action = False
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).mailbox_answers(MOBILES["ana"]).hangs_up()
    said = (LegFact(to=MOBILES["ana"], status="completed", seconds=9),)
    assert on_file(house, caller, redis, said).outcome == "abandoned"


# One of ours fails inside: the safe document rings the group, and the provider knows who took it.
def test_a_call_that_took_the_safe_way_is_on_file(
    open_house: OpenHouse, redis: Redis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    house = open_house(ROUND)
    monkeypatch.setattr("voice.door.decide", None)
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).answers("luis").talks_to("luis", 20).hangs_up()
    caplog.clear()  # the failure was logged as an error, rightly
    said = (LegFact(to=browser("luis"), status="completed", seconds=20),)
    found = on_file(house, caller, redis, said)
    assert (found.outcome, found.employee, found.talk_seconds) == ("answered", "luis", 20)


def _call_of(caller: Caller) -> Call:
    return Call(id=caller.call.sid, number=MAIN, caller=CUSTOMER, called=MAIN)


def test_the_same_end_told_again_changes_nothing(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(ROUND)
    caller = answered(house)
    first = on_file(house, caller, redis)
    last = [webhook for webhook in caller.call.webhooks if STATUS in webhook.url][-1]
    house.clock.advance(600)
    assert house.exchange.wire.again(last).status_code == 200
    assert details(house, caller) == first
    with house.engine.connect() as connection:
        assert ledger.known(connection, [caller.call.sid, "CA0"]) == {caller.call.sid}
