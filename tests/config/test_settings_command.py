"""`flask company check` and `flask company schema`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from commands.company import company
from config.schema import schema_text
from tests.config.documents import group, settings


@pytest.fixture(autouse=True)
def no_company_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the surroundings out of the tests."""
    monkeypatch.delenv("COMPANY_FILE", raising=False)
    monkeypatch.setenv("DATABASE_URL", "sqlite:////nowhere/none.sqlite")


@pytest.fixture
def wrong(tmp_path: Path) -> str:
    """A file with one error and one warning."""
    path = tmp_path / "wrong.yaml"
    path.write_text(settings({"groups.sales.members": ["lusi"], "groups.sales.hold": {"max_minutes": 5}}))
    return str(path)


def run(*words: str) -> Result:
    return CliRunner().invoke(company, list(words))


def test_the_sample_is_checked_when_nothing_else_is_named() -> None:
    result = run("check")
    assert result.exit_code == 0
    assert result.output.endswith("\nconfig/company.yaml: no problems\n")


def test_every_problem_is_printed_and_an_error_ends_with_1(wrong: str) -> None:
    result = run("check", wrong)
    *problems, summary = result.output.splitlines()
    assert result.exit_code == 1
    assert [int(line.split()[1].rstrip(":")) for line in problems] == [19, 21]
    assert 'line 19: groups.sales.members.0 = "lusi": there is no such entry' in result.output
    assert "line 21: warning: groups.sales.hold: " in result.output
    assert summary == f"{wrong}: 1 error, 1 warning"


def test_warnings_alone_end_with_0(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text(settings({"groups.spare": group()}))
    result = run("check", str(tmp_path / "odd.yaml"))
    assert result.exit_code == 0
    assert result.output.endswith("odd.yaml: 1 warning\n")


def test_the_environment_names_the_file(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPANY_FILE", wrong)
    assert run("check").exit_code == 1
    assert run("check", "config/company.yaml").exit_code == 0


def test_problems_as_json(wrong: str) -> None:
    result = run("check", wrong, "--json")
    assert result.exit_code == 1
    told = json.loads(result.output)
    error = next(p for p in told["problems"] if p["level"] == "error")
    assert error.keys() == {"path", "message", "value", "level", "line"}
    assert error["path"] == "groups.sales.members.0"
    assert told["numbers"] is None, "nothing is walked while there are errors"
    assert told["walk"] is None


def test_a_missing_file_is_a_problem_and_no_traceback(tmp_path: Path) -> None:
    result = run("check", str(tmp_path / "none.yaml"))
    assert result.exit_code == 1
    assert result.output.startswith("there is no file")
    assert isinstance(result.exception, SystemExit)


def test_the_schema_is_printed_as_it_is_committed() -> None:
    result = run("schema")
    assert (result.exit_code, result.output) == (0, schema_text())
    schema = json.loads(result.output)
    assert schema["title"] == "Ringpath company settings"
    assert "$id" not in schema
    assert list(schema["properties"])[:3] == ["company", "timezone", "language"]


def test_the_schema_refuses_keys_that_the_check_refuses() -> None:
    schema = json.loads(schema_text())
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["Menu"]["properties"]["choices"]["additionalProperties"] is False
    assert schema["properties"]["numbers"]["propertyNames"]["pattern"].startswith("^(")
