"""What a check finds, and what it works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from threading import Lock

from commands.in_force import as_far_as_told
from config.company import Company
from config.environment import Environment
from config.problems import SettingsError
from config.trouble import Trouble


class Level(StrEnum):
    """How it is with a part. A warning can wait; what is broken loses calls, or will; `unchecked` nobody knows."""

    WELL = "well"
    WARNING = "warning"
    BROKEN = "broken"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was found, and what to do about it, in a sentence; "" where there is nothing to do."""

    level: Level
    said: str
    remedy: str = ""


def well(said: str) -> Finding:
    """Something is as it should be."""
    return Finding(level=Level.WELL, said=said)


def warning(said: str, remedy: str) -> Finding:
    """Something should be mended when there is time."""
    return Finding(level=Level.WARNING, said=said, remedy=remedy)


def broken(said: str, remedy: str) -> Finding:
    """Something has to be mended now."""
    return Finding(level=Level.BROKEN, said=said, remedy=remedy)


def unchecked(said: str) -> Finding:
    """Something could not be looked at, for a reason that is told elsewhere."""
    return Finding(level=Level.UNCHECKED, said=said)


def told(trouble: Trouble, *, before: str = "", remedy: str = "") -> Finding:
    """Make a finding of what a check of the app finds; `before` says of what, `remedy` replaces its own."""
    if trouble.level == "unknown":  # what it is instead has a line of its own
        return unchecked(before + trouble.to_strangers)
    return Finding(level=Level(trouble.level), said=before + trouble.what, remedy=remedy or trouble.remedy)


@dataclass(frozen=True, kw_only=True)
class Patient:
    """An installation: its environment as far as that is right, what is wrong with it, and its settings."""

    environment: Environment
    problems: tuple[str, ...] = ()
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    _read: list[Rules | SettingsError] = field(default_factory=list, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @property
    def wrong(self) -> frozenset[str]:
        """The variables that are missing or malformed."""
        return frozenset(problem.partition(" ")[0] for problem in self.problems)

    def settings(self) -> Rules:
        """The settings that are in force, read once for all checks; raises SettingsError."""
        with self._lock:
            if not self._read:
                self._read.append(_rules(self.environment))
            (found,) = self._read
        if isinstance(found, SettingsError):
            raise found
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """The company, and where its settings are from."""

    company: Company
    source: str


def _rules(environment: Environment) -> Rules | SettingsError:
    """What is published, else the file: it is what a start imports, and what stands in while SQL is away."""
    file = environment.company_file
    try:
        found = as_far_as_told(environment, file)
        instead = (
            ", while the database does not tell what is published" if found.silent else "; nothing is published yet"
        )
        source = f"{file}{instead}" if found.number is None else f"revision {found.number}"
        return Rules(company=found.company(), source=source)
    except SettingsError as problem:
        return problem
