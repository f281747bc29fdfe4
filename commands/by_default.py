"""What commands go by where nothing is named: the settings file and the provider, without any other environment."""

from __future__ import annotations

import os
from pathlib import Path

from config.environment import PROVIDERS

SAMPLE = Path("config/company.yaml")


def settings_file() -> Path:
    """The settings file that commands read: COMPANY_FILE, else the sample's place."""
    return Path(os.environ.get("COMPANY_FILE") or SAMPLE)


def the_provider() -> str:
    """The provider whose abilities commands go by: PROVIDER, else Twilio, whose abilities the simulator has too."""
    given = os.environ.get("PROVIDER", "")
    return given if given in PROVIDERS and given != "simulator" else PROVIDERS[0]
