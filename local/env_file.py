"""The `.env` file of a checkout: written on the first start, afterwards only read."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from local import port

DEFAULT_PORT = "8000"
LOOPBACK = ("127.0.0.1", "localhost")
PRIVATE = 0o600
HEADER = "# Made by `make run` for this machine, and never changed by it again. .env.example explains each line.\n"


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the children of a run find in their environment."""

    variables: Mapping[str, str]
    port: int


def ensure(folder: Path, number: int) -> bool:
    """Write `.env` for a simulator at this port unless there is one; whether it was written."""
    lines = {
        "PROVIDER": "simulator",
        "PORT": str(number),
        "PUBLIC_URL": _local_url(number),
        "TWILIO_ACCOUNT_SID": f"AC{secrets.token_hex(16)}",
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "SECRET_KEY": secrets.token_hex(32),
    }
    try:
        descriptor = os.open(folder / ".env", os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w") as file:
        file.write(HEADER + "".join(f"{name}={value}\n" for name, value in lines.items()))
    return True


def chosen_port(folder: Path, environ: Mapping[str, str]) -> int:
    """The port to serve: from the environment, else from `.env`, else 8000. Raises CannotStartError."""
    return port.parse(environ.get("PORT") or _read(folder).get("PORT") or DEFAULT_PORT)


def surroundings(folder: Path, environ: Mapping[str, str]) -> Surroundings:
    """`.env` and `environ` together; what `environ` says wins, and a local PUBLIC_URL of `.env` follows the port."""
    written = _read(folder)
    number = chosen_port(folder, environ)
    variables = {**written, **environ, "PORT": str(number)}
    if "PUBLIC_URL" not in environ and _is_local_elsewhere(written.get("PUBLIC_URL", ""), number):
        variables["PUBLIC_URL"] = _local_url(number)
    return Surroundings(variables=variables, port=number)


def _read(folder: Path) -> dict[str, str]:
    return {name: value for name, value in dotenv_values(folder / ".env").items() if value is not None}


def _local_url(number: int) -> str:
    return f"http://127.0.0.1:{number}"


def _is_local_elsewhere(url: str, number: int) -> bool:
    """Whether a URL leads to this machine, but not to this port."""
    parts = urlsplit(url)
    return parts.hostname in LOOPBACK and parts.netloc.rpartition(":")[2] != str(number)
