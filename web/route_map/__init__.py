"""A number's route map, drawn: an SVG in the page, and the same as a list."""

from __future__ import annotations

from hashlib import sha256

from markupsafe import Markup

from config.company import Company
from flows.route_map import RouteMap
from web.looks import phone
from web.route_map.markup import tag
from web.route_map.outline import outline
from web.route_map.picture import Picture
from web.route_map.tree import tree_of
from web.words import _


def drawn(route_map: RouteMap, company: Company, marked: frozenset[str] = frozenset()) -> Markup:
    """Draw a map of the company's; `marked` are the ids of nodes and edges that a call has passed.

    Several maps may stand on one page, one for each number.
    """
    tree = tree_of(route_map)
    name = f"{company.numbers[route_map.number].name}, {phone(route_map.number)}"
    heading = _("Route map of %(number)s", number=name)
    told = _("The stages of the route from top to bottom; what each leads to, to the right of it. As a list below.")
    id_ = "route-map-" + sha256(route_map.number.encode()).hexdigest()[:8]
    titles = (tag("title", heading, id=f"{id_}-title"), tag("desc", told, id=f"{id_}-desc"))
    picture = Picture(tree, company, route_map.number, marked).drawn(
        *titles, role="img", aria_labelledby=f"{id_}-title", aria_describedby=f"{id_}-desc"
    )
    letters = _("A dashed node stands elsewhere on the map; its letter or number says where.")
    return tag(
        "div",
        tag("div", picture, class_="route-map-scroll", tabindex=0, role="region", aria_label=heading),
        *([tag("p", letters, class_="hint")] if tree.names_any else []),
        tag("details", tag("summary", _("The same as a list")), outline(tree, company, route_map.number, marked)),
        class_="route-map",
    )
