"""Recordings and messages, from the call to the folder: what is kept, for whom, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select

from calls import outbox
from calls.shelf import name_of, shelf_of
from calls.tables import recordings
from config.storage import Folder
from local.house import House
from simulator import Caller
from tests.calls.companies import MAIN, OFFICE, OpenHouse, acme, number, sales, say
from tests.calls.on_file import LATER, details, on_file
from tests.providers import chooses_providers, needs
from voice.ending import closing
from voice.provider.access import provider_api
from voice.recordings.fetching import Fetcher

RECORDED = number(record=True, greeting=say("Hola."))
MAILBOX = number(group=None, otherwise="voicemail")


@dataclass(frozen=True)
class Archive:
    """The worker that fetches, and what it has kept."""

    folder: Path

    def fetches(self, house: House) -> int:
        """Let it fetch what is due in a house."""
        api = provider_api(house.environment)
        assert api is not None
        now = house.clock.now() + LATER
        fetcher = Fetcher(
            engine=house.engine,
            api=api,
            shelf=shelf_of(Folder(path=self.folder)),
            company=house.company,
            clock=lambda: now,
        )
        return fetcher.fetch_due(now + timedelta(seconds=1))

    def files(self) -> list[str]:
        """The names of all that it keeps."""
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())


pytestmark = needs("asked", "sound")


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An empty one."""
    return Archive(tmp_path / "recordings")


def rows(house: House) -> list[Any]:
    """What is on file of recordings."""
    with house.engine.connect() as connection:
        return list(connection.execute(select(recordings).order_by(recordings.c.recorded_at)))


def file_of(row: Any) -> str:
    """The file that a recording is kept in."""
    return Path(name_of(row.id, row.recorded_at, ".wav")).name


# "`record: true` records from the moment somebody answers" (DESIGN section 3).
@needs("recording")
def test_a_talk_is_kept(open_with_rest: OpenHouse, redis: Redis, archive: Archive) -> None:
    house = open_with_rest(acme(numbers=number(record=True)))
    caller = Caller(house.exchange).dials(MAIN).rings("ana").waits(9).answers("ana").talks_to("ana", 40)
    caller.other_side_hangs_up().ended()
    assert on_file(house, caller, redis).outcome == "answered"
    [waiting] = rows(house)
    assert (waiting.state, waiting.kind, waiting.mailbox, waiting.seconds) == ("pending", "recording", None, 40)
    assert archive.fetches(house) == 1
    [kept] = rows(house)
    assert (kept.state, kept.call_id) == ("kept", caller.call.sid)
    assert archive.files() == [file_of(kept)]


# "A caller who hangs up before that is never recorded": in the greeting, while it rings, or when nobody answers.
@pytest.mark.parametrize(
    "gives_up",
    [
        lambda caller: caller.hangs_up(),
        lambda caller: caller.stays_silent().rings("ana").waits(5).hangs_up(),
        lambda caller: caller.stays_silent().nobody_answers().nobody_answers().hangs_up(),
    ],
)
def test_a_caller_who_hung_up_before_leaves_nothing(
    open_with_rest: OpenHouse, redis: Redis, archive: Archive, gives_up: Callable[[Caller], object]
) -> None:
    house = open_with_rest(acme(numbers=RECORDED))
    caller = Caller(house.exchange).dials(MAIN)
    gives_up(caller)
    assert on_file(house, caller, redis).outcome == "abandoned"
    assert (archive.fetches(house), rows(house), archive.files()) == (0, [], [])


# "Voicemail the same, with the mailbox's owner": the call is filed when it is known that something was said.
def test_a_spoken_message_is_kept_and_its_call_filed_then(
    open_with_rest: OpenHouse, redis: Redis, archive: Archive
) -> None:
    house = open_with_rest(acme(numbers=MAILBOX))
    caller = Caller(house.exchange).dials(MAIN).leaves_message(12).hangs_up().ended()
    assert on_file(house, caller, redis).outcome == "voicemail"
    assert to_be_filed(house) is None
    archive.fetches(house)
    [kept] = rows(house)
    assert (kept.state, kept.kind, kept.mailbox) == ("kept", "voicemail", f"number:{MAIN}")
    assert to_be_filed(house) == (caller.call.sid, "voicemail")
    assert archive.files() == [file_of(kept)]


# "A silent message is dropped": the call is what it would be without it, before it is filed.
@pytest.mark.parametrize("settled_first", [True, False])
def test_a_silent_message_is_none(
    open_with_rest: OpenHouse, redis: Redis, archive: Archive, settled_first: bool
) -> None:
    house = open_with_rest(acme(groups=sales(members=["ana"], no_answer="voicemail")))
    caller = Caller(house.exchange).dials(MAIN).rings("ana").nobody_answers().leaves_silence(4).presses("#").ended()
    if settled_first:
        assert on_file(house, caller, redis).outcome == "voicemail"
        assert to_be_filed(house) is None
    archive.fetches(house)
    call = details(house, caller) if settled_first else on_file(house, caller, redis)
    assert (call.outcome, call.code, call.employee, call.mailbox) == ("missed", "304", "ana", None)
    [row] = rows(house)
    assert (row.state, row.file, archive.files()) == ("silent", None, [])
    assert to_be_filed(house) == (caller.call.sid, "missed")


# A message belongs to the employee whose mailbox it is in.
def test_a_message_in_an_employee_s_mailbox_is_his(open_with_rest: OpenHouse, redis: Redis, archive: Archive) -> None:
    rules = number(group="sales", closed={"voicemail": "eva"}, schedule="office", otherwise="hang_up")
    house = open_with_rest(acme(schedules={"office": OFFICE}, numbers=rules), when="2026-11-24 20:00")
    caller = Caller(house.exchange).dials(MAIN).leaves_message(5).hangs_up()
    call = on_file(house, caller, redis)
    archive.fetches(house)
    assert (call.outcome, call.employee, call.mailbox) == ("voicemail", "eva", "employee:eva")
    [kept] = rows(house)
    assert (kept.state, kept.mailbox) == ("kept", "employee:eva")


# Without the REST API a recording stays at the provider, and the call does not wait for it.
@chooses_providers
def test_without_rest_api_a_message_stays_at_the_provider(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(acme(numbers=MAILBOX), provider="simulator")
    caller = Caller(house.exchange).dials(MAIN).leaves_message(12).hangs_up().ended()
    on_file(house, caller, redis)
    [row] = rows(house)
    assert (row.state, row.due_at) == ("remote", None)
    assert "set TWILIO_API_URL" in row.reason
    assert to_be_filed(house) == (caller.call.sid, "voicemail")


# Silence may be found out between the look of the settling and its writing: the later one counts all the same.
def test_silence_that_is_found_out_while_the_call_is_settled(
    open_with_rest: OpenHouse, redis: Redis, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_with_rest(acme(numbers=MAILBOX))
    caller = Caller(house.exchange).dials(MAIN).leaves_silence(4).presses("#").ended()
    look = closing.ledger.silent

    def looks_too_early(connection: Any, call_id: str) -> set[str]:
        monkeypatch.setattr(closing.ledger, "silent", look)
        found = look(connection, call_id)
        archive.fetches(house)
        return found

    monkeypatch.setattr(closing.ledger, "silent", looks_too_early)
    assert on_file(house, caller, redis).outcome == "missed"


def to_be_filed(house: House) -> tuple[str, str] | None:
    """The call that would be filed now: its id and outcome; it is left as it is."""
    with house.engine.connect() as connection:
        taken = outbox.take(connection, house.clock.now() + LATER)
        connection.rollback()
    return (taken.id, taken.outcome) if taken else None
