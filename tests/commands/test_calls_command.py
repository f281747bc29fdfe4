"""`flask calls list|show|file`: what is on file, in a terminal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from calls import ledger
from calls.contacts import load_settings
from calls.tables import recordings
from commands.calls import calls
from config.company import Company
from tests.commands.desk import Desk, today
from tests.details.rows import AZAHAR, DIRECT, MORENO, PRADO, STRANGER, a_call, on_file
from tests.moments import at

DAY = "2026-11-24"


@pytest.fixture
def at_desk(desk: Any) -> Desk:
    """At the terminal."""
    found: Desk = desk(calls)
    return found


def call_id(start: str) -> str:
    """An id that begins so."""
    return f"CA{start:0<32}"


@pytest.fixture
def a_day(at_desk: Desk, sample: Company) -> Desk:
    """A mixed day: every outcome, every state of filing."""
    load_settings(at_desk.engine, sample, at(f"{DAY} 08:00"))
    on_file(
        at_desk.engine,
        a_call(
            "2026-11-23 21:04", "forwarded", id=call_id("1e"), caller="+4915112345678", crm_state="skipped", talk=305
        ),
        a_call(f"{DAY} 09:02", "answered", id=call_id("2f"), caller=MORENO, employee="eva", wait=14, crm_state="filed"),
        a_call(f"{DAY} 09:40", "answered", id=call_id("3a"), caller=AZAHAR, employee="luis", number=DIRECT, talk=4012),
        a_call(f"{DAY} 09:58", "blocked", id=call_id("4b"), crm_state="skipped", wait=0),
        a_call(f"{DAY} 10:05", "abandoned", id=call_id("5c"), caller=None, crm_state="skipped", wait=6),
        a_call(
            f"{DAY} 10:12",
            *("missed",),
            **{"id": call_id("6d"), "caller": PRADO, "employee": "luis", "code": "486"},
            **{"crm_state": "failed", "crm_reason": "user 99 is not in the portal", "crm_attempts": 2},
        ),
        a_call(
            f"{DAY} 10:31", "voicemail", id=call_id("7e"), employee="ana", mailbox="group:sales", contact_name="Lía"
        ),
        a_call(f"{DAY} 22:31", "closed", id=call_id("8f"), employee="gone", number="+34910000099", simulated=True),
    )
    return at_desk


# "`flask calls list` reads well" (issue 3).
def test_a_day_is_listed_newest_first_with_names_for_keys(a_day: Desk) -> None:
    assert a_day.lines("list") == [
        "time  call     caller         contact       to           employee    outcome    wait  talk CRM",
        "Tuesday 24 November 2026",
        "22:31 CA8f0000 +34655000001                 +34910000099 gone        closed     0:20       simulated",
        "10:31 CA7e0000 +34655000001   Lía           Principal    Ana Ruiz    voicemail  0:20       pending",
        "10:12 CA6d0000 +34600222003   Clínica Dent… Principal    Luis Ortega missed 486 0:20       failed",
        "10:05 CA5c0000 withheld                     Principal                abandoned  0:06       skipped",
        "09:58 CA4b0000 +34655000001                 Principal                blocked    0:00       skipped",
        "09:40 CA3a0000 +34600222002   Floristería … Directo      Luis Ortega answered   0:20 66:52 pending",
        "09:02 CA2f0000 +34600222001   Talleres Mor… Principal    Eva Martín  answered   0:14  1:00 filed",
        "Monday 23 November 2026",
        "21:04 CA1e0000 +4915112345678               Principal                forwarded  0:20  5:05 skipped",
    ]


def test_no_line_is_longer_than_the_terminal(a_day: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    on_file(a_day.engine, a_call(f"{DAY} 23:00", contact_name="x" * 200, employee="y" * 40, number="sip:" + "z" * 200))
    for columns in (80, 100, 200):
        monkeypatch.setenv("COLUMNS", str(columns))
        assert max(map(len, a_day.lines("list"))) <= columns


def test_what_a_caller_is_called_does_not_command_the_terminal(at_desk: Desk) -> None:
    on_file(at_desk.engine, a_call(f"{DAY} 10:30", id=call_id("1"), contact_name="\x1b[2J\r\nAna\u202e"))
    for words in (("list",), ("show", "CA1")):
        text = at_desk.run(*words).stdout
        assert "Ana" in text
        assert {character for character in text if not character.isprintable()} == {"\n"}


LISTS = {
    "of a day": (["--since", DAY, "--until", DAY], 7),
    "since yesterday evening": (["--since", "2026-11-23 21:04"], 8),
    "until a minute": (["--until", f"{DAY} 09:02"], 1),
    "of a number": (["--number", "910000002"], 0),
    "of a number of ours": (["--number", "34910000002"], 1),
    "of a number that was ours": (["--number", "+34910000099"], 1),
    "of an employee": (["--employee", "luis"], 2),
    "of a caller": (["--caller", "+34 600 222 001"], 1),
    "of withheld callers": (["--caller", "withheld"], 1),
    "of anonymous callers": (["--caller", "anonymous"], 1),
    "of an outcome": (["--outcome", "missed", "--outcome", "abandoned"], 2),
    "of a state of filing": (["--crm", "failed"], 1),
    "of what waits to be filed": (["--crm", "pending", "--employee", "luis"], 1),
    "of all together": (["--employee", "luis", "--outcome", "missed", "--since", DAY], 1),
}


@pytest.mark.parametrize(("words", "found"), LISTS.values(), ids=LISTS)
def test_the_calls_are_listed_that_were_asked_for(words: list[str], found: int, a_day: Desk) -> None:
    assert len(a_day.json("list", *words)) == found


def test_days_and_hours_are_the_companys(at_desk: Desk) -> None:
    on_file(at_desk.engine, a_call(f"{DAY} 00:30"))  # still the day before in UTC
    assert len(at_desk.json("list", "--since", DAY)) == 1
    assert at_desk.json("list", "--until", "2026-11-23") == []
    assert at_desk.lines("list")[1:][0] == "Tuesday 24 November 2026"


def test_today_and_yesterday_are_days(at_desk: Desk) -> None:
    on_file(at_desk.engine, a_call(today("00:00")), a_call(today("00:00") - timedelta(hours=3)))
    assert len(at_desk.json("list", "--since", "today")) == 1
    assert len(at_desk.json("list", "--since", "yesterday")) == 2
    assert len(at_desk.json("list", "--until", "yesterday")) == 1


def test_a_long_list_is_gone_through_call_by_call(a_day: Desk) -> None:
    first = a_day.lines("list", "--limit", "3")
    assert first[-1] == "There are older ones: --before CA6d0000"
    assert [line[6:10] for line in a_day.lines("list", "--limit", "3", "--before", "CA6d0000")[2:5]] == [
        "CA5c",
        "CA4b",
        "CA3a",
    ]
    assert a_day.lines("list", "--before", "CA1e") == ["No calls."]


def test_a_program_reads_all_fields_but_the_trace(a_day: Desk) -> None:
    found = a_day.json("list", "--caller", AZAHAR)[0]
    assert found["id"] == call_id("3a")
    assert (found["started_at"], found["talk_seconds"], found["contact_name"]) == (
        "2026-11-24T08:40:00+00:00",
        4012,
        None,
    )
    assert "trace" not in found


def noted(code: str, seconds: int, **more: Any) -> dict[str, Any]:
    return {"code": code, "t": int(at(f"{DAY} 10:31").timestamp() + seconds) * 1000, **more}


# "`show` prints the trace" (issue 3, part 9).
def test_one_call_is_told_in_full_with_its_recordings_and_why_it_went_where_it_went(at_desk: Desk) -> None:
    trace = (
        noted("arrived", 0, caller=STRANGER, number="+34910000001"),
        noted("rings", 8, who=["ana"]),
        noted("message_left", 45, mailbox="group:sales"),
        noted("of_a_later_version", 46, thing=3),
    )
    filing = {
        "crm_state": "failed",
        "crm_reason": "the portal says no",
        "crm_attempts": 3,
        "crm_call_id": "externalCall.1",
    }
    call = a_call(
        f"{DAY} 10:31", "voicemail", code="402", employee="ana", mailbox="group:sales", wait=48, trace=trace, **filing
    )
    on_file(at_desk.engine, call)
    columns = {"call_id": call.id, "kind": "voicemail", "mailbox": "employee:ana", "url": "", "attempts": 1}
    made = {"id": "RE1", "seconds": 15, "recorded_at": at(f"{DAY} 10:31:46"), "state": "kept", "file": "RE1.wav"}
    with at_desk.engine.begin() as connection:
        connection.execute(insert(recordings).values(**columns, **made))
    assert at_desk.lines("show", call.id) == [
        f"Call {call.id}",
        "  caller       +34655000001",
        "  number       Principal (+34910000001)",
        "  began        Tuesday 2026-11-24 10:31:00 (Europe/Madrid)",
        "  ended        10:31:48",
        "  wait, talk   0:48, 0:00",
        "  outcome      voicemail: nobody answered, and the caller left a message with something in it",
        "  code         402: the forward that was to take the call could not be paid for",
        "  employee     Ana Ruiz (ana)",
        "  mailbox      Ventas (sales)",
        "  settled      2026-11-24 10:41:00",
        "  CRM          failed, as externalCall.1, after 3 attempts: the portal says no",
        "Recordings",
        "  10:31:46  voicemail, 0:15, Ana Ruiz (ana), kept, RE1.wav  RE1",
        "What was decided, and when",
        "  10:31:00  A call from +34655000001 to +34910000001.",
        "  10:31:08  Rings Ana Ruiz.",
        "  10:31:45  A message was left in mailbox group:sales.",
        "  10:31:46  code of_a_later_version, thing 3",
    ]
    found = at_desk.json("show", call.id)
    assert (found["trace"], found["why"][1]) == (list(trace), "Rings Ana Ruiz.")
    assert found["recordings"][0]["recorded_at"] == "2026-11-24T09:31:46+00:00"


def test_of_a_call_that_got_through_it_is_told_who_spoke_and_where_it_went(at_desk: Desk, sample: Company) -> None:
    load_settings(at_desk.engine, sample, at(f"{DAY} 08:00"))
    known = {"contact_type": "contact", "contact_id": MORENO, "caller": MORENO, "out_of_hours": True}
    on_file(
        at_desk.engine,
        a_call(f"{DAY} 10:30", "forwarded", answered_by="ana", forwarded_to="+34600111222", settled_at=None, **known),
    )
    text = "\n".join(at_desk.lines("show", "CA"))
    for part in (
        "caller       +34600222001, Talleres Moreno",
        f"CRM contact  contact {MORENO}",
        "answered     10:30:20",
        "hours        out of hours",
        "employee     nobody",
        "spoke with   Ana Ruiz",
        "forwarded to +34600111222",
        "settled      not yet",
        "CRM          pending",
        "Recordings: none",
        "What was decided is not known",
    ):
        assert part in text


def test_the_beginning_of_an_id_is_enough_where_no_other_call_shares_it(a_day: Desk) -> None:
    assert a_day.lines("show", "CA7")[0] == f"Call {call_id('7e')}"
    several = a_day.run("show", "CA")
    assert several.exit_code == 1
    assert several.stderr.splitlines()[:2] == ["CA: several calls begin so:", f"  {call_id('1e')}"]


@pytest.mark.parametrize("words", [("show", "CAx"), ("show", ""), ("file", "CAx"), ("list", "--before", "CAx")])
def test_an_unknown_call_is_said_to_be_one(words: tuple[str, ...], a_day: Desk) -> None:
    done = a_day.run(*words)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"{words[-1]}: there is no such call.\n"


# "Failed ones are visible and can be filed again (`flask calls file --failed`)" (issue 3, part 4).
def test_failed_calls_are_put_back_to_be_filed_and_counted(a_day: Desk) -> None:
    assert a_day.lines("file", "--failed") == ["1 call will be filed again, now."]
    with a_day.engine.connect() as connection:
        call = ledger.find(connection, call_id("6d"))
    assert call is not None
    assert (call.crm_state, call.crm_attempts) == ("pending", 0)
    assert call.crm_due_at is not None
    assert a_day.lines("file", "--failed") == ["0 calls will be filed again, now."]


def test_one_call_is_filed_again_if_it_has_failed(a_day: Desk) -> None:
    assert a_day.lines("file", "CA6d") == ["1 call will be filed again, now."]
    filed = a_day.run("file", "CA2f")
    assert (filed.exit_code, filed.stderr) == (1, f"{call_id('2f')} has not failed: it is filed.\n")


@pytest.mark.parametrize("words", [("file",), ("file", "CA6d", "--failed")])
def test_it_must_be_said_what_is_to_be_filed(words: tuple[str, ...], a_day: Desk) -> None:
    done = a_day.run(*words)
    assert done.exit_code == 2
    assert "name a call, or give --failed" in done.stderr


WRONG = {
    "a moment": (["--since", "tomorrow"], "'tomorrow' is no moment"),
    "a caller": (["--caller", "600222001"], "write it in international format"),
    "an outcome": (["--outcome", "lost"], "'lost' is not one of 'blocked', 'answered'"),
    "a limit": (["--limit", "0"], "--limit"),
}


@pytest.mark.parametrize(("words", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_option_is_refused_with_what_would_be_right(words: list[str], said: str, at_desk: Desk) -> None:
    done = at_desk.run("list", *words)
    assert done.exit_code == 2
    assert said in done.stderr
