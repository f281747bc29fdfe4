"""What `flask company check` says of a walk: every warning, a remark beside its command, and no more than it knows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.calls.companies import MAIN, OFFICE, number, sales
from tests.commands.test_check_command import WAITS, check, surroundings, written

__all__ = ["surroundings"]  # used by itself in every test here


# Another warning for the same key says another thing.
def test_a_group_that_never_rings_is_told_whatever_else_is_odd(tmp_path: Path) -> None:
    file = written(
        tmp_path / "c.yaml",
        schedules={"office": OFFICE, "dawn": {"weekly": {"mon-fri": "05:00-06:00"}}},
        employees={"eva": {"schedule": "dawn"}, "luis": {"devices": [], "schedule": "dawn"}},
        groups={"sales": {"name": "Ventas", "members": ["eva", "eva"], "no_answer": "voicemail"}},
        numbers=number(schedule="office"),
    )
    assert "never at hours at which one of its members is at work" in check(file).output


def test_what_cannot_be_played_as_a_whole_is_remarked_beside_the_command(tmp_path: Path) -> None:
    told = json.loads(check(written(tmp_path / "c.yaml", groups=sales(**WAITS)), "--json").output)
    found = told["numbers"][MAIN]["until_the_end"]
    assert not found["replays_whole"]
    assert "#" not in found["replay"]
    assert found["remark"].startswith("in part")


def test_what_is_too_large_is_not_said_to_be_refuted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.walk.graph.MOST_SPOTS", 5)
    result = check(written(tmp_path / "c.yaml"))
    assert result.exit_code == 1
    assert "Not proved: the settings are too large" in result.output
    assert "Refuted" not in result.output


# How long music of the company's own lasts nobody knows: only what it was counted as is claimed.
def test_where_a_length_is_unknown_no_bound_is_claimed(tmp_path: Path) -> None:
    music, hello = "https://example.com/ten-minutes.mp3", "https://example.com/hello.wav"
    waits = sales(no_answer="hold", hold={"max_minutes": 1, "music": music})
    second = {"name": "Second", "greeting": {"play": hello}}
    file = written(tmp_path / "c.yaml", groups=waits, numbers={MAIN: {}, "+34910000002": second})
    assert f"No bound is known where one of these, counted as 5 seconds each time, lasts longer: {music}.\n" in (
        shown := check(file).output
    )
    assert f"lasts longer: {hello}.\n" in shown
    told = json.loads(check(file, "--json").output)["numbers"]
    assert [told[key]["counted_as_5_seconds"] for key in (MAIN, "+34910000002")] == [[music], [hello]]
    assert "No bound" not in check(written(tmp_path / "d.yaml")).output


# Whoever finds nobody free is not rung at all: the time is that of a device which rings.
def test_that_a_device_rings_at_all_is_not_promised(tmp_path: Path) -> None:
    shown = check(written(tmp_path / "c.yaml", groups=sales(no_answer="voicemail"))).output
    assert "If a device rings, one rings at once" in shown
