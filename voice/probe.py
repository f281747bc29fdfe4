"""The answer to our own question whether PUBLIC_URL leads to this app (voice.round_trip)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from flask import Response, jsonify, request

from config.environment import Environment

PATH = "/voice/probe"


def proof(environment: Environment, nonce: str) -> str:
    """Prove that an answer is of this installation: only it has this SECRET_KEY."""
    return hmac.new(
        str(environment.secret_key).encode(), f"ringpath probe {nonce}".encode(), hashlib.sha256
    ).hexdigest()


def probe(environment: Environment) -> Callable[[], Response]:
    """Make the view of /voice/probe, which the guard lets signed requests through to."""

    def view() -> Response:
        nonce = request.form.get("nonce", "")[:100]
        return jsonify(proof=proof(environment, nonce), scheme=request.scheme, host=request.host)

    return view
