"""A throw-away PostgreSQL: `python -m local.postgres run COMMAND…` runs a command with POSTGRES_TEST_URL set.

The server has a folder of its own, listens on a Unix socket in it, keeps nothing safe from a power cut, and is stopped
and forgotten when the command ends, whatever happens. Only the standard library is used. PostgreSQL refuses to run as
root, so root hands it to a user who owns nothing.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from local import CannotStartError
from local.leash import leashed

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
"""Where distributions hide the server's programs from the PATH."""

NOBODY = 65534
"""The user and the group of the server where root starts it."""

USER = "ringpath"
PORT = 5432  # names the socket; nothing listens on the network
PAUSE = 0.05  # seconds between two looks
ATTEMPTS = 600  # 30 s
STOP_SECONDS = 20.0
LOG_LINES = 8  # lines of the log that an error quotes

OPTIONS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "500",  # some for each of as many test processes as there are cores
    "fsync": "off",
    "full_page_writes": "off",
    "timezone": "UTC",
}


@dataclass(frozen=True, kw_only=True)
class Running:
    """A server that answers, and where it listens."""

    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """The address of its first database."""
        return f"postgresql://{USER}@/postgres?host={quote(str(self.folder))}&port={PORT}"


def programs() -> Path:
    """Return the folder of initdb and postgres, the newest ones; raises CannotStartError when there are none."""
    on_path = shutil.which("postgres")
    if on_path and shutil.which("initdb"):
        return Path(on_path).parent
    found = [folder for pattern in PLACES for folder in Path("/").glob(pattern[1:]) if (folder / "postgres").exists()]
    if not found:
        raise CannotStartError("there is no PostgreSQL on this machine: install it (Debian: apt install postgresql)")
    return max(found, key=lambda folder: int("0" + "".join(re.findall(r"\d+", folder.parent.name)[:1])))


def create() -> Path:
    """Make the folder of a new server, outside of any that only we may enter. Raises CannotStartError."""
    folder = Path(tempfile.mkdtemp(prefix="ringpath-postgres-"))
    try:
        _initialise(folder)
    except CannotStartError:
        forget(folder)
        raise
    return folder


def _initialise(folder: Path) -> None:
    if os.getuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    command = (str(programs() / "initdb"), "--pgdata", str(folder / "data"), "--username", USER)
    options = ("--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync")
    done = subprocess.run(  # noqa: S603 - a program of the system with options of ours
        _as_somebody((*command, *options)), cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotStartError(f"PostgreSQL made no database:\n{done.stdout}{done.stderr}")


def start(folder: Path) -> Running:
    """Start the server of a folder; returns when it answers. Raises CannotStartError."""
    settings = [word for name, value in OPTIONS.items() for word in ("-c", f"{name}={value}")]
    command = (str(programs() / "postgres"), "-D", str(folder / "data"), "-k", str(folder), *settings)
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - a program of the system with options of ours
            _as_somebody(command, leash=True),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the command
        )
    for _ in range(ATTEMPTS):
        if _answers(folder):
            return Running(folder=folder, process=process)
        if process.poll() is not None:
            break
        time.sleep(PAUSE)
    process.kill()
    process.wait()
    raise CannotStartError(f"PostgreSQL did not start; its log ends with:\n{_log_end(folder)}")


def stop(running: Running) -> None:
    """End a server, and the connections to it."""
    running.process.send_signal(signal.SIGINT)  # its "fast" shutdown; SIGTERM would wait for the connections
    try:
        running.process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        running.process.kill()
        running.process.wait()


def forget(folder: Path) -> None:
    """Remove the folder of a server that has ended."""
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def throw_away() -> Iterator[Running]:
    """A server for a while."""
    folder = create()
    try:
        running = start(folder)
        try:
            yield running
        finally:
            stop(running)
    finally:
        forget(folder)


def run(command: list[str]) -> int:
    """Run a command with the address of a server in POSTGRES_TEST_URL; returns its exit code."""
    signal.signal(signal.SIGTERM, _on_sigterm)
    with throw_away() as running:
        job = subprocess.Popen(command, env=os.environ | {"POSTGRES_TEST_URL": running.url})  # noqa: S603 - the caller's own
        try:
            return _waited(job)
        finally:
            job.terminate()  # only where we were told to end first
            job.wait()


def _waited(job: subprocess.Popen[bytes]) -> int:
    while True:
        try:
            code = job.wait()
        except KeyboardInterrupt:  # the command has been told too, and ends as it likes
            continue
        return code if code >= 0 else 128 - code


def _on_sigterm(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def _as_somebody(command: tuple[str, ...], *, leash: bool = False) -> tuple[str, ...]:
    """The command line for whoever may run the server; with a leash it ends with us, at the latest (Linux)."""
    if os.getuid() != 0:
        return leashed(command) if leash else command
    away = shutil.which("setpriv")
    if away is None:
        raise CannotStartError("PostgreSQL refuses to run as root, and there is no setpriv (util-linux) to leave it by")
    who = (away, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    return (*who, *(("--pdeathsig", "TERM") if leash else ()), *command)


def _answers(folder: Path) -> bool:
    """Whether the server takes connections: the last line that it writes into its file of state says so."""
    try:
        return (folder / "data" / "postmaster.pid").read_text().splitlines()[7].strip() == "ready"
    except (OSError, IndexError):
        return False


def _log_end(folder: Path) -> str:
    return "\n".join((folder / "log").read_text(errors="replace").splitlines()[-LOG_LINES:])


def main(words: list[str]) -> int:
    """Read the command line."""
    if len(words) < 2 or words[0] != "run":
        print("usage: python -m local.postgres run COMMAND…", file=sys.stderr)
        return 2
    try:
        return run(words[1:])
    except CannotStartError as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
