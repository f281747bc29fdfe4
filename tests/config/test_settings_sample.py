"""config/company.yaml: a working example that shows all six ways to forward a call."""

from __future__ import annotations

import pytest

from config.company import Company
from config.destinations import Forward, ForwardToMobile
from config.loader import examine
from config.schema import schema_text
from tests.moments import SAMPLE


def test_it_has_no_problems() -> None:
    assert examine(SAMPLE.read_text(encoding="utf-8"))[1] == []


def test_editors_find_its_schema() -> None:
    head = SAMPLE.read_text(encoding="utf-8").splitlines()[0]
    assert head == "# yaml-language-server: $schema=schema.json"


def test_the_schema_beside_it_is_that_of_the_models() -> None:
    assert SAMPLE.with_name("schema.json").read_text(encoding="utf-8") == schema_text()


def after_an_extension(sample: Company) -> bool:
    number = sample.numbers["+34910000001"]
    return number.greeting is not None and number.extensions.no_answer == "forward_to_mobile"


def from_the_menu(sample: Company) -> bool:
    menu = sample.menus[sample.numbers["+34910000001"].menu or ""]
    return menu.choices["4"] == Forward(forward="+34911222333")


def to_the_responsible(sample: Company) -> bool:
    rule = sample.numbers["+34910000001"].responsible
    return rule is not None and rule.no_answer == "forward_to_mobile" and sample.contacts[0].employee == "eva"


def from_a_group_to_an_employee(sample: Company) -> bool:
    return sample.groups["sales"].no_answer == ForwardToMobile(forward_to_mobile="ana")


def from_a_group_to_a_number(sample: Company) -> bool:
    group = sample.groups[sample.numbers["+34910000003"].group or ""]
    return bool(group.members) and isinstance(group.no_answer, Forward)


def out_of_hours(sample: Company) -> bool:
    number = sample.numbers["+34910000001"]
    return number.schedule == "office" and number.closed == Forward(forward="+34910000999")


def unconditional(sample: Company) -> bool:
    number = sample.numbers["+34910000002"]
    group = sample.groups[number.group or ""]
    off = not (number.greeting or number.menu or number.responsible or number.schedule)
    return off and not group.members and isinstance(group.no_answer, Forward)


SCENARIOS = [
    after_an_extension,
    from_the_menu,
    to_the_responsible,
    from_a_group_to_an_employee,
    from_a_group_to_a_number,
    out_of_hours,
    unconditional,
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_it_shows(scenario: object, sample: Company) -> None:
    assert callable(scenario)
    assert scenario(sample)


def test_an_extension_of_the_exchange_belongs_to_its_number(sample: Company) -> None:
    key = sample.number_called("sip:103@pbx.acme.sip.example.com")
    assert key == "sip:pbx.acme.sip.example.com"
    assert sample.numbers[key].sip_extension
    assert sample.extensions["103"].key == "eva"
