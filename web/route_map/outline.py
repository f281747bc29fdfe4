"""A route map as a nested list: for those who do not see the picture, and for small screens."""

from __future__ import annotations

from markupsafe import Markup

from config.company import Company
from flows.route_map import Node
from web.route_map.markup import tag
from web.route_map.tree import Branch, Tree, Trunk
from web.route_map.words import stage_detail, stage_name, text_of, way
from web.words import _


def outline(tree: Tree, company: Company, number: str, marked: frozenset[str]) -> Markup:
    """Write the list; what a call has passed is strong, and says so."""
    return tag("ol", *(_stage(trunk, company, number, marked) for trunk in tree.trunks), class_="route-outline")


def _stage(trunk: Trunk, company: Company, number: str, marked: frozenset[str]) -> Markup:
    stage = trunk.stage
    name = stage_name(stage.key)
    if not stage.on:
        return tag("li", _("%(stage)s: off", stage=name), class_="muted")
    detail = stage_detail(stage, company, number) if trunk.reached else _("no call gets here")
    said = f"{name} ({detail})" if detail else name
    items = [_branch(branch, stage, company, marked) for branch in trunk.branches]
    if trunk.onward is not None:
        label = way((trunk.onward,), stage, company)
        items.append(_item(label, _("on with the next stage"), marked=trunk.onward.id in marked))
    return tag("li", _passed(said, marked=stage.id in marked), *([tag("ul", *items)] if items else []))


def _branch(branch: Branch, source: Node, company: Company, marked: frozenset[str]) -> Markup:
    text = text_of(branch.node, company)
    label = way(branch.edges, source, company)
    passed = any(edge.id in marked for edge in branch.edges)
    if branch.shown != "here":
        return _item(label, _NAMED[branch.shown](text.title), marked=passed)
    said = " · ".join([text.title, *text.lines])
    inside = [tag("ul", *(_branch(each, branch.node, company, marked) for each in branch.branches))]
    return _item(label, said, *(inside if branch.branches else []), marked=passed)


_NAMED = {
    "again": lambda name: _("%(name)s once more", name=name),
    "back": lambda name: _("back to %(name)s", name=name),
    "stage": lambda name: _("on with the stage %(name)s", name=name),
    "elsewhere": lambda name: _("%(name)s (see there)", name=name),
}


def _item(label: str, said: str, *inside: Markup, marked: bool) -> Markup:
    return tag(
        "li", *([tag("span", label + ": ", class_="way")] if label else []), _passed(said, marked=marked), *inside
    )


def _passed(said: str, *, marked: bool) -> Markup:
    return tag("strong", said, " ", tag("span", _("(the call’s way)"))) if marked else tag("span", said)
