"""`flask calls sound|fetch`: the sound of recordings, in a terminal."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from calls.shelf import shelf_of
from commands import create_app
from commands.calls import calls
from config.storage import Folder
from simulator.sound import Sound
from tests.commands.desk import Desk
from tests.details.recorded import a_recorded_call, put, row
from tests.voice.provider import ACCOUNT, TOKEN, Side, provider_side

ONE, TWO = "RE" + "1" * 32, "RE" + "12" * 16
NAME = "2026/11/RE1.wav"


@pytest.fixture
def side() -> Iterator[Side]:
    """A provider."""
    with provider_side() as found:
        yield found


@pytest.fixture
def at_desk(desk: Any, side: Side, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    """At the terminal of a company whose provider can be asked."""
    for name, value in {
        **{"TWILIO_API_URL": side.url, "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN},
        "RECORDINGS_URL": f"file://{tmp_path}/recordings",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DYNO", raising=False)
    create_app()
    found: Desk = desk(calls)
    return found


def is_kept(at_desk: Desk, recording: str = ONE, sound: bytes = b"RIFF of a call") -> None:
    """A recording is here."""
    a_recorded_call(at_desk.engine, id=recording, state="kept", file=NAME)
    shelf_of(Folder(path=at_desk.folder / "recordings")).put(NAME, io.BytesIO(sound), "audio/wav")


# `flask calls sound RECORDING [--output FILE]`: by its id, or the beginning of it.
@pytest.mark.parametrize("start", [ONE, ONE[:30], "RE11"])
def test_the_sound_is_written(at_desk: Desk, start: str) -> None:
    is_kept(at_desk)
    a_recorded_call(at_desk.engine, id=TWO)
    done = at_desk.run("sound", start)
    assert (done.exit_code, done.stdout_bytes, done.stderr) == (0, b"RIFF of a call", "")
    file = at_desk.folder / "call.wav"
    assert at_desk.lines("sound", start, "--output", str(file)) == []
    assert file.read_bytes() == b"RIFF of a call"


def test_what_is_not_here_is_taken_from_the_provider(at_desk: Desk, side: Side) -> None:
    for state in ("remote", "pending", "failed", "silent"):
        recording = a_recorded_call(at_desk.engine, state=state, url=side.record(Sound(seconds=1), ONE))
        done = at_desk.run("sound", recording)
        assert done.exit_code == 0, done.output
        assert done.stdout_bytes[:4] == b"RIFF"
        assert len(done.stdout_bytes) == 44 + 2 * 8000


def test_what_is_no_recording(at_desk: Desk) -> None:
    is_kept(at_desk)
    a_recorded_call(at_desk.engine, id=TWO)
    several = at_desk.run("sound", "RE1")
    assert (several.exit_code, several.stdout) == (1, "")
    assert several.stderr.splitlines() == ["RE1: several recordings begin so:", f"  {ONE}", f"  {TWO}"]
    for start in ("RE3", ""):
        none = at_desk.run("sound", start)
        assert (none.exit_code, none.stderr) == (1, f"{start}: there is no such recording.\n")


def test_what_was_removed_says_why(at_desk: Desk) -> None:
    a_recorded_call(at_desk.engine, id=ONE, state="removed", reason="kept for 365 days")
    done = at_desk.run("sound", ONE)
    assert (done.exit_code, done.stderr) == (1, f"{ONE} was removed: kept for 365 days\n")


def test_an_id_that_another_begins_with_is_meant_itself(at_desk: Desk) -> None:
    is_kept(at_desk, "RE1")
    a_recorded_call(at_desk.engine, id=ONE)
    assert at_desk.run("sound", "RE1").stdout_bytes == b"RIFF of a call"


# A file is not made before there is something to put in it.
@pytest.mark.parametrize("state", ["kept", "remote"])
def test_what_cannot_be_read_says_why(at_desk: Desk, side: Side, state: str) -> None:
    file = at_desk.folder / "call.wav"
    a_recorded_call(at_desk.engine, id=ONE, state=state, url=f"{side.url}/RE1", file=NAME if state == "kept" else None)
    done = at_desk.run("sound", ONE, "--output", str(file))
    assert done.exit_code == 3
    assert {"kept": "there is no such file", "remote": "the provider does not give it"}[state] in done.stderr
    assert not file.exists()


def test_without_rest_api_the_provider_cannot_be_asked(at_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVIDER", "somleng")
    monkeypatch.delenv("TWILIO_API_URL")
    a_recorded_call(at_desk.engine, id=ONE, state="remote")
    for command in (("sound", ONE), ("fetch", ONE), ("fetch", "--failed"), ("fetch", "--remote")):
        done = at_desk.run(*command)
        assert done.exit_code == 3
        assert "set TWILIO_API_URL" in done.stderr
    assert row(at_desk.engine, ONE).state == "remote"


# Failed ones are visible, and can be fetched again.
def test_what_failed_is_shown_and_fetched_again(at_desk: Desk) -> None:
    a_recorded_call(at_desk.engine, id=ONE, state="failed", reason="GET …: 401 Authenticate", due_at=None)
    shown = at_desk.lines("show", row(at_desk.engine, ONE).call_id)
    assert f"  10:31:00  recording, 1:00, failed: GET …: 401 Authenticate  {ONE}" in shown
    assert at_desk.lines("fetch", ONE) == ["1 recording will be fetched or attached again, now."]
    found = row(at_desk.engine, ONE)
    assert (found.state, found.reason, found.attempts) == ("pending", None, 0)
    again = at_desk.run("fetch", ONE)
    assert (again.exit_code, again.stderr) == (1, f"{ONE} has not failed: it is pending.\n")


def test_all_that_failed_or_stayed_is_fetched_again(at_desk: Desk) -> None:
    for state in ("failed", "failed", "remote", "kept", "silent"):
        a_recorded_call(at_desk.engine, state=state, due_at=None)
    unattached = a_recorded_call(at_desk.engine, state="kept", due_at=None, reason="not attached in the CRM: denied")
    assert at_desk.lines("fetch", "--failed") == ["3 recordings will be fetched or attached again, now."]
    assert row(at_desk.engine, unattached).due_at is not None
    assert at_desk.lines("fetch", "--remote") == ["1 recording will be fetched or attached again, now."]
    assert at_desk.lines("fetch", "--remote") == ["0 recordings will be fetched or attached again, now."]


@pytest.mark.parametrize("words", [(), (ONE, "--failed"), ("--failed", "--remote")])
def test_one_has_to_say_what_is_meant(at_desk: Desk, words: tuple[str, ...]) -> None:
    done = at_desk.run("fetch", *words)
    assert done.exit_code == 2
    assert "name a recording, or give --failed, or --remote" in done.stderr


def test_a_terminal_is_not_filled_with_sound(at_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    is_kept(at_desk)
    monkeypatch.setattr("commands.recordings._is_terminal", lambda: True)
    done = at_desk.run("sound", ONE)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--output FILE" in done.stderr
    assert at_desk.run("sound", ONE, "--output", str(at_desk.folder / "call.wav")).exit_code == 0


def test_show_says_where_a_recording_is(at_desk: Desk) -> None:
    is_kept(at_desk)
    put(at_desk.engine, ONE, recorded_at=row(at_desk.engine, ONE).recorded_at + timedelta(seconds=1))
    shown = at_desk.lines("show", row(at_desk.engine, ONE).call_id)
    assert f"  10:31:01  recording, 1:00, kept, {NAME}  {ONE}" in shown
