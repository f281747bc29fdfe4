"""The pages of every section: the list of its entries, and the form of each. One set of views for all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from config.draft import canonical
from config.problems import Problem
from flows.route_map import route_map
from web.route_map import drawn
from web.settings.draft import Working, broken_draft, legible, working
from web.settings.forms.desk import dotted
from web.settings.forms.form import SettingsForm
from web.settings.forms.listing import Page, listing
from web.settings.forms.opened import Open, desk_of, everything, kept, opened, visible
from web.settings.forms.sections import Section, Single
from web.settings.forms.typed import line

Answer = str | Response | tuple[str, int]


def show_list(section: Section) -> Answer:
    """List the entries of a section."""
    at = legible()
    desk = desk_of(at)
    asked = Page(search=line(request.args.get("q", "")), number=request.args.get("page", 1, type=int))
    shown = listing(section, desk, visible(section, desk), asked, at.problems)
    return render_template("settings/list.html", section=section, shown=shown, may_add=everything(section))


def show(section: Section, key: str) -> Answer:
    """Show an entry's form."""
    return _page(opened(section, key))


def save(section: Section, key: str) -> Answer:
    """Keep an entry in the draft, with whatever the check finds."""
    page = opened(section, key)
    form = page.form()
    trouble = kept(page.at, form)
    if trouble:
        return _page(page, form, trouble)
    return redirect(section.url("entry", _key_now(page)) + _anchor(form), 303)


def _key_now(page: Open) -> str:
    """The key of an entry after it was kept: that of a contact is its number."""
    if page.section.name != "contacts":
        return page.key
    return list(page.section.keys(desk_of(working())))[int(page.desk.base[1])]


def _anchor(form: SettingsForm) -> str:
    """Where the page goes on after a button inside the form, such as the one that adds a member."""
    used = (field.id for field in form.settings if request.form.get(f"{field.name}-do"))
    return "".join(f"#{name}" for name in used)


def _page(page: Open, form: SettingsForm | None = None, trouble: str = "") -> Answer:
    form = form or page.form()
    base = _bases(page)
    mine = [problem for problem in page.at.problems if any(_within(problem.path, each) for each in base)]
    shown = render_template(
        "settings/entry.html",
        section=page.section,
        key=page.key,
        name=page.section.called(page.desk, page.key),
        form=form,
        others=form.show(_renamed(mine, base)),
        problems=mine,
        trouble=trouble,
        may_change=page.may_change,
        may_all=everything(page.section),
        desk=page.desk,
        **(_map(page) if page.section.name == "numbers" else {}),
    )
    return (shown, 409 if trouble else 200) if trouble else shown


def _map(page: Open) -> dict[str, Any]:
    """Draw the route of a number as the draft has it; as it is published while the draft has faults."""
    company = page.at.company
    key = canonical("numbers", page.key)
    stale = any(problem.level == "error" for problem in page.at.problems)
    drawing = drawn(route_map(company, key), company) if key in company.numbers else None
    return {"map": drawing, "stale": stale}


def _bases(page: Open) -> tuple[str, ...]:
    """How the problems of an entry begin: by its place as it is written, and as the company knows it."""
    section, written = page.section, dotted(page.desk.base)
    known = written if section.name == "contacts" else dotted((section.name, canonical(section.name, page.key)))
    return tuple(dict.fromkeys((written, known)))


def _within(path: str, base: str) -> bool:
    return path == base or path.startswith(base + ".")


def _renamed(problems: list[Problem], bases: tuple[str, ...]) -> list[Problem]:
    """Give every problem the path as it is written."""
    written, known = bases[0], bases[-1]
    return [
        replace(problem, path=written + problem.path[len(known) :]) if _within(problem.path, known) else problem
        for problem in problems
    ]


def show_single(single: Single) -> Answer:
    """Show a page about the company as a whole."""
    at = legible()
    return _single(single, at, single.form(desk_of(at), at.version))


def save_single(single: Single) -> Answer:
    """Keep it in the draft."""
    at = working()
    form = single.form(desk_of(at), at.version)
    trouble = kept(at, form)
    return _single(single, at, form, trouble) if trouble else redirect(single.url, 303)


def _single(single: Single, at: Working, form: SettingsForm, trouble: str = "") -> Answer:
    bases = [dotted(field.at) for field in form.settings]
    problems = [problem for problem in at.problems if any(_within(problem.path, base) for base in bases)]
    shown = render_template(
        f"settings/{single.template}.html",
        single=single,
        form=form,
        others=form.show(problems),
        problems=problems,
        trouble=trouble,
        may_change=broken_draft() is None,
        desk=form.desk,
        **single.more(),
    )
    return (shown, 409) if trouble else shown
