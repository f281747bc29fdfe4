"""Recordings attached to calls in Bitrix24: a portal over real HTTP, whatever goes wrong on the way."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine

from calls import attaching
from calls.database import connect
from calls.shelf import Shelf, shelf_of
from calls.tokens import Tokens
from config.environment import Environment
from config.storage import Folder
from crm.attaching import Attacher
from crm.bitrix24.client import Patiences
from crm.bitrix24.crm import ATTACH, Bitrix24, client_of
from crm.contacts import Contacts
from crm.crm import Filing
from local.house import empty_database
from tests.details.buckets import bucket_server, read
from tests.details.recorded import NOW, a_recording, due, put, row
from tests.details.rows import a_call, on_file
from tests.portal.patience import patience
from tests.portal.portal import CLIENT_ID, CLIENT_SECRET, UPLOAD, Portal, portal

SOUND = b"RIFF of a call that was recorded"


@dataclass
class Clerk:
    """Who attaches, and what is around."""

    there: Portal
    engine: Engine
    crm: Bitrix24
    shelf: Shelf
    now: datetime = NOW
    filed: list[str] = field(default_factory=list)

    def has_filed(self, **recording: Any) -> str:
        """A call is on file in the portal, and its recording is here; returns the recording's id."""
        call = a_call("2026-11-24 10:30", "answered", caller="+34600000001", employee="ana", answered_by="ana")
        self.crm.file_call(Filing(call=call, user=12, contact=None, create_lead=False), self.filed.append)
        on_file(self.engine, replace(call, crm_state="filed", crm_call_id=self.filed[-1]))
        return self.records(call.id, **recording)

    def records(self, call_id: str, sound: bytes = SOUND, **recording: Any) -> str:
        """A recording of a call is here."""
        found = a_recording(self.engine, call_id, **{"state": "kept", "due_at": NOW} | recording)
        self.shelf.put(f"2026/11/{found}.wav", io.BytesIO(sound), "audio/wav")
        put(self.engine, found, file=f"2026/11/{found}.wav")
        return found

    def attaches(self) -> int:
        """Let it attach what is due; returns how many it took."""
        return self.attacher.attach_due(self.now + timedelta(seconds=1))

    @property
    def attacher(self) -> Attacher:
        """What does the work."""
        return Attacher(engine=self.engine, crm=self.crm, shelf=self.shelf, clock=lambda: self.now)

    @property
    def files(self) -> list[tuple[str, bytes]]:
        """What the portal was given: names and contents."""
        return [(file.name, file.content) for file in self.there.telephony.files]


@pytest.fixture
def clerk(redis: Redis, tmp_path: Path) -> Iterator[Clerk]:
    """A clerk with a folder of recordings, and a portal that has let the app in."""
    engine = connect(empty_database(tmp_path))
    with portal(drain=1000, most=1000) as there:
        environment = Environment(
            secret_key="sealed",
            **{"bitrix24_portal": there.url, "bitrix24_oauth_url": there.oauth_url},
            **{"bitrix24_client_id": CLIENT_ID, "bitrix24_client_secret": CLIENT_SECRET},
        )
        Tokens(engine, "bitrix24", "sealed").put(there.token())
        each = patience(lambda: there.may_hang, gate=1)
        client = client_of(environment, engine, redis, Patiences(look_up=each, filing=each, upload=each))
        yield Clerk(there, engine, Bitrix24(client), shelf_of(Folder(path=tmp_path / "recordings")))
        assert there.complaints == []
    engine.dispose()


def test_a_recording_is_attached_once(clerk: Clerk) -> None:
    recording = clerk.has_filed()
    assert clerk.attaches() == 1
    assert clerk.files == [(f"{recording}.wav", SOUND)]
    assert row(clerk.engine, recording).attached_at == NOW
    clerk.now += timedelta(days=1)
    assert clerk.attaches() == 0


def test_from_a_bucket_too(clerk: Clerk) -> None:
    with bucket_server() as url:
        clerk.shelf = shelf_of(read(url))
        recording = clerk.has_filed()
        clerk.attaches()
    assert clerk.files == [(f"{recording}.wav", SOUND)]


# Where the portal gives no address for an upload the recording goes within JSON.
def test_a_portal_without_uploads(clerk: Clerk) -> None:
    clerk.there.telephony.gives_upload_url = False
    recording = clerk.has_filed()
    clerk.attaches()
    assert clerk.files == [(f"{recording}.wav", SOUND)]


# The last recording of a call replaces an earlier one at the portal: it gets one, the longest talk.
def test_the_portal_is_given_one_of_several(clerk: Clerk) -> None:
    first = clerk.has_filed(seconds=90)
    clerk.records(row(clerk.engine, first).call_id, b"RIFF of another", seconds=5)
    clerk.attaches()
    assert clerk.files == [(f"{first}.wav", SOUND)]


PASSING = ("internal", "html", "html after", "database", "too many", "timeout before", "timeout after", "drop before")


@pytest.mark.parametrize("method", [ATTACH, UPLOAD])
@pytest.mark.parametrize("fault", PASSING)
def test_an_outage_passes(clerk: Clerk, fault: str, method: str, caplog: pytest.LogCaptureFixture) -> None:
    recording = clerk.has_filed()
    clerk.there.fail(fault, method=method)
    clerk.attaches()
    found = row(clerk.engine, recording)
    assert (found.attached_at, found.attempts) == (None, 1)
    assert found.due_at == NOW + timedelta(seconds=5)
    assert found.reason
    assert recording in caplog.text
    clerk.now += timedelta(seconds=5)
    clerk.attaches()
    assert clerk.files[-1] == (f"{recording}.wav", SOUND)
    assert row(clerk.engine, recording).reason is None


# "Rate limits … waited out": not an attempt, and the others wait too.
def test_a_pause_is_waited_out(clerk: Clerk) -> None:
    first, second = clerk.has_filed(), clerk.has_filed()
    clerk.there.fail("limit", method=ATTACH)
    assert clerk.attaches() == 1
    found = row(clerk.engine, first)
    assert (found.attempts, found.due_at) == (0, NOW + timedelta(seconds=5))
    assert row(clerk.engine, second).attempts == 0


@pytest.mark.parametrize("fault", ["denied", "scope"])
def test_what_the_portal_refuses_for_good_is_noted(clerk: Clerk, fault: str) -> None:
    recording = clerk.has_filed()
    clerk.there.fail(fault, method=ATTACH)
    clerk.attaches()
    found = row(clerk.engine, recording)
    assert (found.state, found.due_at) == ("kept", None)
    assert found.reason.startswith("not attached in the CRM: ")
    clerk.now += timedelta(days=9)
    assert clerk.attaches() == 0


# What only the connection lacks is no fault of a recording: it waits, and the portal is left alone.
def test_recordings_wait_until_we_are_let_in_again(clerk: Clerk) -> None:
    first, second = clerk.has_filed(), clerk.has_filed()
    clerk.there.revoke()
    assert clerk.attaches() == 1
    asked = len(clerk.there.requests)
    clerk.now += timedelta(days=1)
    assert clerk.attaches() == 0
    assert len(clerk.there.requests) == asked
    assert [row(clerk.engine, each).attempts for each in (first, second)] == [0, 0]
    Tokens(clerk.engine, "bitrix24", "sealed").put(clerk.there.token())
    assert clerk.attaches() == 2
    assert len(clerk.files) == 2


def test_a_call_that_the_portal_does_not_know_is_noted(clerk: Clerk) -> None:
    recording = clerk.has_filed()
    clerk.there.telephony.calls.clear()
    clerk.attaches()
    assert "Call is not found in the statistic table" in row(clerk.engine, recording).reason


def test_a_file_that_is_gone_is_looked_for_again(clerk: Clerk) -> None:
    recording = clerk.has_filed()
    clerk.shelf.remove(row(clerk.engine, recording).file)
    clerk.attaches()
    found = row(clerk.engine, recording)
    assert (found.due_at, clerk.files) == (NOW + timedelta(seconds=5), [])
    assert "there is no such file" in found.reason


# A worker killed after the portal has it leaves it to be attached again, in its own place.
def test_a_worker_that_is_killed_is_followed_by_another(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = clerk.has_filed()

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(attaching, "attached", dies)
        with pytest.raises(KeyboardInterrupt):
            clerk.attaches()
    assert clerk.attaches() == 0
    clerk.now += attaching.LEASE
    assert clerk.attaches() == 1
    assert clerk.files == [(f"{recording}.wav", SOUND)] * 2
    assert len(clerk.there.calls) == 1
    assert due(clerk.engine, recording) is None


# The address book that comes with the app has no place for recordings: they belong to the call details.
def test_nothing_is_attached_in_the_address_book(clerk: Clerk) -> None:
    call = a_call("2026-11-24 10:30", "answered", crm_state="filed")
    on_file(clerk.engine, call)
    recording = clerk.records(call.id)
    attacher = replace(clerk.attacher, crm=Contacts(clerk.engine))
    assert attacher.attach_due(NOW + timedelta(seconds=1)) == 0
    assert due(clerk.engine, recording) is None
