"""The answer to our own question whether PUBLIC_URL leads to this app (voice.round_trip)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from flask import Response, jsonify, request

from calls.database import database_url
from config.environment import Environment
from live.url import redis_url

PATH = "/voice/probe"


TOLD_APART: dict[str, Callable[[Environment], str]] = {
    "PROVIDER": lambda here: here.provider,
    "TWILIO_ACCOUNT_SID": lambda here: here.twilio_account_sid,
    "REDIS_URL": redis_url,
    "DATABASE_URL": database_url,
    "CRM": lambda here: here.crm,
}
"""What must be the same for web, worker and commands, or each would work on something else."""


def proof(environment: Environment, nonce: str) -> str:
    """Prove that an answer is of this installation: only it has this SECRET_KEY."""
    return _sealed(environment, nonce, "")


def fingerprints(environment: Environment, nonce: str) -> dict[str, str]:
    """Tell variables apart without telling them: whoever has the SECRET_KEY can compare, and nobody can read."""
    return {name: _sealed(environment, nonce, f"{name}={read(environment)}") for name, read in TOLD_APART.items()}


def _sealed(environment: Environment, nonce: str, text: str) -> str:
    key, message = str(environment.secret_key).encode(), f"ringpath probe {nonce} {text}".encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def probe(environment: Environment) -> Callable[[], Response]:
    """Make the view of /voice/probe, which the guard lets signed requests through to."""

    def view() -> Response:
        nonce = request.form.get("nonce", "")[:100]
        return jsonify(
            proof=proof(environment, nonce),
            scheme=request.scheme,
            host=request.host,
            variables=fingerprints(environment, nonce),
        )

    return view
