"""The shapes of a route map: how large a node will be, and how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from config.company import Company
from web.route_map.markup import cut, tag, width
from web.route_map.tree import Branch
from web.route_map.words import text_of

TITLE, LINE = 13.0, 11.5
"""Sizes of the two kinds of text, in pixels."""

WIDEST = 272.0
INSET = 34.0
"""Pixels before the text of a box, where its sign is."""

SMALL_HEIGHT = 28.0

SIGNS = {
    "menu": "M1 1h3v3h-3zM6 1h3v3h-3zM11 1h3v3h-3zM1 6h3v3h-3zM6 6h3v3h-3zM11 6h3v3h-3zM1 11h3v3h-3zM6 11h3v3h-3z"
    "M11 11h3v3h-3z",
    "ask_extension": "M5 1l-2 13M12 1l-2 13M1 5h13M1 10h13",
    "employee": "M7.5 7a3 3 0 1 0-.1 0zM1.5 14c0-3 2.500-5 6-5s6 2 6 5z",
    "group": "M5 7.500a2.500 2.500 0 1 0-.1 0zM0 14c0-3 2-5 5-5s5 2 5 5zM11 7a2 2 0 1 0-.1 0zM11 9c2.500 0 4 2 4 4.500"
    "h-3",
    "hold": "M2 1h11M2 14h11M3 1c0 4 3 5 4.500 6.500c-1.500 1.500-4.500 2.500-4.500 6.500M12 1c0 4-3 5-4.500 6.500"
    "c1.500 1.500 4.500 2.500 4.500 6.500",
    "forward": "M2 13L13 2M5 2h8v8",
    "message": "M1 3h13v9.500h-13zM1 3l6.500 5.500l6.500-5.500",
    "answered": "M1.500 8l4 4.500l8-10",
    "goodbye": "M3 3l9 9M12 3l-9 9",
    "declined": "M7.500 1a6.500 6.500 0 1 0 .1 0zM3 3l9 9",
}
"""Paths of 15 by 15 pixels."""

SIGN_OF = {
    "by_extension": "employee",
    "responsible": "employee",
    "groups": "group",
    "mobile": "forward",
    "last_mobile": "forward",
    "forwarded": "answered",
    "apology": "goodbye",
}
"""Whose sign a kind of node shares."""

ROUND = frozenset({"answered", "forwarded"})
CORNERED = frozenset({"goodbye", "apology", "declined"})
"""Ends at which nobody was reached: an octagon, as on the road."""


@dataclass(slots=True)
class Box:
    """A node as it will be drawn: its texts, cut to the room there is, and its size."""

    branch: Branch
    title: str
    lines: tuple[str, ...]
    full: str
    width: float
    height: float
    badge: str = ""


def box_of(branch: Branch, company: Company, badge: str) -> Box:
    """Size up a node; one that is only named here is small and shows its letter or number."""
    text = text_of(branch.node, company)
    here = branch.shown == "here"
    lines = text.lines if here else ()
    room = WIDEST - INSET - 12
    title = cut(text.title, room, TITLE, bold=here)
    shown = tuple(cut(line, room, LINE) for line in lines)
    wide = max(width(title, TITLE, bold=here), *(width(line, LINE) for line in shown), 0.0)
    inset = INSET if here or not badge else INSET + 20
    return Box(
        branch=branch,
        title=title,
        lines=shown,
        full=" · ".join([text.title, *text.lines]),
        width=round(inset + wide + 14),
        height=SMALL_HEIGHT + 15 * len(shown) + (4 if shown else 0),
        badge=badge,
    )


def drawn_box(box: Box, x: float, y: float, *, marked: bool) -> Markup:
    """Draw a node with its middle left at a point."""
    top = y - box.height / 2
    node = box.branch.node
    look = node.kind if box.branch.shown == "here" else "named"
    parts = [tag("title", box.full), _outline(look, x, top, box)]
    parts += _sign(box, x + 11, top + 7)
    inset = INSET - 2 + (20 if box.badge and look == "named" else 0)
    if box.badge and look != "named":
        parts.append(badge(box.badge, x + box.width, top))
    parts.append(tag("text", box.title, x=x + inset, y=top + 18.5, class_="title"))
    parts += [
        tag("text", line, x=x + inset, y=top + 35 + 15 * place, class_="line") for place, line in enumerate(box.lines)
    ]
    return tag("g", *parts, class_=f"node {look}{' marked' if marked else ''}")


def _outline(look: str, x: float, top: float, box: Box) -> Markup:
    wide, high = box.width, box.height
    if look in CORNERED:
        across, down = wide - 16.0, high - 16.0
        path = f"M{x + 8:g} {top:g}h{across:g}l8 8v{down:g}l-8 8h-{across:g}l-8 -8v-{down:g}z"
        return tag("path", d=path, class_="shape")
    corner = high / 2 if look in ROUND or look == "named" else 2.0 if look == "message" else 7.0
    return tag("rect", x=x, y=top, width=wide, height=high, rx=corner, class_="shape")


NAMED_SIGNS = {
    "again": "M13 7.500a5.500 5.500 0 1 1-2-4.200M11.500 0v4h-4",
    "back": "M14 12v-4a3 3 0 0 0-3-3h-10M4.500 1.500l-3.500 3.500l3.500 3.500",
    "stage": "M1 7.500h12M9 3.500l4 4l-4 4",
    "elsewhere": "M1 7.500h12M9 3.500l4 4l-4 4",
}


def _sign(box: Box, x: float, y: float) -> list[Markup]:
    shown, kind = box.branch.shown, box.branch.node.kind
    path = SIGNS[SIGN_OF.get(kind, kind)] if shown == "here" else NAMED_SIGNS[shown]
    sign = tag("path", d=path, transform=f"translate({x:g} {y:g})", class_="sign")
    return [sign, badge(box.badge, x + 28, y + 7)] if shown != "here" and box.badge else [sign]


def badge(text: str, x: float, y: float) -> Markup:
    """Draw the letter of a node, or the number of a stage, around a point."""
    return tag(
        "g",
        tag("circle", cx=x, cy=y, r=9.5),
        tag("text", text, x=x, y=y + 4, text_anchor="middle"),
        class_="badge",
    )
