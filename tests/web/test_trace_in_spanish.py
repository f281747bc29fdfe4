"""The trace in the reader's language."""

from __future__ import annotations

from string import Formatter

from flask import Flask

from config.company import Company
from flows.trace import TEXTS
from web.trace import told
from web.words import translations

SPANISH = translations("es")


def test_every_text_of_the_trace_has_spanish_words() -> None:
    assert {text for text in TEXTS if not SPANISH.gettext(text)} == set()
    assert {text for text in TEXTS if SPANISH.gettext(text) == text} == set()


# A name that a translation lacks would be lost, one that it invents would fail.
def test_a_translation_asks_for_the_same_values() -> None:
    for text in TEXTS:
        assert values(SPANISH.gettext(text)) == values(text), text


def values(text: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_a_decision_is_told_in_spanish_with_the_names_of_the_company(sample: Company) -> None:
    reasons = {"ana": "talking", "luis": "away"}
    with Flask("pages").test_request_context(headers={"Accept-Language": "es"}):
        assert told({"code": "nobody_free", "group": "sales", "reasons": reasons}, sample) == (
            "Nadie del grupo Ventas está libre: Ana Ruiz hablando, Luis Ortega ausente."
        )
        assert (
            told({"code": "ended", "status": "busy"}, sample) == "El proveedor indica que la llamada terminó: ocupado."
        )


def test_a_mailbox_is_called_by_the_name_of_whom_it_belongs_to(sample: Company) -> None:
    assert told({"code": "voicemail", "mailbox": "group:sales"}, sample) == "A message may be left in mailbox Ventas."
    assert told({"code": "voicemail", "mailbox": "employee:eva"}, sample).endswith("mailbox Eva Martín.")
    assert told({"code": "voicemail", "mailbox": "number:+34910000002"}, sample).endswith("mailbox Directo.")
    assert told({"code": "voicemail", "mailbox": "group:gone"}, sample).endswith("mailbox gone.")
    assert told({"code": "beamed", "mailbox": "odd"}, sample) == "code beamed, mailbox odd"
