"""The history of the settings, and the way back."""

from __future__ import annotations

from sqlalchemy import update

from calls.tables import revisions
from config.editing import Document
from local.house import House
from tests.web.settings_desk import TEXT, SettingsDesk, ana, draft, eva, house, newest, publish, ringing, words

__all__ = ["ana", "eva", "house"]


def test_every_revision_is_listed_with_author_and_comment(ana: SettingsDesk, house: House) -> None:
    for number in range(1, 31):
        publish(house, ringing(20 + number), f"to {20 + number} seconds", number)
    page = ana.opens("/settings/history")
    assert "31 24 Nov 2026 10:30 in force cli to 50 seconds" in page
    assert "to 25 seconds" not in page
    assert 'href="/settings/history?before=7"' in ana.browser.page
    older = ana.opens("/settings/history?before=7")
    assert "1 24 Nov 2026 10:30 cli the first" in older
    assert "Older" not in older


def test_a_revision_shows_what_it_changed_and_how_it_differs_from_now(ana: SettingsDesk, house: House) -> None:
    publish(house, ringing(30), "longer", 1)
    publish(house, ringing(30).replace("company: Acme Ibérica", "company: Acme"), "name", 2)
    page = ana.opens("/settings/history/2")
    assert "What it changed Group Ventas Seconds that a member is rung: now 30 (was: 20)." in page
    assert "Compared with revision 3, which is in force, this would change: Company Name of the company" in page
    assert ana.browser.get("/settings/history/2.yaml").text == ringing(30)


def test_rolling_back_publishes_the_earlier_text_as_a_new_revision(ana: SettingsDesk, house: House) -> None:
    publish(house, ringing(30), "longer", 1)
    ana.opens("/settings/history/1")
    assert ana.sends("/settings/history/1", newest="2").status_code == 422  # no comment
    assert ana.sends("/settings/history/1", newest="2", comment="30 was too long").location == "/settings/history/3"
    found = newest(house.engine)
    assert (found.number, found.document, found.author, found.comment) == (3, TEXT, "ana", "30 was too long")


def test_rolling_back_asks_again_when_somebody_has_published_meanwhile(ana: SettingsDesk, house: House) -> None:
    publish(house, ringing(30), "longer", 1)
    ana.opens("/settings/history/1")
    publish(house, ringing(40), "longer still", 2)
    answer = ana.sends("/settings/history/1", newest="2", comment="back")
    assert answer.status_code == 409
    assert "Another revision was published meanwhile" in words(answer)
    assert newest(house.engine).number == 3


def test_a_draft_stays_when_something_is_rolled_back_and_says_that_it_was_overtaken(
    ana: SettingsDesk, eva: SettingsDesk, house: House
) -> None:
    publish(house, ringing(30), "longer", 1)
    eva.saves(ringing(30).replace("company: Acme Ibérica", "company: Acme"))
    ana.sends("/settings/history/1", newest="2", comment="back")
    assert draft(house.engine)
    assert "Newer settings were published meanwhile" in eva.opens("/settings/publish")
    eva.sends("/settings/rebase")
    eva.publishes()
    document = Document.read(newest(house.engine).document)
    assert (document.get(("company",)), document.get(("groups", "sales", "ring_seconds"))) == ("Acme", 20)


def test_a_revision_that_the_check_would_refuse_today_is_not_put_in_force(ana: SettingsDesk, house: House) -> None:
    publish(house, ringing(30), "longer", 1)
    with house.engine.begin() as connection:
        connection.execute(update(revisions).where(revisions.c.number == 1).values(document="company: [\n"))
    ana.opens("/settings/history/1")
    answer = ana.sends("/settings/history/1", newest="2", comment="back")
    assert answer.status_code == 422
    assert "does not stand up to the check" in words(answer)
    assert newest(house.engine).number == 2


def test_there_is_no_page_of_a_revision_that_does_not_exist(ana: SettingsDesk) -> None:
    assert ana.browser.get("/settings/history/99").status_code == 404
    assert ana.browser.post("/settings/history/99", {"comment": "x"}).status_code == 404
