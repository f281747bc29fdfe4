"""Recordings fetched from a provider: kept once, whatever goes wrong, and silent messages are none."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from calls import fetching, outbox
from calls.shelf import FolderShelf, ShelfError
from calls.tables import calls
from config.company import Company
from config.storage import Folder
from simulator.sound import Sound
from tests.details.recorded import put
from tests.voice.provider import TOKEN
from tests.voice.recorder import Recorder, recorder
from voice.provider import rest as client
from voice.recordings import fetching as work


@pytest.fixture
def at_work(sample: Company, tmp_path: Path) -> Iterator[Recorder]:
    """The worker, and a provider that answers."""
    with recorder(sample, tmp_path) as found:
        yield found


# "Recording callback → job downloads the media …, keeps it …, and links it to the call details" (issue 3, part 6).
def test_a_recording_is_kept(at_work: Recorder) -> None:
    recording = at_work.talk(seconds=3)
    assert at_work.fetches() == 1
    found = at_work.row(recording)
    assert (found.state, found.content_type, found.size) == ("kept", "audio/wav", 44 + 3 * 2 * 2 * 8000)
    assert at_work.files() == [found.file] == [f"2026/11/{recording}.wav"]
    with wave.open(str(at_work.folder / found.file)) as file:
        assert (file.getnchannels(), file.getnframes()) == (2, 3 * 8000)
    assert at_work.fetches() == 0


def test_an_mp3_is_kept_as_one(at_work: Recorder) -> None:
    recording = at_work.talk()
    address = at_work.side.record(Sound(seconds=3), recording) + ".mp3"
    put(at_work.engine, recording, url=address)
    at_work.fetches()
    found = at_work.row(recording)
    assert (found.file, found.content_type) == (f"2026/11/{recording}.mp3", "audio/mpeg")


# "A silent message is dropped."
def test_a_silent_message_is_none_and_its_call_is_missed(at_work: Recorder) -> None:
    recording = at_work.message(loudness=0.0)
    assert at_work.call(recording).outcome == "voicemail"
    at_work.fetches()
    assert (at_work.row(recording).state, at_work.row(recording).file) == ("silent", None)
    assert at_work.files() == []
    call = at_work.call(recording)
    assert (call.outcome, call.mailbox, call.crm_state) == ("missed", None, "pending")
    assert call.crm_due_at == at_work.now


def test_a_spoken_message_is_kept(at_work: Recorder) -> None:
    recording = at_work.message()
    at_work.fetches()
    assert at_work.row(recording).state == "kept"
    assert at_work.call(recording).outcome == "voicemail"


# Silence within a talk is a matter of those who talk.
def test_a_silent_talk_is_kept(at_work: Recorder) -> None:
    recording = at_work.talk()
    at_work.side.record(Sound(seconds=3, loudness=0.0, channels=2), recording)
    at_work.fetches()
    assert at_work.row(recording).state == "kept"


# The call is not filed before it is known whether there is a message.
def test_a_call_waits_to_be_filed_until_its_message_is_here(at_work: Recorder) -> None:
    recording = at_work.message(loudness=0.0)
    with at_work.engine.begin() as connection:
        assert outbox.take(connection, at_work.now) is None
    at_work.fetches()
    with at_work.engine.begin() as connection:
        taken = outbox.take(connection, at_work.now)
    assert taken is not None
    assert (taken.id, taken.outcome) == (at_work.row(recording).call_id, "missed")


# A call that somebody took is what it is, with or without a message; what its legs told is not in the trace.
def test_silence_does_not_undo_an_answer(at_work: Recorder) -> None:
    recording = at_work.message(loudness=0.0)
    with at_work.engine.begin() as connection:
        connection.execute(update(calls).values(outcome="forwarded", code="200"))
    at_work.fetches()
    assert at_work.row(recording).state == "silent"
    assert at_work.call(recording).outcome == "forwarded"


# The end of a call writes its record at once; whether there is a message may be known before it is settled.
def test_a_call_that_is_not_settled_yet_is_worked_out_anew_too(at_work: Recorder) -> None:
    recording = at_work.message(loudness=0.0, settled=False)
    at_work.fetches()
    assert (at_work.call(recording).outcome, at_work.call(recording).settled_at) == ("missed", None)


# Media may be 404 until the recording is ready (twiml.md 2.4).
def test_what_is_not_ready_is_asked_for_again(at_work: Recorder) -> None:
    recording = at_work.talk()
    at_work.side.rest.unready = 2
    for pause in (0, 5, 15):
        assert at_work.row(recording).state == "pending"
        at_work.later(seconds=pause)
        assert at_work.fetches() == 1
    assert (at_work.row(recording).state, at_work.row(recording).reason) == ("kept", None)


OUTAGES = ("500", "429", "before", "after", "drop", "halfway", "drip", "page")


@pytest.mark.parametrize("kind", OUTAGES)
def test_an_outage_passes(
    at_work: Recorder, kind: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    recording, message = at_work.talk(), at_work.message()
    with at_work.side.outage(kind, on="Recordings", times=2), monkeypatch.context() as patched:
        if kind == "drip":
            patched.setattr(client, "MEDIA_WITHIN", 0.3)
        at_work.fetches()
    assert at_work.files() == []
    for each in (recording, message):
        found = at_work.row(each)
        assert (found.state, found.attempts) == ("pending", 1)
        assert found.reason
        assert each in caplog.text
    at_work.later(seconds=5)
    at_work.fetches()
    assert [at_work.row(each).state for each in (recording, message)] == ["kept"] * 2
    assert len(at_work.files()) == 2
    assert TOKEN not in caplog.text


# "Size-limited": what has no end is no recording.
def test_a_recording_without_end_is_given_up(at_work: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MOST_BYTES", 1_000_000)
    recording = at_work.talk()
    at_work.side.rest.break_down("huge", on="Recordings")
    at_work.fetches()
    assert (at_work.row(recording).state, at_work.files()) == ("failed", [])
    assert "more than 1,000,000 bytes" in at_work.row(recording).reason


def test_what_the_provider_refuses_has_failed(at_work: Recorder) -> None:
    recording = at_work.talk()
    exchange = at_work.side.rest.exchange
    exchange.provider = replace(exchange.provider, auth_token="another")
    at_work.fetches()
    found = at_work.row(recording)
    assert (found.state, found.due_at) == ("failed", None)
    assert "401" in found.reason


# A file that is neither WAV nor MP3 may be an error in disguise.
def test_what_is_no_sound_is_not_kept(at_work: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = at_work.talk()
    monkeypatch.setattr(
        client, "_save", lambda answer, file, most: file.write(b"%PDF-1.7") and "application/octet-stream"
    )
    at_work.fetches()
    assert (at_work.row(recording).state, at_work.files()) == ("pending", [])
    assert "neither WAV nor MP3" in at_work.row(recording).reason


# A run that finds that nothing can be kept leaves the others alone.
def test_a_full_disk_stops_the_run(sample: Company, tmp_path: Path) -> None:
    class Full(FolderShelf):
        def put(self, *_: object) -> None:
            raise ShelfError("No space left on device")

    with recorder(sample, tmp_path, Full(Folder(path=tmp_path))) as at_work:
        first, second = at_work.talk(), at_work.talk()
        assert at_work.fetches() == 1
        assert at_work.row(first).reason == "it cannot be kept: No space left on device"
        assert (at_work.row(first).state, at_work.row(second).attempts) == ("pending", 0)


# A run ends in time, and leaves the rest to the next.
def test_a_run_is_short(at_work: Recorder) -> None:
    for _ in range(3):
        at_work.talk()
    until = at_work.now + timedelta(seconds=3)

    def ticks() -> datetime:
        at_work.later(seconds=1)
        return at_work.now

    assert replace(at_work.fetcher, clock=ticks).fetch_due(until) == 1


class Killed(BaseException):
    """What a `kill -9` is to the lines that come after it."""


STEPS = {
    "asking": (client.ProviderApi, "media"),
    "looking at it": (work, "_kind"),
    "measuring": (work, "is_silent"),
    "naming": (work, "name_of"),
    "writing it down": (fetching, "kept"),
}


# kill -9 at any line loses nothing, and leaves one file at most.
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", [*STEPS, "putting"])
def test_a_worker_that_is_killed_is_taken_up_again(
    at_work: Recorder, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    recording = at_work.message()
    owner, name = STEPS.get(step, (at_work.shelf, "put"))
    real = getattr(owner, name)

    def dies(*arguments: object, **more: object) -> None:
        if after:
            real(*arguments, **more)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, dies)
        with pytest.raises(Killed):
            at_work.fetches()
    assert at_work.row(recording).state == "pending"
    assert at_work.files() in ([], [f"2026/11/{recording}.wav"])
    assert at_work.fetches() == 0  # it belongs to the one that was killed
    at_work.later(seconds=fetching.LEASE.total_seconds())
    assert at_work.fetches() == 1
    assert at_work.row(recording).state == "kept"
    assert at_work.files() == [f"2026/11/{recording}.wav"]


def test_silence_and_what_it_means_are_written_at_once(at_work: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = at_work.message(loudness=0.0)
    with monkeypatch.context() as patch:
        patch.setattr(work.ledger, "rework", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            at_work.fetches()
    assert (at_work.row(recording).state, at_work.call(recording).outcome) == ("pending", "voicemail")
    at_work.later(seconds=fetching.LEASE.total_seconds())
    at_work.fetches()
    assert (at_work.row(recording).state, at_work.call(recording).outcome) == ("silent", "missed")


# One that ends its worker each time is given up like any other.
def test_what_kills_every_worker_is_given_up(at_work: Recorder) -> None:
    recording = at_work.talk(attempts=outbox.MOST_ATTEMPTS)
    at_work.fetches()
    assert at_work.row(recording).state == "failed"
    assert "its worker was ended each time" in at_work.row(recording).reason
    assert at_work.side.rest.requests == []


# "Two workers": each recording is asked for once.
def test_two_workers_side_by_side(at_work: Recorder) -> None:
    ids = [at_work.talk(seconds=1) for _ in range(10)]
    with ThreadPoolExecutor(2) as workers:
        counts = list(
            workers.map(lambda fetcher: fetcher.fetch_due(at_work.now.replace(hour=23)), [at_work.fetcher] * 2)
        )
    assert sum(counts) == 10
    asked = [path for _, path, _ in at_work.side.rest.requests]
    assert sorted(path.rpartition("/")[2] for path in asked) == sorted(ids)
    assert len(at_work.files()) == 10


# An id from outside never leads out of the folder (the file's name is made by calls.shelf).
def test_an_odd_id_does_not_lead_out_of_the_folder(at_work: Recorder) -> None:
    recording = at_work.talk(id="../../RE1")
    put(at_work.engine, recording, url=at_work.side.record(Sound(seconds=1)))
    at_work.fetches()
    [file] = at_work.files()
    assert file.startswith("2026/11/x-")
