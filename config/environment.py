"""The environment of the app, read once at the start (12-factor)."""

from __future__ import annotations

import binascii
import os
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config.storage import Storage, storage

LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")
PROVIDERS = ("twilio", "signalwire", "somleng", "telnyx", "cloudonix", "simulator")
CRMS = ("contacts", "bitrix24", "none")
SHORTEST_SECRET = 16
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS = ("text", "json")


class EnvironmentProblem(Exception):
    """The environment is not one the app can run in; the message names every fault at once."""


def _site(example: str, why: str) -> Callable[[str], str]:
    """Read an address without a path; http:// is for this machine only, because of `why`."""

    def read(text: str) -> str:
        match = re.fullmatch(r"(https?)://([^\s/?#]+)/?", text)
        if match is None or not _can_be_taken_apart(text):
            raise ValueError(f"an address without a path, such as {example}")
        host = re.sub(r":\d+$", "", match.group(2).rpartition("@")[2])
        if match.group(1) == "http" and host not in LOCAL_HOSTS:
            raise ValueError(f"https:// ({why}; http:// is for this machine only)")
        return text.rstrip("/")

    return read


def _can_be_taken_apart(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname) and urlsplit(url).port != 0
    except ValueError:  # such as a port that is no number
        return False


def _one_of(*names: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in names:
            raise ValueError("one of " + ", ".join(names))
        return text

    return read


def _url(*schemes: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not text.startswith(tuple(scheme + "://" for scheme in schemes)):
            raise ValueError("an address that begins with " + " or ".join(scheme + "://" for scheme in schemes))
        return text.rstrip("/")

    return read


def _api(text: str) -> str:
    """Read the base of the REST API; http:// is for this machine only, because the account's secret travels there."""
    address = _url("https", "http")(text)
    host = urlsplit(address).netloc.rpartition("@")[2] if _can_be_taken_apart(address) else ""
    if not host or "?" in address or "#" in address:
        raise ValueError("an address such as https://space.signalwire.com/api/laml")
    if address.startswith("http:") and re.sub(r":\d+$", "", host) not in LOCAL_HOSTS:
        raise ValueError("https:// (the account's secret travels there; http:// is for this machine only)")
    return address


def _database(text: str) -> str:
    """Accept what hosts hand out, postgres:// among them; the driver's name is ours to add (calls.database)."""
    return _url("postgres", "postgresql", "postgresql+psycopg", "sqlite")(text)


def _storage(text: str) -> Storage:
    return storage(text, LOCAL_HOSTS)


def _level(text: str) -> str:
    return _one_of(*LOG_LEVELS)(text.upper())


def _format(text: str) -> str:
    return _one_of(*LOG_FORMATS)(text.lower())


def _dsn(text: str) -> str:
    """Read an address that Sentry gives: https://KEY@HOST/PROJECT."""
    match = re.fullmatch(r"(https?)://[^\s/@:]+@([^\s/?#@]+)(/[^\s?#]*)?/\d+", text)
    if match is None or not _can_be_taken_apart(text):
        raise ValueError("the DSN that Sentry shows, such as https://KEY@HOST/1")
    if match.group(1) == "http" and re.sub(r":\d+$", "", match.group(2)) not in LOCAL_HOSTS:
        raise ValueError("https:// (what went wrong travels there; http:// is for this machine only)")
    return text


def _word(text: str) -> str:
    if any(c.isspace() for c in text):
        raise ValueError("a value without spaces")
    return text


def _secret(text: str) -> str:
    if len(text) < SHORTEST_SECRET:
        command = "python -c 'import secrets; print(secrets.token_hex())'"
        raise ValueError(f"random text of at least {SHORTEST_SECRET} characters: {command}")
    return text


def _public_key(text: str) -> str:
    """Accept an Ed25519 public key as Telnyx shows it: 32 bytes in base64."""
    try:
        found = b64decode(text, validate=True)
    except binascii.Error:
        found = b""
    if len(found) != 32:
        raise ValueError("32 bytes in base64, as the portal shows the public key under Keys & Credentials")
    return text


def _variable(
    read: Callable[[str], Any], about: str, *, default: Any = None, secret: bool = False, required: bool = False
) -> Any:
    metadata = {"read": read, "about": about, "required": required}
    return field(default=default, repr=not secret, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What the app is told from outside. Field names are the variables' in small letters; secrets are not in repr."""

    public_url: str = _variable(
        _site("https://phone.example.com", "the provider signs the address"),
        "where the provider reaches the app",
        required=True,
        default="",
    )
    provider: str = _variable(_one_of(*PROVIDERS), "who carries the calls", default="twilio")
    twilio_account_sid: str = _variable(_word, "the provider's account", required=True, default="")
    twilio_auth_token: str = _variable(_word, "the secret that signs webhooks", required=True, secret=True, default="")
    twilio_api_token: str | None = _variable(
        _word, "the secret of the REST API where it is not that of the webhooks", secret=True
    )
    telnyx_public_key: str | None = _variable(_public_key, "what Telnyx's webhooks are checked with")
    twilio_api_url: str | None = _variable(_api, "REST base, the provider's own by default")
    redis_url: str | None = _variable(
        _url("redis", "rediss", "unix"), "Redis; unset: an embedded Valkey under var/", secret=True
    )
    database_url: str | None = _variable(
        _database, "call details; unset: SQLite under var/; postgres:// is accepted", secret=True
    )
    recordings_url: Storage | None = _variable(
        _storage, "where recordings are kept; unset: a folder under var/", secret=True
    )
    company_file: Path = _variable(Path, "the settings", default=Path("config/company.yaml"))
    secret_key: str | None = _variable(
        _secret, "any long random text, which signs the links and forms of the web pages", required=True, secret=True
    )
    crm: str = _variable(_one_of(*CRMS), "where calls are filed", default="contacts")
    bitrix24_portal: str | None = _variable(
        _site("https://acme.bitrix24.com", "tokens travel there"), "the address of the portal"
    )
    bitrix24_oauth_url: str = _variable(
        _site("https://oauth.bitrix24.tech", "secrets travel there"),
        "the server that gives tokens",
        default="https://oauth.bitrix24.tech",
    )
    bitrix24_client_id: str | None = _variable(_word, "the id of the application at the portal")
    bitrix24_client_secret: str | None = _variable(_word, "the secret of the application at the portal", secret=True)
    log_level: str = _variable(_level, "DEBUG, INFO, WARNING or ERROR", default="INFO")
    log_format: str = _variable(_format, "how lines of the log are written: text or json", default="text")
    metrics_token: str | None = _variable(
        _secret, "what whoever asks for /metrics has to show; unset: anybody may ask", secret=True
    )
    sentry_dsn: str | None = _variable(_dsn, "where errors are reported; unset: nowhere", secret=True)

    @property
    def webhook_secret(self) -> str:
        """What the provider's webhooks are checked with."""
        return (self.telnyx_public_key or "") if self.provider == "telnyx" else self.twilio_auth_token


NEEDED_BY_BITRIX24 = ("bitrix24_portal", "bitrix24_client_id", "bitrix24_client_secret")
"""What CRM=bitrix24 needs besides."""


def read(variables: Mapping[str, str] | None = None) -> Environment:
    """Read the environment; an empty variable counts as unset.

    Raises EnvironmentProblem that names every missing and malformed variable, with what would be right.
    """
    environment, problems = examine(variables)
    if problems:
        raise EnvironmentProblem("\n".join(problems))
    return environment


def examine(variables: Mapping[str, str] | None = None) -> tuple[Environment, list[str]]:
    """Read what is right of the environment, and say what is not; what is wrong or missing has its default."""
    given = {name: value.strip() for name, value in (os.environ if variables is None else variables).items()}
    values: dict[str, Any] = {}
    problems: list[str] = []
    for variable in fields(Environment):
        name = variable.name.upper()
        try:
            if given.get(name):
                values[variable.name] = variable.metadata["read"](given[name])
            elif variable.metadata["required"]:
                problems.append(f"{name} is missing: {variable.metadata['about']}")
        except ValueError as right:
            shown = "" if not variable.repr else f" (not {given[name]!r})"
            problems.append(f"{name} should be {right}{shown}")
    if values.get("crm") == "bitrix24":
        lacking = [name.upper() for name in NEEDED_BY_BITRIX24 if not given.get(name.upper())]
        problems += [f"{name} is missing: CRM=bitrix24 needs it" for name in lacking]
    problems += _of_provider(values.get("provider", ""), given)
    return Environment(**values), problems


def _of_provider(provider: str, given: Mapping[str, str]) -> list[str]:
    """Name what this provider needs besides: without it anybody could send webhooks, or guess how."""
    if provider == "telnyx" and not given.get("TELNYX_PUBLIC_KEY"):
        return ["TELNYX_PUBLIC_KEY is missing: PROVIDER=telnyx needs it"]
    if provider == "cloudonix" and 0 < len(given.get("TWILIO_AUTH_TOKEN", "")) < SHORTEST_SECRET:
        return [
            f"TWILIO_AUTH_TOKEN should be random text of at least {SHORTEST_SECRET} characters, the same as "
            "authorization-api-key of the domain: it is all that PROVIDER=cloudonix sends as a proof"
        ]
    return []


@cache
def of_process() -> Environment:
    """The environment of this process, read once; for jobs, which nobody hands one to."""
    return read()
