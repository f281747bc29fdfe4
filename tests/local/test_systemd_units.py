"""The units of deploy/systemd: systemd takes them, they run what the Procfile says, and they may do little."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local.run import procfile

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "deploy" / "systemd"
PLACE = "/srv/ringpath"
PROCESSES = procfile(REPOSITORY)
PAGE = (REPOSITORY / "docs" / "systemd.md").read_text("utf-8")
MOST_EXPOSED = 2.0

systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")


def unit(name: str) -> dict[str, dict[str, list[str]]]:
    """The sections of a unit; a key may stand several times."""
    found: dict[str, dict[str, list[str]]] = {}
    section = ""
    for line in (FOLDER / f"ringpath-{name}.service").read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(section, {}).setdefault(key, []).append(value)
    return found


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units as they would be where this checkout is the installation."""
    for file in FOLDER.glob("*.service"):
        (tmp_path / file.name).write_text(file.read_text("utf-8").replace(PLACE, str(REPOSITORY)), "utf-8")
    return tmp_path


@pytest.mark.parametrize("name", PROCESSES)
def test_each_process_of_the_procfile_is_a_service_with_its_command(name: str) -> None:
    (command,) = unit(name)["Service"]["ExecStart"]
    assert tuple(shlex.split(command.removeprefix(f"{PLACE}/.venv/bin/"))) == PROCESSES[name]
    assert {file.stem.removeprefix("ringpath-") for file in FOLDER.iterdir()} == PROCESSES.keys()


@systemd
def test_systemd_takes_them(units: Path) -> None:
    files = sorted(str(file) for file in units.glob("*.service"))
    asked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *files], capture_output=True, text=True, check=False
    )
    assert (asked.returncode, asked.stderr) == (0, "")


@systemd
@pytest.mark.parametrize("name", PROCESSES)
def test_they_may_do_little(units: Path, name: str) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", f"{units}/ringpath-{name}.service"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert float(re.findall(r"Overall exposure level for \S+: ([\d.]+)", said)[0]) <= MOST_EXPOSED


# Web and worker answer calls while the database is away, so a release that fails must not keep them from starting.
@pytest.mark.parametrize("name", ["web", "worker"])
def test_web_and_worker_wait_for_a_release_but_do_not_depend_on_it(name: str) -> None:
    section = unit(name)["Unit"]
    assert "ringpath-release.service" in section["After"][0]
    assert "ringpath-release.service" not in " ".join([*section.get("Requires", []), *section.get("Wants", [])])
    assert unit(name)["Service"]["Restart"] == ["always"]


def test_all_of_them_have_one_user_one_environment_and_one_hardening() -> None:
    def shared(name: str) -> dict[str, Any]:
        own = {"Type", "ExecStart", "ExecReload", "KillMode", "TimeoutStopSec", "Restart", "RestartSec", "Environment"}
        return {key: value for key, value in unit(name)["Service"].items() if key not in own | {"RuntimeDirectory"}}

    assert shared("web") == shared("worker") == shared("release")
    assert shared("web")["User"] == ["ringpath"]


def test_the_page_names_files_that_exist() -> None:
    assert unit("web")["Service"]["EnvironmentFile"] == ["/etc/ringpath.env"]
    assert "/etc/ringpath.env" in PAGE
    for path in re.findall(r"/srv/ringpath/([\w./-]+)", PAGE):
        assert (
            path.startswith(".venv/")
            or path.endswith("*.service")
            or (REPOSITORY / path).exists()
            or path == "deploy/systemd/"
        ), path
