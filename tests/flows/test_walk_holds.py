"""Random calls to small companies keep to what the walk says: whom none comes to, and how none ends."""

from __future__ import annotations

from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from config.company import Company
from flows.callers import ListedCallers
from flows.live import Note
from flows.walk.pace import Pace
from flows.walk.report import UNMET, Report, walk
from tests.calls.companies import CUSTOMER, KNOWN
from tests.flows.small_companies import small_company
from tests.flows.wandering import called, wander

MORNING = datetime(2026, 11, 24, 9, 5, tzinfo=ZoneInfo("Europe/Madrid"))
NIGHT = MORNING.replace(hour=23)
FIVE = Pace(heard=lambda _: 5.0)
COMPANIES, CALLS = 300, 25
"""So many companies, half of which are none (they would be refused), and calls to each."""

ENDS = {
    "message_left": "message",
    "no_message": "message",
    "goodbye": "goodbye",
    "apology": "goodbye",
    "blocked": "declined",
    "declined": "declined",
}
"""How a call ended whose trace ends with such a note."""


class AddressBook(ListedCallers):
    """The settings' list, and an address book that names one employee for everybody else."""

    def __init__(self, company: Company, named: str | None) -> None:
        super().__init__(company)
        self._named = named

    def responsible(self, caller: str) -> str | None:
        return super().responsible(caller) or self._named


# Each of the first hundreds of companies catches another mistake that the walk once made, or might.
def test_random_calls_keep_to_what_the_walk_claims() -> None:
    for seed in range(COMPANIES):
        company = small_company(seed)
        if company is None:
            continue
        report = walk(company, MORNING, FIVE)
        assert report.proved, (seed, report.findings)
        dice = Random(seed)
        for _ in range(CALLS):
            number, named = dice.choice([*company.numbers]), dice.choice([None, *company.employees])
            call = called(company, number, dice.choice([CUSTOMER, KNOWN, None]), dice)
            trace = wander(company, call, dice.choice([MORNING, NIGHT]), dice, AddressBook(company, named))
            assert not met(trace).intersection(excluded(report, named)), (seed, trace)
            assert ended(trace) in (None, *report.numbers[number].ends), (seed, number, trace)


def excluded(report: Report, named: str | None) -> set[str]:
    """The keys of the settings to which no call comes, as it says; `named` is whom only the address book names."""
    return {
        finding.path
        for finding in report.findings
        if not (finding.path == f"employees.{named}" and finding.message == UNMET["named"])
    }


def met(trace: list[Note]) -> set[str]:
    """The keys of the settings to which a call has come."""
    found = set()
    for note in trace:
        kind, _, owner = str(note.get("mailbox", "")).partition(":")
        found.update({f"{kind}s.{owner}", f"menus.{note.get('menu')}"})
        found.update(f"employees.{key}" for key in note.get("who", ()))
        if note["code"] == "group":
            found.add(f"groups.{note['group']}")
        if note["code"] == "forward_to_mobile":
            found.add(f"employees.{note['employee']}")
    return found


def ended(trace: list[Note]) -> str | None:
    """How a call ended, in the words of the walk; None for one that went on."""
    codes = [note["code"] for note in trace]
    if codes[-1] == "answered":
        return "forward" if {"forward", "forward_to_mobile"}.intersection(codes) else "person"
    return ENDS.get(codes[-1])
