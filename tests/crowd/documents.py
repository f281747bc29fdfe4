"""Whether an answer is what it must be: to callbacks anything, to whoever listens a document that does something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from simulator import Webhook

ASK_AGAIN = frozenset({"/voice/status", "/voice/recording"})
"""Callbacks that may be answered with 503 when neither Redis nor SQL can keep them; the provider repeats them."""

LISTENS = frozenset({"ringing", "in-progress"})
"""States of a call in which somebody hears what a document says; afterwards nobody plays it (twiml.md 2.3)."""

TALKED = frozenset({"completed", "answered"})
"""A dial that ended so has been answered: the call is over, and nothing more has to be said."""

SCREEN = "/voice/at/screen"
"""Where the callee is asked: the empty document after his key puts the caller through to him (twiml.md 2.3)."""


def nonsense(webhook: Webhook) -> str | None:
    """Say what is wrong with an answer; None where nothing is, or where there was none."""
    path = urlsplit(webhook.url).path
    if not webhook.status_code or (webhook.status_code == 503 and path in ASK_AGAIN):
        return None
    if webhook.status_code != 200:
        return f"answered with {webhook.status_code}: {path}"
    kind, root = webhook.headers.get("Content-Type", ""), _document(webhook.text)
    if not kind.startswith("text/xml") or root is None:
        return f"answered with no document: {path}, {kind} {webhook.text[:60]!r}"
    if _is_heard(path, webhook.params) and not _is_enough(path, webhook.params, root):
        return f"answered with silence: {path}, {webhook.text[-60:]!r}"
    return None


def leads_on(text: str) -> bool:
    """Whether a document says something, rings somebody, listens, declines, or leads to another document."""
    root = _document(text)
    return root is not None and any(map(_does, root))


def _is_heard(path: str, params: Mapping[str, str]) -> bool:
    """Whether somebody hears the answer; what the provider tells when the caller has gone is played to nobody."""
    played = path in ("/voice/incoming", "/voice/fallback") or path.startswith("/voice/at/")
    return played and params.get("CallStatus") in LISTENS


def _is_enough(path: str, params: Mapping[str, str], root: Element) -> bool:
    if any(map(_does, root)):
        return True
    ends = [each.tag for each in root] == ["Hangup"]
    if path == SCREEN:
        return ends or "Digits" in params
    return ends and ("ParentCallSid" in params or params.get("DialCallStatus") in TALKED)


def _document(text: str) -> Element | None:
    try:
        root = ElementTree.fromstring(text.encode())
    except ElementTree.ParseError:
        return None
    return root if root.tag == "Response" else None


def _does(verb: Element) -> bool:
    return _DOES.get(verb.tag, lambda _: False)(verb)


def _has_words(verb: Element) -> bool:
    return bool((verb.text or "").strip())


_DOES: Mapping[str, Callable[[Element], bool]] = {
    "Say": _has_words,
    "Play": _has_words,
    "Redirect": _has_words,
    "Gather": lambda verb: any(map(_does, verb)),
    "Dial": lambda verb: _has_words(verb) or any(map(_has_words, verb)),
    "Record": lambda _: True,
    "Reject": lambda _: True,
}
"""The verbs that a caller notices, each with what it must hold; to hang up alone is no answer."""
