"""Nothing that was typed or chosen is lost without a word: what goes with a choice, and what is refused."""

from __future__ import annotations

import pytest

from tests.web.conftest import Browser
from tests.web.filled import Fields
from tests.web.settings_forms import Draft, ana, changed, draft

__all__ = ["ana", "draft"]

MAIN = ("numbers", "+34910000001")


@pytest.mark.parametrize(
    ("page", "off", "on", "place"),
    [
        ("numbers/entry/+34910000001", {"schedule": ""}, {"schedule": "office"}, (*MAIN, "closed")),
        ("groups/entry/support", {"no_answer": "voicemail"}, {"no_answer": "hold"}, ("groups", "support", "hold")),
        ("numbers/entry/+34910000001", {"responsible": []}, {"responsible": "y"}, (*MAIN, "responsible")),
        ("blocked", {"auto_block": []}, {"auto_block": "y"}, ("auto_block",)),
    ],
)
def test_what_went_with_a_choice_comes_back_with_it(
    ana: Browser, draft: Draft, page: str, off: Fields, on: Fields, place: tuple[str, ...]
) -> None:
    before = draft().get(place)
    assert before
    changed(ana, page, **off)
    assert draft().get(place) is None
    told = "Taken out, because it has no effect any more" in ana.get(f"/settings/{page}").text
    assert told == (place[-1] in ("closed", "hold"))  # the others were switched off themselves
    changed(ana, page, **on)
    assert draft().get(place) == before
    assert "Brought back as it is published" in ana.get(f"/settings/{page}").text


def test_what_is_typed_with_a_choice_wins_over_what_is_published(ana: Browser, draft: Draft) -> None:
    page, place = "groups/entry/support", ("groups", "support", "hold")
    before = draft().get(place)
    changed(ana, page, no_answer="voicemail")
    changed(ana, page, no_answer="hold", max_minutes="7")
    assert draft().get(place) == before | {"max_minutes": 7}
    changed(ana, "numbers/entry/+34910000001", schedule="")
    changed(ana, "numbers/entry/+34910000001", schedule="office", closed="voicemail")
    assert draft().get(("numbers", "+34910000001", "closed")) == "voicemail"
