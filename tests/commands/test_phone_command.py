"""`flask phone`: a whole call in the terminal, with its transcript, its exit code, and what it refuses."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import Result

from commands import create_app
from commands.phone import next_opening
from config.company import Company
from local.house import house_environment
from tests.moments import OPEN, ROOT, SAMPLE, at
from voice.profiles import PROFILES

MAIN, DIRECT = "+34910000001", "+34910000002"
NO_DATABASE = "sqlite:////nowhere/none.sqlite"


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample company's, and no environment of an app."""
    monkeypatch.setenv("COMPANY_FILE", str(SAMPLE))
    monkeypatch.setenv("DATABASE_URL", NO_DATABASE)
    for name in ("PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "REDIS_URL", "PROVIDER"):
        monkeypatch.delenv(name, raising=False)


def phone(*words: str, typed: str | None = None) -> Result:
    """Run the command."""
    return create_app().test_cli_runner().invoke(args=["phone", *words], input=typed)


def flask(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command as somebody at a terminal does, with no settings and no database but the sample's file."""
    environ = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8"}
    environ["DATABASE_URL"] = NO_DATABASE
    command = [sys.executable, "-m", "flask", *words]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)


# The example of issue 2, part 7: prints the transcript and exits 0 if the caller spoke to somebody.
def test_a_call_is_played_as_told_and_ends_with_0_when_somebody_was_reached() -> None:
    told = flask(
        *("phone", "--to", MAIN, "--from", "+34600000001", "--at", OPEN, "--press", "1"),
        *("--device", "client:ana=noanswer", "--device", "+34600111222=answer"),
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stderr == ""
    lines = told.stdout.splitlines()
    assert lines[0] == "It is Tuesday 2026-11-24 10:30 in Europe/Madrid."
    order = [
        "caller: dials +34910000001",
        "line: “Gracias por llamar",
        "caller: presses 1",
        "client:ana: rings",
        "client:luis: rings",
        "+34600111222: rings",
        "+34600111222: answers",
        "+34600111222: is put through",
    ]
    places = [next(n for n, line in enumerate(lines) if part in line) for part in order]
    assert places == sorted(places)
    assert lines[-1] == "The caller spoke to +34600111222."


def test_a_call_that_reaches_nobody_ends_with_1() -> None:
    told = phone("--to", MAIN, "--at", OPEN, "--press", "4")
    assert told.exit_code == 1
    assert "+34911222333: rings" in told.output
    assert "nadie puede atender su llamada" in told.output
    assert told.output.splitlines()[-1] == "The caller spoke to nobody."


# A mailbox never counts as an answer: nobody presses 1 (DESIGN section 3, forwarding).
def test_a_mailbox_is_nobody() -> None:
    told = phone("--to", MAIN, "--at", OPEN, "--press", "1", "--device", "+34600111222=mailbox")
    assert told.exit_code == 1
    assert "The caller spoke to nobody." in told.output


def test_the_trace_is_printed_when_it_is_asked_for() -> None:
    told = phone("--to", DIRECT, "--at", OPEN, "--why", "--device", "+34910000999=answer:3")
    assert told.exit_code == 0
    _, _, why = told.output.partition("\nWhy:\n")
    assert [line.strip() for line in why.splitlines()] == [
        "A call from +34600000001 to +34910000002.",
        "On to group Guardia.",
        "Nobody in group Guardia is there to be rung.",
        "Forwarded to +34910000999.",
        "Somebody answered; the call ended after the conversation.",
        "The provider says that the call ended: completed.",
        "The caller spoke to +34910000999.",
    ]
    assert "Why:" not in phone("--to", DIRECT, "--at", OPEN).output


@pytest.mark.parametrize("provider", sorted(PROFILES))
def test_every_provider_can_be_played(provider: str) -> None:
    told = phone("--to", DIRECT, "--at", OPEN, "--provider", provider, "--device", "+34910000999=answer")
    assert told.exit_code == 0
    assert "would complain" not in told.output


def test_a_caller_may_give_up() -> None:
    told = phone("--to", MAIN, "--at", OPEN, "--press", "1", "--hang-up-after", "12")
    assert told.exit_code == 1
    assert re.search(r"00:12\s+caller: hangs up", told.output)


def test_a_withheld_caller_is_shown_as_the_companys_number() -> None:
    told = phone("--to", DIRECT, "--from", "anonymous", "--at", OPEN, "--why", "--device", "+34910000999=answer")
    assert "A call from a withheld number" in told.output


def test_keys_may_be_written_with_spaces() -> None:
    told = phone("--to", MAIN, "--at", OPEN, "--press", "9, 103", "--device", "client:eva=answer")
    assert told.exit_code == 0
    assert "The caller spoke to client:eva." in told.output


REFUSED = {
    "a number of somebody else": (("--to", "+34999999999"), ["--to", "+34910000002 (Directo)"]),
    "a moment that is none": (("--to", MAIN, "--at", "soon"), ["--at", "'soon'", "2026-11-24 10:30"]),
    "a device without a behaviour": (("--to", MAIN, "--device", "client:ana"), ["--device", "DEVICE=WHAT"]),
    "a behaviour that is none": (("--to", MAIN, "--device", "client:ana=sing"), ["--device", "'sing'", "noanswer"]),
    "a time that is none": (("--to", MAIN, "--device", "client:ana=answer:soon"), ["--device", "soon"]),
    "keys that no telephone has": (("--to", MAIN, "--press", "x"), ["--press", "'x'"]),
    "a negative patience": (("--to", MAIN, "--hang-up-after", "-1"), ["--hang-up-after"]),
    "a provider that is none": (("--to", MAIN, "--provider", "plivo"), ["--provider", "signalwire"]),
    "a moment for a running app": (("--to", MAIN, "--live", "--at", OPEN), ["--at", "its own time"]),
}


@pytest.mark.parametrize(("words", "said"), REFUSED.values(), ids=REFUSED)
def test_nonsense_is_refused_with_what_would_be_right(words: tuple[str, ...], said: list[str]) -> None:
    told = phone(*words)
    assert told.exit_code == 2
    for part in said:
        assert part in told.output
    assert "Traceback" not in told.output


def test_a_running_app_needs_its_environment() -> None:
    told = phone("--to", MAIN, "--live")
    assert told.exit_code == 1
    assert "PUBLIC_URL is missing" in told.output
    assert "Traceback" not in told.output


def test_an_app_whose_provider_alone_can_sign_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in vars(house_environment("redis://127.0.0.1:1/0", "telnyx")).items():
        if name in ("public_url", "provider", "twilio_account_sid", "twilio_auth_token", "telnyx_public_key"):
            monkeypatch.setenv(name.upper(), value)
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests")
    told = phone("--to", MAIN, "--live")
    assert told.exit_code == 1
    assert "nobody but telnyx can sign its calls" in told.output


def test_broken_settings_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPANY_FILE", str(tmp_path / "nothing.yaml"))
    told = phone("--to", MAIN)
    assert told.exit_code == 1
    assert "there is no file" in told.output


# By default it is now, or the number's next opening: whoever tries the telephone at night hears the company by day.
@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-24 10:31", "2026-11-24 10:31"),
        ("2026-11-24 14:01", "2026-11-24 15:00"),
        ("2026-11-24 20:00", "2026-11-25 09:00"),
        ("2026-11-27 15:00", "2026-11-30 09:00"),  # a weekend
        ("2026-12-07 20:00", "2026-12-09 09:00"),  # a holiday
    ],
)
def test_the_call_is_placed_at_the_next_opening(sample: Company, now: str, opens: str) -> None:
    assert next_opening(sample, MAIN, at(now)) == at(opens)


def test_a_number_that_is_always_open_is_called_now(sample: Company) -> None:
    assert next_opening(sample, DIRECT, at("2026-11-29 03:07")) == at("2026-11-29 03:07")


def test_nothing_of_a_call_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    with TemporaryDirectory(prefix="rp") as folder:  # short: the name of a socket in it must be
        monkeypatch.setattr("tempfile.tempdir", folder)
        phone("--to", DIRECT, "--at", OPEN)
        assert list(Path(folder).iterdir()) == []
