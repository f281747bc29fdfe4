"""Who is told who we are, and how: the login of the provider's REST API is for its own host alone."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult

import requests
from requests.auth import AuthBase


class Bearer(AuthBase):
    """A token in the Authorization header; requests would let the machine's .netrc replace a header of ours."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add it to a request."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


Login = tuple[str, str] | Bearer


def as_nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Add no credentials; without this, some might be taken from the machine's .netrc."""
    return request


def origin(address: SplitResult) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port: what makes two addresses of one place."""
    return address.scheme, address.hostname, address.port or {"https": 443, "http": 80}.get(address.scheme)


def is_here(address: SplitResult) -> bool:
    """Tell whether an address is on this machine."""
    host = address.hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_public(address: SplitResult) -> bool:
    """Tell whether a host is no address of a private network; a name is not resolved, but 2130706433 is none."""
    host = address.hostname or ""
    try:
        return ip_address(host).is_global
    except ValueError:
        return not host.endswith("localhost") and not host.rstrip(".").rpartition(".")[2][:1].isdigit()
