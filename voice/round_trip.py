"""Whether PUBLIC_URL leads to this app: it asks itself, signed as the provider would, and unsigned as a stranger.

Neither question touches any state. `flask doctor` and `flask numbers connect` ask; voice.probe answers.
"""

from __future__ import annotations

import hmac
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from twilio.request_validator import RequestValidator
from urllib3.exceptions import HTTPError as TransportError

from config.environment import LOCAL_HOSTS, Environment
from voice.probe import PATH, fingerprints, proof
from voice.profiles import PROFILES
from voice.provider.answers import lost, pieces, session
from voice.provider.errors import ProviderError

QUERY = "?number=%2B34910000001&name=a%20b"
"""As in the addresses of calls: a proxy that writes it in another way breaks every signature."""

TIMEOUTS = (3.0, 6.0)
"""Seconds to connect, and to wait for an answer."""

MOST_ANSWER = 64 * 1024

REFUSAL = "The provider's signature is missing or wrong."
"""How the guard refuses (voice.guard)."""

SHARED_SECRET = frozenset({"X-Twilio-Signature", "X-SignalWire-Signature"})
"""Signatures that we can make as well as check; of others we have only the key that checks them."""

AWAY = frozenset({502, 503, 504})
"""What a proxy answers for an app that it does not reach."""


class NotHereError(Exception):
    """PUBLIC_URL does not lead to this app; `remedy` is what to do, in a sentence."""

    def __init__(self, said: str, remedy: str) -> None:
        super().__init__(said)
        self.remedy = remedy


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """How a signed request arrived: by what scheme, for what host, as the app saw it; and in how many seconds.

    `differs` are the variables that the app has otherwise than this process. `signed` is off where the provider's kind
    of signature cannot be made here, and the rest is then not known.
    """

    seconds: float
    signed: bool = True
    scheme: str = ""
    host: str = ""
    differs: tuple[str, ...] = ()


def is_local(url: str) -> bool:
    """Tell whether an address is one of this machine, where no provider could reach it."""
    host = urlsplit(url).hostname or ""
    return host in {name.strip("[]") for name in LOCAL_HOSTS}


def out_of_reach(environment: Environment) -> bool:
    """Tell whether PUBLIC_URL is this machine, and the provider is not."""
    if environment.provider == "simulator" or is_local(environment.twilio_api_url or ""):
        return False
    return is_local(environment.public_url)


def round_trip(environment: Environment) -> Arrival:
    """Ask PUBLIC_URL twice; raises NotHereError with what to do when this app does not answer there."""
    url, form = f"{environment.public_url}{PATH}{QUERY}", {"nonce": secrets.token_hex(16)}
    _expect_refusal(_ask(url, form, {}))
    header = PROFILES[environment.provider].signature_header
    if header not in SHARED_SECRET:
        return Arrival(seconds=0, signed=False)
    signature = RequestValidator(environment.twilio_auth_token).compute_signature(url, form)
    began = time.monotonic()
    status, body, _ = _ask(url, form, {header: signature})
    seconds = time.monotonic() - began
    if status == 403 and REFUSAL in body:
        raise NotHereError(
            "the app there refuses a request that was signed here",
            "give web the same TWILIO_AUTH_TOKEN and PUBLIC_URL as this command, and let no proxy change path or query;"
            " web's log says for which address it checked",
        )
    arrived = _read(body) if status == 200 else None
    if arrived is None:
        raise NotHereError(
            f"the app there answers a signed request with {status}, and no proof of itself",
            "deploy this version of Ringpath there, or mend PUBLIC_URL if another app is there",
        )
    if not hmac.compare_digest(str(arrived["proof"]), proof(environment, form["nonce"])):
        raise NotHereError(
            "another installation of Ringpath answers there: its SECRET_KEY is not this one",
            "set PUBLIC_URL to this installation's own address, or give web and this command the same SECRET_KEY",
        )
    here, there = fingerprints(environment, form["nonce"]), arrived.get("variables") or {}
    return Arrival(
        seconds=seconds,
        scheme=str(arrived.get("scheme")),
        host=str(arrived.get("host")),
        differs=tuple(name for name, seal in here.items() if there.get(name) != seal),
    )


def _expect_refusal(answer: tuple[int, str, str]) -> None:
    """An unsigned request is refused by the guard, in its own words."""
    status, body, location = answer
    if status == 403 and REFUSAL in body:
        return
    if 300 <= status < 400:
        raise NotHereError(
            f"it sends on to {location or 'nowhere'} ({status}), and a provider's POST does not survive that",
            "set PUBLIC_URL to the address that it sends on to, by its https:// scheme and final host",
        )
    if status in AWAY:
        raise NotHereError(
            f"a proxy answers there with {status}: it does not reach the app",
            "start web, and point the proxy at its port",
        )
    raise NotHereError(
        f"something else answers there: an unsigned request gets {status}, and not the refusal of this app",
        "set PUBLIC_URL to where web is reached from outside, or point the proxy there at web",
    )


def _ask(url: str, form: dict[str, str], headers: dict[str, str]) -> tuple[int, str, str]:
    """Return the status, the body and the Location of an answer."""
    try:
        with session().post(
            url, data=form, headers=headers, timeout=TIMEOUTS, allow_redirects=False, stream=True
        ) as answer:
            body = b"".join(pieces(answer, MOST_ANSWER, sum(TIMEOUTS)))
            return answer.status_code, body.decode("utf-8", "replace"), answer.headers.get("Location", "")
    except (OSError, TransportError) as error:  # those of requests are OSErrors
        raise _unreachable(lost("it", error), error) from None
    except ProviderError as error:
        raise NotHereError(str(error), "set PUBLIC_URL to where web is reached from outside") from None


def _unreachable(said: ProviderError, error: Exception) -> NotHereError:
    words = str(said).removeprefix("it: ")
    if isinstance(error, requests.exceptions.SSLError):
        return NotHereError(
            words, "install a certificate for this host that a public authority signed: providers trust no other"
        )
    if isinstance(error, requests.Timeout) and not isinstance(error, requests.ConnectTimeout):
        return NotHereError(words, "see in web's log what holds it up, or run more web processes (WEB_CONCURRENCY)")
    return NotHereError(words, "start web, open its port, and see that the host name of PUBLIC_URL leads there")


def _read(body: str) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "proof" in found else None
