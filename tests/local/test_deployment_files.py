"""What hosts and newcomers read names things that exist, and says the same everywhere."""

import ast
import json
import os
import re
import shlex
import subprocess
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner
from dotenv import dotenv_values
from flask.cli import cli as flask

from local import env_file
from local.run import procfile

REPOSITORY = Path(__file__).resolve().parents[2]
MAKEFILE = (REPOSITORY / "Makefile").read_text()
PROCESSES = procfile(REPOSITORY)
# DESIGN section 5, as far as a call needs it.
VARIABLES = {
    *("PUBLIC_URL", "PROVIDER", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_TOKEN"),
    *("TWILIO_API_URL", "REDIS_URL", "DATABASE_URL", "RECORDINGS_URL", "CRM"),
    *("BITRIX24_PORTAL", "BITRIX24_OAUTH_URL", "BITRIX24_CLIENT_ID", "BITRIX24_CLIENT_SECRET"),
    *("COMPANY_FILE", "SECRET_KEY", "PORT", "WEB_CONCURRENCY", "LOG_LEVEL"),
    *("LOG_FORMAT", "METRICS_TOKEN", "SENTRY_DSN", "TELNYX_PUBLIC_KEY"),
}
MAKE_MODULES = re.findall(r"\$\(PY\) -m ([\w.]+)", MAKEFILE)
REQUIREMENTS = ("requirements.txt", "requirements.lock", "requirements-dev.txt")
MAKE_SCRIPTS = re.findall(r"\$\(PY\) ([\w/]+\.py)", MAKEFILE)
FLASK = {name: value for name, value in dotenv_values(REPOSITORY / ".flaskenv").items() if value is not None}
FLASK_COMMANDS = sorted(
    {*re.findall(r"\$\(PY\) -m flask ([a-z]+(?: [a-z]+)*)(?![\w/])", MAKEFILE), " ".join(PROCESSES["release"][1:])}
)


def module_exists(name: str) -> bool:
    """Whether `python -m name` would find something, ours or installed."""
    path = REPOSITORY.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__main__.py").exists() or find_spec(name) is not None


def test_the_procfile_names_its_three_processes() -> None:
    assert set(PROCESSES) == {"web", "worker", "release"}
    assert PROCESSES["web"][0] == "gunicorn"
    assert PROCESSES["worker"][:2] == ("python", "-m")
    assert PROCESSES["release"][0] == "flask"


def test_the_procfile_needs_no_shell() -> None:
    """`make run` starts its commands without one."""
    assert not set("$|&;<>`*") & set((REPOSITORY / "Procfile").read_text())


def test_web_is_a_function_that_exists() -> None:
    module, _, call = PROCESSES["web"][1].partition(":")
    tree = ast.parse((REPOSITORY / f"{module}.py").read_text())
    assert call.removesuffix("()") in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("module", sorted({*MAKE_MODULES, PROCESSES["worker"][2]}))
def test_modules_that_are_run_exist(module: str) -> None:
    assert module_exists(module)


@pytest.mark.parametrize("script", [*MAKE_SCRIPTS, "gunicorn.conf.py", *REQUIREMENTS])
def test_files_that_are_named_exist(script: str) -> None:
    assert (REPOSITORY / script).is_file()


@pytest.mark.parametrize("command", FLASK_COMMANDS)
def test_flask_commands_that_are_run_exist(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    env_file.ensure(tmp_path, 8000)
    variables = env_file.surroundings(tmp_path, {}).variables
    environ = {**variables, **FLASK, "FLASK_SKIP_DOTENV": "1", "FLASK_RUN_FROM_CLI": "true"}
    asked = CliRunner(env=environ).invoke(flask, [*shlex.split(command), "--help"], prog_name="flask")
    assert asked.exit_code == 0, asked.output
    assert asked.stdout.startswith(f"Usage: flask {command}")


def test_the_tests_find_the_commands_where_newcomers_do() -> None:
    assert {"FLASK_APP": re.findall(r"FLASK_APP=(\w+)", MAKEFILE)[0]} == FLASK


def test_the_example_has_every_variable_with_a_line_about_it() -> None:
    lines = (REPOSITORY / ".env.example").read_text().splitlines()
    assert set(dotenv_values(REPOSITORY / ".env.example")) == VARIABLES
    assert all(lines[number - 1].startswith("# ") for number, line in enumerate(lines) if "=" in line)


def test_heroku_sets_what_it_does_not_bring_itself() -> None:
    app = json.loads((REPOSITORY / "app.json").read_text())
    assert set(app["env"]) == VARIABLES - {"PORT", "REDIS_URL", "DATABASE_URL"}
    assert all(variable["description"] for variable in app["env"].values())
    assert app["env"]["SECRET_KEY"]["generator"] == "secret"
    assert any(addon.startswith("heroku-redis") for addon in app["addons"])
    assert set(app["formation"]) == set(PROCESSES) - {"release"}


def test_the_host_s_python_is_one_that_the_project_allows() -> None:
    """Heroku's buildpack takes a major version, `3.N`, and adds the security releases itself."""
    version = re.fullmatch(r"3\.(\d+)\n", (REPOSITORY / ".python-version").read_text())
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    assert version
    assert int(version[1]) >= int(project["requires-python"].removeprefix(">=3."))


def test_continuous_integration_runs_what_the_readme_says() -> None:
    script = REPOSITORY / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)
    commands = [line.split(" 2>&1")[0] for line in script.read_text().splitlines() if line.startswith("make")]
    assert commands == ["make check", "make audit", "make test-providers", "make test"]
