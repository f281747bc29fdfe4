"""Where on the map a call has been: its trace, note by note, as a path over nodes and edges."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from flows.live import Note
from flows.maps.parts import Edge, Kind, Node, RouteMap, When

RUNG: frozenset[Kind] = frozenset({"by_extension", "responsible", "employee"})
DIALLED: frozenset[Kind] = frozenset({"forward", "mobile", "last_mobile"})

NOTED: frozenset[When] = frozenset(
    {
        "blocked",
        "open",
        "closed",
        "extension",
        "key",
        "no_choice",
        "known",
        "answered",
        "unanswered",
        "no_mobile",
        "again",
        "message_key",
        "hold_over",
    }
)
"""Ways that are only taken after a note that says so."""

PASSED = frozenset({"blocked", "sip_extension", "menu", "responsible", "group"})
"""Stages that may be passed without a note."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """What a note tells: the call is `at` one of these nodes, got there `by` a certain way, and `leaves` by another.

    A note that `may_stay` leaves open whether the call goes anywhere.
    """

    at: Callable[[Note, Node], bool]
    by: When | None = None
    leaves: When | None = None
    may_stay: bool = False


def _kind(*kinds: Kind) -> Callable[[Note, Node], bool]:
    return lambda _, node: node.kind in kinds


def _stage(*keys: str) -> Callable[[Note, Node], bool]:
    return lambda _, node: node.kind == "stage" and node.key in keys


def _named(kind: Kind, field: str) -> Callable[[Note, Node], bool]:
    return lambda note, node: node.kind == kind and node.key == note.get(field)


def _listens(_: Note, node: Node) -> bool:
    return node.kind == "ask_extension" or (node.kind == "stage" and node.key == "greeting")


def _rung(note: Note, node: Node) -> bool:
    return node.kind in RUNG and node.key in ("", note.get("employee"))


def _rings(note: Note, node: Node) -> bool:
    return node.kind in ("group", "hold") or (node.kind in RUNG and node.key in ("", *note.get("who", ())))


def _mobile(note: Note, node: Node) -> bool:
    return node.kind == "last_mobile" or (node.kind == "mobile" and node.key in ("", note.get("employee")))


def _mailbox(note: Note, node: Node) -> bool:
    mailbox = str(note.get("mailbox", ""))
    anybodys = "employee:" if mailbox.startswith("employee:") else mailbox
    return node.kind == "message" and node.key in (mailbox, anybodys)


RULES: dict[str, Rule] = {
    "arrived": Rule(at=_stage("blocked")),
    "blocked": Rule(at=_kind("declined"), by="blocked"),
    "open": Rule(at=_stage("hours"), leaves="open"),
    "closed": Rule(at=_stage("hours"), leaves="closed"),
    "declined": Rule(at=_kind("declined")),
    "sip_extension": Rule(at=_stage("sip_extension"), leaves="extension"),
    "greeting": Rule(at=_stage("greeting")),
    "ask_extension": Rule(at=_kind("ask_extension")),
    "extension": Rule(at=_listens, leaves="extension"),
    "unknown_extension": Rule(at=_listens),
    "menu": Rule(at=_named("menu", "menu")),
    "key": Rule(at=_named("menu", "menu"), leaves="key"),
    "wrong_key": Rule(at=_named("menu", "menu"), leaves="no_choice", may_stay=True),
    "silence": Rule(at=_named("menu", "menu"), leaves="no_choice"),
    "responsible": Rule(at=_stage("responsible"), leaves="known"),
    "unknown_caller": Rule(at=_stage("responsible"), leaves="unknown"),
    "employee_off": Rule(at=_rung),
    "no_device": Rule(at=_rung),
    "not_free": Rule(at=_rung),
    "rings": Rule(at=_rings),
    "no_answer": Rule(at=_kind(*RUNG, "group", "hold")),
    "group": Rule(at=_named("group", "group")),
    "group_again": Rule(at=_named("group", "group"), leaves="again"),
    "members_off": Rule(at=_kind("group", "hold")),
    "all_tried": Rule(at=_kind("group", "hold")),
    "nobody_there": Rule(at=_kind("group", "hold")),
    "nobody_free": Rule(at=_kind("group", "hold")),
    "hold": Rule(at=_named("hold", "group")),
    "hold_over": Rule(at=_named("hold", "group"), leaves="hold_over"),
    "nobody_at_work": Rule(at=_named("hold", "group"), leaves="hold_over"),
    "message_key": Rule(at=_named("hold", "group"), leaves="message_key"),
    "forward": Rule(at=_named("forward", "number")),
    "forward_to_mobile": Rule(at=_mobile),
    "no_mobile": Rule(at=_mobile, leaves="no_mobile"),
    "not_paid": Rule(at=_kind(*DIALLED), leaves="unanswered"),
    "forward_unanswered": Rule(at=_kind(*DIALLED), leaves="unanswered"),
    "answered": Rule(at=_kind("answered", "forwarded"), by="answered"),
    "voicemail": Rule(at=_mailbox),
    "message_left": Rule(at=_mailbox),
    "no_message": Rule(at=_mailbox),
    "goodbye": Rule(at=_kind("goodbye")),
    "apology": Rule(at=_kind("apology")),
    "otherwise": Rule(at=_stage("otherwise")),
}
"""By the code of a note. What has no rule is told of a call wherever it is."""

ELSEWHERE = frozenset({"unknown_number"})
"""Notes of calls that are on no map."""


def passed(notes: Iterable[Note], found: RouteMap) -> Iterator[tuple[Note, tuple[str, ...]]]:
    """Walk the trace of a call over the map: with each note the ids of the nodes and edges passed since the last one.

    A note that is not on the map (the call had other settings, or was to another number) comes with none.
    """
    walk = _Walk(found)
    for note in notes:
        yield note, walk.take(note)


def marks(notes: Iterable[Note], found: RouteMap) -> frozenset[str]:
    """Tell which nodes and edges of a map the trace of a call passed."""
    return frozenset(id_ for _, ids in passed(notes, found) for id_ in ids)


class _Walk:
    def __init__(self, found: RouteMap) -> None:
        self.map = found
        self.here = found.entrance
        self.leaves: When | None = None
        self.key = ""
        self.may_stay = True

    def take(self, note: Note) -> tuple[str, ...]:
        """Go where a note says that the call went."""
        if note["code"] == "lost":
            return self._lost()
        rule = RULES.get(note["code"])
        if rule is None:
            return () if note["code"] in ELSEWHERE else (self.here,)
        path = self._path(rule, note)
        if path is None:
            return ()
        if path:
            self.here = path[-1].target
        self.leaves, self.may_stay = rule.leaves, rule.may_stay or rule.leaves is None
        self.key = _key_of(note)
        return (*(id_ for edge in path for id_ in (edge.id, edge.target)), self.here)

    def _lost(self) -> tuple[str, ...]:
        later = [stage for stage in self.map.stages if stage.key in ("group", "otherwise") and stage.on]
        self.here, self.leaves, self.may_stay = later[0].id, None, True
        return (self.here,)

    def _path(self, rule: Rule, note: Note) -> list[Edge] | None:
        """The shortest way to where the note says that the call is, [] when it is there; None when there is none."""
        if self.may_stay and rule.by is None and rule.at(note, self.map.node[self.here]):
            return []
        todo = deque([[edge] for edge in self.map.leads[self.here] if self._may_leave(edge, rule)])
        while todo:
            path = todo.popleft()
            node = self.map.node[path[-1].target]
            if rule.at(note, node):
                return path
            if node.kind == "stage" and node.key in PASSED and len(path) <= len(PASSED):
                todo += [[*path, edge] for edge in self.map.leads[node.id] if edge.when not in NOTED]
        return None

    def _may_leave(self, edge: Edge, rule: Rule) -> bool:
        if self.leaves is not None and edge.when == self.leaves:
            return self.leaves not in ("key", "extension") or self.key in (edge.key, "*")
        if self.leaves is not None:
            return False
        return edge.when == rule.by if rule.by else edge.when not in NOTED


def _key_of(note: Note) -> str:
    """What tells the edges that leave by the same kind of way apart."""
    if note["code"] == "key":
        return str(note["key"])
    if note["code"] == "extension":
        return "" if "employee" in note else str(note["extension"])
    return "*"
