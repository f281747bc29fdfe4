"""Where recordings are kept (RECORDINGS_URL): a folder of this machine, or a bucket that speaks S3."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

EXAMPLE = "s3://KEY:SECRET@s3.eu-south-2.amazonaws.com/BUCKET?region=eu-south-2"
REGION = "us-east-1"
"""What servers that have no regions expect."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Folder:
    """A folder that all processes share."""

    path: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Bucket:
    """A bucket at an endpoint (https://host, or http:// on this machine); `prefix` stands before every name."""

    endpoint: str
    name: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    prefix: str = ""
    region: str = REGION


Storage = Folder | Bucket


def storage(text: str, local_hosts: tuple[str, ...]) -> Storage:
    """Read RECORDINGS_URL; raises ValueError that says what would be right, and never what was given."""
    try:
        address = urlsplit(text)
        port = address.port
    except ValueError:
        raise ValueError(f"an address such as {EXAMPLE}, with %2F for / in the secret") from None
    if address.scheme == "file":
        return _folder(address)
    if address.scheme not in SCHEMES:
        raise ValueError("an address that begins with file:///, s3:// or, on this machine only, s3+http://")
    return _bucket(address, port, local_hosts)


SCHEMES = {"s3": "https", "s3+http": "http"}


def _folder(address: SplitResult) -> Folder:
    path = Path(unquote(address.path))
    if address.netloc or address.query or address.fragment or not path.is_absolute() or len(path.parts) < 2:
        raise ValueError("file:// and the whole path of a folder, such as file:///srv/recordings")
    return Folder(path=path)


def _bucket(address: SplitResult, port: int | None, local_hosts: tuple[str, ...]) -> Bucket:
    key, secret = unquote(address.username or ""), unquote(address.password or "")
    host, parts = address.netloc.rpartition("@")[2], [unquote(part) for part in address.path.split("/") if part]
    if not (key and secret and address.hostname) or port == 0 or not parts or address.fragment:
        raise ValueError(f"an address such as {EXAMPLE}, with %2F for / in the secret")
    if any(part in {".", ".."} or not re.fullmatch(r"[\w.-]+", part, re.ASCII) for part in parts):
        raise ValueError("a bucket and a prefix of letters, digits, dots, dashes and underscores")
    if address.scheme == "s3+http" and re.sub(r":\d+$", "", host) not in local_hosts:
        raise ValueError("s3:// (recordings and keys travel there; s3+http:// is for this machine only)")
    options = dict(parse_qsl(address.query, keep_blank_values=True))
    region = options.pop("region", REGION)
    if options or not re.fullmatch(r"[\w-]+", region, re.ASCII):
        raise ValueError("an address with no other option than region, such as ?region=eu-south-2")
    return Bucket(
        endpoint=f"{SCHEMES[address.scheme]}://{host}",
        name=parts[0],
        key=key,
        secret=secret,
        prefix="/".join(parts[1:]),
        region=region,
    )
