"""`flask calls reconcile`: the provider is asked at once, and a script is told where it could not be."""

from __future__ import annotations

from typing import Any

import pytest

from commands.calls import calls
from config.environment import of_process
from tests.commands.desk import Desk


@pytest.fixture
def at_desk(desk: Any) -> Desk:
    """At the terminal."""
    found: Desk = desk(calls)
    return found


def test_reconciling_asks_the_provider_at_once(at_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voice.jobs.reconcile_now", lambda: "2 calls were found.")
    assert at_desk.lines("reconcile") == ["2 calls were found."]


# A script that compares the books every night must notice that nothing was compared.
def test_without_a_rest_api_reconciling_is_no_success(at_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVIDER", "signalwire")
    of_process.cache_clear()
    done = at_desk.run("reconcile")
    of_process.cache_clear()
    assert (done.exit_code, done.stdout) == (3, "")
    assert "set TWILIO_API_URL" in done.stderr


def test_a_provider_that_does_not_answer_is_no_traceback(at_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from voice.provider.rest import ProviderError

    def refuse() -> None:
        raise ProviderError("it says 503", permanent=False)

    monkeypatch.setattr("voice.jobs.reconcile_now", refuse)
    done = at_desk.run("reconcile")
    assert (done.exit_code, done.stderr) == (3, "Error: the provider does not tell: it says 503\n")
