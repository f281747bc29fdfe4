"""The README is true: its commands run, and what it lists is what the code has."""

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
from local.house import house_environment
from tests.moments import ROOT
from voice import capabilities
from voice.guard import NAME
from voice.profiles import PROFILES
from web.sessions import DOORS

README = (ROOT / "README.md").read_text("utf-8")
ONLY_GUNICORN = {"PORT", "WEB_CONCURRENCY"}
"""Read by gunicorn.conf.py and not by the app."""


def code_blocks() -> list[str]:
    return re.findall(r"```sh\n(.*?)```", README, re.S)


def flask_commands() -> list[str]:
    blocks = [line for block in code_blocks() for line in block.splitlines() if line.startswith(".venv/bin/flask")]
    rows = re.findall(r"^\|[^|]+\| `(--to [^`]+)` \|$", README, re.M)
    return blocks + [f".venv/bin/flask phone {row}" for row in rows]


def run(command: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "flask", *shlex.split(command)[1:]]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def table(heading: str) -> set[str]:
    """The first cells of the table under a header row."""
    start = README.index(heading)
    rows = README[start:].split("\n\n")[0].splitlines()[2:]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])}


@pytest.mark.parametrize("command", flask_commands())
def test_every_flask_command_of_the_readme_succeeds(command):
    done = run(command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_the_readme_shows_the_transcript_that_its_command_prints():
    command = next(line for line in flask_commands() if "--press 1" in line)
    shown = re.search(re.escape(command) + r"\n```\n\n```text\n(.*?)```", README, re.S)
    assert shown, "the command is followed by its transcript"
    assert run(command).stdout == shown.group(1)


def test_there_is_a_command_for_each_way_of_forwarding():
    assert len([line for line in flask_commands() if "# " not in line and "phone --to" in line]) >= 7


def test_the_readme_lists_the_variables_that_are_read():
    assert table("| variable |") == {field.name.upper() for field in fields(Environment)} | ONLY_GUNICORN


def test_env_example_has_every_variable_that_the_readme_lists():
    listed = set(re.findall(r"^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.M))
    assert listed == table("| variable |")


def test_the_readme_lists_the_endpoints_that_there_are(sample: Company, redis_url):
    portal = {"bitrix24_portal": "https://acme.bitrix24.com", "bitrix24_client_id": "local.1", "secret_key": "k"}
    environment = house_environment(redis_url, "twilio", crm="bitrix24", bitrix24_client_secret="s", **portal)
    app = create_app(environment, company=sample)
    doors = [rule for rule in app.url_map.iter_rules() if rule.endpoint.partition(".")[0] in DOORS]
    doors += app.extensions[NAME].url_map.iter_rules()
    rules = {re.sub(r"<.*", "…", rule.rule).replace("/media/….wav", "/media/hold.wav") for rule in doors}
    rules = {"/media/hold.wav" if rule.startswith("/media/") else rule for rule in rules}
    assert table("| endpoint |") == rules - {"/voice/…"}


def test_the_readme_lists_the_pages_that_there_are(sample: Company, redis_url):
    app = create_app(house_environment(redis_url, "twilio"), company=sample)
    rules = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.partition(".")[0] not in DOORS]
    assert table("| page |") == {"/" + re.split(r"[/.]", rule)[1] for rule in rules}


def test_the_readme_lists_the_commands_that_there_are():
    groups = create_commands().cli.commands
    words = {f"flask {name}" for name in groups if not hasattr(groups[name], "commands")}
    listed = {name: group.commands for name, group in groups.items() if hasattr(group, "commands")}
    words |= {f"flask {group} {name}" for group, commands in listed.items() for name in commands}
    targets = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.M)[0].split()
    words |= {f"make {target}" for target in targets} - {"make clean"}
    assert table("| command |") == words


def test_the_readme_says_what_works_with_which_provider() -> None:
    assert capabilities.table() in README
    assert {*capabilities.SHOWN, "simulator"} == {*PROFILES} == {*PROVIDERS}


def test_the_readme_says_what_each_package_is_for():
    pinned = re.findall(r"^([a-z0-9-]+)(?:\[[a-z]+\])?==", (ROOT / "requirements.txt").read_text("utf-8"), re.M)
    start = README.index("| package |")
    cells = [row.split("|")[1] for row in README[start:].split("\n\n")[0].splitlines()[2:]]
    assert {name.strip() for cell in cells for name in cell.split(",")} == set(pinned)
