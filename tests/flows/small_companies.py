"""Small companies by dice: few of everything, so that it is not rare that no call comes to something."""

from __future__ import annotations

from random import Random
from typing import Any

import yaml

from config.company import Company
from config.loader import examine
from tests.calls.companies import KNOWN, OFFICE

NUMBERS = ["+34910000001", "+34910000002", "+34910000003"]
PEOPLE, GROUPS, MENUS = ["e0", "e1", "e2", "e3"], ["g0", "g1", "g2"], ["m0", "m1"]
OUTSIDE = {"forward": "+34910000999"}


def small_company(seed: int) -> Company | None:
    """A company; None where the settings check has something against it, such as a circle."""
    return examine(yaml.safe_dump(_Maker(Random(seed)).document()))[0]


class _Maker:
    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.mobiles: list[str] = []

    def document(self) -> dict[str, Any]:
        people = {key: self.employee(index) for index, key in enumerate(PEOPLE)}
        self.mobiles = [key for key, person in people.items() if person["mobile"]]
        first = self.number()
        numbers = {key: self.alike(first) for key in NUMBERS[: self.dice.choice([1, 2, 2, 3])]}
        contact = {"number": KNOWN, "name": "Known", "employee": self.dice.choice(PEOPLE)}
        return {
            "company": "Small",
            "country": "ES",
            "forwarding": {"unanswered": self.dice.choice(["hang_up", "voicemail"])}
            | self.perhaps(minimum_balance=2.0),
            "schedules": {"office": OFFICE, "never": {"weekly": {}}},
            "employees": people,
            "groups": {key: self.group(key) for key in GROUPS},
            "menus": {key: self.menu() for key in MENUS},
            "contacts": self.dice.choice([[], [], [contact]]),
            "numbers": numbers,
        }

    def perhaps(self, **one: Any) -> dict[str, Any]:
        """A key in two of five."""
        return one if self.dice.randrange(5) < 2 else {}

    def employee(self, index: int) -> dict[str, Any]:
        return {
            "name": f"E{index}",
            "devices": self.dice.choice([[f"client:e{index}"]] * 3 + [[]]),
            "mobile": self.dice.choice([f"+3460011122{index}", None]),
            "schedule": self.dice.choice([None, None, "office", "never"]),
            **self.perhaps(crm_user=index + 1),
            **self.dice.choice([{"extension": f"10{index}"}, {}, {}, {}]),
        }

    def group(self, key: str) -> dict[str, Any]:
        members = self.dice.sample(PEOPLE, self.dice.choice([0, 1, 1, 2]))
        holds = members and self.dice.randrange(3) == 0
        rules = ["voicemail", "hang_up", OUTSIDE, self.mobile(), {"group": self.dice.choice(GROUPS)}]
        return {
            "name": key,
            "members": members,
            "distribution": self.dice.choice(["evenly", "in_order", "everybody"]),
            "no_answer": "hold" if holds else self.dice.choice(rules),
            "hold": {"max_minutes": 1, "then": self.anywhere()} | self.perhaps(message_key="1"),
            **self.dice.choice([{"extension": f"30{key[1]}"}, {}, {}]),
        }

    def menu(self) -> dict[str, Any]:
        keys = self.dice.sample("123456789*", self.dice.choice([1, 2, 2, 3]))
        return {
            "prompt": {"say": "?"},
            "choices": {key: self.anywhere("continue", "back", "repeat") for key in keys}
            | self.perhaps(**{"0": "repeat"}),
            "no_choice": self.dice.choice(["continue", "hang_up", "voicemail", "back", self.anywhere()]),
            "attempts": self.dice.choice([1, 2]),
        }

    def number(self) -> dict[str, Any]:
        rule = {"no_answer": self.dice.choice(["continue", "voicemail", "hang_up", OUTSIDE, {"group": "g2"}])}
        return {
            "name": "N",
            "greeting": self.dice.choice([{"say": "Hello."}, None]),
            "menu": self.dice.choice([*MENUS, None]),
            "responsible": self.dice.choice([rule, None]),
            "group": self.dice.choice([*GROUPS, None]),
            "schedule": self.dice.choice([None, None, "office"]),
            "closed": self.anywhere(),
            "otherwise": self.anywhere(),
            "extensions": rule,
        }

    def alike(self, first: dict[str, Any]) -> dict[str, Any]:
        """A number that shares most of its stages with another."""
        return {key: self.dice.choice([first[key], first[key], other]) for key, other in self.number().items()}

    def anywhere(self, *words: str) -> Any:
        somebody = {"employee": self.dice.choice(PEOPLE), "no_answer": self.dice.choice(["continue", "voicemail"])}
        entries = [{"group": self.dice.choice(GROUPS)}, {"menu": self.dice.choice(MENUS)}, somebody]
        others = [OUTSIDE, self.mobile(), {"voicemail": self.dice.choice([*PEOPLE, *GROUPS])}]
        return self.dice.choice([*entries, *others, *words, "voicemail", "hang_up"])

    def mobile(self) -> Any:
        return {"forward_to_mobile": self.dice.choice(self.mobiles)} if self.mobiles else "voicemail"
