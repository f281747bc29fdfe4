"""The README and the pages of docs/ are true: their commands run, and what they list is what the code has."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import fields

import pytest

from app import create_app
from commands import create_app as create_commands
from config.company import Company
from config.environment import PROVIDERS, Environment
from config.release import TOLD_BY
from local.house import house_environment
from tests.moments import ROOT
from voice import capabilities
from voice.guard import NAME
from voice.profiles import PROFILES
from web.sessions import DOORS

PAGES = {page: page.read_text("utf-8") for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]}
OF_HOSTS = {"DYNO", "HEROKU_BUILD_COMMIT", "HEROKU_SLUG_COMMIT"}
"""Set by a host, and by nobody else."""

OF_LIBRARIES = {"REQUESTS_CA_BUNDLE"}
"""Read by a library of ours, and named in our messages."""

READS = re.compile(r"""os\.environ(?:\.get\(|\.setdefault\(|\[)["']([A-Z0-9_]+)["']""")


def page_with(said: str) -> str:
    """The one page that holds a heading, or a command; which one does not matter here."""
    (found,) = (text for text in PAGES.values() if said in text)
    return found


def flask_commands() -> list[str]:
    """What a newcomer is told to type: lines of blocks, and the rows of the ways of forwarding."""
    found = []
    for text in PAGES.values():
        blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.S))
        found += [line for line in blocks.splitlines() if line.startswith(".venv/bin/flask")]
        found += [f".venv/bin/flask phone {row}" for row in re.findall(r"^\|[^|]+\| `(--to [^`]+)` \|$", text, re.M)]
    return found


def words_of(command: str) -> list[str]:
    """What stands behind `flask`, as a shell reads it."""
    return shlex.split(command)[1:]


def run(command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    words = [sys.executable, "-m", "flask", *words_of(command)]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def rows_of(heading: str) -> list[str]:
    """The first cells of the table under a header row."""
    text = page_with(f"\n{heading}")
    rows = text[text.index(f"\n{heading}") + 1 :].split("\n\n")[0].splitlines()[2:]
    return [row.split("|")[1] for row in rows]


def table(heading: str) -> set[str]:
    """What is written as code in those cells."""
    return {name for cell in rows_of(heading) for name in re.findall(r"`([^`]+)`", cell)}


@pytest.mark.parametrize("command", flask_commands())
def test_every_flask_command_that_is_to_be_typed_succeeds(command, monkeypatch):
    monkeypatch.chdir(ROOT)
    done = create_commands().test_cli_runner().invoke(args=words_of(command))
    assert done.exit_code == 0, done.output
    assert "Traceback" not in done.stderr


def test_the_transcript_that_is_shown_is_what_its_command_prints_in_a_process_of_its_own():
    command = next(line for line in flask_commands() if "--press 1" in line)
    shown = re.search(re.escape(command) + r"\n```\n\n```text\n(.*?)```", page_with(command), re.S)
    assert shown, "the command is followed by its transcript"
    assert run(command).stdout == shown.group(1)


def test_there_is_a_command_for_each_way_of_forwarding():
    assert len([line for line in flask_commands() if "# " not in line and "phone --to" in line]) >= 7


def read_by_name() -> set[str]:
    """The variables that a running app, or its commands, read besides those of the table in config/environment.py."""
    files = [ROOT / "app.py", ROOT / "gunicorn.conf.py"]
    for folder in ("config", "flows", "live", "calls", "crm", "voice", "web", "commands"):
        files += (ROOT / folder).rglob("*.py")
    return {name for file in files for name in READS.findall(file.read_text("utf-8"))} | set(TOLD_BY)


def test_the_variables_that_are_listed_are_read():
    seldom, own = table("| seldom set |"), {field.name.upper() for field in fields(Environment)}
    assert table("| variable |") == own | {"PORT", "WEB_CONCURRENCY"}
    assert seldom & own == set()
    assert seldom | own == (read_by_name() | own | OF_LIBRARIES) - OF_HOSTS - {"PORT", "WEB_CONCURRENCY"}


def test_env_example_has_every_variable_that_is_listed():
    listed = set(re.findall(r"^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.M))
    assert listed == table("| variable |")


def test_the_endpoints_that_are_listed_are_there(sample: Company, redis_url):
    portal = {"bitrix24_portal": "https://acme.bitrix24.com", "bitrix24_client_id": "local.1", "secret_key": "k"}
    environment = house_environment(redis_url, "twilio", crm="bitrix24", bitrix24_client_secret="s", **portal)
    app = create_app(environment, company=sample)
    doors = [rule for rule in app.url_map.iter_rules() if rule.endpoint.partition(".")[0] in DOORS]
    doors += app.extensions[NAME].url_map.iter_rules()
    rules = {re.sub(r"<.*", "…", rule.rule) for rule in doors}
    rules = {"/media/hold.wav" if rule.startswith("/media/") else rule for rule in rules}
    assert table("| endpoint |") == rules - {"/voice/…"}


def test_the_pages_that_are_listed_are_there(sample: Company, redis_url):
    app = create_app(house_environment(redis_url, "twilio"), company=sample)
    rules = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.partition(".")[0] not in DOORS]
    assert table("| page |") == {"/" + re.split(r"[/.]", rule)[1] for rule in rules}


def test_the_commands_that_are_listed_are_there():
    groups = create_commands().cli.commands
    words = {f"flask {name}" for name in groups if not hasattr(groups[name], "commands")}
    listed = {name: group.commands for name, group in groups.items() if hasattr(group, "commands")}
    words |= {f"flask {group} {name}" for group, commands in listed.items() for name in commands}
    targets = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.M)[0].split()
    words |= {f"make {target}" for target in targets} - {"make clean"}
    assert table("| command |") == words


def test_it_is_said_what_works_with_which_provider() -> None:
    assert any(capabilities.table() in text for text in PAGES.values())
    assert {*capabilities.SHOWN, "simulator"} == {*PROFILES} == {*PROVIDERS}


def test_it_is_said_what_each_package_is_for():
    pinned = re.findall(r"^([a-z0-9-]+)(?:\[[a-z]+\])?==", (ROOT / "requirements.txt").read_text("utf-8"), re.M)
    assert {name.strip() for cell in rows_of("| package |") for name in cell.split(",")} == set(pinned)
