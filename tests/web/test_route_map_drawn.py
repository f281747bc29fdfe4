"""The picture of a route map: everything is on it, nothing covers anything else, and names cannot do any harm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import combinations
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from flask import Flask
from hypothesis import given

from config.company import Company
from config.loader import parse
from flows.route_map import marks, route_map
from tests.calls.random_companies import companies
from tests.examples import whole_companies
from tests.moments import SAMPLE
from web.route_map import drawn

MAIN = "+34910000001"
NUMBERS = [MAIN, "+34910000002", "+34910000003", "sip:pbx.acme.sip.example.com"]
EVIL = "<script>alert(1)</script> \"' & %(name)s {0} --> ]]> ‮" + "x" * 30


def picture(company: Company, number: str, marked: frozenset[str] = frozenset()) -> ElementTree.Element:
    """The drawing, read as XML."""
    found = re.search(r"<svg.*</svg>", drawn(route_map(company, number), company, marked), re.S)
    assert found
    return ElementTree.fromstring(found[0])


def boxes(svg: ElementTree.Element) -> Iterator[tuple[float, float, float, float]]:
    """Where each node stands: left, top, right, bottom."""
    for node in svg.iter("g"):
        if "node" in node.get("class", "").split():
            yield from (_extent(shape) for shape in node if shape.get("class") == "shape")


def _extent(shape: ElementTree.Element) -> tuple[float, float, float, float]:
    if shape.tag == "rect":
        x, y, width, height = (float(shape.get(name, "")) for name in ("x", "y", "width", "height"))
        return x, y, x + width, y + height
    numbers = re.fullmatch(r"M([\d.]+) ([\d.]+)h([\d.]+)l8 8v([\d.]+)l-8 8h-\3l-8 -8v-\4z", shape.get("d", ""))
    assert numbers
    x, y, across, down = map(float, numbers.groups())
    return x - 8, y, x + across + 8, y + down + 16


def assert_drawn_well(svg: ElementTree.Element) -> None:
    """No node covers another one, and all of them are inside the picture."""
    width, height = float(svg.get("width", "")), float(svg.get("height", ""))
    found = list(boxes(svg))
    assert all(left > 0 and top > 0 and right < width and bottom < height for left, top, right, bottom in found)
    for one, other in combinations(found, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (one, other)


@pytest.mark.parametrize("number", NUMBERS)
def test_every_number_of_the_sample_company_is_drawn(sample: Company, number: str) -> None:
    found = route_map(sample, number)
    svg = picture(sample, number)
    assert_drawn_well(svg)
    ways = [way for way in svg.iter("g") if "way" in way.get("class", "").split()]
    merged = {(edge.source, edge.target) for edge in found.edges}
    assert len([way for way in ways if "apart" not in way.get("class", "")]) == len(merged)


@whole_companies(40)
@given(company=companies())
def test_whatever_the_settings_nothing_is_covered(company: Company) -> None:
    for number in company.numbers:
        assert_drawn_well(picture(company, number))


def changed(**sections: Any) -> Company:
    """The sample company with some sections changed."""
    document = yaml.safe_load(SAMPLE.read_text("utf-8"))
    for section, values in sections.items():
        for key, value in values.items():
            document[section][key] = document[section].get(key, {}) | value
    return parse(yaml.safe_dump(document, allow_unicode=True))


def test_hostile_names_stay_words() -> None:
    company = changed(
        employees={"ana": {"name": EVIL}},
        groups={"sales": {"name": EVIL}},
        numbers={MAIN: {"name": EVIL, "greeting": {"say": EVIL}}},
        menus={"main": {"prompt": {"say": EVIL}}},
    )
    html = drawn(route_map(company, MAIN), company)
    assert "<script" not in html
    assert EVIL in unescape(html)
    ElementTree.fromstring(f"<all>{html}</all>")
    assert_drawn_well(picture(company, MAIN))


def test_long_names_are_cut_and_told_whole_in_a_title(sample: Company) -> None:
    company = changed(employees={"ana": {"name": "Ana " + "María " * 15}})
    titles = [title.text for title in picture(company, MAIN).iter("title")]
    shown = [text.text for text in picture(company, MAIN).iter("text")]
    assert any("María " * 14 in str(title) for title in titles)
    assert any(str(text).startswith("Ana María") and str(text).endswith("…") for text in shown)
    assert all("María " * 10 not in str(text) for text in shown)


# Not colour alone: each end has a shape and words of its own.
def test_ends_are_told_by_shape_and_by_words(sample: Company) -> None:
    words: dict[str, set[str]] = {}
    for node in picture(sample, MAIN).iter("g"):
        kind = node.get("class", "").removeprefix("node ")
        words.setdefault(kind, set()).update(text.text or "" for text in node.findall("text"))
    assert words["answered"] == {"They talk"}
    assert words["apology"] == {"Apology, ends"}
    assert words["declined"] == {"Declined, at no cost"}
    assert "Message for Soporte" in words["message"]


def test_the_picture_has_a_name_a_description_and_the_same_as_a_list(sample: Company) -> None:
    html = drawn(route_map(sample, MAIN), sample)
    svg = picture(sample, MAIN)
    ids = {element.get("id"): element for element in svg.iter() if element.get("id")}
    assert svg.get("role") == "img"
    assert ids[svg.get("aria-labelledby")].text == "Route map of Principal, +34 910 00 00 01"
    assert ids[svg.get("aria-describedby")].text
    assert 'tabindex="0"' in html
    outline = html[html.index("<details") :]
    for words in ("key 3: ", "Ana Ruiz · rings for 20 s", "Otherwise (no call gets here)", "back to Menu main"):
        assert words in unescape(outline)


def test_maps_on_one_page_have_no_id_in_common(sample: Company) -> None:
    page = "".join(drawn(route_map(sample, number), sample) for number in NUMBERS)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) == 2 * len(NUMBERS)


# The Content-Security-Policy lets neither of them in.
def test_there_is_no_style_and_no_script_in_it(sample: Company) -> None:
    html = drawn(route_map(sample, MAIN), sample)
    assert not re.search(r"<style|<script|\sstyle=|\son\w+=|javascript:", html)


def test_the_way_of_a_call_is_marked_in_the_picture_and_in_the_list(sample: Company) -> None:
    notes = [{"code": "arrived"}, {"code": "closed"}, {"code": "forward", "number": "+34910000999"}]
    found = route_map(sample, MAIN)
    svg = picture(sample, MAIN, marks(notes, found))
    marked = [g for g in svg.iter("g") if "marked" in g.get("class", "").split()]
    assert [g.get("class") for g in marked] == [
        "way marked",
        "way marked",
        "node stage marked",
        "node stage marked",
        "node forward marked",
    ]
    outline = drawn(found, sample, marks(notes, found)).split("<details>")[1]
    assert outline.count("<strong>") == 4


# Soporte is named in many places; on the way of this call it is one of them, and the box that they mean.
def test_of_the_places_that_name_a_node_only_the_one_passed_is_marked(sample: Company) -> None:
    notes = [{"code": "arrived"}, {"code": "open"}, {"code": "greeting"}, {"code": "key", "menu": "main", "key": "2"}]
    notes += [{"code": "menu", "menu": "support"}, {"code": "key", "menu": "support", "key": "2"}]
    notes += [{"code": "rings", "who": ["eva"]}, {"code": "no_answer"}, {"code": "group", "group": "support"}]
    svg = picture(sample, MAIN, marks(notes, route_map(sample, MAIN)))
    shown = [g.get("class") for g in svg.iter("g") if any(text.text == "Soporte" for text in g.findall("text"))]
    assert sorted(map(str, shown)) == ["node group marked", *["node named"] * 2, "node named marked"]


def test_it_is_drawn_in_the_readers_language(sample: Company) -> None:
    with Flask("pages").test_request_context(headers={"Accept-Language": "es"}):
        html = drawn(route_map(sample, MAIN), sample)
    assert ">Mapa de ruta de Principal, +34 910 00 00 01<" in html
    for english in ("They talk", "nobody answers", "rings for", "key 1", "Otherwise"):
        assert english not in html
