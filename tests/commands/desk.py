"""Commands about calls, run by somebody at a terminal of 100 columns, on a database of his own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from tests.moments import MADRID, SAMPLE

VARIABLES = {
    "PUBLIC_URL": "https://phone.example.com",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "secret",
    "SECRET_KEY": "a secret of the tests",
    "COMPANY_FILE": str(SAMPLE),
    "COLUMNS": "100",
}
"""An environment that is complete; the database's address is added."""


@dataclass(frozen=True)
class Desk:
    """A terminal, and the database that the commands find."""

    group: click.Group
    engine: Engine
    folder: Path

    def run(self, *words: str, typed: bytes | None = None) -> Result:
        """Run a command of the group."""
        return CliRunner().invoke(self.group, words, input=typed)

    def lines(self, *words: str) -> list[str]:
        """Run a command that succeeds, and return what it says."""
        done = self.run(*words)
        assert done.exit_code == 0, done.output
        assert done.stderr == ""
        return done.stdout.splitlines()

    def json(self, *words: str) -> Any:
        """Run a command that succeeds and prints JSON."""
        return json.loads("\n".join(self.lines(*words, "--json")))


def today(time: str) -> datetime:
    """A moment of the day on which the test runs, in Madrid."""
    return datetime.combine(datetime.now(UTC).astimezone(MADRID).date(), datetime.min.time(), MADRID).replace(
        hour=int(time[:2]), minute=int(time[3:5])
    )
