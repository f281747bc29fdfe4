"""From a file to a company: everything that is wrong at once, and nothing twice."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from config.loader import examine, load, parse
from config.problems import Problem, SettingsError, short
from tests.calls.companies import MAIN, acme
from tests.config.documents import GONE, NUMBER, SOUND, group, problems, settings


def unreadable(path: Path) -> str:
    with pytest.raises(SettingsError) as error:
        load(path)
    (problem,) = error.value.problems
    assert problem.path == ""
    return problem.message


def test_a_missing_file(tmp_path: Path) -> None:
    assert (
        unreadable(tmp_path / "none.yaml") == f"there is no file {tmp_path}/none.yaml; COMPANY_FILE names the settings"
    )


def test_a_folder(tmp_path: Path) -> None:
    assert unreadable(tmp_path).endswith("cannot be read: Is a directory")


def test_a_name_that_no_file_can_have() -> None:
    assert "cannot be read: embedded null" in unreadable(Path("a\0b"))


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes("company: Acme Ibérica".encode("latin-1"))
    assert "is not UTF-8 text (byte 16); save it as UTF-8" in unreadable(tmp_path / "x.yaml")


def test_an_endless_file_is_read_to_the_limit_only() -> None:
    assert unreadable(Path("/dev/zero")) == "the file is larger than 4 MB"


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("")
    assert unreadable(tmp_path / "x.yaml").startswith("the file is empty")


@pytest.mark.parametrize("text", ["- a", "text", "12", "[]"])
def test_a_document_that_is_no_mapping(text: str) -> None:
    (problem,) = examine(text)[1]
    assert problem.message.startswith("the settings are a mapping of keys")


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(settings(), encoding="utf-8-sig")
    assert load(tmp_path / "x.yaml").company == "Acme"


def test_a_sound_file_makes_a_company() -> None:
    assert parse(settings()).groups["sales"].members == ("ana", "luis")


def test_who_is_listed_twice_is_a_member_once_in_the_first_place() -> None:
    company = parse(settings({"groups.sales.members": ["luis", "ana", " luis", "ana"]}))
    assert company.groups["sales"].members == ("luis", "ana")


# The places are those of the file, whose lists are shown and edited as they were written.
def test_a_member_who_does_not_exist_is_found_where_the_file_has_him() -> None:
    found = {problem.path for problem in problems({"groups.sales.members": ["ana", "ana", "lusi", "luis"]})}
    assert found == {"groups.sales.members", "groups.sales.members.2"}


def test_warnings_do_not_keep_a_company_from_working() -> None:
    company, found = examine(settings({"groups.spare": group()}))
    assert company is not None
    assert [p.level for p in found] == ["warning"]


def test_an_error_of_a_check_keeps_a_company_from_working() -> None:
    company, _ = examine(settings({f"{NUMBER}.group": "none"}))
    assert company is None


def test_a_key_that_stands_twice_keeps_a_company_from_working() -> None:
    company, found = examine(settings() + "company: Again\n")
    assert company is None
    assert [p.path for p in found] == ["company"]


def test_everything_is_reported_at_once_in_the_order_of_the_file() -> None:
    changes = {
        "timezone": "Madrid",
        "employees.ana.extension": 101,
        "employees.ana.mobile": "+34803000000",
        "groups.sales.members": ["ana", "lusi"],
        "groups.sales.colour": "red",
        "menus.main.choices.2": {"employee": "anna", "no_answer": "continu"},
        f"{NUMBER}.closed": {"forward": "+34910000001"},
        "country": "ES",
    }
    with pytest.raises(SettingsError) as error:
        parse(settings(changes) + "company: Again\n")
    assert [p.path for p in error.value.problems] == [
        "employees.ana.extension",
        "employees.ana.mobile",
        "groups.sales.members.1",
        "groups.sales.colour",
        "menus.main.choices.2.employee",
        "menus.main.choices.2.no_answer",
        f"{NUMBER}.closed.forward",
        "timezone",
        "company",
    ]


def test_a_problem_reads_as_one_line() -> None:
    with pytest.raises(SettingsError) as error:
        parse(settings({"groups.sales.ring_seconds": 3, "groups.spare": group()}))
    assert str(error.value).splitlines() == [
        "line 22: groups.sales.ring_seconds = 3: must be a whole number from 5 to 120",
    ]


def test_problems_of_the_whole_file_come_first_and_one_line_is_in_order_of_paths() -> None:
    places = [("b", 2), ("a", 2), ("c", 1), ("", None)]
    error = SettingsError(Problem(path=path, message="wrong", line=line) for path, line in places)
    assert [p.path for p in error.problems] == ["", "c", "a", "b"]


VALUES = [
    ("a\nb", '"a b"'),
    (True, "true"),
    (None, "null"),
    (12, "12"),
    ({"group": "sales", "ring": [1, 2.5, {}]}, '{group: "sales", ring: [1, 2.5, {}]}'),
    ("x" * 59, '"' + "x" * 58 + "…"),
    ("x" * 58, '"' + "x" * 58 + '"'),
    (10**100, "1" + "0" * 58 + "…"),
]


@pytest.mark.parametrize(("value", "shown"), VALUES)
def test_values_are_shown_as_they_might_be_written(value: object, shown: str) -> None:
    assert short(value) == shown


def test_of_a_huge_value_only_the_beginning_is_written() -> None:
    started = time.process_time()
    assert short([["x" * 1000] * 1000] * 1_000_000) == '[["' + "x" * 56 + "…"
    assert time.process_time() - started < 20


def test_when_nothing_can_be_saved_the_faults_alone_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = {"groups.sales.ring_seconds": 3, f"{NUMBER}.menu": "none"}
    assert len(problems(changes)) == 2
    monkeypatch.setattr("config.draft._MOST_ROUNDS", 0)
    assert [p.path for p in problems(changes)] == ["groups.sales.ring_seconds"]


def test_a_warning_says_that_it_is_one() -> None:
    found = Problem(path="groups.x", message="is odd", level="warning", line=3)
    assert str(found) == "line 3: warning: groups.x: is odd"
    assert str(Problem(path="", message="is empty")) == "is empty"
    assert str(Problem(path="", message="is a list", value="[1]")) == "is a list"


# What is left out because of a fault must not look as if it were missing.

NO_REPORT = {
    "a reference to a group with a fault": {"groups.sales": {"name": "Ventas"}},
    "a reference to a group of the wrong shape": {"groups.sales": 5},
    "a reference into a section of the wrong shape": {"groups": ["sales"]},
    "a reference to an employee with a fault": {"employees.luis": {"extension": "102"}},
    "a mobile that has a fault": {
        "employees.luis.mobile": "600",
        "groups.sales.no_answer": {"forward_to_mobile": "luis"},
    },
    "a group whose members have a fault": {"groups.sales.members": "ana", "groups.sales.no_answer": "hold"},
    "the last member of a group whose members have a fault": {"groups.sales.members": "ana"}
    | {"groups.sales.no_answer": "forward_to_mobile"},
    "a SIP address of a kind that has a fault": {"numbers.sip:pbx": {"name": "P", "group": "sales", "kind": "voip"}},
    "a device that has a fault": {"employees.ana.devices": ["x"], "employees.luis.devices": []},
    "how to reach an employee whose devices have a fault": {"employees.luis": {"name": "Luis", "devices": "x"}},
    "a reference to a menu with a fault": {"menus.main.choices": {}},
    "a reference to a schedule with a fault": {"schedules.office.weekly": {"x": []}},
    "what a number with a fault leads to": {f"{NUMBER}.name": 5},
    "the country when it has a fault": {"country": "Portugal", "groups.sales.no_answer": {"forward": "+351210000001"}},
    "the country when it is missing": {"country": GONE, "groups.sales.no_answer": {"forward": "+351210000001"}},
    "the countries when they have a fault": {"forwarding": {"countries": ["Portugal"]}}
    | {"groups.sales.no_answer": {"forward": "+351210000001"}},
    "who is out of reach because a name is misspelt": {"groups.sales.members": ["ana", "lusi"]},
    "a device that only the misspelt have": {"groups.sales.members": ["lusi"]},
    "an extension of an entry with a fault": {"employees.ana.name": GONE, "menus.main.choices.9": "ask_extension"},
}


@pytest.mark.parametrize("name", NO_REPORT)
def test_one_fault_is_one_problem(name: str) -> None:
    found = problems(NO_REPORT[name])
    assert len({p.path for p in found}) == 1, found


def test_a_number_with_a_fault_is_still_our_own() -> None:
    found = problems({f"{NUMBER}.name": 5, "groups.sales.no_answer": {"forward": "+34910000001"}})
    assert [p.path for p in found] == ["groups.sales.no_answer.forward", f"{NUMBER}.name"]


def test_an_extension_of_an_entry_with_a_fault_is_still_taken() -> None:
    found = problems({"employees.ana.name": GONE, "employees.luis.extension": "101"})
    assert {p.path for p in found} == {"employees.ana.name", "employees.luis.extension"}


def test_problems_of_a_number_spelled_with_spaces_know_their_line() -> None:
    changes = {"numbers.+34 910 000 002": {"name": "Spaces", "menu": "none"}, "numbers.+34 910 000 003": {"name": "X"}}
    lines = settings(changes).splitlines()
    assert [p.line for p in problems(changes)] == [
        lines.index("    menu: none") + 1,
        lines.index("  +34 910 000 003:") + 1,
    ]


def test_the_revision_follows_the_meaning_and_not_the_spelling() -> None:
    text = settings()
    assert parse(text).revision == parse("# a comment\n" + text).revision
    assert parse(text).revision != parse(settings({"company": "Other"})).revision


def big_company() -> str:
    """10,000 employees, and 25 numbers with 40 groups each, each group handing on to the next."""
    names = [f"e{i:05}" for i in range(10_000)]
    employees = (
        f'  {name}: {{name: E, extension: "{i:04}", devices: ["client:{name}"], mobile: "+346{i:08}", '
        f"crm_user: 1{i:04}}}"
        for i, name in enumerate(names)
    )
    no_answer = ["voicemail" if i % 40 == 39 else f"{{group: g{i + 1}}}" for i in range(1000)]
    groups = (
        f"  g{i}: {{name: G, members: [{', '.join(names[i * 10 : i * 10 + 10])}], no_answer: {then}}}"
        for i, then in enumerate(no_answer)
    )
    numbers = (f'  "+349100000{i:02}": {{name: N, group: g{i * 40}, greeting: {{say: Hola}}}}' for i in range(25))
    head = ["company: Big", "country: ES", "employees:", *employees, "groups:", *groups]
    return "\n".join([*head, "numbers:", *numbers])


def seconds(text: str) -> tuple[float, list[Problem]]:
    started = time.process_time()
    found = examine(text)[1]
    return time.process_time() - started, found


def test_ten_thousand_employees_are_checked_in_seconds() -> None:
    took, found = seconds(big_company())
    assert found == []
    assert took < 20  # about 1 s on one core of 2024; a check that compares all with all takes minutes


def test_ten_thousand_mistakes_are_named_in_seconds() -> None:
    took, found = seconds(big_company().replace("client:e", "clint:e").replace("[e", "[x"))
    assert len(found) == 11_000
    assert took < 30


def test_the_sound_company_is_not_changed_by_the_tests() -> None:
    assert parse(settings()).employees.keys() == SOUND["employees"].keys()


# A name that turns the direction of a line, or looks like another's, is shown on pages, in logs and in the CRM. What
# was published with one goes on, and is warned of.
def test_what_is_not_seen_in_a_name_is_left_out_and_joiners_stay() -> None:
    hidden = "\u202eAna\u200b Ru\u2066iz\ufeff\U000e0041"
    text = acme(
        company=hidden,
        employees={"ana": {"name": hidden, "department": hidden}, "zad": {"name": "\u0645\u06cc\u200c\u062e"}},
        groups={"sales": {"name": hidden}},
        numbers={MAIN: {"name": hidden}},
        contacts=[{"number": "+34600222001", "name": hidden}],
    )
    company, told = examine(text)
    assert company is not None
    ana = company.employees["ana"]
    names = [company.company, ana.name, ana.department, company.groups["sales"].name, company.numbers[MAIN].name]
    assert {*names, company.contacts[0].name} == {"Ana Ruiz"}
    assert company.employees["zad"].name == "\u0645\u06cc\u200c\u062e"
    warned = {problem.path for problem in told if "nobody sees (U+202E U+200B U+2066 U+FEFF)" in problem.message}
    assert warned == {
        *("company", "employees.ana.name", "employees.ana.department", "groups.sales.name"),
        *(f"numbers.{MAIN}.name", "contacts.0.name"),
    }


def test_a_name_of_which_nothing_is_seen_is_none() -> None:
    company, found = examine(acme(company="\u200b\u3164"))
    assert company is None
    assert [problem.path for problem in found if problem.level == "error"] == ["company"]
