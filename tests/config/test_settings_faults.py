"""Shapes that the schema refuses: each snippet gives one problem, at its path, in words for who wrote it."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import BaseModel

from config.company import Company
from config.destinations import FORMS
from config.faults import EXAMPLES, PATTERNS
from config.loader import examine
from config.problems import Problem
from tests.config.documents import GONE, NUMBER, group, problems, settings

FAULTS: list[tuple[dict[str, Any], str, str]] = [
    # Keys
    (
        {"groups.sales.no_anser": "hold"},
        "groups.sales.no_anser",
        "unknown key; did you mean no_answer?; known here: name",
    ),
    ({"colour": "red"}, "colour", "known here: company, timezone"),
    ({f"{NUMBER}.crm": {"leads": True}}, f"{NUMBER}.crm.leads", "known here: create_lead"),
    ({f"{NUMBER}.responsible": {"noanswer": 1}}, f"{NUMBER}.responsible.noanswer", "did you mean no_answer?"),
    ({"contacts": [{"number": "+34600222001", "nam": "A", "name": "B"}]}, "contacts.0.nam", "did you mean name?"),
    (
        {"menus.main.choices.2": {"employee": "ana", "no_anwser": "voicemail"}},
        "menus.main.choices.2.no_anwser",
        "known here: employee, no_answer",
    ),
    ({"menus.main.choices.2": {"group": "sales", "menu": "main"}}, "menus.main.choices.2.menu", "known here: group"),
    ({"menus.main.choices.22": "repeat"}, "menus.main.choices.22", 'one of "0" to "9" and "*"'),
    ({"menus.main.choices.#": "repeat"}, "menus.main.choices.#", "# ends what is typed"),
    ({"employees.j r": {"name": "JR"}}, "employees.j r", "a name is 1 to 40 letters"),
    ({"numbers.910000009": {"name": "X"}}, "numbers.910000009", 'international format, such as "+34910000001", or'),
    ({"numbers.sip:": {"name": "X"}}, "numbers.sip:", "or as a SIP address"),
    ({"schedules.office.weekly": {"monday": "09:00-10:00"}}, "schedules.office", "monday is no day"),
    # What is missing or empty
    ({"company": GONE}, "company", "is missing; write, for example, company: Acme Ibérica"),
    ({"country": GONE}, "country", "is missing; write, for example, country: ES"),
    ({"numbers": GONE}, "numbers", "is missing; write, for example, numbers: {"),
    ({"numbers": {}}, "numbers", "must not be empty"),
    (
        {"groups.sales.no_answer": GONE},
        "groups.sales.no_answer",
        'is missing; write, for example, no_answer: {forward: "+',
    ),
    ({"menus.main.choices": {}}, "menus.main.choices", "must not be empty"),
    ({"menus.main.prompt": GONE}, "menus.main.prompt", "is missing"),
    ({"menus.main.prompt": {}}, "menus.main.prompt", "either say: (words) or play:"),
    ({"employees.ana.name": ""}, "employees.ana.name", "must not be empty"),
    ({"employees.ana.name": None}, "employees.ana.name", "is empty; write a text"),
    ({"company": "x" * 101}, "company", "too long; at most 100 characters"),
    # Words
    (
        {"groups.sales.distribution": "evnly"},
        "groups.sales.distribution",
        "use one of: evenly, in_order, everybody; did",
    ),
    ({f"{NUMBER}.kind": "voip"}, f"{NUMBER}.kind", "use one of: rented, sip"),
    ({f"{NUMBER}.closed": "hangup"}, f"{NUMBER}.closed", "use one of: hang_up, voicemail, {forward: …}"),
    ({f"{NUMBER}.closed": "hangup"}, f"{NUMBER}.closed", "did you mean hang_up?"),
    ({f"{NUMBER}.closed": "continue"}, f"{NUMBER}.closed", "not a destination that may stand here"),
    ({f"{NUMBER}.closed": "forward_to_mobile"}, f"{NUMBER}.closed", "not a destination that may stand here"),
    ({f"{NUMBER}.closed": False}, f"{NUMBER}.closed", "not a destination that may stand here"),
    ({"menus.main.choices.2": "hold"}, "menus.main.choices.2", "may stand here; use one of: continue, hang_up"),
    ({"menus.main.no_choice": "repeat"}, "menus.main.no_choice", "not a destination that may stand here"),
    ({"menus.main.choices.2": {"empolyee": "ana"}}, "menus.main.choices.2", "{employee: …}"),
    ({"groups.sales.no_answer": {"menu": "main"}}, "groups.sales.no_answer", "not a destination that may stand here"),
    (
        {"menus.main.choices.2": {"employee": "ana", "no_answer": {"employee": "luis"}}},
        "menus.main.choices.2.no_answer",
        "not a destination that may stand here",
    ),
    # Text
    ({"employees.ana.extension": 101}, "employees.ana.extension", 'must be a text; put it in quotation marks: "101"'),
    (
        {"employees.ana.extension": "12345"},
        "employees.ana.extension",
        '1 to 4 digits in quotation marks, such as "101"',
    ),
    ({"employees.ana.mobile": 34600111222}, "employees.ana.mobile", 'put it in quotation marks: "34600111222"'),
    ({"employees.ana.mobile": "600111222"}, "employees.ana.mobile", "write it in international format"),
    ({"employees.ana.devices": ["ana"]}, "employees.ana.devices.0", "a device is client:NAME"),
    ({"employees.ana.devices": ["client:a"] * 11}, "employees.ana.devices", "too many; at most 10"),
    ({"country": "Spain"}, "country", "two capital letters, such as ES"),
    ({"country": False}, "country", 'YAML reads false as false; put it in quotation marks: "false"'),
    ({"language": "Spanish"}, "language", "written like es or es-ES"),
    ({"timezone": "Madrid"}, "timezone", "a name such as Europe/Madrid"),
    ({"company": ["Acme"]}, "company", "must be a text, not a list or mapping"),
    ({"menus.main.prompt": {"play": "http://example.com/x.wav"}}, "menus.main.prompt.play", "starts with https://"),
    ({"groups.sales.hold": {"music": "hold.wav"}}, "groups.sales.hold.music", "starts with https://"),
    # Numbers, switches, dates, lists and mappings
    ({"groups.sales.ring_seconds": 3}, "groups.sales.ring_seconds", "must be a whole number from 5 to 120"),
    ({"groups.sales.ring_seconds": 121}, "groups.sales.ring_seconds", "must be a whole number from 5 to 120"),
    ({"groups.sales.ring_seconds": "20s"}, "groups.sales.ring_seconds", "must be a whole number from 5 to 120"),
    ({"groups.sales.ring_seconds": 20.5}, "groups.sales.ring_seconds", "must be a whole number from 5 to 120"),
    ({"groups.sales.ring_seconds": [1]}, "groups.sales.ring_seconds", "must be a whole number from 5 to 120"),
    ({"recordings": {"keep_days": 0}}, "recordings.keep_days", "must be a whole number from 1"),
    ({"recordings": {"keep": 30}}, "recordings.keep", "keep_days"),
    ({"auto_block": {"calls": 1}}, "auto_block.calls", "must be a whole number from 2 to 1000"),
    ({"forwarding": {"minimum_balance": -1}}, "forwarding.minimum_balance", "must be a number, 0 or more"),
    ({"forwarding": {"minimum_balance": float("inf")}}, "forwarding.minimum_balance", "must be a number, 0 or more"),
    ({"forwarding": {"minimum_balance": float("nan")}}, "forwarding.minimum_balance", "must be a number, 0 or more"),
    ({"forwarding": {"minimum_balance": "inf"}}, "forwarding.minimum_balance", "must be a number, 0 or more"),
    ({"forwarding": {"minimum_balance": "2 €"}}, "forwarding.minimum_balance", "must be a number, 0 or more"),
    ({f"{NUMBER}.record": "sometimes"}, f"{NUMBER}.record", "must be true or false"),
    ({f"{NUMBER}.record": []}, f"{NUMBER}.record", "must be true or false"),
    ({"sip_connector": {"paid_until": "soon"}}, "sip_connector.paid_until", "must be a date, such as 2027-06-30"),
    ({"sip_connector": {"paid_until": []}}, "sip_connector.paid_until", "must be a date, such as 2027-06-30"),
    ({"groups.sales.members": "ana"}, "groups.sales.members", "must be a list, such as [first, second]"),
    ({"employees": ["ana"]}, "employees", "must be a mapping"),
    ({"employees.ana": "Ana"}, "employees.ana", "must be a mapping of name, extension"),
    ({f"{NUMBER}.greeting": "Hola"}, f"{NUMBER}.greeting", "must be a mapping of say, play"),
    # Hours
    ({"schedules.office.weekly": {"mon": "9-14"}}, "schedules.office.weekly.mon.0", 'write hours as "09:00-14:00"'),
    ({"schedules.office.weekly": {"mon": "09:00-25:00"}}, "schedules.office.weekly.mon.0", "24-hour clock"),
    ({"schedules.office.days_off": ["31.2."]}, "schedules.office.days_off.0", 'write "24.12" (every year)'),
    ({"schedules.office.days_off": [24.1]}, "schedules.office.days_off.0", "in quotation marks"),
    ({"schedules.office.holidays": {"country": "XX"}}, "schedules.office.holidays", "no holidays are known"),
    ({"schedules.office.holidays": {"country": "ES", "region": "X"}}, "schedules.office.holidays", "use one of AN"),
    # Numbers of two kinds
    ({f"{NUMBER}.kind": "sip"}, NUMBER, "a sip number needs outgoing_number"),
    ({f"{NUMBER}.sip_extension": True}, NUMBER, "sip_extension works for sip numbers only"),
]


@pytest.mark.parametrize(("changes", "path", "words"), FAULTS, ids=[f"{c}" for c, _, _ in FAULTS])
def test_fault(changes: dict[str, Any], path: str, words: str) -> None:
    errors = [p for p in problems(changes) if p.level == "error"]
    assert [p.path for p in errors] == [path]
    assert words in errors[0].message
    assert "Input should" not in errors[0].message
    assert len(errors[0].value) <= 60


def problem(text: str) -> Problem:
    """The one error of a text appended to the sound company's."""
    (found,) = [p for p in examine(settings() + text)[1] if p.level == "error"]
    return found


def test_a_word_that_yaml_takes_as_false_is_quoted_as_it_was_written() -> None:
    found = problem("forwarding: {countries: [ES, NO]}\n")
    assert found.path == "forwarding.countries.1"
    assert found.value == "NO"
    assert found.message == 'YAML reads NO as false; put it in quotation marks: "NO"'


def test_an_extension_with_leading_zeros_is_quoted_as_it_was_written() -> None:
    text = settings({"employees.ana.extension": 101}).replace("extension: 101", "extension: 0101")
    (found,) = (p for p in examine(text)[1] if p.level == "error")
    assert found.message.endswith('put it in quotation marks: "0101"')


def test_a_number_without_quotation_marks_is_quoted_as_it_was_written() -> None:
    found = problem("blocked: [+34900000000]\n")
    assert (found.path, found.value) == ("blocked.0", "+34900000000")
    assert found.message.endswith('"+34900000000"')


def test_what_is_missing_and_keys_have_no_value() -> None:
    changes = {"groups.sales.name": GONE, "menus.main.choices.22": "repeat", "groups.sales.ring_seconds": 3}
    assert {p.path: p.value for p in problems(changes)} == {
        "groups.sales.name": "",
        "groups.sales.ring_seconds": "3",
        "menus.main.choices.22": "",
    }


def test_a_wrong_number_key_is_one_problem_and_not_one_for_each_kind_of_number() -> None:
    assert len(problems({"numbers.12": {"name": "X", "menu": "main"}})) == 1


def test_long_values_are_cut() -> None:
    (found,) = problems({"groups.sales.distribution": "x" * 500})
    assert len(found.value) == 60
    assert found.value.endswith("…")


def test_guesses_end_and_problems_do_not() -> None:
    found = problems({"groups.big": group(members=[f"anna{i}" for i in range(50)]), f"{NUMBER}.group": "big"})
    assert len([p for p in found if p.path.startswith("groups.big.members.")]) == 50
    assert 0 < sum("did you mean" in p.message for p in found) <= 25


def models(kind: type[BaseModel], seen: set[type[BaseModel]]) -> set[type[BaseModel]]:
    """Every kind of record that a kind is made of."""
    seen.add(kind)
    waiting: list[Any] = [field.annotation for field in kind.model_fields.values()]
    while waiting:
        part = waiting.pop()
        waiting.extend(get_args(part))
        if isinstance(part, type) and issubclass(part, BaseModel) and part not in seen:
            models(part, seen)
    return seen


def test_every_key_that_may_be_missing_has_an_example() -> None:
    kinds = models(Company, set())
    assert set(FORMS.values()) < kinds
    required = {name for kind in kinds for name, field in kind.model_fields.items() if field.is_required()}
    assert required == set(EXAMPLES)


def patterns(schema: Any) -> set[str]:
    """Every pattern of pydantic's own schema, which unlike the JSON Schema has those of keys too."""
    if isinstance(schema, dict):
        own = {schema["pattern"]} if schema.get("type") == "str" and "pattern" in schema else set()
        return own.union(*map(patterns, schema.values()))
    return set().union(*map(patterns, schema)) if isinstance(schema, (list, tuple)) else set()


def test_every_pattern_of_the_schema_has_a_sentence() -> None:
    found = patterns(Company.__pydantic_core_schema__)
    of_sip_addresses = {pattern for pattern in found if pattern.startswith("^sips?:")}  # the key of a number
    assert found - of_sip_addresses == set(PATTERNS)
