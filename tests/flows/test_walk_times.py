"""The longest times of a walk, worked out by hand, and what no call comes to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from config.loader import parse
from flows.walk.graph import Graph
from flows.walk.moments import Calendar
from flows.walk.pace import Pace
from flows.walk.report import Line, Report, walk
from tests.calls.companies import MAIN, OFFICE, OUTSIDE, acme, number, sales

NOVEMBER = datetime(2026, 11, 26, tzinfo=UTC)
FIVE = Pace(heard=lambda _: 5.0)
"""Everything that is said or played lasts 5 seconds."""


def walked(**sections: Any) -> Report:
    return walk(parse(acme(**sections)), NOVEMBER, FIVE)


def line(**sections: Any) -> Line:
    return walked(**sections).numbers[MAIN]


def seconds(found: Line) -> tuple[float | None, float]:
    return found.until_ring.seconds if found.until_ring else None, found.until_end.seconds


def warned(**sections: Any) -> set[str]:
    report = walked(**sections)
    assert report.proved, report.findings
    return {finding.path for finding in report.findings}


# A story tells all that had to be in the way: the last words are heard where nobody is free and nothing can be paid.
def test_everything_in_the_way_is_told() -> None:
    company = parse(acme(groups=sales(members=["ana"]), forwarding={"minimum_balance": 5}))
    graph = Graph(company, Calendar(company, NOVEMBER), FIVE)
    ways = [[deed.what for deed in edge.deeds] for edges in graph.edges for edge in edges if edge.end == "goodbye"]
    assert ["away", "unpaid"] in ways


# Three members ring 20 s each, one after the other; then 25 s at the outside number, and an apology of 5 s.
def test_a_group_rings_each_of_its_members_once() -> None:
    assert seconds(line()) == (0, 3 * 20 + 25 + 5)
    assert line().ends == ("person", "forward", "goodbye", "declined")


# Twilio rings for 10 s at least, whatever the settings say (twiml.md 2.3).
def test_no_ring_is_shorter_than_the_providers() -> None:
    assert seconds(line(groups=sales(ring_seconds=5))) == (0, 3 * 10 + 25 + 5)


# Everybody is busy for the whole hold: 60 s and the music that had begun just before, then the beep after 5 s.
def test_a_hold_lasts_its_minutes_and_what_had_begun_before_they_were_over() -> None:
    held = line(groups=sales(no_answer="hold", hold={"max_minutes": 1}))
    ring, end = seconds(held)
    assert ring == 60
    assert end == 3 * 20 + 60 + 20 + 5
    assert "message" in held.ends


# What the caller does begins a new count: the menu is not added to what follows a key, and repeating it is free.
def test_times_count_from_the_last_key() -> None:
    menus = {"main": {"prompt": {"say": "…"}, "choices": {"1": {"forward": OUTSIDE}, "0": "repeat"}, "wait_seconds": 7}}
    found = line(menus=menus, groups=sales(members=[], no_answer="voicemail"), numbers=number(menu="main"))
    assert seconds(found) == (0, 25 + 5)


# "0" may be the beginning of an extension of three digits: 5 s at most until it counts as all, 5 s each for "there is
# nobody" and for the question, and 5 s until the silence after it counts.
def test_it_is_waited_whether_more_digits_come() -> None:
    greeted = number(greeting={"say": "…"})
    ring, end = seconds(line(groups=sales(members=["ana"]), numbers=greeted))
    assert ring == 5 + 5 + 5 + 5
    assert end == ring + 20 + 25 + 5


# One extension is tried for all employees who are alike; after "7" it is waited, after "101" and "103" it is not.
def test_the_shortest_extension_of_those_who_are_alike_is_the_one_that_is_tried() -> None:
    nobody = sales(members=[], no_answer="voicemail")
    ring, _ = seconds(
        line(employees={"luis": {"extension": "7"}}, groups=nobody, numbers=number(greeting={"say": "…"}))
    )
    assert ring == 5


def test_a_number_at_which_nobody_is_rung_says_so() -> None:
    assert seconds(line(groups=sales(members=[], no_answer="voicemail"))) == (None, 5)


# Whoever picks up a mobile in the last second of its ringing is asked to press 1: 5 s of words and 8 s to do so.
def test_a_question_to_whoever_picks_up_counts() -> None:
    assert seconds(line(groups=sales(members=["ana"], no_answer="forward_to_mobile"))) == (0, 20 + 25 + 5 + 8 + 5)


# Whoever has no device never rings, so that his mobile is never the last one's.
def test_a_member_without_a_device_is_never_the_last_who_rang() -> None:
    luis = {"devices": [], "mobile": "+34600111333", "extension": None}
    members = sales(members=["luis", "ana"], no_answer="forward_to_mobile")
    assert "employees.luis" in warned(employees={"luis": luis}, groups=members)


def test_a_group_to_which_calls_come_only_while_it_is_off_is_told() -> None:
    closed = {"weekly": {"mon-fri": "09:00-10:00"}}
    sections = {
        "schedules": {"office": OFFICE, "early": closed},
        "employees": {"eva": {"schedule": "early"}},
        "groups": {"night": {"name": "Noche", "members": ["eva"], "no_answer": "voicemail"}} | sales(members=["ana"]),
        "numbers": number(schedule="office", closed={"group": "night"}),
    }
    # Luis is in no group any more; the settings check says that already, and `flask company check` tells it once.
    assert warned(**sections) == {"employees.eva", "employees.luis", "groups.night.members"}


# One of the two who are alike is taken for both: whoever dials an extension meets either.
def test_who_can_be_reached_by_an_extension_alone_is_not_told() -> None:
    greeted = {"groups": sales(members=["ana"]), "numbers": number(greeting={"say": "…"})}
    assert warned(groups=sales(members=["ana"])) == {"employees.luis", "employees.eva"}
    assert warned(**greeted) == set()


# Whom the CRM alone can name is met like everybody else whom it may name: Ana, who is like Luis, is in a group besides.
def test_who_is_rung_only_where_the_crm_says_so_is_not_told() -> None:
    sections = {"groups": sales(members=["ana"]), "numbers": number(responsible=True)}
    assert warned(employees={"luis": {"crm_user": 12}}, **sections) == {"employees.eva"}
    assert warned(employees={"luis": {"crm_user": 12}}, groups=sales(members=["ana"])) >= {"employees.luis"}


# The address book is in no settings: where it is asked, it may name whom nothing else leads to.
def test_whom_the_address_book_may_name_is_told_with_that_condition() -> None:
    alone = walked(groups=sales(members=["ana"]), numbers=number(responsible=True)).findings
    assert [finding.message.endswith("names this employee for its caller") for finding in alone] == [True, True]
    never = walked(groups=sales(members=["ana"])).findings
    assert ["address book" in finding.message for finding in never] == [False, False]


def told(paths: set[str], section: str) -> set[str]:
    return {path for path in paths if path.startswith(section)}


# Two numbers share their menu, in which a forward is not answered: each has a mailbox of its own.
def test_the_mailbox_of_each_number_that_shares_a_menu_is_met() -> None:
    menu = {"prompt": {"say": "…"}, "choices": {"1": {"forward": OUTSIDE}}, "no_choice": "hang_up"}
    line = {"name": "N", "menu": "main"}
    sections: dict[str, Any] = {
        "forwarding": {"unanswered": "voicemail"},
        "schedules": {"never": {"weekly": {}}},
        "menus": {"main": menu},
        "groups": {"other": {"name": "O", "members": ["ana", "luis", "eva"], "no_answer": "voicemail"}},
        "numbers": {MAIN: line, "+34910000002": line | {"group": "other"}},
    }
    assert told(warned(**sections), "groups") == set()
    sections["numbers"]["+34910000002"] |= {"schedule": "never"}
    assert told(warned(**sections), "groups") == {"groups.other"}


# Ana and Luis are alike, and neither rings: a forward that is not answered leaves a message for whoever was dialled.
def test_the_mailbox_behind_a_forward_is_met_of_all_who_are_alike() -> None:
    deskless = {"devices": [], "mobile": None}
    found = warned(
        forwarding={"unanswered": "voicemail"},
        employees={"ana": deskless, "luis": deskless, "eva": {"extension": None}},
        groups=sales(members=[], no_answer="voicemail"),
        numbers=number(greeting={"say": "…"}, extensions={"no_answer": {"forward": OUTSIDE}}),
    )
    assert found == {"employees.eva"}


# The menu is played when the number is closed and the night group is off, which never comes together.
def test_a_menu_behind_hours_that_never_come_is_told() -> None:
    sections = {
        "schedules": {"day": {"weekly": {"mon-sun": "06:00-22:00"}}, "never": {"weekly": {"mon-sun": "07:00-08:00"}}},
        "employees": {"eva": {"schedule": "never"}},
        "menus": {"hidden": {"prompt": {"say": "…"}, "choices": {"1": {"group": "sales"}}}},
        "numbers": number(
            schedule="never", closed="hang_up", group=None, menu=None, greeting=None, otherwise={"menu": "hidden"}
        ),
    }
    assert "menus.hidden" not in warned(**sections)
    sections["schedules"]["never"] = {"weekly": {}}
    assert "menus.hidden" in warned(**sections)


# Weekly hours, a holiday, a day off, a night that runs into the next day, another zone, the days clocks change.
ALWAYS = {"mon-sun": "00:00-24:00"}


@pytest.mark.parametrize(
    ("schedules", "kinds"),
    [
        ({}, {""}),
        ({"a": OFFICE}, {"", "a"}),
        ({"a": {"weekly": {"sun": "22:00-06:00"}}}, {"", "a"}),
        ({"a": {"weekly": {"mon": "09:00-10:00"}}, "b": {"weekly": {"mon": "10:00-11:00"}}}, {"", "a", "b"}),
        ({"a": {"weekly": ALWAYS}, "b": {"weekly": ALWAYS, "days_off": ["2027-05-05"]}}, {"ab", "a"}),
        ({"a": {"weekly": ALWAYS}, "b": {"weekly": ALWAYS, "holidays": {"country": "ES"}}}, {"ab", "a"}),
        (
            {
                "a": {"weekly": {"mon-sun": "09:00-10:00"}},
                "b": {"weekly": {"mon-sun": "08:30-09:30"}, "timezone": "Atlantic/Canary"},
            },
            {"", "a", "b", "ab"},
        ),
    ],
)
def test_every_kind_of_hours_of_a_year_is_met(schedules: dict[str, Any], kinds: set[str]) -> None:
    calendar = Calendar(parse(acme(schedules=schedules)), NOVEMBER)
    assert {"".join(calendar.names(moment.open)) for moment in calendar.moments} == kinds


def test_a_licence_that_ends_within_the_year_makes_a_kind_of_its_own() -> None:
    pbx = {"sip:pbx.acme.example.com": {"name": "PBX", "kind": "sip", "outgoing_number": MAIN, "group": "sales"}}
    company = parse(acme(numbers=pbx, sip_connector={"paid_until": "2027-01-31"}))
    assert len(Calendar(company, NOVEMBER).moments) == 2
    assert "forward" in walk(company, NOVEMBER, FIVE).numbers["sip:pbx.acme.example.com"].ends
    assert (
        "forward" not in walk(company, datetime(2027, 2, 1, tzinfo=UTC), FIVE).numbers["sip:pbx.acme.example.com"].ends
    )


# What is typed counts as all after a pause, when it is shorter than the longest extension: 5 s before anybody rings.
def test_the_pause_after_a_short_key_counts() -> None:
    menus = {"main": {"prompt": {"say": "…"}, "choices": {"1": {"group": "sales"}}, "no_choice": "hang_up"}}
    greeted = number(greeting={"say": "…"}, menu="main", group=None)
    assert seconds(line(menus=menus, numbers=greeted))[0] == 5


def test_numbers_with_different_rules_for_extensions_are_told_apart() -> None:
    rules = {MAIN: "hang_up", "+34910000002": "voicemail"}
    shared = {"name": "N", "greeting": {"say": "…"}, "group": "sales"}
    lines = walked(numbers={key: shared | {"extensions": {"no_answer": rule}} for key, rule in rules.items()}).numbers
    assert ["message" in lines[key].ends for key in rules] == [False, True]
