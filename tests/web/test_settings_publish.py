"""Publishing the settings: what is shown, what is asked, and who is told."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from app import create_app
from config.editing import Document
from local.house import House
from tests.web.conftest import Browser
from tests.web.settings_desk import TEXT, SettingsDesk, ana, draft, eva, house, newest, publish, ringing, words
from web.access import Role
from web.reception import NAME

__all__ = ["ana", "eva", "house"]


def test_without_a_draft_there_is_nothing_to_publish(ana: SettingsDesk) -> None:
    page = ana.opens("/settings/publish")
    assert "There is nothing to publish" in page
    assert "Revision 1 is in force" in page
    assert ana.sends("/settings/publish", comment="x").status_code == 409


def test_a_change_is_shown_in_words_asked_for_and_published(ana: SettingsDesk, house: House) -> None:
    ana.saves(ringing(30))
    page = ana.opens("/settings/publish")
    assert "1 change is not published" in page
    assert "Group Ventas Seconds that a member is rung: now 30 (was: 20)." in page
    answer = ana.sends("/settings/publish", comment="Sales rings longer")
    assert answer.status_code == 303
    assert answer.location == "/settings/history/2"
    assert "Revision 2 is in force; calls in progress keep theirs." in ana.opens("/settings/history/2")
    found = newest(house.engine)
    assert (found.number, found.author, found.comment) == (2, "ana", "Sales rings longer")
    assert found.document == ringing(30)
    assert draft(house.engine) is None


def test_a_comment_is_needed(ana: SettingsDesk, house: House) -> None:
    ana.saves(ringing(30))
    assert ana.publishes(comment=" ").status_code == 422
    assert newest(house.engine).number == 1


def test_what_has_errors_is_kept_and_not_published(ana: SettingsDesk, house: House) -> None:
    ana.saves(TEXT.replace("group: sales\n    schedule", "group: sails\n    schedule"))
    page = ana.opens("/settings/publish")
    assert "1 error to mend before this can be published" in page
    assert "there is no such entry; name a group" in page
    assert "Publish these changes" not in page
    assert 'href="/settings/yaml#L' in ana.browser.page
    assert re.search(r'href="/settings/numbers/[^"]*34910[^"]*">to its form', ana.browser.page)
    assert ana.sends("/settings/publish", comment="x").status_code == 422
    assert newest(house.engine).number == 1
    assert draft(house.engine)


def test_only_what_was_shown_is_published(ana: SettingsDesk, eva: SettingsDesk, house: House) -> None:
    ana.saves(ringing(30))
    ana.opens("/settings/publish")
    eva.saves(ringing(40))
    answer = ana.sends("/settings/publish", comment="30 seconds")
    assert answer.status_code == 409
    assert "The draft was changed meanwhile" in words(answer)
    assert "now 40 (was: 20)" in words(answer)
    assert newest(house.engine).number == 1


def test_a_draft_that_was_published_meanwhile_is_not_published_again(
    ana: SettingsDesk, eva: SettingsDesk, house: House
) -> None:
    ana.saves(ringing(30))
    ana.opens("/settings/publish")
    assert eva.publishes().status_code == 303
    answer = ana.sends("/settings/publish", comment="mine")
    assert answer.status_code == 409
    assert "There is nothing to publish" in words(answer)
    assert newest(house.engine).author == "eva"


def test_what_the_command_line_published_meanwhile_is_not_taken_back_by_accident(
    ana: SettingsDesk, house: House
) -> None:
    ana.saves(ringing(30))
    ana.opens("/settings/publish")
    publish(house, TEXT.replace("company: Acme Ibérica", "company: Acme"), "another name", 1)
    assert ana.sends("/settings/publish", comment="mine").status_code == 422
    page = ana.opens("/settings/publish")
    assert "Revision 2 was published by cli" in page
    assert "another name" in page
    assert "Name of the company: now Acme (was: Acme Ibérica)." in page
    assert "None of it touches what the draft changes." in page
    assert "Publish these changes" not in page
    assert ana.sends("/settings/rebase").status_code == 303
    assert ana.publishes().status_code == 303
    document = Document.read(newest(house.engine).document)
    assert (document.get(("company",)), document.get(("groups", "sales", "ring_seconds"))) == ("Acme", 30)


@pytest.mark.parametrize(("prefer", "seconds"), [("mine", 30), ("theirs", 40)])
def test_where_both_changed_the_same_somebody_decides(
    ana: SettingsDesk, house: House, prefer: str, seconds: int
) -> None:
    ana.saves(ringing(30).replace("company: Acme Ibérica", "company: Acme"))
    publish(house, ringing(40), "40 seconds", 1)
    page = ana.opens("/settings/publish")
    assert "Both changed the same. Whose stays?" in page
    assert "now 30 (was: 40)" in page
    assert ana.sends("/settings/rebase").status_code == 400
    assert ana.sends("/settings/rebase", prefer=prefer).status_code == 303
    assert ana.publishes().status_code == 303
    document = Document.read(newest(house.engine).document)
    assert document.get(("groups", "sales", "ring_seconds")) == seconds
    assert document.get(("company",)) == "Acme"


def test_what_was_changed_of_a_group_that_the_draft_renames_stays(ana: SettingsDesk, house: House) -> None:
    ana.opens("/settings/groups/entry/sales")
    assert ana.sends("/settings/groups/rename/sales", key="ventas").status_code == 303
    publish(house, ringing(45), "45 seconds", 1)
    assert "None of it touches what the draft changes." in ana.opens("/settings/publish")
    assert ana.sends("/settings/rebase").status_code == 303
    assert ana.publishes().status_code == 303
    document = Document.read(newest(house.engine).document)
    assert document.get(("groups", "ventas", "ring_seconds")) == 45
    assert document.get(("groups", "sales")) is None


def test_comments_that_get_lost_are_named_before_they_are(ana: SettingsDesk, house: House) -> None:
    ana.saves(TEXT.replace("groups:\n", "groups:   # ours\n").replace("ring_seconds: 20", "ring_seconds: 22"))
    publish(house, TEXT.replace("company: Acme", "company: Beta"), "a name", 1)
    assert "get lost" not in ana.opens("/settings/publish")
    publish(house, TEXT.replace("groups:\n", "groups:   # theirs\n"), "a comment", 2)
    page = ana.opens("/settings/publish")
    assert "These comments of the draft get lost with it" in page
    assert "# ours" in page


def test_a_draft_is_thrown_away_only_as_it_was_seen(ana: SettingsDesk, eva: SettingsDesk, house: House) -> None:
    ana.saves(ringing(30))
    ana.opens("/settings/publish")
    eva.saves(ringing(40))
    answer = ana.sends("/settings/discard")
    assert answer.status_code == 409
    assert "eva changed the settings on" in words(answer)
    assert draft(house.engine)
    ana.opens("/settings/publish")
    assert ana.sends("/settings/discard").status_code == 303
    assert draft(house.engine) is None


@pytest.mark.parametrize("path", ["publish", "yaml", "discard", "rebase", "history/1"])
def test_a_forged_form_is_refused(ana: SettingsDesk, house: House, path: str) -> None:
    ana.saves(ringing(30))
    before = draft(house.engine)
    assert ana.browser.post(f"/settings/{path}", {"version": ana.version, "comment": "x"}, token="x").status_code == 400
    assert draft(house.engine) == before
    assert newest(house.engine).number == 1


@pytest.mark.parametrize("path", ["discard", "yaml", "publish"])
def test_a_form_without_its_version_does_nothing(ana: SettingsDesk, house: House, path: str) -> None:
    ana.saves(ringing(30))
    before = draft(house.engine)
    assert ana.browser.post(f"/settings/{path}", {"text": TEXT, "comment": "x"}).status_code in (400, 409)
    assert draft(house.engine) == before


HOSTILE = "<script>alert(1)</script>"


def test_hostile_text_is_shown_as_text(ana: SettingsDesk, house: House) -> None:
    document = Document.read(TEXT)
    document.put(("groups", "sales", "name"), HOSTILE)
    document.put(("groups", HOSTILE), {"name": "x"})
    ana.saves(document.text)
    ana.opens("/settings/publish")
    assert HOSTILE not in ana.browser.page
    assert "&lt;script&gt;" in ana.browser.page
    document.remove(("groups", HOSTILE))
    ana.saves(document.text)
    assert ana.publishes(comment=HOSTILE).status_code == 303
    for path in ("history", "history/2", "yaml", "publish"):
        ana.opens(f"/settings/{path}")
        assert HOSTILE not in ana.browser.page


def test_what_is_published_is_in_force_in_this_process_at_once(house: House, logged_in: Callable[..., Browser]) -> None:
    app = create_app(house.environment, clock=house.clock.now)  # unlike the house's own it follows SQL
    browser = logged_in(Role.ADMINISTRATOR, name="ana")
    browser.client, cookie = app.test_client(), browser.client.get_cookie("__Host-ringpath")
    assert cookie
    browser.client.set_cookie("__Host-ringpath", cookie.value, domain="localhost", secure=False)
    settings = app.extensions[NAME].settings
    try:
        desk = SettingsDesk(browser)
        desk.saves(ringing(30))
        assert settings.company.groups["sales"].ring_seconds == 20
        assert desk.publishes().status_code == 303
        assert (settings.number, settings.company.groups["sales"].ring_seconds) == (2, 30)
    finally:
        settings.close()
