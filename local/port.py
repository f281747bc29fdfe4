"""Whether a TCP port of this machine is free, and who has it if not."""

import re
import socket
from contextlib import suppress
from pathlib import Path

from local import CannotStartError

HOST = "127.0.0.1"
LISTENING = "0A"  # TCP_LISTEN in /proc/net/tcp, see `man 5 proc`


def parse(text: str) -> int:
    """The port that `text` names; raises CannotStartError for anything that is none."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise CannotStartError(f"PORT={text} is not a port: choose a number from 1024 to 65535")
    return int(text)


def require_free(port: int) -> None:
    """Raise CannotStartError, naming the holder where the system tells, unless a server can listen there."""
    with socket.socket() as probe:
        # As gunicorn does: a port that a server left a moment ago may be used again.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except PermissionError as problem:
            raise CannotStartError(f"port {port} needs an administrator. {_remedy(port)}") from problem
        except OSError as problem:
            raise CannotStartError(f"port {port} is busy{_by_whom(port)}. {_remedy(port)}") from problem


def _remedy(port: int) -> str:
    return f"Choose another one: PORT={port + 1 if 1024 <= port < 65535 else 8001} make run"


def _by_whom(port: int) -> str:
    """Like `: process 12 (python -m this) has it`; nothing where there is no /proc, or it is another user's."""
    wanted = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for folder in Path("/proc").glob("[0-9]*"):
        if wanted & _open_files(folder):
            with suppress(OSError):  # gone meanwhile
                words = (folder / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
                return f": process {folder.name} ({b' '.join(words).decode(errors='replace')[:80]}) has it"
    return ""


def _open_files(process: Path) -> set[str]:
    """What a process has open; nothing of one that has gone or is another user's."""
    files = set()
    with suppress(OSError):
        for link in (process / "fd").iterdir():
            with suppress(OSError):  # closed meanwhile
                files.add(str(link.readlink()))
    return files


def _listening_inodes(port: int) -> set[str]:
    """The socket numbers listening on the port, by the columns of /proc/net/tcp and tcp6."""
    inodes = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if table.exists():
            for line in table.read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                    inodes.add(columns[9])
    return inodes
