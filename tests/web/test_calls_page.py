"""The list of calls: filters, pages, its file, and who sees what."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from calls import contact_sheets
from local.house import House
from tests.details.recorded import a_recording
from tests.details.rows import DIRECT, MAIN, MORENO, PRADO, a_call, on_file
from tests.web.conftest import Browser
from web.access import Role

DAY = "2026-11-24"
LoggedIn = Callable[..., Browser]


@pytest.fixture
def boss(logged_in: LoggedIn) -> Browser:
    """Somebody who may see all."""
    return logged_in(Role.CHIEF_EXECUTIVE)


def shown(browser: Browser, path: str = "/calls") -> list[str]:
    """The ids of the calls that a page lists."""
    assert browser.get(path).status_code == 200
    return [part.partition('"')[0] for part in browser.page.split('href="/calls/CA')[1:]]


def short(*calls: Any) -> list[str]:
    return [call.id.removeprefix("CA") for call in calls]


def test_calls_are_listed_the_newest_first_with_what_matters(web_house: House, boss: Browser) -> None:
    first = a_call(f"{DAY} 10:00", "answered", caller=MORENO, employee="ana", contact_name="Talleres Moreno", wait=65)
    second = a_call(f"{DAY} 10:05", caller=None, code="486", simulated=True, number=DIRECT)
    on_file(web_house.engine, first, second)
    a_recording(web_house.engine, first.id, state="kept", seconds=75)
    assert shown(boss) == short(second, first)
    for text in (
        "Talleres Moreno",
        "+34 600 22 20 01",
        "Ana Ruiz",
        "answered",
        "1:05",
        "recording</span> 1:15",
        "10:00",
    ):
        assert text in boss.page
    for text in ("withheld", "missed", "whoever was to be rung was busy", "simulated", "24 Nov 2026 10:05"):
        assert text in boss.page


def test_no_call_is_said_in_words(boss: Browser) -> None:
    assert "No calls yet." in boss.get("/calls").text
    assert "No call fits the filter." in boss.get("/calls?outcome=missed").text


# "own / department / any / none" (issue 4, part 1): whatever the address asks for.
REACHES = {
    "any": (Role.CHIEF_EXECUTIVE, None, {"ana", "luis", "eva", None}),
    "department": (Role.HEAD_OF_DEPARTMENT, "ana", {"ana", "luis"}),
    "own": (Role.MANAGER, "ana", {"ana"}),
    "own, without a telephone": (Role.MANAGER, None, set[str | None]()),
}


@pytest.mark.parametrize(("role", "employee", "owners"), REACHES.values(), ids=REACHES)
def test_people_see_the_calls_within_their_reach(
    role: Role, employee: str | None, owners: set[str | None], web_house: House, logged_in: LoggedIn
) -> None:
    company = web_house.company
    assert [company.employees[key].department for key in ("ana", "luis")] == ["sales", "sales"]
    calls = {key: a_call(f"{DAY} 10:0{at}", employee=key) for at, key in enumerate(["ana", "luis", "eva", None])}
    on_file(web_house.engine, *calls.values())
    browser = logged_in(role, employee=employee)
    assert set(shown(browser)) == set(short(*(calls[owner] for owner in owners)))
    for key, call in calls.items():
        assert shown(browser, f"/calls?employee={key or ''}&caller={call.caller}") or key not in owners
        assert browser.get(f"/calls/{call.id}").status_code == (200 if key in owners else 404)
    assert shown(browser, "/calls?employee=eva") == (short(calls["eva"]) if "eva" in owners else [])
    listed = {row["employee"] or None for row in rows(browser)}
    assert listed == owners


def test_nobody_sees_calls_without_logging_in(browser: Browser) -> None:
    for path in ("/calls", "/calls.csv", "/calls/CA1", "/calls/missed", "/calls/charts", "/recordings/RE1"):
        assert browser.get(path).status_code == 303


def rows(browser: Browser, query: str = "") -> list[dict[str, str]]:
    answer = browser.get("/calls.csv" + query)
    assert (answer.status_code, answer.content_type) == (200, "text/csv; charset=utf-8")
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"), newline="")))


FILTERS = {
    "number": f"number={DIRECT.replace('+', '%2B')}",
    "employee": "employee=eva",
    "outcome": "outcome=blocked&outcome=closed",
    "CRM": "crm=failed",
    "simulated": "simulated=yes",
    "a number as people write it": "caller=600+222+001",
    "with its country": "caller=%2B34-600.222.001",
    "with zeros": "caller=0034600222001",
    "a part of the CRM's name": "caller=talleres",
    "a part of the book's name": "caller=libro",
    "from a day on": "since=2026-11-25",
}


@pytest.mark.parametrize("query", FILTERS.values(), ids=FILTERS)
def test_a_filter_finds_the_one_call_that_fits(query: str, web_house: House, boss: Browser) -> None:
    odd = a_call(
        f"{DAY[:-2]}25 09:00", "blocked", number=DIRECT, employee="eva", caller=MORENO, simulated=True,
        crm_state="failed", contact_name="Talleres Moreno",
    )  # fmt: skip
    on_file(web_house.engine, odd, a_call(f"{DAY} 10:00", caller=PRADO), a_call(f"{DAY} 23:59"))
    book = f"number,name\n{MORENO},Libro Moreno\n".encode()
    contact_sheets.take(web_house.engine, web_house.company, book, web_house.clock.now())
    assert shown(boss, f"/calls?{query}") == short(odd)
    assert [row["id"] for row in rows(boss, f"?{query}")] == [odd.id]


def test_a_day_is_the_companys_and_counts_as_a_whole(web_house: House, boss: Browser) -> None:
    calls = [a_call(f"{DAY} {time}") for time in ("00:00", "23:59")]
    on_file(web_house.engine, *calls, a_call("2026-11-23 23:59"), a_call("2026-11-25 00:00"))
    assert shown(boss, f"/calls?since={DAY}&until={DAY}") == short(*reversed(calls))


def test_withheld_callers_can_be_asked_for(web_house: House, boss: Browser) -> None:
    hidden = a_call(f"{DAY} 10:00", caller=None)
    on_file(web_house.engine, hidden, a_call(f"{DAY} 10:01"))
    assert shown(boss, "/calls?caller=Withheld") == short(hidden)


@pytest.mark.parametrize(
    "query",
    ["since=yesterday", "since=0001-01-01", "until=9999-12-31", "caller=12", "crm=odd", "outcome=odd", "simulated=x"],
)
def test_what_cannot_be_looked_for_is_said_and_nothing_listed(query: str, web_house: House, boss: Browser) -> None:
    on_file(web_house.engine, a_call(f"{DAY} 10:00"))
    assert shown(boss, f"/calls?{query}") == []
    assert 'class="error"' in boss.page or "Not a valid choice" in boss.page
    assert boss.get(f"/calls.csv?{query}").status_code == 303


@pytest.mark.parametrize(
    "query",
    ["before=x", "after=2026-11-24~CA", "before=0001-01-01T00:00:00%2B02:00~CA", "before=2026-11-24T10:00:00%2B00:00~",
     "caller=a%00b", "number=%00", "employee=%00", "before=2026-11-24T10:00:00%2B00:00~%00"],
)  # fmt: skip
def test_odd_addresses_do_no_harm(query: str, boss: Browser) -> None:
    assert boss.get(f"/calls?{query}").status_code == 200
    assert boss.get("/calls/%00").status_code == 404


def test_a_long_list_is_paged_there_and_back(web_house: House, boss: Browser) -> None:
    calls = [a_call(f"{DAY} 10:{at % 60:02}", number=MAIN) for at in range(120)]
    on_file(web_house.engine, *calls)
    pages, path = [], f"/calls?number={MAIN.replace('+', '%2B')}"
    while path:
        pages.append(shown(boss, path))
        path = link(boss.page, "next")
    assert [len(page) for page in pages] == [50, 50, 20]
    assert len({call for page in pages for call in page}) == 120
    back = [pages[-1]]
    while path := link(boss.page, "prev"):
        back.append(shown(boss, path))
    assert back == pages[::-1]


def link(page: str, rel: str) -> str:
    """The address of the page beside it."""
    return unescape(page.partition(f'rel="{rel}" href="')[2].partition('"')[0])


# "CSV formula injection tried and refused": a caller names himself, and a spreadsheet must not run it.
def test_no_cell_of_the_file_is_a_formula(web_house: House, boss: Browser) -> None:
    on_file(web_house.engine, a_call(f"{DAY} 10:00", contact_name="=HYPERLINK(1)", crm_reason="\t=1+1"))
    found = rows(boss)[0]
    assert [cell for cell in found.values() if cell[:1] in {"=", "+", "-", "@", "\t"}] == []
    assert found["caller"].startswith("'+34")


def test_a_reader_of_spanish_gets_the_file_that_his_spreadsheet_reads(web_house: House, boss: Browser) -> None:
    on_file(web_house.engine, a_call(f"{DAY} 10:00"))
    assert boss.get("/calls.csv", headers={"Accept-Language": "es"}).text.startswith("\ufeffid;number;caller")


# "As a stream": it begins before the calls are read, and no more of them is held than what goes out next.
def test_the_file_is_sent_in_pieces_and_begins_at_once(web_house: House, boss: Browser) -> None:
    on_file(web_house.engine, *(a_call(f"{DAY} 10:00") for _ in range(1200)))
    answer = boss.client.get("/calls.csv", buffered=False)
    pieces = iter(answer.response)
    assert next(pieces).startswith("\ufeffid,number".encode())
    second = next(pieces)
    assert 16_000 < len(second) < 20_000
    assert web_house.app.extensions["reception"].engine.pool.checkedout() == 0
    assert b"".join(pieces).count(b"\r\n") + second.count(b"\r\n") == 1200
    answer.close()


# "Stored script in names".
def test_names_that_callers_chose_are_text(web_house: House, boss: Browser) -> None:
    evil = a_call(f"{DAY} 10:00", contact_name="<script>alert(1)</script>", crm_state="failed", crm_reason="<b>")
    on_file(web_house.engine, evil)
    for path in ("/calls", f"/calls/{evil.id}", "/calls/missed", "/calls?caller=%22%3E%3Cscript%3E"):
        boss.get(path)
        assert "<script>" not in boss.page
        assert "<b>" not in boss.page
