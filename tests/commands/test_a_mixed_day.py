"""A day of calls with every outcome and code, and what `flask calls` says of it in the evening."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis import Redis

from calls.outcomes import GOT_THROUGH, MISSED_CODES, OUTCOMES
from calls.sheets import MARK
from commands.calls import calls
from local.house import House
from tests.commands.desk import Desk
from tests.commands.mixed_day import GIL, LOPEZ, RIOS, USERS, Day, a_day, evening, morning, noon
from tests.details.rows import AZAHAR


@pytest.fixture
def at_desk(desk: Any) -> Desk:
    """At the terminal."""
    found: Desk = desk(calls)
    return found


@pytest.fixture
def day(at_desk: Desk, open_house: Callable[..., House], redis: Redis) -> Iterator[Day]:
    """A day that is over: all its calls are settled and filed."""
    with a_day(open_house, redis, at_desk.engine.url.render_as_string()) as found:
        morning(found)
        noon(found)
        evening(found)
        found.comes("22:00")
        yield found


# "a day's worth of mixed simulated calls (every outcome) is filed and `flask calls list` reads well" (issue 3).
def test_the_evenings_list_reads_well(day: Day, at_desk: Desk) -> None:
    assert at_desk.lines("list") == LIST.strip().splitlines()
    listed = at_desk.json("list")
    assert {call["outcome"] for call in listed} == set(OUTCOMES)
    codes = {call["code"] for call in listed}
    assert codes == {meaning.code for meaning in OUTCOMES.values()} | set(MISSED_CODES)
    assert len(listed) == len(day.callers)


LIST = """
time  call     caller         contact         to           employee    outcome    wait  talk CRM
Tuesday 24 November 2026
21:36 CA213600 +34655000001                   Principal    Luis Ortega missed     0:34       filed
19:02 CA190200 +34600222002   Floristería Az… Billing      Luis Ortega closed     0:06       filed
17:10 CA171000 +34655000001                   +34919999999             missed 480 0:03       skipped
16:30 CA163000 withheld                       Centralita   Eva Martín  answered   0:00  0:00 skipped
15:45 CA154500 +34655000002                   Principal    Luis Ortega voicemail  0:36       filed
15:10 CA151000 +4915112345678                 Billing      Marta Vidal forwarded  0:20  0:00 filed
13:40 CA134000 +34655000002                   Principal    Luis Ortega missed 480 0:18       filed
13:20 CA132002 +34600222003   Clínica Dental… Principal    Eva Martín  answered   1:01  1:17 filed
13:20 CA132000 +34600222001   Talleres Moreno Principal    Eva Martín  answered   0:02  0:41 filed
13:05 CA130500 +34600222003   Clínica Dental… Directo      Ana Ruiz    missed 402 0:07       filed
11:42 CA114200 +34600222002   Floristería Az… Directo      Luis Ortega forwarded  0:00 66:52 filed
11:30 CA113000 +34655000003                   Directo      Ana Ruiz    missed 486 0:07       filed
11:15 CA111500 +34600222003   Clínica Dental… Principal    Ana Ruiz    missed     0:43       filed
10:55 CA105500 +4915112345678                 Principal    Ana Ruiz    abandoned  0:10       filed
10:51 CA105100 +4915112345678                 Principal    Ana Ruiz    missed     1:17       filed
10:24 CA102400 +34655000003                   Principal    Ana Ruiz    forwarded  0:45  4:00 filed
10:06 CA100600 +34655000002                   Principal                forwarded  0:05  0:00 skipped
09:58 CA095800 withheld                       Principal    Ana Ruiz    answered   0:02  0:30 skipped
09:41 CA094100 withheld                       Principal    Ana Ruiz    abandoned  0:05       skipped
09:33 CA093300 +34900000000                   Principal                blocked    0:00       skipped
09:20 CA092000 +34655000001                   Principal    Luis Ortega answered   0:25  1:05 filed
09:05 CA090500 +34600222001   Talleres Moreno Principal    Eva Martín  answered   0:27  3:12 filed
08:47 CA084700 +34655000002                   Billing      Marta Vidal voicemail  0:20       filed
08:12 CA081200 +34655000001                   Principal                forwarded  0:02  1:35 skipped
"""


# "each call is filed once in the CRM, under the right client and employee" (DESIGN section 7)
def test_the_portal_holds_each_call_once_under_its_owner(day: Day, at_desk: Desk) -> None:
    listed = {call["id"]: call for call in at_desk.json("list")}
    filed = [call for call in listed.values() if call["crm_state"] == "filed"]
    assert sorted(call["EXTERNAL_CALL_ID"] for call in day.portal.calls) == sorted(call["id"] for call in filed)
    for there in day.portal.calls:
        call = listed[there["EXTERNAL_CALL_ID"]]
        assert there["PORTAL_USER_ID"] == USERS[call["employee"]]
        assert there["INCOMING"] == ("3" if call["outcome"] == "forwarded" else "2")
        assert (there["CALL_FAILED_CODE"], there["CALL_DURATION"]) == (call["code"], call["talk_seconds"])
    # an unknown caller whom an employee spoke to: López by Luis at 9:20, Ríos by Ana on her mobile
    leads = [(lead["PHONE"], lead["ASSIGNED_BY_ID"]) for lead in day.portal.leads]
    assert leads == [(LOPEZ, USERS["luis"]), (RIOS, USERS["ana"])]
    left_out = {call["id"][2:6]: call["crm_reason"] for call in listed.values() if call not in filed}
    assert left_out == {
        "1710": "the number called is not in the settings",
        "1630": "the caller withheld his number",
        "1006": "nobody at the company took part, and the CRM does not know the caller",
        "0958": "the caller withheld his number",
        "0941": "the caller withheld his number",
        "0933": "the caller is on the block list",
        "0812": "nobody at the company took part, and the CRM does not know the caller",
    }


def test_the_evenings_missed_calls_are_one_line_for_each_caller(day: Day, at_desk: Desk) -> None:
    assert at_desk.lines("missed", "--all", *SINCE_THEN) == MISSED.strip().splitlines()
    waiting = [entry["caller"] for entry in at_desk.json("missed", *SINCE_THEN)]
    assert waiting == [LOPEZ, AZAHAR, GIL, RIOS]


SINCE_THEN = ("--days", "3650")
MISSED = """
caller         contact         times first        last         to               employee    messages
+34655000001                       2 24 Nov 17:10 24 Nov 21:36 Principal, +349… Luis Ortega
+34600222002   Floristería Az…     1              24 Nov 19:02 Billing          Luis Ortega
+34655000002                       2 24 Nov 13:40 24 Nov 15:45 Principal        Luis Ortega 1
+34600222003   Clínica Dental…     2 24 Nov 11:15 24 Nov 13:05 Directo, Princi… Ana Ruiz
  settled 24 Nov 13:21: got through
+34655000003                       1              24 Nov 11:30 Directo          Ana Ruiz
+4915112345678                     2 24 Nov 10:51 24 Nov 10:55 Principal        Ana Ruiz
  settled 24 Nov 15:10: got through
"""


def test_one_call_of_the_day_is_told_from_beginning_to_end(day: Day, at_desk: Desk) -> None:
    lines = at_desk.lines("show", "CA132002")
    number = next(line for line in lines if line.startswith("  CRM  "))
    assert number.startswith("  CRM          filed, as externalCall.")
    assert [line for line in lines if line != number and " recording, " not in line] == SHOWN.strip().splitlines()


# "export" (issue 3, part 9)
def test_a_spreadsheet_has_every_call_of_the_day(day: Day, at_desk: Desk) -> None:
    rows = list(csv.DictReader(io.StringIO(at_desk.run("export", "--trace").stdout.removeprefix(MARK), newline="")))
    assert [row["id"] for row in rows] == sorted(call["id"] for call in at_desk.json("list"))
    assert [row["trace"] for row in rows if not row["trace"]] == []
    talked = sum(int(row["talk_seconds"]) for row in rows if row["outcome"] in GOT_THROUGH)
    assert talked == sum(call["talk_seconds"] for call in at_desk.json("list"))


SHOWN = """
Call CA13200200000000000000000000000034
  caller       +34600222003, Clínica Dental Prado
  CRM contact  contact 652
  number       Principal (+34910000001)
  began        Tuesday 2026-11-24 13:20:02 (Europe/Madrid)
  answered     13:21:03
  ended        13:22:20
  wait, talk   1:01, 1:17
  outcome      answered: an employee spoke to the caller on one of his devices
  code         200
  employee     Eva Martín (eva)
  spoke with   Eva Martín
  settled      2026-11-24 13:23:20
Recordings
What was decided, and when
  13:20:02  A call from +34600222003 to +34910000001.
  13:20:02  Open by schedule office (09:00-14:00).
  13:20:02  The greeting is played; an extension may be typed.
  13:20:07  Key 2 pressed in menu main.
  13:20:07  Menu support is played.
  13:20:08  Key 1 pressed in menu support.
  13:20:08  On to group Soporte.
  13:20:08  Nobody in group Soporte is free: Ana Ruiz away, Eva Martín talking, Luis Ortega away.
  13:20:08  On hold for group Soporte.
  13:20:38  Nobody in group Soporte is free: Ana Ruiz away, Eva Martín talking, Luis Ortega away.
  13:20:59  Rings Eva Martín.
  13:21:03  Eva Martín picked up.
  13:22:20  Eva Martín was on the line for 77 seconds.
  13:22:20  Somebody answered; the call ended after the conversation.
  13:22:20  The caller hung up.
  13:22:20  The provider says that the call ended: completed.
  13:22:20  A recording of 77 seconds is ready.
"""
