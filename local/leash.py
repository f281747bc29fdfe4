"""Run a command that ends when the process which started it ends.

Used as a script: `python -I -S leash.py PARENT_PID COMMAND…`. It asks the kernel for a SIGTERM on the
parent's death (Linux: `man 2 PR_SET_PDEATHSIG`; the request survives `exec`) and then becomes the command.
Elsewhere it only becomes the command. It is a program of its own, and not a `preexec_fn`, because code
between fork and exec is unsafe once the parent has threads.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
NOT_FOUND = 127  # what a shell answers for a command that does not exist


def leashed(command: tuple[str, ...]) -> tuple[str, ...]:
    """The command line that runs `command` until the calling thread is gone, at the latest."""
    return (sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(os.getpid()), *command)


def main(parent: int, command: list[str]) -> None:
    """Set the signal and become `command`; returns only when the command cannot be run."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the request was made: there will be no signal
            sys.exit(f"{command[0]}: whoever started this is gone")
    try:
        os.execvp(command[0], command)  # noqa: S606 - the command is ours; a shell is what we do not want
    except OSError as problem:
        print(f"{command[0]}: {problem.strerror}", file=sys.stderr)
        sys.exit(NOT_FOUND)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
