"""From the text of an answer to elements that can be played, with every complaint on the way."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from simulator.dialects import Dialect
from simulator.grammar import complaints

MAX_NOUNS = 10
MAX_SAY = 4096  # twilio.com/docs/api/errors/13521
_SPACES = re.compile(r"\s+")


class BadDocumentError(ValueError):
    """The text is no TwiML at all; `code` is the provider's number for it."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Element:
    """One verb or noun with the attributes the provider accepted; `broken` ends the call when it is reached."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    children: tuple["Element", ...] = ()
    broken: bool = False

    def get(self, name: str, default: str = "") -> str:
        """The value of an attribute."""
        return self.attributes.get(name, default)

    def flag(self, name: str) -> bool:
        """Whether a true/false attribute is on."""
        return self.attributes.get(name) == "true"

    def number(self, name: str, default: int) -> int:
        """The value of a whole-number attribute."""
        value = self.attributes.get(name)
        return default if value is None else int(value)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One complaint about a document that can be played all the same."""

    code: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """A document ready to be played; `url` is where its relative addresses start."""

    url: str
    elements: tuple[Element, ...]
    method: str = "POST"


def read(body: bytes, dialect: Dialect) -> tuple[tuple[Element, ...], list[Problem]]:
    """The elements under Response, and what the provider would complain about.

    BadDocumentError when it cannot be played: not XML (also white space before `<?xml`), or another root.
    """
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 the application under test is not an attacker
    except ElementTree.ParseError as error:
        raise BadDocumentError("12100", str(error)) from error
    if root.tag != "Response":
        raise BadDocumentError("12102", f"<{root.tag}>")
    reader = _Reader(dialect)
    elements = tuple(reader.children(root, "Response"))
    return elements, reader.problems


class _Reader:
    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.problems: list[Problem] = []

    def complain(self, code: str, detail: str) -> None:
        self.problems.append(Problem(code=code, detail=detail))

    def children(self, parent: ElementTree.Element, name: str) -> Iterator[Element]:
        if name in ("Response", "Gather") and _own_text(parent):
            self.complain("12200", f"text directly inside <{name}>: {_own_text(parent)[:40]!r}")
        allowed = self.dialect.children.get(name, frozenset())
        for node in parent:
            if node.tag in allowed:
                yield self.element(node, name)
            elif broken := self.misplaced(node.tag, name):
                yield broken

    def misplaced(self, tag: str, parent: str) -> Element | None:
        """Complain; what stands in the wrong place is ignored, or ends the call where the dialect says so."""
        self.complain(_NESTING.get(parent, "12200"), f"<{tag}> inside <{parent}>")
        ends = self.dialect.unknown_verb_ends and parent in ("Response", "Gather", "Dial")
        return Element(name=tag, broken=True) if ends else None

    def element(self, node: ElementTree.Element, inside: str) -> Element:
        name = node.tag
        attributes = dict(node.attrib)
        children: tuple[Element, ...] = ()
        if self.dialect.attributes.get(name) is not None:
            for wrong, code, detail in complaints(name, node.attrib, inside, self.dialect):
                self.complain(code, detail)
                attributes.pop(wrong, None)
            children = tuple(self.children(node, name))
        text = _spoken(node) if name == "Say" else _own_text(node)
        broken = any(child.broken for child in children)
        element = Element(name=name, attributes=attributes, text=text, children=children, broken=broken)
        return _FURTHER.get(name, _Reader.as_it_is)(self, element)

    def as_it_is(self, element: Element) -> Element:
        return element

    def say(self, element: Element) -> Element:
        if not element.text:
            self.complain("13520", "<Say> without text")
        if len(element.text) > MAX_SAY:
            self.complain("13521", f"<Say> of {len(element.text)} characters")
        return element

    def dial(self, element: Element) -> Element:
        nouns = element.children
        if nouns and element.text:
            self.complain("12200", f"text beside nouns in <Dial>: {element.text[:40]!r}")
        if len(nouns) > MAX_NOUNS:
            self.complain("13250", f"{len(nouns)} nouns in <Dial>")
        if element.text and not nouns:
            nouns = (Element(name="Number", text=element.text),)
        return Element(name="Dial", attributes=element.attributes, children=nouns[:MAX_NOUNS], broken=element.broken)

    def gather(self, element: Element) -> Element:
        if element.get("speechTimeout") == "auto" and element.get("speechModel") in ("", "default"):
            self.complain("13335", "")
        return element

    def record(self, element: Element) -> Element:
        if element.flag("transcribe") and element.number("maxLength", 120) > 120:
            self.complain("13615", f"maxLength={element.get('maxLength')}")
        return element

    def empty(self, element: Element) -> Element:
        if element.text:
            self.complain("12200", f"text inside <{element.name}>: {element.text[:40]!r}")
        return element


_NESTING = {"Gather": "13320", "Dial": "13215"}
_FURTHER = {
    "Say": _Reader.say,
    "Dial": _Reader.dial,
    "Gather": _Reader.gather,
    "Record": _Reader.record,
    "Pause": _Reader.empty,
    "Hangup": _Reader.empty,
    "Reject": _Reader.empty,
}


def _own_text(node: ElementTree.Element) -> str:
    return "".join([node.text or "", *(child.tail or "" for child in node)]).strip()


def _spoken(node: ElementTree.Element) -> str:
    return _SPACES.sub(" ", "".join(node.itertext())).strip()
