"""What goes into a request: parameters as a form, as a query or as JSON."""

import json
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote_plus

_FORM = "application/x-www-form-urlencoded; charset=utf-8"
_JSON = "application/json"

# The same names and account go into every request of a test-suite.
_quote = lru_cache(maxsize=4096)(quote_plus)


def posted(params: Mapping[str, str], *, as_json: bool) -> tuple[dict[str, str], bytes]:
    """The headers and the body of a POST."""
    body = _object(params) if as_json else _form(params)
    return {"Content-Type": _JSON if as_json else _FORM}, body.encode()


def with_query(url: str, params: Mapping[str, str]) -> str:
    """`url` with `params` appended to its query; what is there stays first."""
    return f"{url}{'&' if '?' in url else '?'}{_form(params)}" if params else url


def _form(params: Mapping[str, str]) -> str:
    return "&".join([f"{_quote(name)}={_quote(value)}" for name, value in params.items()])


def _object(params: Mapping[str, str]) -> str:
    """An object; a name with a dot stands for a field of an object inside it."""
    found: dict[str, object] = {}
    for name, value in params.items():
        outer, _, inner = name.rpartition(".")
        place = found.setdefault(outer, {}) if outer else found
        if isinstance(place, dict):
            place[inner] = value
    return json.dumps(found)
