"""`make run`: everything that the Procfile names, and a Valkey, on this machine until Ctrl-C.

The Procfile is the one list of what runs: its `release` command is the check before the start, every other
line is a child. Nothing here knows what the children are, except that `web` answers on /healthz.
"""

import fcntl
import http.client
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from local import CannotStartError, env_file, port, valkey
from local.crew import Crew, adopt_orphans, end_orphans
from local.env_file import Surroundings
from local.leash import leashed
from local.next_steps import first_link, next_steps

GLANCE_SECONDS = 0.2
READY_SECONDS = 60.0
# `timeout` and service managers signal a process and then its group: that is one request, not two.
SAME_REQUEST_SECONDS = 0.5
EMBEDDED = "valkey"


class StopRequests:
    """How often Ctrl-C or its like has come: once to stop, once more to hurry. `descriptor` wakes a select."""

    def __init__(self) -> None:
        self.count = 0
        self._last = -SAME_REQUEST_SECONDS
        self.descriptor, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # with a handler a child's end, too, wakes the select
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # `nohup make run`
                signal.signal(number, lambda *_: self._another())

    def _another(self) -> None:
        now = time.monotonic()
        if now - self._last >= SAME_REQUEST_SECONDS:
            self.count += 1
            self._last = now


def main() -> int:
    """Run until told to stop (0), or until something fails (1)."""
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal may know only ASCII
    requests = StopRequests()
    adopt_orphans()
    root = Path.cwd()
    try:
        number = env_file.chosen_port(root, os.environ)
        with _alone_in(root / "var", number):
            port.require_free(number)
            if env_file.ensure(root, number):
                say("ringpath", "wrote .env for this machine (secrets made at random, provider: simulator)")
            return _serve(root, env_file.surroundings(root, os.environ), requests)
    except CannotStartError as problem:
        say("ringpath", f"cannot start: {problem}")
        return 1


def say(name: str, line: str) -> None:
    """Show a line with its speaker, if any; when nobody reads any more, that is a request to stop."""
    try:
        print(f"{name:<9}| {line}" if name else line, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        signal.raise_signal(signal.SIGTERM)


def procfile(root: Path) -> dict[str, tuple[str, ...]]:
    """The command of each process type, split as a shell would."""
    lines = (root / "Procfile").read_text().splitlines()
    pairs = (line.split(":", 1) for line in lines if line.strip() and not line.startswith("#"))
    return {name.strip(): tuple(shlex.split(command)) for name, command in pairs}


@contextmanager
def _alone_in(folder: Path, number: int) -> Iterator[None]:
    """Hold the checkout: a second run would empty the first one's metrics and lose its Valkey."""
    folder.mkdir(mode=valkey.PRIVATE, parents=True, exist_ok=True)
    with (folder / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotStartError(f"this folder's Ringpath already runs, {lock.read().strip()}") from None
        lock.truncate(0)
        lock.write(f"at http://127.0.0.1:{number} (process {os.getpid()})\n")
        lock.flush()
        yield


def _serve(root: Path, here: Surroundings, requests: StopRequests) -> int:
    """Check, start, watch and stop; the exit code."""
    commands = procfile(root)
    # The Procfile's `gunicorn` and `python` are those of the virtual environment that runs this.
    path = f"{Path(sys.executable).parent}{os.pathsep}{here.variables.get('PATH', os.defpath)}"
    variables = {**here.variables, "PATH": path, "BIND_HOST": port.HOST, "PYTHONUNBUFFERED": "1"}
    link = first_link(_check(root, commands.pop("release", ()), variables))
    crew = Crew(say)
    crew.wake_on(requests.descriptor)
    with _redis(root, variables) as (redis_url, embedded):
        try:
            for name, command in commands.items():
                crew.start(name, command, {**variables, "REDIS_URL": redis_url}, root)
            return _watch(crew, embedded, next_steps(here, link), here.port, requests)
        finally:
            say("ringpath", "stopping (Ctrl-C again to hurry)")
            seen = requests.count
            crew.stop(hurry=lambda: requests.count > seen)
            end_orphans(keep=[embedded.pid] if embedded and embedded.pid else [])


def _check(root: Path, command: tuple[str, ...], variables: Mapping[str, str]) -> str:
    """Run the release command; return what it says, or show that and raise CannotStartError when it fails."""
    if not command:
        return ""
    check = subprocess.run(  # noqa: S603 - the Procfile's command
        leashed(command),
        cwd=root,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        process_group=0,  # a Ctrl-C is for us: a check that it broke off would look like a failed one
    )
    if check.returncode:
        for line in (check.stdout + check.stderr).splitlines():
            say("check", line)
        raise CannotStartError(f"`{shlex.join(command)}` found the problems above. Mend them and start again")
    return check.stdout


@contextmanager
def _redis(root: Path, variables: Mapping[str, str]) -> Iterator[tuple[str, valkey.Embedded | None]]:
    """REDIS_URL if there is one, else an embedded server that is stopped afterwards."""
    if url := variables.get("REDIS_URL"):
        yield url, None
        return
    embedded = valkey.ensure(root / "var")
    say("ringpath", f"Valkey {'started' if embedded.owned else 'found running'}, its data in var/")
    try:
        yield embedded.url, embedded
    finally:
        valkey.stop(embedded)


def _watch(
    crew: Crew, embedded: valkey.Embedded | None, steps: Sequence[str], number: int, requests: StopRequests
) -> int:
    """Show what the children say until a stop is asked for (0), one of them ends, or web never answers (1).

    As soon as web answers on its port (`number`), the next steps are shown.
    """
    deadline: float | None = time.monotonic() + READY_SECONDS
    while not requests.count:
        crew.listen(GLANCE_SECONDS if deadline else None)
        if fallen := crew.fallen() or _fallen(embedded):
            say("ringpath", f"{fallen[0]} ended by itself, {_how(fallen[1])}")
            return 0 if requests.count else 1
        if deadline and _answers(number):
            deadline = None
            for line in steps:
                say("", line)
        elif deadline and time.monotonic() > deadline:
            say("ringpath", f"web does not answer on {port.HOST}:{number}/healthz after {READY_SECONDS:.0f} s")
            return 1
    return 0


def _fallen(embedded: valkey.Embedded | None) -> tuple[str, int] | None:
    code = embedded.process.poll() if embedded and embedded.process else None
    return None if code is None else (EMBEDDED, code)


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _answers(number: int) -> bool:
    """Whether GET /healthz is answered with 200. Not through urllib: it would ask a proxy."""
    connection = http.client.HTTPConnection(port.HOST, number, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
