"""Moments and places that the tests share."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "config" / "company.yaml"
MADRID = ZoneInfo("Europe/Madrid")
OPEN = "2026-11-24 10:30"
"""A Tuesday morning: the sample company is open."""


def at(text: str) -> datetime:
    """A moment in Madrid, such as "2026-11-24 10:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=MADRID)
