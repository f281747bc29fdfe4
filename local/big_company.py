"""A big company for `flask company check`: 1,000 employees, 200 groups, 50 menus and 100 numbers, as YAML.

`python -m local.big_company > big.yaml; flask company check big.yaml` measures what README and docs/measurements.md
say of it. Everything differs from its neighbour: hours, rules, distributions, holds, menus below menus, languages.
"""

from __future__ import annotations

from typing import Any

import click
import yaml

SCHEDULES = {
    "office": {"weekly": {"mon-fri": ["09:00-14:00", "15:00-18:00"]}, "holidays": {"country": "ES", "region": "MD"}},
    "mornings": {"weekly": {"mon-sat": "08:00-15:00"}, "days_off": ["24.12"]},
    "nights": {"weekly": {"mon-sun": "22:00-06:00"}},
    "islands": {"timezone": "Atlantic/Canary", "weekly": {"mon-fri": "09:00-17:00"}},
}
HOURS = [None, *SCHEDULES]
DISTRIBUTIONS = ["evenly", "in_order", "everybody"]
DEPARTMENT = 20
"""Employees next to each other who keep the same hours."""

FORWARDS = ["+34910000999", "+34911222333"]


def big_company(*, employees: int = 1000, groups: int = 200, menus: int = 50, numbers: int = 100) -> dict[str, Any]:
    """Write the settings of a company of a size."""
    return {
        "company": "Big",
        "country": "ES",
        "language": "es-ES",
        "sip_connector": {"paid_until": "2099-12-31"},
        "schedules": SCHEDULES,
        "employees": {f"e{i}": _employee(i) for i in range(employees)},
        "groups": {f"g{i}": _group(i, groups, employees) for i in range(groups)},
        "menus": {f"m{i}": _menu(i, menus, groups, employees) for i in range(menus)},
        "numbers": {f"+3491{i:07}": _number(i, menus, groups) for i in range(numbers)},
        "contacts": [
            {"number": f"+3460{i:07}", "name": f"Customer {i}", "employee": f"e{i}"} for i in range(employees // 10)
        ],
    }


def _employee(i: int) -> dict[str, Any]:
    found: dict[str, Any] = {"name": f"Employee {i}", "devices": [f"client:e{i}"], "extension": f"{1000 + i}"}
    if HOURS[i // DEPARTMENT % 5]:
        found["schedule"] = HOURS[i // DEPARTMENT % 5]
    return found | ({"mobile": f"+346001{i:05}"} if i % 2 else {})


def _group(i: int, groups: int, employees: int) -> dict[str, Any]:
    members = [f"e{(i * 5 + n) % employees}" for n in range(3 + i % 10)]
    no_answer = [{"forward": FORWARDS[i % 2]}, "voicemail", "hold", {"group": f"g{i + 1}"}]
    found: dict[str, Any] = {
        "name": f"Group {i}",
        "extension": f"{2000 + i}",
        "members": members,
        "distribution": DISTRIBUTIONS[i % 3],
        "ring_seconds": 15 + i % 3 * 5,
        "no_answer": no_answer[i % 4] if i + 1 < groups else "voicemail",
    }
    then = {"forward": FORWARDS[0]} if i % 8 == 2 else "voicemail"
    return found | ({"hold": {"max_minutes": 5, "message_key": "1", "then": then}} if i % 4 == 2 else {})


def _menu(i: int, menus: int, groups: int, employees: int) -> dict[str, Any]:
    """Every fifth menu has the next four below it."""
    choices: dict[str, Any] = {str(key): {"group": f"g{(i * 4 + key) % groups}"} for key in range(1, 5)}
    choices["5"] = {
        "employee": f"e{(i * 20 + 1) % employees}",
        "no_answer": {"voicemail": f"e{(i * 20 + 1) % employees}"},
    }
    choices |= {"6": {"forward": FORWARDS[i % 2]}, "0": "repeat", "9": "ask_extension"}
    if i % 5 == 0:
        choices |= {str(key): {"menu": f"m{i + key - 4}"} for key in (7, 8) if i + key - 4 < menus}
        choices |= {"2": {"menu": f"m{min(i + 1, menus - 1)}"}, "3": {"menu": f"m{min(i + 2, menus - 1)}"}}
    else:
        choices["*"] = "back"
    return {"prompt": {"say": f"Menu {i}: pulse una tecla."}, "choices": choices}


def _number(i: int, menus: int, groups: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": f"Number {i}",
        "greeting": {"say": "Gracias por llamar."},
        "group": f"g{i * 2 % groups}",
        "language": ["es-ES", "en"][i % 2],
        "extensions": {"no_answer": ["continue", "voicemail"][i % 2]},
        "otherwise": ["voicemail", "hang_up"][i // 2 % 2],
        "closed": ["voicemail", {"forward": FORWARDS[0]}, "hang_up"][i % 3],
        "responsible": i % 4 != 3,
    }
    if i % 10 != 9:
        found["menu"] = f"m{i * 5 % menus}"
    return found | ({"schedule": HOURS[i % 5]} if HOURS[i % 5] else {})


@click.command()
@click.option("--times", default=1, show_default=True, help="So many times as big.")
def main(times: int) -> None:
    """Print the settings."""
    size = {"employees": min(1000 * times, 9000), "groups": 200 * times, "menus": 50 * times, "numbers": 100 * times}
    click.echo(yaml.safe_dump(big_company(**size), sort_keys=False), nl=False)


if __name__ == "__main__":
    main()
