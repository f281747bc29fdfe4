"""The Makefile on machines of all kinds, played by Python stand-ins that write down what they are asked."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
TOOLS = ("sh", "make", "env", "rm", "touch", "mkdir", "cp", "mv", "find", "cat")
# Writes down its arguments and REDIS_URL; `-m venv` makes an environment that holds a copy of it.
PYTHON = """#!/bin/sh
echo "${0##*/} $* [$REDIS_URL]" >> "$LOG"
case "$*" in
  *"-m pip install"*) exit ${PIP_FAILS:-0} ;;
  *"-m venv --clear"*) rm -rf .venv && mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
esac
"""
TOO_OLD = "#!/bin/sh\nexit 1\n"
WITHOUT_ENSUREPIP = '#!/bin/sh\ncase "$*" in *ensurepip*) exit 1 ;; esac\n'


class Machine:
    """A checkout on a machine with exactly these programs."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self.programs = folder / "bin"
        self.log = folder / "log"
        for new in (self.checkout, self.programs):
            new.mkdir()
        for name in ("Makefile", "requirements.lock", "requirements.txt", "requirements-dev.txt"):
            shutil.copy(REPOSITORY / name, self.checkout)
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found, tool
            (self.programs / tool).symlink_to(found)

    def has(self, name: str, script: str) -> None:
        """Install a program."""
        (self.programs / name).write_text(script)
        (self.programs / name).chmod(0o755)

    def make(self, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        """Run make, with a REDIS_URL around it."""
        surroundings = {"PATH": str(self.programs), "LOG": str(self.log), "REDIS_URL": "redis://elsewhere"}
        return subprocess.run(
            ["make", *words], cwd=self.checkout, env=surroundings | environ, capture_output=True, text=True, check=False
        )

    def did(self) -> list[str]:
        """What the Pythons were asked since the last look, but for looking at themselves."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.write_text("")
        return [line for line in lines if " -c " not in line and "--version" not in line]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_first_run_makes_an_environment_installs_and_starts(machine: Machine) -> None:
    machine.has("python3", PYTHON)
    made = machine.make("run")
    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines() == [
        "making a virtual environment in .venv with python3",
        "installing what Ringpath needs (requirements.lock)",
    ]
    created, installed, started = machine.did()
    assert created.startswith("python3 -m venv --clear .venv")
    assert "-m pip install" in installed
    assert "-r requirements.lock" in installed
    assert started == "python -m local.run [redis://elsewhere]"


def test_a_second_run_only_starts(machine: Machine) -> None:
    machine.has("python3", PYTHON)
    machine.make("run")
    machine.did()
    again = machine.make("run")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert machine.did() == ["python -m local.run [redis://elsewhere]"]


def test_changed_requirements_are_installed(machine: Machine) -> None:
    machine.has("python3", PYTHON)
    machine.make("test")
    machine.did()
    later = (machine.checkout / ".venv" / ".installed").stat().st_mtime + 10
    os.utime(machine.checkout / "requirements.lock", (later, later))
    assert machine.make("run").stdout == "installing what Ringpath needs (requirements.lock)\n"


def test_the_tests_find_no_settings_of_the_surroundings(machine: Machine) -> None:
    machine.has("python3", PYTHON)
    assert machine.make("test").returncode == 0
    _, locked, installed, tested = machine.did()
    assert "-r requirements.lock" in locked
    assert "-r requirements-dev.txt" in installed
    assert tested.startswith("python -m pytest -n ")
    assert tested.endswith("[]")
    assert machine.make("run").stdout == "", "what the tests need includes what a run needs"


def test_an_interrupted_installation_is_taken_up_again(machine: Machine) -> None:
    machine.has("python3", PYTHON)
    assert machine.make("run", PIP_FAILS="1").returncode != 0
    assert not any("local.run" in line for line in machine.did())
    again = machine.make("run")
    assert again.stdout == "installing what Ringpath needs (requirements.lock)\n"
    assert again.returncode == 0


def test_an_environment_whose_python_has_gone_is_made_again(machine: Machine) -> None:
    machine.has("python3", PYTHON)
    machine.make("run")
    python = machine.checkout / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3.11")
    again = machine.make("run").stdout.splitlines()
    assert [line.split()[0] for line in again] == ["making", "installing"]
    assert machine.make("run").stdout == ""


def test_an_old_python3_is_passed_over_for_a_newer_one(machine: Machine) -> None:
    machine.has("python3", TOO_OLD)
    machine.has("python3.12", PYTHON)
    assert "with python3.12\n" in machine.make("run").stdout


def test_a_named_python_is_used(machine: Machine) -> None:
    machine.has("python3", TOO_OLD)
    machine.has("snake", PYTHON)
    assert "with snake\n" in machine.make("run", "PYTHON=snake").stdout


@pytest.mark.parametrize("target", ["run", "test"])
def test_too_old_a_python_is_explained(machine: Machine, target: str) -> None:
    machine.has("python3", TOO_OLD)
    made = machine.make(target)
    assert made.returncode != 0
    assert "Ringpath needs Python 3.11 or newer" in made.stderr
    assert "(too old, or broken: python3)" in made.stderr
    assert "make PYTHON=" in made.stderr


def test_no_python_at_all_is_explained(machine: Machine) -> None:
    made = machine.make("run")
    assert made.returncode != 0
    assert "Ringpath needs Python 3.11 or newer" in made.stderr
    assert "too old" not in made.stderr


def test_a_missing_ensurepip_is_explained(machine: Machine) -> None:
    machine.has("python3", WITHOUT_ENSUREPIP)
    made = machine.make("run")
    assert made.returncode != 0
    assert "python3 cannot make virtual environments (its ensurepip is missing)" in made.stderr
    assert "sudo apt install python3-venv" in made.stderr


def test_clean_removes_what_was_made_and_keeps_env(machine: Machine) -> None:
    machine.has("python3", PYTHON)
    machine.make("run")
    (machine.checkout / ".env").touch()
    (machine.checkout / "var").mkdir()
    assert machine.make("clean").returncode == 0
    assert not (machine.checkout / ".venv").exists()
    assert not (machine.checkout / "var").exists()
    assert (machine.checkout / ".env").exists()


def test_a_schema_that_cannot_be_made_leaves_the_old_one(machine: Machine) -> None:
    machine.has("python3", PYTHON.replace("esac", '*"company schema"*) exit 1 ;;\nesac'))
    (machine.checkout / "config").mkdir()
    schema = machine.checkout / "config" / "schema.json"
    schema.write_text("{}")
    assert machine.make("schema").returncode != 0
    assert schema.read_text() == "{}"
