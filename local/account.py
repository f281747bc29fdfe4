"""The company's account at a simulated provider."""

from __future__ import annotations

from dataclasses import replace

from config.company import Company
from config.environment import Environment
from simulator.dialects import DIALECTS
from simulator.provider import Provider
from voice.profiles import PROFILES


def account(company: Company, connect_url: str, environment: Environment) -> Provider:
    """The company's account at the simulated provider, whose webhooks really go to `connect_url`."""
    outgoing = {number.outgoing_number for number in company.numbers.values() if number.outgoing_number}
    name = environment.provider
    found = Provider(
        public_url=environment.public_url,
        connect_url=connect_url,
        account_sid=environment.twilio_account_sid,
        auth_token=environment.twilio_auth_token,
        dialect=DIALECTS["twilio" if name == "simulator" else name],
        fallback_url="" if PROFILES[name].fallback else None,
        own_numbers=frozenset({*company.numbers, *outgoing}),
    )
    return replace(found, api_url=environment.twilio_api_url) if environment.twilio_api_url else found
