"""What `flask company check` loads: to load all that other commands need takes longer than to check a company."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from commands import walked as rates
from commands.imported import Imported
from simulator.media import UNKNOWN_SECONDS
from simulator.prompts import CHARACTERS_PER_SECOND
from tests.calls.companies import acme
from tests.moments import ROOT

CHECK = """
import sys
from commands import create_app
result = create_app().test_cli_runner().invoke(args=["company", "check", sys.argv[1]])
print([name for name in sys.argv[2:] if name in sys.modules] if result.exit_code == 0 else result.output)
"""


def test_the_check_loads_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(acme())
    unwanted = ("sqlalchemy", "redis", "requests", "twilio", "calls", "live", "crm", "web", "local", "simulator")
    words = (sys.executable, "-c", CHECK, str(file), *unwanted)
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_walk_takes_as_long_for_words_as_the_telephone() -> None:
    assert (rates.CHARACTERS_PER_SECOND, rates.UNKNOWN_SECONDS) == (CHARACTERS_PER_SECOND, UNKNOWN_SECONDS)


# "No such command" would send one looking for a typing error.
def test_a_command_that_cannot_be_imported_is_not_taken_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: str) -> None:
        raise KeyError("HOME")

    commands = Imported({"doctor": "commands.doctor:doctor"})
    monkeypatch.setattr("commands.imported.import_module", fails)
    with pytest.raises(ImportError, match="HOME"):
        commands.get("doctor")
    assert commands.get("nobody") is None
