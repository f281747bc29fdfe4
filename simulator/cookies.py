"""Cookies, kept for one call as a browser keeps them for one visit."""

from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit


class Cookies:
    """Cookies by the public host and path that set them."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str], tuple[str, bool]] = {}

    def keep(self, url: str, headers: Iterable[str]) -> None:
        """Remember what the `Set-Cookie` headers of an answer from `url` say."""
        for header in headers:
            try:
                parsed = SimpleCookie(header)
            except CookieError:
                continue
            for name, morsel in parsed.items():
                host = morsel["domain"].lstrip(".") or urlsplit(url).hostname or ""
                key = (host, morsel["path"] or "/", name)
                if morsel["max-age"] == "0":
                    self._kept.pop(key, None)
                else:
                    self._kept[key] = (morsel.coded_value, bool(morsel["secure"]))

    def header(self, url: str) -> str:
        """The `Cookie` header for a request to `url`; empty when there is nothing to send."""
        if not self._kept:
            return ""
        address = urlsplit(url)
        return "; ".join(
            f"{name}={value}"
            for (host, path, name), (value, secure) in self._kept.items()
            if _belongs(address.hostname or "", host)
            and _under(address.path or "/", path)
            and (not secure or address.scheme == "https")
        )


def _belongs(host: str, kept: str) -> bool:
    return host == kept or host.endswith("." + kept)


def _under(path: str, kept: str) -> bool:
    return path == kept or path.startswith(kept if kept.endswith("/") else kept + "/")
