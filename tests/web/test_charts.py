"""Charts: drawn and told, for a day, for many days, on the days when the clocks change."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from calls.outcomes import OUTCOMES
from local.house import House
from tests.details.rows import DIRECT, a_call, on_file
from tests.web.conftest import Browser
from web.access import Role
from web.charts import PATTERNS, Series, lying, stacked

DAY = "2026-11-24"
LoggedIn = Callable[..., Browser]


@pytest.fixture
def boss(logged_in: LoggedIn) -> Browser:
    """Somebody who may see all."""
    return logged_in(Role.CHIEF_EXECUTIVE)


def table(browser: Browser, query: str = "") -> list[list[str]]:
    """The figures beside the chart: a row for each hour."""
    assert browser.get("/calls/charts" + query).status_code == 200
    body = browser.page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [re.findall(r"<t[hd][^>]*>([^<]*)<", row) for row in body.split("<tr>")[1:]]


def test_a_day_is_shown_by_the_hour_and_outcome(web_house: House, boss: Browser) -> None:
    on_file(
        web_house.engine,
        *(a_call(f"{DAY} 09:1{at}", "answered", wait=at * 10) for at in range(5)),
        a_call(f"{DAY} 09:59"),
        a_call(f"{DAY} 10:00"),
        a_call("2026-11-23 10:00"),
    )
    rows = table(boss)
    assert [row for row in rows if row[1:] != ["0", "0"]] == [["9", "5", "1"], ["10", "0", "1"]]
    assert len(rows) == 24
    assert "<title>9 · answered 5 · missed 1</title>" in boss.page
    for text in ("Got through", "71 %", "<dd>0:20</dd>", "<dd>0:40</dd>", "within 10 s", "40%", "within 30 s", "80%"):
        assert text in boss.page, text


def test_many_days_are_shown_on_average(web_house: House, boss: Browser) -> None:
    on_file(web_house.engine, *(a_call(f"2026-11-{day} 09:30") for day in (18, 18, 18, 20)))
    rows = table(boss, "?since=2026-11-18&until=2026-11-24")
    assert rows[9] == ["9", "0.57"]  # of seven days
    assert "on average" in boss.page


# "Time zones right (hour in the company's zone over a DST change)".
@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", ["1", "3"]), ("2026-10-25", ["1", "2", "2*", "3"])], ids=["forward", "back"]
)
def test_the_days_on_which_the_clocks_change(day: str, hours: list[str], web_house: House, boss: Browser) -> None:
    on_file(web_house.engine, a_call(f"{day} 12:30"), a_call(f"{day} 23:30"))
    rows = table(boss, f"?since={day}&until={day}")
    assert [row[0] for row in rows][1 : 1 + len(hours)] == hours
    assert [row[0] for row in rows if row[1] == "1"] == ["12", "23"]
    assert ("comes twice" in boss.page) == ("2*" in hours)


def test_charts_keep_to_the_filter_and_the_reach(web_house: House, boss: Browser, logged_in: LoggedIn) -> None:
    on_file(
        web_house.engine,
        a_call(f"{DAY} 09:00", employee="ana"),
        a_call(f"{DAY} 09:00", employee="eva", number=DIRECT),
        a_call(f"{DAY} 09:00"),
    )

    def at_nine(browser: Browser, query: str = "") -> str:
        rows = table(browser, query)
        return rows[9][1] if rows else "nothing"

    assert at_nine(boss) == "3"
    assert at_nine(boss, f"?number={DIRECT.replace('+', '%2B')}") == "1"
    assert at_nine(boss, "?group=sales") == "1"
    assert at_nine(boss, "?group=sales&employee=eva") == "nothing"
    assert at_nine(boss, "?employee=eva") == "1"
    manager = logged_in(Role.MANAGER, employee="ana")
    assert at_nine(manager) == "1"
    assert at_nine(manager, "?employee=eva") == "nothing"
    assert "Eva" not in manager.page
    assert {"ana", "eva"} < set(web_house.company.groups["support"].members)
    assert at_nine(manager, "?group=support") == "1"


@pytest.mark.parametrize(
    "query",
    ["since=2026-11-24&until=2026-11-23", "since=2026-10-24&until=2026-11-24", "since=x", "since=0001-01-01"],
)
def test_a_period_that_cannot_be_drawn_is_said(query: str, boss: Browser) -> None:
    page = boss.get(f"/calls/charts?{query}").text
    assert 'class="error"' in page
    assert "<figure" not in page


def test_one_day_given_is_a_day(web_house: House, boss: Browser) -> None:
    on_file(web_house.engine, a_call("2026-11-20 09:00"))
    assert len(table(boss, "?until=2026-11-20")) == 24
    assert len(table(boss, "?since=2026-11-20")) == 24


def test_no_style_and_no_script_stands_in_the_page(web_house: House, boss: Browser) -> None:
    on_file(web_house.engine, a_call(f"{DAY} 09:00", "answered"), a_call(f"{DAY} 09:00"))
    boss.get("/calls/charts")
    assert not re.search(r"\sstyle=|<style|<script|\son[a-z]+=", boss.page)


def test_every_outcome_has_a_look_of_its_own() -> None:
    assert set(PATTERNS) == set(OUTCOMES)
    assert len(set(PATTERNS.values())) == len(OUTCOMES)


def test_bars_stand_on_one_another_and_reach_as_high_as_they_should() -> None:
    series = [Series(name="a", key="answered", values=(3, 0)), Series(name="b", key="missed", values=(1, 0))]
    drawn = ElementTree.fromstring(str(stacked(["9", "10"], series, title='<"&')))
    bars = [each.attrib for each in drawn.iter("rect") if each.get("class")]
    assert len(bars) == 2
    first, second = bars
    assert float(first["y"]) == pytest.approx(float(second["y"]) + float(second["height"]))
    assert float(first["height"]) == pytest.approx(3 * float(second["height"]), abs=0.2)
    assert drawn.get("aria-label") == '<"&'


def test_a_chart_of_nothing_is_still_one() -> None:
    ElementTree.fromstring(str(stacked(["9"], [], title="x")))
    ElementTree.fromstring(str(lying([("a", 0.0)], title="x")))


@pytest.mark.parametrize(("most", "top"), [(1, "1"), (4, "4"), (7, "8"), (23, "25"), (0.3, "0.3"), (1234, "1,500")])
def test_the_lines_have_round_figures(most: float, top: str) -> None:
    drawn = stacked([""], [Series(name="a", key="answered", values=(most,))], title="x")
    lines = re.findall(r'text-anchor="end">([^<]*)<', drawn)
    assert lines[-1] == top
    assert len(lines) <= 7
