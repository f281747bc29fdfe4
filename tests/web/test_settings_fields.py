"""The fields of the settings' forms: what is shown of a document, what is written of what people type."""

from __future__ import annotations

import pytest

from config.editing import Document
from config.loader import examine, read_text
from tests.moments import SAMPLE
from tests.web.sent import APP, MAIN, as_shown, changed, sent
from web.settings.forms.desk import Desk, Place
from web.settings.forms.number import NumberForm
from web.settings.forms.people import ContactForm, EmployeeForm, GroupForm
from web.settings.forms.rules import BlockedForm, CompanyForm, ForwardingForm, ScheduleForm


def test_only_the_line_that_was_changed_is_written_anew() -> None:
    before = read_text(SAMPLE)
    after = sent(GroupForm, ("groups", "sales"), ring_seconds="25")
    assert changed(before, after) == ["ring_seconds: 25"]


def test_a_mobile_is_typed_as_it_is_dialled_in_the_company_s_country() -> None:
    after = sent(EmployeeForm, ("employees", "ana"), mobile="600 111 999")
    assert changed(read_text(SAMPLE), after) == ['mobile: "+34600111999"']


def test_a_number_that_cannot_be_made_out_is_kept_for_the_check_to_name() -> None:
    after = sent(EmployeeForm, ("employees", "ana"), mobile="call me")
    assert [problem.path for problem in examine(after)[1]][:1] == ["employees.ana.mobile"]


def test_a_number_of_seconds_that_is_no_number_is_kept_for_the_check_to_name() -> None:
    after = sent(GroupForm, ("groups", "sales"), ring_seconds="a while")
    assert "groups.sales.ring_seconds" in [problem.path for problem in examine(after)[1]]


def test_an_extension_stays_text() -> None:
    after = sent(EmployeeForm, ("employees", "ana"), extension="007")
    assert Document.read(after).get(("employees", "ana", "extension")) == "007"


@pytest.mark.parametrize(
    ("button", "members"),
    [
        ("up:1", ["eva", "luis", "ana"]),
        ("down:0", ["eva", "luis", "ana"]),
        ("out:2", ["luis", "eva"]),
        ("up:0", ["luis", "eva", "ana"]),
        ("up:9", ["luis", "eva", "ana"]),
        ("sideways:1", ["luis", "eva", "ana"]),
    ],
)
def test_members_are_moved_by_buttons(button: str, members: list[str]) -> None:
    after = sent(GroupForm, ("groups", "support"), members=["luis", "eva", "ana"], members__do=button)
    assert Document.read(after).get(("groups", "support", "members")) == members


def test_a_member_is_added_by_name_once() -> None:
    members = ["luis", "eva", "ana"]
    after = sent(GroupForm, ("groups", "support"), members=members, members__add="marta")
    assert Document.read(after).get(("groups", "support", "members")) == [*members, "marta"]
    again = sent(GroupForm, ("groups", "support"), after, members=[*members, "marta"], members__add="marta")
    assert again == after


def test_devices_are_written_by_their_kind() -> None:
    kinds, addresses = ["client:", "sip:", "", "client:"], ["ana", "ana@x.example.com", "911 222 104", ""]
    after = sent(EmployeeForm, ("employees", "ana"), devices=addresses, devices__kind=kinds)
    written = Document.read(after).get(("employees", "ana", "devices"))
    assert written == ["client:ana", "sip:ana@x.example.com", "+34911222104"]


def test_weekly_hours_are_typed_freely() -> None:
    rows = {"weekly-first": ["mon", "fri", "sat", ""], "weekly-last": ["thu", "fri", "", ""]}
    times = {"weekly-times": ["9-14, 15:00 – 18:00", "9:00-15.00", "10h-12h", ""]}
    after = sent(ScheduleForm, ("schedules", "office"), **rows, **times)
    assert Document.read(after).get(("schedules", "office", "weekly")) == {
        "mon-thu": ["09:00-14:00", "15:00-18:00"],
        "fri": ["09:00-15:00"],
        "sat": ["10:00-12:00"],
    }


def test_hours_that_were_not_touched_stay_spelled_as_they_are() -> None:
    text = read_text(SAMPLE).replace('"09:00-14:00", "15:00-18:00"', '"09:00 - 14:00"')
    rows = {"weekly-first": ["mon", "fri"], "weekly-last": ["thu", ""], "weekly-times": ["09:00-14:00", "9-13"]}
    after = sent(ScheduleForm, ("schedules", "office"), text, **rows)
    assert changed(text, after) == ['weekly: {mon-thu: ["09:00 - 14:00"], fri: ["09:00-13:00"]}']


def test_days_off_are_typed_as_they_are_written_on_paper() -> None:
    after = sent(ScheduleForm, ("schedules", "office"), days_off="24/12\r\n31.12.2026\r\n6.1\r\n")
    assert Document.read(after).get(("schedules", "office", "days_off")) == ["24.12", "2026-12-31", "06.01"]


def test_a_region_of_another_country_is_not_kept() -> None:
    after = sent(ScheduleForm, ("schedules", "office"), holidays="PT", holidays__region="MD")
    assert Document.read(after).get(("schedules", "office", "holidays")) == {"country": "PT"}


def test_a_stage_is_switched_off_and_on_with_its_rule() -> None:
    off = sent(NumberForm, MAIN, responsible=[])
    assert Document.read(off).get((*MAIN, "responsible")) is None
    rule = {"responsible": "y", "responsible__rule": "voicemail"}
    on = sent(NumberForm, MAIN, off, **rule)
    assert Document.read(on).get((*MAIN, "responsible")) == {"no_answer": "voicemail"}


def test_a_stage_that_is_on_by_a_word_can_be_given_a_rule() -> None:
    text = read_text(SAMPLE).replace("responsible: {no_answer: forward_to_mobile}", "responsible: true")
    after = sent(NumberForm, MAIN, text, responsible="y", responsible__rule="hang_up")
    assert Document.read(after).get((*MAIN, "responsible")) == {"no_answer": "hang_up"}


def test_what_has_no_effect_any_more_is_taken_out() -> None:
    open_always = sent(NumberForm, MAIN, schedule="", closed="forward:", closed__number="910000999")
    assert Document.read(open_always).get((*MAIN, "closed")) is None
    asks_no_more = read_text(SAMPLE).replace('"9": ask_extension', '"9": hang_up')
    silent = sent(NumberForm, MAIN, asks_no_more, greeting="")
    assert Document.read(silent).get((*MAIN, "extensions")) is None
    nobody_waits = sent(GroupForm, ("groups", "support"), no_answer="voicemail", members=["luis", "eva", "ana"])
    assert Document.read(nobody_waits).get(("groups", "support", "hold")) is None
    assert [p.path for p in examine(nobody_waits)[1]] == []


def test_a_greeting_is_replaced_by_a_recording_or_left_out() -> None:
    played = sent(NumberForm, MAIN, greeting="play", greeting__play="https://example.com/hello.wav")
    assert Document.read(played).get((*MAIN, "greeting")) == {"play": "https://example.com/hello.wav"}
    silent = sent(NumberForm, MAIN, greeting="")
    assert Document.read(silent).get((*MAIN, "greeting")) is None


def test_rules_of_the_company_are_written_where_they_belong() -> None:
    after = sent(ForwardingForm, (), countries=["ES", "DE", ""], minimum_balance="3,50", paid_until="2028-01-31")
    company, problems = examine(after)
    assert problems == []
    assert company
    assert company.forwarding.countries == ("ES", "DE")
    assert company.forwarding.minimum_balance == 3.5
    assert str(company.sip_connector and company.sip_connector.paid_until) == "2028-01-31"
    kept = sent(CompanyForm, (), keep_days="")
    assert examine(kept)[0].recordings.keep_days is None  # type: ignore[union-attr]


def test_blocking_by_itself_is_switched_off_with_its_numbers() -> None:
    off = sent(BlockedForm, (), auto_block=[], calls="7", blocked="+34900000000\r\n900 123 123")
    assert Document.read(off).get(("auto_block",)) is None
    assert Document.read(off).get(("blocked",)) == ["+34900000000", "+34900123123"]
    on = sent(BlockedForm, (), off, auto_block="y", calls="7")
    assert examine(on)[0].auto_block.calls == 7  # type: ignore[union-attr]


def test_a_contact_names_its_employee() -> None:
    after = sent(ContactForm, ("contacts", 2), employee="eva", number="600 222 003")
    assert Document.read(after).get(("contacts", 2)) == {
        "number": "+34600222003",
        "name": "Clínica Dental Prado",
        "employee": "eva",
    }


def test_what_a_form_cannot_show_is_left_alone() -> None:
    text = read_text(SAMPLE).replace("no_answer: {forward_to_mobile: ana}", "no_answer: {odd: [1, 2]}")
    after = sent(GroupForm, ("groups", "sales"), text, no_answer="as-written", name="Otra")
    assert "no_answer: {odd: [1, 2]}" in after
    assert "name: Otra" in after


# Two people: what one has not touched stays as the other has saved it meanwhile.
def test_a_field_that_was_not_touched_follows_what_another_person_saved() -> None:
    base: Place = ("groups", "sales")
    with APP.test_request_context("/"):
        opened = GroupForm(Desk(Document.read(read_text(SAMPLE)), base), "1")
        fields = {"seen": opened.seen, **as_shown(opened), "name": "Comercial", "extension": "222"}
    theirs = (
        read_text(SAMPLE)
        .replace('extension: "200"', 'extension: "201"')
        .replace("ring_seconds: 20", "ring_seconds: 30")
    )
    with APP.test_request_context("/", method="POST", data=fields):
        form = GroupForm(Desk(Document.read(theirs), base), "2")
        assert [field.short_name for field in form.overtaken] == ["extension"]
        assert form.ring_seconds.data == "30"
        assert form.name.data == "Comercial"
