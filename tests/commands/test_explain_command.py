"""`flask company explain`: the trace that a call would have, and what it says to those who ask for nonsense."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import pytest
from click.testing import Result

from commands import create_app
from commands.explain import entries_of, moment
from config.company import Company
from tests.moments import OPEN, SAMPLE

MAIN, KNOWN = "+34910000001", "+34600222001"


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample company's, and no database."""
    monkeypatch.setenv("COMPANY_FILE", str(SAMPLE))
    monkeypatch.setenv("DATABASE_URL", "sqlite:////nowhere/none.sqlite")


def explain(*words: str) -> Result:
    """Run the command."""
    return create_app().test_cli_runner().invoke(args=["company", "explain", *words])


# flask company explain --to … --from … --at … --press … prints the trace a call would have (DESIGN section 8).
def test_a_call_is_explained_step_by_step() -> None:
    told = explain("--to", MAIN, "--from", KNOWN, "--at", OPEN, "--press", "9, 103")
    assert told.exit_code == 0
    assert told.output.splitlines() == [
        "10:30:00  A call from +34600222001 to +34910000001.",
        "10:30:00  Open by schedule office (09:00-14:00).",
        "10:30:00  The greeting is played; an extension may be typed.",
        "10:30:03  Key 9 pressed in menu main.",
        "10:30:03  The caller was asked for an extension.",
        "10:30:08  Extension 103 typed: Eva Martín.",
        "10:30:08  Rings Eva Martín.",
        "10:30:28  No answer from Eva Martín (nobody picked up).",
        "10:30:28  Forwarded to Eva Martín's mobile, +34600111444.",
        "10:30:53  The forward was not answered (nobody picked up).",
        "10:30:53  The caller heard that nobody is available, and the call ended.",
    ]


def test_the_responsible_of_a_known_caller_is_named() -> None:
    assert (
        "The caller is known; responsible: Eva Martín." in explain("--to", MAIN, "--from", KNOWN, "--at", OPEN).output
    )
    assert "The caller is not known." in explain("--to", MAIN, "--from", "+34699999999", "--at", OPEN).output
    assert "A call from a withheld number" in explain("--to", MAIN, "--at", OPEN).output
    for word in ("anonymous", "withheld"):
        assert "A call from a withheld number" in explain("--to", MAIN, "--from", word, "--at", OPEN).output


def test_without_a_moment_it_is_now() -> None:
    before = datetime.now(ZoneInfo("Europe/Madrid"))
    told = explain("--to", "+34910000002")
    after = datetime.now(ZoneInfo("Europe/Madrid"))
    assert told.exit_code == 0
    assert told.output[:8] in {f"{moment:%H:%M:%S}" for moment in (before, after)}


@pytest.mark.parametrize("to", [MAIN, "34910000001", " +34910000001 ", "sip:+34910000001@sip.example.com"])
def test_a_number_is_found_however_it_is_written(to: str) -> None:
    assert explain("--to", to, "--at", OPEN).output.startswith(
        "10:30:00  A call from a withheld number to +34910000001"
    )


REFUSED = {
    "no number": ((), ["Missing option '--to'"]),
    "a number of somebody else": (("--to", "+34999999999"), ["--to", "+34999999999", "+34910000001 (Principal)"]),
    "a moment that is none": (("--to", MAIN, "--at", "tomorrow"), ["--at", "'tomorrow'", "2026-11-24 10:30"]),
    "a day that is none": (("--to", MAIN, "--at", "2026-02-30 10:00"), ["--at", "is no moment"]),
    "keys that no telephone has": (("--to", MAIN, "--press", "1,abc"), ["--press", "'abc'", "0 to 9"]),
    "digits of another alphabet": (("--to", MAIN, "--press", "١"), ["--press", "0 to 9"]),
    "an option that is none": (("--to", MAIN, "--when", "now"), ["--when"]),
}


@pytest.mark.parametrize(("words", "said"), REFUSED.values(), ids=REFUSED)
def test_nonsense_is_refused_with_what_would_be_right(words: tuple[str, ...], said: list[str]) -> None:
    told = explain(*words)
    assert told.exit_code == 2
    for part in said:
        assert part in told.output
    assert "Traceback" not in told.output


@pytest.mark.parametrize(("text", "said"), [(None, "there is no file"), ("company: 1\n", "country")])
def test_broken_settings_are_told(text: str | None, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "company.yaml"
    if text is not None:
        file.write_text(text)
    monkeypatch.setenv("COMPANY_FILE", str(file))
    told = explain("--to", MAIN)
    assert told.exit_code == 1
    assert said in told.output
    assert "Traceback" not in told.output


def test_a_moment_is_the_companys_unless_it_names_its_own_offset(sample: Company) -> None:
    assert moment("2026-11-24 10:30", sample).isoformat() == "2026-11-24T10:30:00+01:00"
    assert moment("2026-07-24 10:30", sample).isoformat() == "2026-07-24T10:30:00+02:00"
    assert moment("2026-11-24T10:30+00:00", sample).isoformat() == "2026-11-24T11:30:00+01:00"
    assert moment("2026-11-24", sample).isoformat() == "2026-11-24T00:00:00+01:00"


def test_keys_are_read_one_entry_for_each_prompt() -> None:
    assert entries_of(" 2, 9,101 ,") == ("2", "9", "101")
    assert entries_of("*#0") == ("*#0",)
    assert entries_of("") == ()
    with pytest.raises(click.BadParameter):
        entries_of("1;2")
