"""Several people in the forms of the settings, where entries come, go and move meanwhile; and companies of any size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from config.editing import Document
from tests.web.conftest import Browser
from tests.web.filled import settings_form
from tests.web.settings_forms import Draft, ana, draft, eva, opened, saved, version
from web.access import Role

__all__ = ["ana", "draft", "eva"]


def numbers_of(document: Document) -> list[str]:
    """The numbers of the contacts, in order."""
    return [contact["number"] for contact in document.get(("contacts",))]


def test_a_contact_is_the_one_that_was_opened_wherever_it_stands_by_now(
    ana: Browser, eva: Browser, draft: Draft
) -> None:
    first, second, third = numbers_of(draft())
    page = f"contacts/entry/{second}"
    form = opened(eva, page)
    ana.post(f"/settings/contacts/remove/{first}", {"version": version(ana)})
    late = eva.post(f"/settings/{page}", form.but(name="Dos"))
    assert late.status_code == 409
    again = settings_form(late.text)
    assert again.fields["number"][0].replace(" ", "") == second
    assert eva.post(f"/settings/{page}", again.fields).status_code == 303
    assert numbers_of(draft()) == [second, third]
    assert draft().get(("contacts", 0, "name")) == "Dos"
    assert draft().get(("contacts", 1, "name")) == "Clínica Dental Prado"


def test_a_contact_that_is_given_another_number_is_found_under_it(ana: Browser, draft: Draft) -> None:
    page = f"contacts/entry/{numbers_of(draft())[1]}"
    answer = ana.post(f"/settings/{page}", opened(ana, page).but(number="600 222 099"))
    assert answer.headers["Location"] == "/settings/contacts/entry/+34600222099"
    assert opened(ana, "contacts/entry/+34600222099").fields["number"] == ["+34 600 22 20 99"]


def test_of_two_contacts_of_one_number_neither_is_overwritten_by_the_other_s_form(
    ana: Browser, eva: Browser, draft: Draft
) -> None:
    number = numbers_of(draft())[0]
    document = draft()
    document.put(("contacts", 1, "number"), number)
    saved(ana, document.text)
    page = eva.get("/settings/contacts").text
    keys = [part.partition('"')[0] for part in page.split("/settings/contacts/entry/")[1:]]
    assert len(set(keys)) == 3
    form = opened(eva, f"contacts/entry/{keys[0]}")
    ana.post(f"/settings/contacts/remove/{keys[0]}", {"version": version(ana)})
    late = eva.post(f"/settings/contacts/entry/{keys[0]}", form.but(name="Dos"))
    assert late.status_code == 409
    assert "entry-form" not in late.text  # by which the other one would be saved next
    assert "Dos" not in draft().text


def test_a_fault_of_a_contact_stands_at_its_form(ana: Browser, draft: Draft) -> None:
    document = draft()
    document.put(("contacts", 1, "employee"), "nobody")
    saved(ana, document.text)
    address = f"/settings/contacts/entry/{numbers_of(document)[1]}"
    assert f'href="{address}"' in ana.get("/settings").text
    assert "To mend before this can be published" in ana.get(address).text
    assert "fault" in ana.get("/settings/contacts").text.partition(address)[2].partition("</tr>")[0]


def test_a_contact_is_copied_with_its_employee_and_added_once(ana: Browser, draft: Draft) -> None:
    number = numbers_of(draft())[0]
    add = f"/settings/contacts/new?like={quote(number)}"
    fields = {"name": "Talleres Sur", "number": "600 222 098"}
    assert ana.post(add, {"version": version(ana), **fields}).status_code == 303
    copied = draft().get(("contacts", 3))
    assert copied == {
        "number": "+34600222098",
        "name": "Talleres Sur",
        "employee": draft().get(("contacts", 0, "employee")),
    }
    assert ana.post(add, {"version": version(ana), **fields}).status_code == 422


@pytest.mark.parametrize("gone", ["rename", "remove"])
def test_whoever_saves_what_is_gone_meanwhile_is_told_and_keeps_what_was_typed(
    ana: Browser, eva: Browser, draft: Draft, gone: str
) -> None:
    page = "groups/entry/sales"
    form = opened(eva, page)
    ana.post(f"/settings/groups/{gone}/sales", {"version": version(ana), "key": "ventas"})
    before = draft().text
    late = eva.post(f"/settings/{page}", form.but(ring_seconds="37"))
    assert late.status_code == 409
    assert "<dt>Seconds that each rings</dt><dd>37</dd>" in late.text
    assert "ana changed the settings" in late.text
    assert "Save mine all the same" not in late.text
    assert draft().text == before
    assert eva.post(f"/settings/{page}", form.fields | {"version": [version(eva)]}).status_code == 404


def test_removing_what_is_removed_already_says_so(ana: Browser, eva: Browser) -> None:
    late = version(eva)
    ana.post("/settings/employees/remove/eva", {"version": version(ana)})
    assert eva.post("/settings/employees/remove/eva", {"version": late}).status_code == 409


FORMS = ("", "/groups", "/groups/entry/sales", "/employees/entry/ana", "/company", "/blocked", "/contacts")


@pytest.mark.parametrize("page", FORMS)
def test_a_broken_draft_leaves_everybody_the_published_settings_to_read(
    ana: Browser, eva: Browser, draft: Draft, page: str
) -> None:
    text = draft().text
    saved(eva, text.replace("name: Ventas", "name: Venta") + "\n]")
    shown = ana.get(f"/settings{page}")
    assert shown.status_code == 200
    assert f"The draft of eva is broken at line {text.count(chr(10)) + 2}" in shown.text
    assert "Save in the draft" not in shown.text
    assert "/new" not in shown.text
    assert "/settings/yaml#L" in shown.text


def test_a_broken_draft_is_not_shown_as_text_to_those_who_may_not_see_it(
    ana: Browser, draft: Draft, logged_in: Callable[..., Browser]
) -> None:
    head = logged_in(Role.HEAD_OF_DEPARTMENT, employee="ana")
    form = opened(head, "employees/entry/luis")
    saved(ana, draft().text + "\n]")
    for answer in (
        head.get("/settings/employees/entry/luis"),
        head.post("/settings/employees/entry/luis", form.but(extension="122")),
    ):
        assert answer.status_code in (200, 409)
        assert "settings/yaml" not in answer.text
    assert "]" in draft().text.splitlines()[-1]


# The list of problems leads to the form of each; it may not read the company anew for every one of them.
def test_a_page_with_many_problems_reads_the_company_as_often_as_one_with_few(
    ana: Browser, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = draft()
    reads: list[Any] = []
    get = Document.get
    monkeypatch.setattr(Document, "get", lambda self, *path: (reads.append(path), get(self, *path))[1])
    times = []
    for count in (2, 60):
        document.put(("employees",), document.get(("employees",)) | {f"p{i}": {"name": ""} for i in range(count)})
        saved(ana, document.text)
        reads.clear()
        assert ana.get("/settings/publish").text.count("to its form") >= count
        times.append(len(reads))
    assert times[0] == times[1]
