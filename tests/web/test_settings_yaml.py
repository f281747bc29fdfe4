"""The settings as text: saved errors and all, and never over somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from io import BytesIO

import pytest

from calls import users
from config.source import MOST_BYTES
from local.house import House
from tests.web.conftest import Browser
from tests.web.settings_desk import TEXT, SettingsDesk, ana, draft, eva, house, newest, publish, ringing, words
from web.access import Level, Permission, Role

__all__ = ["ana", "eva", "house"]


def test_the_text_is_the_document_with_its_comments(ana: SettingsDesk) -> None:
    ana.opens("/settings/yaml")
    assert "# Acme Ibérica, the company that ships with Ringpath" in ana.browser.page
    answer = ana.browser.get("/settings/company.yaml")
    assert answer.text == TEXT
    assert answer.headers["Content-Disposition"] == 'attachment; filename="company.yaml"'


def test_a_text_from_a_browser_has_the_line_ends_of_the_file(ana: SettingsDesk, house: House) -> None:
    assert ana.saves(ringing(30).replace("\n", "\r\n")).location == "/settings/publish"
    found = draft(house.engine)
    assert found
    assert found.document == ringing(30)
    assert (found.author, found.base) == ("ana", 1)


@pytest.mark.parametrize(
    "text", [TEXT.replace("\n", "\r\n"), TEXT.rstrip("\n"), TEXT + "\n\n", "# \u2028 \x85\n" + TEXT]
)
def test_a_text_that_is_not_touched_comes_back_as_it_was(ana: SettingsDesk, house: House, text: str) -> None:
    publish(house, text, "as it is", 1)
    ana.opens("/settings/yaml")
    shown = unescape(ana.browser.page.partition("<textarea")[2].partition(">\n")[2].partition("</textarea>")[0])
    ana.sends("/settings/yaml", text=shown.replace("\r\n", "\n").replace("\n", "\r\n"))
    assert draft(house.engine) is None


def test_characters_that_no_database_keeps_are_refused_in_words(ana: SettingsDesk, house: House) -> None:
    answer = ana.saves(ringing(30) + "# \0")
    assert answer.status_code == 422
    assert "characters that no file can hold" in words(answer)
    assert draft(house.engine) is None


def test_saving_what_is_there_makes_no_draft(ana: SettingsDesk, house: House) -> None:
    ana.saves(TEXT.replace("\n", "\r\n"))
    assert draft(house.engine) is None


def test_a_draft_that_comes_back_to_what_is_published_is_none(ana: SettingsDesk, house: House) -> None:
    ana.saves(ringing(30))
    ana.saves(TEXT)
    assert draft(house.engine) is None


def test_a_draft_of_nothing_but_comments_is_called_so(ana: SettingsDesk) -> None:
    ana.saves("# a word more\n" + TEXT)
    page = ana.opens("/settings/publish")
    assert "Comments that are not published" in page
    assert "No difference, except perhaps in comments" in page


def test_errors_are_saved_and_shown_with_their_lines(ana: SettingsDesk, house: House) -> None:
    broken = TEXT.replace("ring_seconds: 20", "ring_seconds: 900")
    line = broken[: broken.index("ring_seconds: 900")].count("\n") + 1
    assert ana.saves(broken).location == "/settings/yaml#problems"
    page = ana.opens("/settings/yaml")
    assert "it cannot be published yet" in page
    assert f"line {line} groups.sales.ring_seconds = 900" in page
    assert f'href="#L{line}" data-line="{line}"' in ana.browser.page


@pytest.mark.parametrize("text", ["company: [", "- 1", "", "a: *b"])
def test_a_text_that_is_no_settings_at_all_is_kept_and_every_page_still_opens(
    ana: SettingsDesk, house: House, text: str
) -> None:
    assert ana.saves(text).status_code == 303
    found = draft(house.engine)
    assert found
    assert found.document.strip() == text
    for path in ("yaml", "publish", "history"):
        ana.opens(f"/settings/{path}")
    publish(house, ringing(40), "meanwhile", 1)
    ana.opens("/settings/publish")
    assert ana.sends("/settings/rebase", prefer="mine").status_code == 303
    assert ana.saves(TEXT).status_code == 303


def test_the_second_of_two_people_keeps_his_text_and_sees_the_other(
    ana: SettingsDesk, eva: SettingsDesk, house: House
) -> None:
    ana.opens("/settings/yaml")
    eva.saves(ringing(40))
    answer = ana.sends("/settings/yaml", text=ringing(30))
    assert answer.status_code == 409
    assert "eva has saved meanwhile. Nothing is overwritten" in words(answer)
    assert "- ring_seconds: 40" in words(answer)
    assert "+ ring_seconds: 30" in words(answer)
    assert "ring_seconds: 30" in answer.text.partition("<textarea")[2]
    found = draft(house.engine)
    assert found
    assert found.document == ringing(40)


def test_whoever_has_seen_the_other_text_may_save_his_own(ana: SettingsDesk, eva: SettingsDesk, house: House) -> None:
    ana.opens("/settings/yaml")
    eva.saves(ringing(40))
    answer = ana.sends("/settings/yaml", text=ringing(30))
    ana.version = answer.text.partition('name="version" value="')[2].partition('"')[0]
    assert ana.sends("/settings/yaml", text=ringing(30)).status_code == 303
    found = draft(house.engine)
    assert found
    assert (found.document, found.author) == (ringing(30), "ana")


def test_a_text_made_from_a_revision_that_is_not_the_newest_is_told_so(ana: SettingsDesk, house: House) -> None:
    ana.opens("/settings/yaml")
    publish(house, ringing(40), "meanwhile", 1)
    answer = ana.sends("/settings/yaml", text=ringing(30))
    assert answer.status_code == 409
    assert draft(house.engine) is None


def test_a_file_is_taken_as_the_text(ana: SettingsDesk, house: House) -> None:
    ana.opens("/settings/yaml")
    file = (BytesIO(b"\xef\xbb\xbf" + ringing(30).encode()), "company.yaml")
    assert ana.sends("/settings/yaml", file=file).status_code == 303
    found = draft(house.engine)
    assert found
    assert found.document == ringing(30)


def test_a_file_that_is_no_text_is_refused(ana: SettingsDesk, house: House) -> None:
    ana.opens("/settings/yaml")
    answer = ana.sends("/settings/yaml", file=(BytesIO(b"\xff\xfe\x00"), "company.yaml"))
    assert answer.status_code == 422
    assert "not UTF-8 text" in words(answer)
    assert draft(house.engine) is None


def test_a_text_larger_than_a_webhook_is_taken(ana: SettingsDesk, house: House) -> None:
    long = TEXT + "# much\n" * 100_000
    assert ana.saves(long).status_code == 303
    found = draft(house.engine)
    assert found
    assert found.document == long


def test_a_huge_text_is_refused_in_words(ana: SettingsDesk, house: House) -> None:
    answer = ana.saves("a" * (MOST_BYTES + 10))
    assert answer.status_code == 422
    assert "larger than 4 MB" in words(answer)
    assert ana.saves("a" * (2 * MOST_BYTES + 10)).status_code == 413
    assert draft(house.engine) is None


@pytest.fixture
def chief(house: House, logged_in: Callable[..., Browser]) -> SettingsDesk:
    """Somebody who may change the telephony, and by default no numbers."""
    return SettingsDesk(logged_in(Role.CHIEF_EXECUTIVE, name="chief"))


def test_whoever_may_not_manage_numbers_saves_none(chief: SettingsDesk, house: House) -> None:
    answer = chief.saves(TEXT.replace("name: Principal", "name: Main"))
    assert answer.status_code == 403
    assert "You may not add, change or remove numbers." in words(answer)
    assert "name: Main" in answer.text.partition("<textarea")[2]
    assert draft(house.engine) is None
    assert chief.saves(ringing(30)).status_code == 303


def test_whoever_may_not_manage_numbers_publishes_none_that_others_changed(
    ana: SettingsDesk, chief: SettingsDesk, house: House
) -> None:
    ana.saves(TEXT.replace("name: Principal", "name: Main"))
    answer = chief.publishes()
    assert answer.status_code == 403
    assert "You may not add, change or remove numbers." in words(answer)
    assert newest(house.engine).number == 1


def test_a_broken_text_is_no_way_round_the_rules(chief: SettingsDesk, house: House) -> None:
    changed = TEXT.replace("name: Principal", "name: Main")
    for nothing in ("", "# nothing", "- no\n- mapping", changed + "\n]"):
        assert chief.saves(nothing).status_code == 303
        assert chief.saves(changed).status_code == 403
    assert chief.saves(ringing(30)).status_code == 303
    assert chief.publishes().status_code == 303
    assert "name: Main" not in newest(house.engine).document


def test_an_employee_out_of_reach_is_not_changed(house: House, logged_in: Callable[..., Browser]) -> None:
    with house.engine.begin() as connection:
        levels = {Permission.TELEPHONY: Level.ANY, Permission.EMPLOYEES: Level.DEPARTMENT}
        users.change_permissions(connection, {("manager", key): int(level) for key, level in levels.items()})
    eva = SettingsDesk(logged_in(Role.MANAGER, name="luis", employee="luis"))
    assert eva.saves(TEXT.replace("+34600111222", "+34600111299")).status_code == 303  # Ana is of his department
    answer = eva.saves(TEXT.replace("+34600111444", "+34600111499"))
    assert answer.status_code == 403
    assert "these employees: eva" in words(answer)


@pytest.mark.parametrize("path", ["publish", "yaml", "history", "history/1", "company.yaml", "history/1.yaml"])
def test_who_may_not_change_telephony_sees_none_of_it(
    house: House, logged_in: Callable[..., Browser], path: str
) -> None:
    browser = logged_in(Role.MANAGER, name="luis", employee="luis")
    assert browser.get(f"/settings/{path}").status_code == 403
