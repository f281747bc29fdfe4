"""What axe finds on a page, and what it does not look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
"""Put into a browser once (`equipped`), not sent to it again for every page as the package would."""

EVERYTHING: dict[str, Any] = {"resultTypes": ["violations"]}
COLOURS: dict[str, Any] = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}

WIDER = """() => [...document.querySelectorAll('body *')]
  .filter(each => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1
                  && !each.closest('.table, .scrolls, nav.main, .visually-hidden, .skip'))
  .slice(0, 3).map(each => each.outerHTML.slice(0, 120))"""


def equipped(page: Page) -> Page:
    """Have every page that is opened bring axe along."""
    page.context.add_init_script(path=AXE)
    return page


def violations(page: Page, options: dict[str, Any] = EVERYTHING) -> list[str]:
    """Name what axe finds, with the places."""
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [
        f"{each['id']} ({each['impact']}): {each['help']}: {node['html'][:160]} {_why(node)}"
        for each in found
        for node in each["nodes"][:3]
    ]


def shape(page: Page) -> list[str]:
    """What every page has: language, title, one h1; and that it is not wider than the screen."""
    return page.evaluate(
        f"""() => {{
          const wrong = [], root = document.documentElement, count = document.querySelectorAll('h1').length;
          if (!['en', 'es'].includes(root.lang)) wrong.push('lang is ' + root.lang);
          if (!/.+ · Ringpath$/.test(document.title)) wrong.push('title is ' + document.title);
          if (count !== 1) wrong.push(count + ' h1');
          if (root.scrollWidth > root.clientWidth) wrong.push('wider than the screen: ' + ({WIDER})().join(' '));
          return wrong;
        }}"""
    )


def _why(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for check in node["any"] + node["all"] + node["none"])[:200]
