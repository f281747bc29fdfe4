"""What every page works with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Protocol
from zoneinfo import ZoneInfo

from flask import current_app
from redis import Redis
from sqlalchemy import Engine

from calls.settings import Settings
from config.company import Company
from config.environment import Environment
from config.trouble import Troubles
from flows.live import Note
from simulator.telephone import Telephone

NAME = "reception"

Check = Callable[[], Troubles]
"""Says what is wrong with a part of the app."""

ProviderSound = Callable[[str, BinaryIO], str]
"""Writes the sound at an address of the provider's into a file, and returns its content type; raises ShelfError."""


class Line(Protocol):
    """A simulated call (local.telephones): its telephone, its settings, and why it goes where it goes."""

    @property
    def telephone(self) -> Telephone:
        """What the caller and everybody called can do."""
        ...

    @property
    def company(self) -> Company:
        """The settings that the call is routed by."""
        ...

    def trace(self) -> list[Note]:
        """Return the decisions taken up to now."""
        ...

    def close(self) -> None:
        """Hang up, if the call is not over, and put everything away."""
        ...


@dataclass(frozen=True, kw_only=True)
class Reception:
    """The settings, the stores, the environment, the time, and the parts that can say how they are."""

    settings: Settings
    engine: Engine
    """The pages' own: calls and the settings have other connections, and wait for none of these."""
    redis: Redis
    environment: Environment
    clock: Callable[[], datetime]
    board: Any
    checks: Mapping[str, Check]
    telephone: Callable[[datetime | None], Line]
    """Opens a line for one simulated call, at a moment of its own or now."""
    provider_sound: ProviderSound | None = None

    @property
    def company(self) -> Company:
        """The company as published."""
        return self.settings.company

    @property
    def counts_simulated(self) -> bool:
        """Whether simulated calls are what happens here: where the provider is none, every call is one."""
        return self.environment.provider == "simulator"

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone."""
        return ZoneInfo(self.company.timezone)

    def local(self, moment: datetime) -> datetime:
        """A moment as the clocks at the company show it."""
        return moment.astimezone(self.zone)


def here() -> Reception:
    """The reception of the app that serves this request."""
    found: Reception = current_app.extensions[NAME]
    return found
