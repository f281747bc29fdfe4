"""What the settings say of themselves can be said in every language."""

from __future__ import annotations

import pytest
from babel.messages.extract import extract_from_dir

from tests.moments import ROOT
from tests.web.settings_desk import TEXT, SettingsDesk, ana, house, ringing
from tests.web.test_words import OTHERS
from web import words

__all__ = ["ana", "house"]


def texts() -> set[str]:
    """Everything that the words for differences are made of."""
    found = extract_from_dir(ROOT / "config", [("**.py", "python")], keywords={"lazy": None})
    return {str(message) for _file, _line, message, _comments, _context in found}


@pytest.mark.parametrize("tongue", OTHERS)
def test_every_difference_can_be_said_in_it(tongue: str) -> None:
    known = {message.id for catalog in words.catalogs(tongue) for message in catalog if message.string}
    assert sorted(texts() - known) == []
    assert len(texts()) > 50


def test_differences_are_said_in_the_language_of_the_reader(ana: SettingsDesk) -> None:
    ana.browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "es"
    ana.saves(ringing(30).replace("no_answer: {forward_to_mobile: ana}", "no_answer: voicemail"))
    page = ana.opens("/settings/publish")
    assert "2 cambios sin publicar" in page
    assert "Cuando nadie contesta: ahora buzón de voz (antes: desvío al móvil de Ana Ruiz)." in page


def test_errors_are_told_in_the_language_of_the_reader(ana: SettingsDesk) -> None:
    ana.browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "es"
    ana.saves(TEXT.replace("group: sales\n    schedule", "group: sails\n    schedule"))
    assert "no existe; nombre un grupo; ¿quería decir sales?" in ana.opens("/settings/yaml")
