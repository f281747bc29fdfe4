"""The account and the addresses of the application under test."""

from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from simulator.dialects import DIALECTS, Dialect

_AGAIN = "#rc=5&rp=all"


@dataclass(frozen=True, kw_only=True)
class Provider:
    """Who calls whom: the provider's account on one side, the application's addresses on the other.

    Documents, relative addresses and signatures live under `public_url`; requests are sent to `connect_url`.
    `voice_url`, `fallback_url` and `status_url` default to the usual paths under `public_url`, the last with a wish
    to be tried again; None switches the fallback or the status callback off. `own_numbers` are further numbers
    allowed as caller ID. `signing_key` proves requests where that is not the `auth_token`. `elsewhere` maps
    other address prefixes (a media host) to where they really are; any other address that is not on this machine
    counts as unreachable, so that a test never leaves it.
    """

    public_url: str
    connect_url: str
    account_sid: str
    auth_token: str = field(repr=False)
    signing_key: str = field(default="", repr=False)
    dialect: Dialect = DIALECTS["twilio"]
    voice_url: str = ""
    fallback_url: str | None = ""
    status_url: str | None = ""
    voice_method: str = "POST"
    own_numbers: frozenset[str] = frozenset()
    elsewhere: tuple[tuple[str, str], ...] = ()
    api_url: str = "https://api.twilio.com"

    def __post_init__(self) -> None:
        object.__setattr__(self, "public_url", self.public_url.rstrip("/"))
        object.__setattr__(self, "connect_url", self.connect_url.rstrip("/"))
        for name in ("voice", "fallback", "status"):
            if getattr(self, f"{name}_url") == "":
                path = {"voice": "incoming", "status": f"status{_AGAIN}"}.get(name, name)
                object.__setattr__(self, f"{name}_url", f"{self.public_url}/voice/{path}")

    def locate(self, url: str) -> str | None:
        """Where to send a request for `url`; None when it is out of reach."""
        for prefix, target in ((self.public_url, self.connect_url), *self.elsewhere):
            if url.startswith(prefix) and url[len(prefix) : len(prefix) + 1] in ("", "/", "?"):
                return target + (url[len(prefix) :] or "/")
        return url if _is_local(urlsplit(url).hostname or "") else None


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
