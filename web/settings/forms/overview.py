"""The settings in words: every number with its route, what there is besides, and what the check finds."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template

from config.problems import Problem
from web.settings import pages
from web.settings.draft import legible, working
from web.settings.forms.desk import Desk
from web.settings.forms.listing import Page, listing
from web.settings.forms.opened import desk_of, everything
from web.settings.forms.sections import SECTIONS, SINGLES, entry_of, link_of
from web.words import _

MOST_PROBLEMS = 30
"""Problems that are listed; a file with thousands has one cause."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """A problem, where it is in words, and the page on which it can be mended."""

    problem: Problem
    where: str
    url: str


def page() -> str:
    """Show the settings at a glance."""
    at = legible()
    desk = desk_of(at)
    problems = [_found(desk, problem) for problem in at.problems[:MOST_PROBLEMS]]
    return render_template(
        "settings/overview.html",
        numbers=listing(SECTIONS["numbers"], desk, SECTIONS["numbers"].keys(desk), Page(), at.problems),
        sections=[(section, len(section.keys(desk))) for section in SECTIONS.values() if section.name != "numbers"],
        singles=SINGLES.values(),
        problems=problems,
        more=len(at.problems) - len(problems),
        section=SECTIONS["numbers"],
        may_add=everything(SECTIONS["numbers"]),
    )


@pages.context_processor
def _links() -> dict[str, object]:
    """Let the list of problems lead to the forms on which they are mended."""
    return {"settings_form": lambda path: link_of(desk_of(working()), path)}


def _found(desk: Desk, problem: Problem) -> Found:
    entry = entry_of(desk, problem.path)
    where = f"{entry[0].title} · {entry[0].called(desk, entry[1])}" if entry else problem.path or _("the settings")
    return Found(problem=problem, where=where, url=link_of(desk, problem.path))
