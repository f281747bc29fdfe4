"""The pages of the settings: open, change, keep in the draft, be told what is wrong; by whoever may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from calls import drafts
from config.editing import Document
from config.loader import read_text
from local.house import House
from tests.moments import SAMPLE
from tests.web.conftest import Browser
from tests.web.filled import Fields, settings_form
from web.access import Role

ENTRIES = [
    "numbers/entry/+34910000001",
    "numbers/entry/+34910000002",
    "numbers/entry/sip:pbx.acme.sip.example.com",
    "groups/entry/sales",
    "groups/entry/support",
    "groups/entry/afterhours",
    "menus/entry/main",
    "menus/entry/support",
    "schedules/entry/office",
    "employees/entry/ana",
    "employees/entry/marta",
    "contacts/entry/+34600222001",
    "forwarding",
    "blocked",
    "company",
]

Draft = Callable[[], str]
Change = Callable[..., Any]


@pytest.fixture
def administrator(logged_in: Callable[..., Browser]) -> Browser:
    """An administrator at a browser."""
    return logged_in(Role.ADMINISTRATOR)


@pytest.fixture
def draft(web_house: House) -> Draft:
    """The text of the draft; the published settings while there is none."""

    def read() -> str:
        with web_house.engine.connect() as connection:
            found = drafts.read(connection)
        return found.document if found else read_text(SAMPLE)

    return read


def change(browser: Browser, page: str, **changes: str | list[str]) -> Any:
    """Open a page of the settings, change some fields of its form, and send it; in names __ stands for -."""
    browser.get(f"/settings/{page}")
    form = settings_form(browser.page)
    wanted = {name.replace("__", "-"): value for name, value in changes.items()}
    assert wanted.keys() <= form.fields.keys() | {name for name in wanted if "-" in name or name in form.checkboxes}
    return browser.post(f"/settings/{page}", form.but(**wanted))


def new_lines(text: str) -> list[str]:
    """The lines that the sample does not have."""
    return [line.strip() for line in text.splitlines() if line not in read_text(SAMPLE).splitlines()]


@pytest.mark.parametrize("page", ENTRIES)
def test_saving_a_page_unchanged_changes_nothing(administrator: Browser, draft: Draft, page: str) -> None:
    assert change(administrator, page).status_code == 303
    assert draft() == read_text(SAMPLE)


@pytest.mark.parametrize(
    ("page", "changes", "lines"),
    [
        ("numbers/entry/+34910000002", {"name": "Directa"}, ["name: Directa"]),
        ("numbers/entry/+34910000003", {"closed": "group:sales"}, ["closed: {group: sales}"]),
        ("groups/entry/sales", {"no_answer": "voicemail"}, ["no_answer: voicemail"]),
        ("menus/entry/support", {"keys__5": "group:sales"}, ['"5": {group: sales}']),
        ("schedules/entry/office", {"days_off": "24.12"}, ['days_off: ["24.12"]         # every year, and once']),
        ("employees/entry/ana", {"mobile": "600 999 888"}, ['mobile: "+34600999888"']),
        (
            "contacts/entry/+34600222001",
            {"employee": "ana"},
            ['- {number: "+34600222001", name: Talleres Moreno, employee: ana}'],
        ),
        ("forwarding", {"unanswered": "voicemail"}, ["unanswered: voicemail               # hang_up | voicemail"]),
        ("company", {"company": "Acme"}, ["company: Acme"]),
    ],
)
def test_a_change_is_kept_in_the_draft_and_nothing_else_is(
    administrator: Browser, draft: Draft, page: str, changes: Fields, lines: list[str]
) -> None:
    answer = change(administrator, page, **changes)
    assert answer.status_code == 303
    assert new_lines(draft()) == lines
    assert "Kept in the draft" in administrator.get(answer.headers["Location"]).text


def test_a_fault_is_kept_too_and_shown_at_its_field(administrator: Browser, draft: Draft) -> None:
    change(administrator, "groups/entry/sales", ring_seconds="400")
    assert Document.read(draft()).get(("groups", "sales", "ring_seconds")) == 400
    page = administrator.get("/settings/groups/entry/sales").text
    assert '<a href="#ring_seconds">' in page
    below = page.partition('id="ring_seconds-error"')[2].partition("</div>")[0]
    assert '<p class="error">must be a whole number from 5 to 120</p>' in below
    assert "To mend before this can be published" in page


def test_the_overview_leads_to_each_fault(administrator: Browser) -> None:
    change(administrator, "groups/entry/sales", no_answer="group:nowhere")
    page = administrator.get("/settings").text
    assert 'href="/settings/groups/entry/sales">Groups · Ventas</a>' in page


def test_a_warning_of_what_nobody_reaches_is_shown(administrator: Browser) -> None:
    change(administrator, "numbers/entry/+34910000003", schedule="")
    change(administrator, "numbers/entry/+34910000001", menu="")
    assert "Worth a look" in administrator.get("/settings/menus/entry/support").text


def test_the_overview_says_every_route_in_a_line(administrator: Browser) -> None:
    page = administrator.get("/settings").text
    assert "greeting → menu main → responsible employee → group Ventas" in page
    assert "out of hours: forward to +34 910 00 09 99" in page


@pytest.mark.parametrize("section", ["numbers", "groups", "menus", "schedules", "employees", "contacts"])
def test_lists_are_searched(administrator: Browser, section: str) -> None:
    assert "Nothing found" in administrator.get(f"/settings/{section}?q=zzz").text
    assert "Nothing found" not in administrator.get(f"/settings/{section}?q=o").text


# Two people at once: the second is told, nothing is overwritten, and what he typed is still there.
def test_the_second_of_two_people_is_told_and_keeps_what_was_typed(
    administrator: Browser, logged_in: Callable[..., Browser], draft: Draft
) -> None:
    eva = logged_in(Role.ADMINISTRATOR, name="eva")
    administrator.get("/settings/groups/entry/sales")
    form = settings_form(administrator.page)
    change(eva, "groups/entry/sales", ring_seconds="33")
    late = administrator.post("/settings/groups/entry/sales", form.but(name="Comercial"))
    assert late.status_code == 409
    assert "eva changed the draft" in late.text
    assert "name: Comercial" not in draft()
    again = settings_form(administrator.page)
    assert again.fields["name"] == ["Comercial"]
    assert again.fields["ring_seconds"] == ["33"]
    assert administrator.post("/settings/groups/entry/sales", again.fields).status_code == 303
    assert new_lines(draft()) == ["name: Comercial", "ring_seconds: 33"]


def test_what_both_have_changed_is_marked(administrator: Browser, logged_in: Callable[..., Browser]) -> None:
    eva = logged_in(Role.ADMINISTRATOR, name="eva")
    administrator.get("/settings/groups/entry/sales")
    form = settings_form(administrator.page)
    change(eva, "groups/entry/sales", name="Tienda")
    late = administrator.post("/settings/groups/entry/sales", form.but(name="Comercial"))
    assert late.text.count("Somebody else has changed this too") == 1


def test_an_entry_is_added_with_a_key_made_of_its_name(administrator: Browser, draft: Draft) -> None:
    answer = add(administrator, "groups", name="Atención al cliente")
    assert answer.headers["Location"] == "/settings/groups/entry/atencion-al-cliente"
    assert Document.read(draft()).get(("groups", "atencion-al-cliente", "name")) == "Atención al cliente"
    assert add(administrator, "groups", name="Atención al cliente").headers["Location"].endswith("-2")


@pytest.mark.parametrize("section", ["numbers", "groups", "menus", "schedules", "employees", "contacts"])
def test_a_new_entry_opens_without_faults(administrator: Browser, section: str) -> None:
    answer = add(administrator, section, name="Nuevo", number="910 000 044")
    assert "To mend before" not in administrator.get(answer.headers["Location"]).text


def test_a_number_that_is_there_is_not_added_again(administrator: Browser, draft: Draft) -> None:
    assert add(administrator, "numbers", name="Otra", number="910 000 001").status_code == 422
    assert draft() == read_text(SAMPLE)


def test_a_copy_takes_over_what_may_stand_twice(administrator: Browser, draft: Draft) -> None:
    add(administrator, "groups", like="sales", name="Ventas Norte")
    assert Document.read(draft()).get(("groups", "ventas-norte")) == {
        "name": "Ventas Norte",
        "members": ["ana", "luis"],
        "distribution": "evenly",
        "ring_seconds": 20,
        "no_answer": {"forward_to_mobile": "ana"},
    }


def test_what_names_an_entry_follows_when_it_is_renamed(administrator: Browser, draft: Draft) -> None:
    administrator.get("/settings/groups/entry/sales")
    version = settings_form(administrator.page).fields["version"][0]
    answer = administrator.post("/settings/groups/rename/sales", {"version": version, "key": "comercial"})
    assert answer.headers["Location"] == "/settings/groups/entry/comercial"
    document = Document.read(draft())
    assert document.get(("numbers", "+34910000001", "group")) == "comercial"
    assert document.get(("menus", "main", "choices", "1")) == {"group": "comercial"}


def test_removing_says_what_still_names_an_entry_and_asks(administrator: Browser, draft: Draft) -> None:
    page = administrator.get("/settings/groups/remove/sales").text
    assert 'href="/settings/numbers/entry/+34910000001">Principal</a>' in page
    assert 'href="/settings/menus/entry/main">main</a>' in page
    assert draft() == read_text(SAMPLE)
    administrator.post("/settings/groups/remove/sales", {"version": version_of(page)})
    assert Document.read(draft()).get(("groups", "sales")) is None
    assert "there is no such entry" in administrator.get("/settings/numbers/entry/+34910000001").text


def test_what_is_not_there_is_not_found(administrator: Browser) -> None:
    for page in (
        "groups/entry/nobody",
        "contacts/entry/0",
        "contacts/entry/+34600222999",
        "numbers/entry/+34",
        "groups/remove/nobody",
    ):
        assert administrator.get(f"/settings/{page}").status_code == 404


# Reach: a head of department looks after his people, and finds nobody else.
def test_a_head_of_department_edits_his_people_alone(logged_in: Callable[..., Browser], draft: Draft) -> None:
    head = logged_in(Role.HEAD_OF_DEPARTMENT, employee="ana")
    page = head.get("/settings/employees").text
    assert "Luis Ortega" in page
    assert "Eva Martín" not in page
    assert "/settings/employees/new" not in page
    assert 'href="/settings/employees">Settings</a>' in head.get("/").text
    assert change(head, "employees/entry/luis", extension="122").status_code == 303
    assert new_lines(draft()) == ['extension: "122"']
    assert head.get("/settings/employees/entry/eva").status_code == 404
    assert head.post("/settings/employees/entry/eva", {"version": "", "name": "x"}).status_code == 404
    for page in ("", "/numbers", "/groups", "/company", "/employees/new", "/employees/remove/luis"):
        assert head.get(f"/settings{page}").status_code == 403


# The draft is not in force: somebody who moves himself to another department in it does not reach that one by it.
def test_a_draft_does_not_widen_anybody_s_reach(logged_in: Callable[..., Browser]) -> None:
    head = logged_in(Role.HEAD_OF_DEPARTMENT, employee="ana")
    change(head, "employees/entry/ana", department="support")
    assert head.get("/settings/employees/entry/eva").status_code == 404


def test_numbers_are_looked_at_by_who_may_not_change_them(logged_in: Callable[..., Browser], draft: Draft) -> None:
    chief = logged_in(Role.CHIEF_EXECUTIVE)
    page = chief.get("/settings/numbers/entry/+34910000001").text
    assert "You may look at this, not change it." in page
    assert "Save in the draft" not in page
    fields = {"version": version_of(page), "name": "x"}
    assert chief.post("/settings/numbers/entry/+34910000001", fields).status_code == 403
    assert draft() == read_text(SAMPLE)


def test_a_name_is_no_script(administrator: Browser) -> None:
    change(administrator, "groups/entry/sales", name="<script>alert(1)</script>")
    for page in ("/settings", "/settings/groups", "/settings/groups/entry/sales", "/settings/menus/entry/main"):
        assert "<script>alert" not in administrator.get(page).text


def add(browser: Browser, section: str, *, like: str = "", **fields: str) -> Any:
    """Send the form of a new entry."""
    address = f"/settings/{section}/new" + (f"?like={like}" if like else "")
    return browser.post(address, fields | {"version": version_of(browser.get(address).text)})


def version_of(page: str) -> str:
    """The version of the draft that a page was made from."""
    return page.partition('name="version" value="')[2].partition('"')[0]
