"""What a check finds, and what it works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from threading import Lock

from calls import revisions
from calls.database import StoreError, connect, database_url
from commands.in_force import is_there
from config.company import Company
from config.environment import Environment
from config.loader import load, parse
from config.problems import SettingsError


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


@dataclass(frozen=True, kw_only=True)
class Patient:
    """An installation: its environment as far as that is right, what is wrong with it, and its settings."""

    environment: Environment
    problems: tuple[str, ...] = ()
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    _read: list[InForce | SettingsError] = field(default_factory=list, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @property
    def wrong(self) -> frozenset[str]:
        """The variables that are missing or malformed."""
        return frozenset(problem.partition(" ")[0] for problem in self.problems)

    def settings(self) -> InForce:
        """The settings that are in force, read once for all checks; raises SettingsError."""
        with self._lock:
            if not self._read:
                self._read.append(_in_force(self.environment))
            (found,) = self._read
        if isinstance(found, SettingsError):
            raise found
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class InForce:
    """The company, and where its settings are from."""

    company: Company
    source: str


def _in_force(environment: Environment) -> InForce | SettingsError:
    """What is published, else the file: it is what a start imports, and what stands in while SQL is away."""
    file = environment.company_file
    try:
        published, instead = _published(environment), "; nothing is published yet"
    except StoreError:
        published, instead = None, ", while the database does not tell what is published"
    try:
        if published is None:
            return InForce(company=load(file), source=f"{file}{instead}")
        return InForce(company=parse(published.document), source=f"revision {published.number}")
    except SettingsError as problem:
        return problem


def _published(environment: Environment) -> revisions.Revision | None:
    if not is_there(database_url(environment)):
        return None
    engine = connect(database_url(environment))
    try:
        with engine.connect() as connection:
            return revisions.newest(connection)
    finally:
        engine.dispose()
