"""`flask calls missed|called-back`: who is to be called back, in a terminal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from calls.contacts import load_settings
from commands.calls import calls
from config.company import Company
from tests.commands.desk import Desk, today
from tests.details.rows import AZAHAR, DIRECT, MORENO, PRADO, STRANGER, a_call, on_file

YESTERDAY = today("00:00") - timedelta(days=1)


@pytest.fixture
def at_desk(desk: Any, sample: Company) -> Desk:
    """At the terminal, after a day with missed calls."""
    found: Desk = desk(calls)
    load_settings(found.engine, sample, YESTERDAY)
    on_file(
        found.engine,
        a_call(YESTERDAY.replace(hour=9), caller=AZAHAR, employee="ana"),
        a_call(YESTERDAY.replace(hour=10), "answered", caller=AZAHAR, wait=5),
        a_call(YESTERDAY.replace(hour=11), caller=PRADO, employee="luis", number=DIRECT),
        a_call(YESTERDAY.replace(hour=12), "voicemail", caller=PRADO, employee="luis"),
        a_call(YESTERDAY.replace(hour=13), "abandoned", employee="eva"),
        a_call(YESTERDAY.replace(hour=14), caller=MORENO, simulated=True),
        a_call(YESTERDAY - timedelta(days=40), caller="+34655000009"),
    )
    return found


# "one entry per caller, with how often and when, the owner" (issue 3, part 9).
def test_callers_who_wait_are_listed_with_their_owners(at_desk: Desk) -> None:
    day = f"{YESTERDAY:%d %b}"
    header, *rows = at_desk.lines("missed")
    assert header.split() == ["caller", "contact", "times", "first", "last", "to", "employee", "messages"]
    assert [" ".join(row.split()) for row in rows] == [
        f"{STRANGER} 1 {day} 13:00 Principal Eva Martín",
        f"{PRADO} Clínica Dental … 2 {day} 11:00 {day} 12:00 Principal, Direc… Luis Ortega 1",
    ]
    assert max(map(len, [header, *rows])) <= 100


def test_those_that_are_settled_are_listed_when_asked_for_and_how(at_desk: Desk) -> None:
    lines = at_desk.lines("missed", "--all")
    assert lines[-2].startswith(AZAHAR)
    assert lines[-1] == f"  settled {YESTERDAY:%d %b} 10:00: got through"


def test_simulated_and_older_ones_are_listed_when_asked_for(at_desk: Desk) -> None:
    assert at_desk.json("missed", "--simulated")[0]["caller"] == MORENO
    assert at_desk.json("missed", "--days", "60")[-1]["caller"] == "+34655000009"
    assert len(at_desk.json("missed", "--limit", "1")) == 1


def test_a_caller_who_was_called_back_waits_no_longer(at_desk: Desk) -> None:
    assert at_desk.lines("called-back", "+34 600 222 003", "--how", "by Luis") == [f"{PRADO}: 2 missed calls settled."]
    assert [entry["caller"] for entry in at_desk.json("missed")] == [STRANGER]
    settled = {entry["caller"]: entry["settled"] for entry in at_desk.json("missed", "--all")}
    assert settled[PRADO]["how"] == "by Luis"


def test_calling_somebody_back_whom_nobody_missed_is_noted_all_the_same(at_desk: Desk) -> None:
    assert at_desk.lines("called-back", AZAHAR) == [f"{AZAHAR}: noted; no missed call was waiting."]


def test_when_nobody_waits_that_is_said(at_desk: Desk) -> None:
    for caller in (PRADO, STRANGER):
        at_desk.lines("called-back", caller)
    assert at_desk.lines("missed") == ["Nobody is waiting to be called back."]
    assert at_desk.json("missed") == []


def test_a_number_that_is_none_is_refused(at_desk: Desk) -> None:
    done = at_desk.run("called-back", "600222003")
    assert done.exit_code == 2
    assert "write it in international format" in done.stderr
