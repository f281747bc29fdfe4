"""Checks run side by side, each within a time: one that hangs keeps none of the others back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from commands.doctor.finding import Finding, Patient, broken, unchecked

WITHIN = 15.0
"""Seconds for all checks together."""


class Check(NamedTuple):
    """What is looked at, by whom, and which variables must be right before it can be."""

    look: Callable[[Patient], Iterable[Finding]]
    needs: tuple[str, ...] = ()


def run(checks: Mapping[str, Check], patient: Patient, within: float = WITHIN) -> dict[str, list[Finding]]:
    """Run every check, and return what each found; one that does not end in time is a finding of its own."""
    until = time.monotonic() + within
    found: dict[str, list[Finding]] = {name: [] for name in checks}
    threads = {name: _start(check, patient, found[name]) for name, check in checks.items()}
    for name, thread in threads.items():
        thread.join(max(until - time.monotonic(), 0))
        if thread.is_alive():
            late = broken(
                f"no answer within {within:g} s", "see what keeps it from answering: the network, or its host"
            )
            found[name] = [*found[name], late]
    return found


def _start(check: Check, patient: Patient, found: list[Finding]) -> threading.Thread:
    thread = threading.Thread(target=_look, args=(check, patient, found), daemon=True)
    thread.start()
    return thread


def _look(check: Check, patient: Patient, found: list[Finding]) -> None:
    if lacking := sorted(patient.wrong.intersection(check.needs)):
        found.append(unchecked(f"not looked at, because of {', '.join(lacking)}"))
        return
    try:
        for finding in check.look(patient):
            found.append(finding)
    except Exception as error:  # a check that fails is told like what it looks for, and its text may have secrets in it
        found.append(broken(f"it could not be looked at ({type(error).__name__})", "tell the makers of Ringpath"))
