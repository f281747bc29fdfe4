"""The suite of phone calls under one provider's profile: `--provider telnyx`.

A test that needs what a provider cannot do says so, `@needs("whisper")`; the reason for leaving it out is the row of
the table in the README (voice.capabilities). A test that chooses its providers itself, `@chooses_providers`, is
the same under every profile, and is not collected again under another one.
"""

from __future__ import annotations

import re

import pytest

from voice.capabilities import CAPABILITIES
from voice.profiles import PROFILES, Profile

USUAL = "simulator"
"""Twilio's profile, with a REST API only where a test gives it one."""

chooses_providers = pytest.mark.chooses_providers

_chosen = USUAL


def needs(*capabilities: str) -> pytest.MarkDecorator:
    """Leave a test out where the provider lacks one of these rows of the table."""
    unknown = set(capabilities) - CAPABILITIES.keys()
    assert not unknown, f"no such capability: {unknown}"
    return pytest.mark.needs(*capabilities)


def chosen() -> str:
    """The provider of this run."""
    return _chosen


def real() -> str:
    """The same, or Twilio where the choice is a provider whose calls count as simulated."""
    return "twilio" if _chosen == USUAL else _chosen


def profile() -> Profile:
    """Its profile."""
    return PROFILES[_chosen]


def has(capability: str) -> bool:
    """Whether it can do something."""
    return CAPABILITIES[capability].has(profile())


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the provider be chosen, once for the whole run."""
    parser.addoption("--provider", choices=sorted(PROFILES), default=USUAL, help="whose profile calls are made under")


def pytest_configure(config: pytest.Config) -> None:
    """Take the choice, before a test is collected."""
    global _chosen
    _chosen = config.getoption("--provider")
    config.addinivalue_line("markers", "needs(*capabilities): left out where the provider lacks one")
    config.addinivalue_line("markers", "chooses_providers: the same under every profile")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the table says; and do not repeat what does not depend on the choice."""
    again = [item for item in items if _chosen != USUAL and item.get_closest_marker("chooses_providers")]
    if again:
        config.hook.pytest_deselected(items=again)
        items[:] = [item for item in items if item not in again]
    for item in items:
        for capability in (name for mark in item.iter_markers("needs") for name in mark.args):
            if not has(capability):
                item.add_marker(pytest.mark.skip(reason=lacks(capability)))


def lacks(capability: str) -> str:
    """Why a test is left out: the cell of the table."""
    row = CAPABILITIES[capability]
    return f"{_chosen}: {row.title}: {row.says(profile())}"


def browser(name: str) -> str:
    """The device that a person in a browser has under this provider, as `for_provider` writes it."""
    return f"client:{name}" if profile().client else f"sip:{name}@browser.example.com"


def for_provider(settings: str, provider: str) -> str:
    """Give people SIP telephones instead of browsers, where the provider of the run cannot ring a browser.

    A test that names a provider itself gets its settings as they are.
    """
    if provider not in (_chosen, real()) or PROFILES[provider].client:
        return settings
    return re.sub(r"client:(\w+)", r"sip:\1@browser.example.com", settings)
