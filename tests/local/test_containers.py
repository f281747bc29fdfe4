"""Dockerfile, compose.yaml and .dockerignore say what the Procfile says, and keep secrets out. Nothing is built."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from app import create_app
from config.company import Company
from config.environment import Environment, read
from local.house import house_environment
from local.run import procfile

REPOSITORY = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PROCESSES = procfile(REPOSITORY)
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text("utf-8")
PASSWORD = re.compile(r"\$\{POSTGRES_PASSWORD:\?[^}]+\}")
ONLY_GUNICORN = {"PORT", "WEB_CONCURRENCY", "PROMETHEUS_MULTIPROC_DIR", "FORWARDED_ALLOW_IPS", "BIND_HOST"}


@pytest.mark.parametrize("name", PROCESSES)
def test_each_process_of_the_procfile_is_a_service_with_its_command(name: str) -> None:
    assert tuple(shlex.split(SERVICES[name]["command"])) == PROCESSES[name]


def test_there_is_no_process_that_the_procfile_lacks() -> None:
    assert SERVICES.keys() - PROCESSES.keys() == {"valkey", "postgres"}


def test_the_image_runs_web_by_itself() -> None:
    (found,) = re.findall(r"^CMD (.*)$", DOCKERFILE, re.M)
    assert tuple(yaml.safe_load(found)) == PROCESSES["web"]


@pytest.mark.parametrize("name", PROCESSES)
def test_variables_that_are_set_are_read_and_right(name: str) -> None:
    given = SERVICES[name]["environment"]
    assert given.keys() <= {field.upper() for field in Environment.__dataclass_fields__} | ONLY_GUNICORN
    texts = {key: PASSWORD.sub("secret", value) for key, value in given.items()}
    environment = read(
        texts
        | {"PUBLIC_URL": "https://x.example.com", "TWILIO_ACCOUNT_SID": "AC1"}
        | {"TWILIO_AUTH_TOKEN": "token", "SECRET_KEY": "a secret of the tests"}
    )
    assert environment.redis_url == "redis://valkey:6379/0"
    assert environment.database_url == "postgres://ringpath:secret@postgres:5432/ringpath"
    assert SERVICES[name]["env_file"] == ".env"


def test_who_is_waited_for_can_say_when_he_is_well() -> None:
    for service in SERVICES.values():
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert SERVICES[other]["healthcheck"]["test"][0] == "CMD"
            else:
                assert (other, how["condition"]) == ("release", "service_completed_successfully")
                assert SERVICES[other]["restart"] == "no"
    assert SERVICES["web"]["depends_on"] == SERVICES["worker"]["depends_on"]


def test_web_is_asked_at_an_address_that_it_has(sample: Company, redis_url: str) -> None:
    script = SERVICES["web"]["healthcheck"]["test"][-1]
    ((port, path),) = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", script)
    compile(script, "healthcheck", "exec")
    app = create_app(house_environment(redis_url, "twilio"), company=sample, with_pages=False)
    assert app.test_client().get(path).status_code == 200
    assert port == SERVICES["web"]["environment"]["PORT"]
    assert SERVICES["web"]["ports"] == [f"127.0.0.1:${{PORT:-8000}}:{port}"]
    assert f"EXPOSE {port}" in DOCKERFILE


# A host that may say how a request came must be the proxy: so the port is open to this machine alone.
def test_whom_web_believes_is_whom_it_is_open_to() -> None:
    assert SERVICES["web"]["environment"]["FORWARDED_ALLOW_IPS"] == "*"
    assert all(port.startswith("127.0.0.1:") for service in SERVICES.values() for port in service.get("ports", []))


def test_what_is_kept_is_in_volumes_and_the_rest_cannot_be_written() -> None:
    used = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert {name for name in used if not name.startswith(".")} == COMPOSE["volumes"].keys()
    for name in PROCESSES:
        service = SERVICES[name]
        assert (service["read_only"], service["user"], service["cap_drop"]) == (True, "ringpath", ["ALL"])
        assert service["volumes"] == [  # no folder of code, or an old image would run new code
            "./config/company.yaml:/app/config/company.yaml:ro",
            "recordings:/app/var/recordings",
        ]
    assert DOCKERFILE.index("USER ringpath") < DOCKERFILE.index("CMD")
    assert "var/recordings" in DOCKERFILE


def test_redis_drops_nothing_and_keeps_all() -> None:
    words = shlex.split(SERVICES["valkey"]["command"])
    options = dict(zip(words[1::2], words[2::2], strict=True))
    assert options == {"--appendonly": "yes", "--save": "", "--maxmemory-policy": "noeviction"}


def test_the_image_has_the_python_that_other_hosts_have() -> None:
    version = (REPOSITORY / ".python-version").read_text().strip()
    assert re.findall(r"^FROM (.*)$", DOCKERFILE, re.M) == [f"python:{version}-slim"]


# A file that holds the company's secrets must not travel in an image.
def test_no_secret_is_copied_into_the_image() -> None:
    ignored = (REPOSITORY / ".dockerignore").read_text().splitlines()
    assert {".env", ".env.*", "var", ".git", ".venv"} <= set(ignored)
    needed = {"app.py", "gunicorn.conf.py", "requirements.lock", ".flaskenv", "config", "pyproject.toml"}
    assert needed & set(ignored) == set()


def test_every_version_that_is_pulled_is_named() -> None:
    images = [SERVICES[name]["image"] for name in ("valkey", "postgres")]
    assert all(re.fullmatch(r"[\w/]+:\d+(\.\d+)?-alpine", image) for image in images)
