"""app.json and Procfile as Heroku reads them (devcenter.heroku.com: app-json-schema, release-phase, python-support)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from commands import create_app as create_commands
from config.environment import Environment, read
from local.run import procfile

REPOSITORY = Path(__file__).resolve().parents[2]
APP: dict[str, Any] = json.loads((REPOSITORY / "app.json").read_text("utf-8"))
PAGES = {name: (REPOSITORY / "docs" / f"{name}.md").read_text("utf-8") for name in ("heroku", "docker", "systemd")}
FIELDS = {name.upper(): field for name, field in Environment.__dataclass_fields__.items()}
KEYS = {"name", "description", "keywords", "website", "repository", "logo", "success_url", "scripts", "env"} | {
    "formation",
    "image",
    "addons",
    "buildpacks",
    "environments",
    "stack",
}
DYNOS = {"eco", "basic", "standard-1x", "standard-2x", "performance-m", "performance-l"}
SET_BY_ADDONS = {"heroku-redis": "REDIS_URL", "heroku-postgresql": "DATABASE_URL"}
OURS_TO_FILL = {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "token", "SECRET_KEY": "s" * 64}
"""What whoever deploys types, and Heroku draws."""


def test_it_has_only_what_heroku_knows() -> None:
    assert APP.keys() <= KEYS
    for variable in APP["env"].values():
        assert variable.keys() <= {"description", "value", "required", "generator"}
    for dyno in APP["formation"].values():
        assert dyno.keys() == {"quantity", "size"}
        assert dyno["size"] in DYNOS - {"eco"}  # one that sleeps would let the first caller wait


def test_every_add_on_has_a_plan_and_sets_a_variable_of_ours() -> None:
    plans = dict(addon.split(":") for addon in APP["addons"])
    assert plans == {"heroku-redis": "mini", "heroku-postgresql": "essential-0"}
    assert {SET_BY_ADDONS[name] for name in plans} <= FIELDS.keys() - APP["env"].keys()


def test_what_is_filled_in_and_what_heroku_brings_is_an_environment_that_the_app_takes() -> None:
    values = {name: variable["value"] for name, variable in APP["env"].items() if "value" in variable}
    brought = {"REDIS_URL": "rediss://:p@ec2.example.com:6379", "DATABASE_URL": "postgres://u:p@ec2.example.com:5432/d"}
    environment = read(values | brought | OURS_TO_FILL)
    assert environment.crm == "contacts"
    asked_for = {name for name, variable in APP["env"].items() if variable.keys() == {"description"}}
    assert asked_for | {"SECRET_KEY"} == OURS_TO_FILL.keys()


def test_what_the_app_needs_is_asked_for_and_the_rest_may_stay_empty() -> None:
    for name, variable in APP["env"].items():
        if name in FIELDS and FIELDS[name].metadata["required"]:
            assert variable.get("required", True), name
        elif not variable.keys() & {"value", "generator"}:
            assert variable["required"] is False, name


def test_the_release_runs_as_often_as_there_is_a_release() -> None:
    """It is run after every build and every change of a variable: so it must be one that can be repeated."""
    assert procfile(REPOSITORY)["release"] == ("flask", "release")
    assert "Safe to repeat" in str(create_commands().cli.commands["release"].help)


@pytest.mark.parametrize("name", PAGES)
def test_the_commands_on_the_pages_of_deployment_exist(name: str) -> None:
    cli = create_commands().cli.commands
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", PAGES[name], re.S))
    found = re.findall(r"flask ([a-z]+)(?: ([a-z]+))?", blocks)
    assert ("doctor", "") in found
    assert ("numbers", "connect") in found
    for first, second in found:
        assert first in cli, first
        assert not second or second in getattr(cli[first], "commands", {}), second


@pytest.mark.parametrize("name", PAGES)
def test_the_files_and_variables_on_the_pages_of_deployment_exist(name: str) -> None:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[a-z-]+)?\)", PAGES[name]):
        assert (REPOSITORY / "docs" / link).exists(), link
    for path in re.findall(r"`([a-z]+/[a-z_]+\.(?:py|yaml))`", PAGES[name]):
        assert (REPOSITORY / path).exists(), path
    of_others = {"POSTGRES_PASSWORD", "RINGPATH_COMMIT", "FORWARDED_ALLOW_IPS", "ADDRESS", "NAME"}
    known = FIELDS.keys() | {"PORT", "WEB_CONCURRENCY"} | of_others
    assert set(re.findall(r"\b[A-Z][A-Z0-9]+_[A-Z0-9_]+\b", PAGES[name])) - known == set()


def test_the_page_about_heroku_has_the_add_ons_and_dynos_of_the_app() -> None:
    for addon in APP["addons"]:
        assert f"heroku addons:create {addon}" in PAGES["heroku"]
    wanted = " ".join(f"{name}={dyno['quantity']}:{dyno['size']}" for name, dyno in APP["formation"].items())
    assert f"heroku ps:scale {wanted}" in PAGES["heroku"]
