"""explain(): the trace that a call would have, of the sample company, without placing it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.company import Company
from config.loader import parse
from flows.callers import ListedCallers
from flows.calls import Call
from flows.explain import MOST_STEPS, explain
from flows.live import Blind
from flows.trace import sentence
from flows.way import Desk
from tests.examples import examples
from tests.moments import OPEN, at

MAIN, DIRECT, BILLING, PBX = "+34910000001", "+34910000002", "+34910000003", "sip:pbx.acme.sip.example.com"
STRANGER, KNOWN, NOBODYS, BLOCKED = "+34600000001", "+34600222001", "+34600222003", "+34900000000"


def told(
    company: Company,
    *,
    press: tuple[str, ...] = (),
    to: str = MAIN,
    caller: str | None = STRANGER,
    when: str = OPEN,
    called: str = "",
) -> list[str]:
    """The codes of a trace, with what tells two of a kind apart."""
    desk = Desk(company=company, live=Blind(), callers=ListedCallers(company))
    call = Call(id="explained", number=to, caller=caller, called=called or to)
    found = []
    for step in explain(desk, call, at(when), press):
        assert sentence(step.note, company)
        more = [
            str(step.note[name]) for name in ("group", "menu", "employee", "number", "mailbox") if name in step.note
        ]
        more += [",".join(step.note.get("who", ()))] if "who" in step.note else []
        found.append(" ".join([step.note["code"], *more[:1]]))
    return found


GREETED = "arrived +34910000001; open; greeting; "
UNANSWERED = "; forward_unanswered; apology"
NOBODY_OF_SALES = "group sales; rings ana; no_answer; rings luis; no_answer; all_tried sales; forward_to_mobile ana"
DIRECTLY = "arrived +34910000002; group afterhours; nobody_there afterhours; forward +34910000999" + UNANSWERED

TRACES = {
    "after an extension": (
        {"press": ("101",)},
        GREETED + "extension ana; rings ana; no_answer; forward_to_mobile ana" + UNANSWERED,
    ),
    "an extension of a group": ({"press": ("200",)}, GREETED + "extension sales; " + NOBODY_OF_SALES + UNANSWERED),
    "a silence, then a key": (
        {"press": ("-", "4")},
        GREETED + "menu main; key main; forward +34911222333" + UNANSWERED,
    ),
    "an unknown extension, twice": (
        {"press": ("555", "556")},
        GREETED + "unknown_extension; unknown_extension; menu main; silence main; unknown_caller; "
        + NOBODY_OF_SALES + UNANSWERED,
    ),
    "from the menu to a number": ({"press": ("4",)}, GREETED + "key main; forward +34911222333" + UNANSWERED),
    "a sub-menu, back and a message": (
        {"press": ("2", "*", "2", "3")},
        GREETED + "key main; menu support; key support; menu main; key main; menu support; key support; "
        "voicemail group:support; message_left group:support",
    ),
    "an extension asked for": (
        {"press": ("9", "103")},
        GREETED + "key main; ask_extension; extension eva; rings eva; no_answer; forward_to_mobile eva" + UNANSWERED,
    ),
    "to the responsible's mobile": (
        {"caller": KNOWN},
        GREETED + "menu main; silence main; responsible eva; rings eva; no_answer; forward_to_mobile eva" + UNANSWERED,
    ),
    "a known caller of nobody": (
        {"caller": NOBODYS, "press": ("0", "8", "8", "8")},
        GREETED + "key main; menu main; wrong_key main; menu main; wrong_key main; menu main; wrong_key main; "
        "unknown_caller; " + NOBODY_OF_SALES + UNANSWERED,
    ),
    "out of hours": (
        {"when": "2026-11-24 20:00", "press": ("101",)},
        "arrived +34910000001; closed; forward +34910000999" + UNANSWERED,
    ),
    "a holiday": ({"when": "2026-12-08 10:30"}, "arrived +34910000001; closed; forward +34910000999" + UNANSWERED),
    "unconditional": ({"to": DIRECT}, DIRECTLY),
    "unconditional, at night": ({"to": DIRECT, "when": "2026-11-29 03:00"}, DIRECTLY),
    "from a group to a number": (
        {"to": BILLING},
        "arrived +34910000003; open; group administration; rings marta; no_answer; all_tried administration; "
        "forward +34911222333" + UNANSWERED,
    ),
    "closed with a message": (
        {"to": BILLING, "when": "2026-11-24 20:00"},
        "arrived +34910000003; closed; voicemail group:administration; message_left group:administration",
    ),
    "on hold to the end": (
        {"press": ("2", "1")},
        GREETED + "key main; menu support; key support; group support; rings luis; no_answer; rings eva; no_answer; "
        "rings ana; no_answer; all_tried support; hold support; hold_over support; "
        "voicemail group:support; message_left group:support",
    ),
    "an extension over SIP": (
        {"to": PBX, "called": "sip:102@pbx.acme.sip.example.com"},
        f"arrived {PBX}; sip_extension; rings luis; no_answer; forward_to_mobile luis" + UNANSWERED,
    ),
    "a blocked caller": ({"caller": BLOCKED}, "arrived +34910000001; blocked"),
    "a withheld caller is no known one": (
        {"caller": None},
        GREETED + "menu main; silence main; " + NOBODY_OF_SALES + UNANSWERED,
    ),
}  # fmt: skip


# flask company explain prints the trace that a call would have (DESIGN section 8).
@pytest.mark.parametrize(("asked", "codes"), TRACES.values(), ids=TRACES)
def test_the_trace_of_a_call_that_is_not_placed(sample: Company, asked: dict[str, Any], codes: str) -> None:
    assert told(sample, **asked) == codes.split("; ")


def test_somebody_off_by_his_schedule_is_not_rung(sample: Company) -> None:
    codes = told(sample, to=PBX, called="sip:103@pbx.acme.sip.example.com", when="2026-11-24 14:30")
    assert "; ".join(codes) == f"arrived {PBX}; sip_extension; employee_off eva; forward_to_mobile eva" + UNANSWERED


# A licence that has ended: the forward is skipped, and the trace says why, 402 (DESIGN section 3).
def test_an_unpaid_forward_is_told(sample: Company) -> None:
    codes = told(sample, to=PBX, called="sip:103@pbx.acme.sip.example.com", when="2027-07-01 14:30")
    assert codes[-3:] == ["forward_to_mobile eva", "not_paid", "apology"]


def test_each_step_is_later_than_the_one_before(sample: Company) -> None:
    desk = Desk(company=sample, live=Blind(), callers=ListedCallers(sample))
    call = Call(id="explained", number=MAIN, caller=STRANGER, called=MAIN)
    times = [step.at for step in explain(desk, call, at(OPEN), ("2", "1"))]
    assert all(a <= b for a, b in pairwise(times))
    # 3 s of greeting, 5 s of menu, three rings of 15 s, ten minutes of music, 5 s of a message
    assert (times[-1] - times[0]).total_seconds() == pytest.approx(3 + 5 + 45 + 600 + 5, abs=10)


def test_nothing_is_asked_of_the_desks_own_live_state(sample: Company) -> None:
    blind = Blind()
    desk = Desk(company=sample, live=blind, callers=ListedCallers(sample))
    call = Call(id="explained", number=MAIN, caller=STRANGER, called=MAIN)
    assert list(explain(desk, call, at(OPEN), ()))
    assert blind.heard == []


ENDS = {"apology", "goodbye", "declined", "blocked", "message_left", "no_message", "unknown_number"}


# Everything ends: no route may loop without the caller doing something (DESIGN section 3).
@settings(max_examples=examples(150), deadline=None)
@given(
    to=st.sampled_from([MAIN, DIRECT, BILLING, PBX, None]),
    caller=st.sampled_from([STRANGER, KNOWN, NOBODYS, BLOCKED, None]),
    press=st.lists(st.sampled_from(["0", "1", "2", "3", "9", "*", "7", "101", "999", "200"]), max_size=8),
    hour=st.integers(0, 24 * 14 - 1),
    called=st.sampled_from(["101", "300", "", "x"]),
)
def test_every_explained_call_ends(
    sample: Company, to: str | None, caller: str | None, press: list[str], hour: int, called: str
) -> None:
    desk = Desk(company=sample, live=Blind(), callers=ListedCallers(sample))
    call = Call(id="explained", number=to, caller=caller, called=f"sip:{called}@pbx.acme.sip.example.com")
    notes = list(explain(desk, call, at("2026-11-23 00:30") + timedelta(hours=hour), tuple(press)))
    assert notes[-1].note["code"] in ENDS
    assert len(notes) < MOST_STEPS


def test_a_provider_without_browsers_does_not_ring_them(sample: Company) -> None:
    desk = Desk(company=sample, live=Blind(), callers=ListedCallers(sample), nouns=frozenset({"number", "sip"}))
    call = Call(id="explained", number=MAIN, caller=STRANGER, called=MAIN)
    codes = [step.note["code"] for step in explain(desk, call, at(OPEN), ("102",))]
    assert "no_device" in codes
    assert "rings" not in codes
    assert replace(desk, screens=False).screens is False


def test_a_company_without_extensions_is_not_asked_for_one() -> None:
    text = """
    company: Small
    country: ES
    numbers: {"+34910000009": {name: Small, greeting: {say: Hello}, otherwise: voicemail}}
    """
    codes = told(parse(text), to="+34910000009")
    assert "; ".join(codes) == (
        "arrived +34910000009; greeting; otherwise; voicemail number:+34910000009; message_left number:+34910000009"
    )
