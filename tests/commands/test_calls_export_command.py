"""`flask calls export`: call details as CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from sqlalchemy import insert

from calls.sheets import MARK
from calls.tables import calls as table
from calls.tables import recordings
from commands.calls import calls
from tests.commands.desk import Desk
from tests.details.rows import MORENO, a_call, on_file
from tests.moments import at

DAY = "2026-11-24"


@pytest.fixture
def at_desk(desk: Any) -> Desk:
    """At the terminal."""
    found: Desk = desk(calls)
    return found


def rows(text: str, separator: str = ",") -> list[dict[str, str]]:
    assert text.startswith(MARK)
    return list(csv.DictReader(io.StringIO(text[1:], newline=""), delimiter=separator))


def test_every_field_is_written_and_times_are_the_companys(at_desk: Desk) -> None:
    call = a_call(f"{DAY} 10:30", "answered", caller=MORENO, employee="eva", answered_by="eva", out_of_hours=True)
    on_file(at_desk.engine, call)
    found = rows(at_desk.run("export").stdout)[0]
    assert set(found) == {column.name for column in table.c} - {"trace"} | {"recordings"}
    assert (found["id"], found["started_at"], found["answered_at"]) == (
        call.id,
        "2026-11-24 10:30:00+01:00",
        "2026-11-24 10:30:20+01:00",
    )
    assert (found["out_of_hours"], found["simulated"], found["talk_seconds"]) == ("yes", "no", "60")
    assert (found["forwarded_to"], found["recordings"]) == ("", "")


def test_the_oldest_comes_first_and_filters_hold(at_desk: Desk) -> None:
    later, earlier = a_call(f"{DAY} 10:30"), a_call(f"{DAY} 10:00")
    on_file(at_desk.engine, later, earlier, a_call(f"{DAY} 10:15", "answered"))
    assert [row["id"] for row in rows(at_desk.run("export", "--outcome", "missed").stdout)] == [earlier.id, later.id]
    assert rows(at_desk.run("export", "--crm", "failed").stdout) == []


# "export (CSV stream, formula-safe)": a caller names himself, and a spreadsheet must not run it.
def test_no_cell_is_a_formula(at_desk: Desk) -> None:
    on_file(at_desk.engine, a_call(f"{DAY} 10:30", contact_name="=cmd|'/c calc'!A0", crm_reason="-1"))
    found = rows(at_desk.run("export").stdout)[0]
    assert [value for value in found.values() if value[:1] in {"=", "+", "-", "@"}] == []
    assert found["contact_name"] == "'=cmd|'/c calc'!A0"


def test_recordings_and_the_trace_are_named(at_desk: Desk) -> None:
    moment = int(at(f"{DAY} 10:30").timestamp() * 1000)
    call = a_call(f"{DAY} 10:30", trace=({"code": "greeting", "t": moment}, {"code": "goodbye", "t": moment + 5000}))
    on_file(at_desk.engine, call, a_call(f"{DAY} 10:31"))
    kept = {"call_id": call.id, "kind": "recording", "url": "", "seconds": 1, "attempts": 1, "state": "kept"}
    with at_desk.engine.begin() as connection:
        for name in ("RE1", "RE2"):
            connection.execute(insert(recordings).values(id=name, recorded_at=at(f"{DAY} 10:30"), **kept))
    first, second = rows(at_desk.run("export", "--trace").stdout)
    assert (first["recordings"], second["recordings"]) == ("RE1 RE2", "")
    assert first["trace"].splitlines() == [
        "10:30:00 The greeting is played; an extension may be typed.",
        "10:30:05 The caller heard a goodbye, and the call ended.",
    ]


def test_it_may_go_to_a_file_with_semicolons(at_desk: Desk) -> None:
    on_file(at_desk.engine, a_call(f"{DAY} 10:30", contact_name="Peña; e Hijos"))
    file = at_desk.folder / "calls.csv"
    assert at_desk.lines("export", "--separator", ";", "--output", str(file)) == []
    assert rows(file.read_bytes().decode(), ";")[0]["contact_name"] == "Peña; e Hijos"


def test_no_calls_are_a_header(at_desk: Desk) -> None:
    assert rows(at_desk.run("export").stdout) == []
    assert at_desk.run("export").stdout.count("\n") == 1
