"""Whom the safe document reaches: the nearest of a number's destinations that leads to somebody."""

from __future__ import annotations

from typing import Any

import pytest

from config.loader import parse
from flows.calls import Call
from tests.calls.companies import MAIN, MOBILES, OFFICE, acme, number
from tests.moments import OPEN, at
from voice.profiles import PROFILES
from voice.safe import safe_devices

DESKLESS = {"ana": {"devices": []}}


def menu(**choices: Any) -> dict[str, Any]:
    return {"prompt": {"say": "Pulse."}, "choices": {key.strip("_"): choice for key, choice in choices.items()}}


WAYS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "an employee's mobile": (
        {
            "employees": DESKLESS,
            "menus": {"m": menu(_1={"employee": "ana", "no_answer": "forward_to_mobile"})},
            "numbers": number(menu="m", group=None),
        },
        (MOBILES["ana"],),
    ),
    "the mobile of a group's last": (
        {"employees": DESKLESS, "groups": {"sales": {"members": ["ana"], "no_answer": "forward_to_mobile"}}},
        (MOBILES["ana"],),
    ),
    "a menu below": (
        {
            "menus": {"m": menu(_1={"menu": "below"}), "below": menu(_1={"menu": "m"}, _2={"employee": "ana"})},
            "numbers": number(menu="m", group=None),
        },
        ("client:ana",),
    ),
    "a group behind": (
        {
            "employees": DESKLESS,
            "groups": {
                "sales": {"members": ["ana"], "no_answer": {"group": "two"}},
                "two": {"name": "Two", "members": ["luis"], "no_answer": "voicemail"},
            },
        },
        ("client:luis",),
    ),
    "nobody: by day the guard of the night is none": (
        {
            "schedules": {"office": OFFICE, "night": {"weekly": {"mon-sun": ["20:00-23:00"]}}},
            "employees": {"ana": {"schedule": "night"}, "luis": {"schedule": None}},
            "numbers": number(schedule="office", group="sales", closed={"employee": "luis"}),
            "groups": {"sales": {"members": ["ana"], "no_answer": "voicemail"}},
        },
        (),
    ),
}


@pytest.mark.parametrize(("settings", "devices"), WAYS.values(), ids=WAYS)
def test_the_nearest_way_to_somebody(settings: dict[str, Any], devices: tuple[str, ...]) -> None:
    call = Call(id="A", number=MAIN, caller="+34600000001", called=MAIN)
    assert safe_devices(parse(acme(**settings)), call, PROFILES["twilio"], at(OPEN)) == devices
