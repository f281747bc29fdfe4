"""The dashboard and the rules name figures that there are, and every figure is shown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from flows.places import KINDS
from live import keys
from local.house import House
from tests.moments import ROOT
from voice.metrics import TROUBLED

FOLDER = ROOT / "docs" / "grafana"
DASHBOARD = json.loads((FOLDER / "ringpath.json").read_text("utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
SHOWN = [target["expr"] for panel in PANELS for target in panel["targets"]]
RULES = [
    rule for group in yaml.safe_load((FOLDER / "alerts.yaml").read_text("utf-8"))["groups"] for rule in group["rules"]
]
WARNED_OF = [rule["expr"] for rule in RULES]

NAME = re.compile(r"\bringpath_[a-z_]+")
MATCHER = re.compile(r"(\w+)=~?\"([^\"]*)\"")
VALUES = {
    "place": {*KINDS, "incoming", "status", "leg", "recording", "fallback", "unknown", "refused", "probe"},
    "trouble": set(TROUBLED),
    "job": {"$job"},
}


def names(expressions: list[str]) -> set[str]:
    """The figures that are named."""
    return {name for expression in expressions for name in NAME.findall(expression)}


@pytest.fixture
def told(open_house: Callable[..., House], redis: Redis) -> set[str]:
    """Every figure of ours that a running app tells, to whoever shows the token."""
    token = "of sixteen letters at least"
    redis.set(keys.BALANCE, "12.50")
    house = open_house(published=True, metrics_token=token)
    answer = house.app.test_client().get("/metrics", headers={"Authorization": f"Bearer {token}"})
    samples = {each.name for family in text_string_to_metric_families(answer.text) for each in family.samples}
    return {name for name in samples if name.startswith("ringpath_") and not name.endswith("_created")}


# A ready Grafana dashboard as a file (issue 5, part 7).
def test_the_dashboard_and_the_rules_name_figures_that_there_are(told: set[str]) -> None:
    assert names(SHOWN) - told == set()
    assert names(WARNED_OF) - told == set()


def test_every_figure_is_on_the_dashboard(told: set[str]) -> None:
    assert told - names(SHOWN) == set()


@pytest.mark.parametrize("expression", SHOWN + WARNED_OF)
def test_what_an_expression_looks_for_can_be(expression: str) -> None:
    assert expression.count("(") == expression.count(")")
    for label, value in MATCHER.findall(expression):
        assert set(value.split("|")) <= VALUES[label]


def test_the_dashboard_can_be_imported_into_any_grafana() -> None:
    assert [each["name"] for each in DASHBOARD["__inputs"]] == ["DS_PROMETHEUS"]
    assert DASHBOARD["id"] is None
    assert DASHBOARD["schemaVersion"] >= 36
    sources = {panel["datasource"]["uid"] for panel in PANELS}
    sources |= {target["datasource"]["uid"] for panel in PANELS for target in panel["targets"]}
    sources |= {each["datasource"]["uid"] for each in DASHBOARD["templating"]["list"]}
    assert sources == {"${DS_PROMETHEUS}"}
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    assert {panel["type"] for panel in PANELS} == {
        each["id"] for each in DASHBOARD["__requires"] if each["type"] == "panel"
    }


def test_no_panel_lies_on_another() -> None:
    def meet(one: dict[str, Any], other: dict[str, Any]) -> bool:
        apart = (one["x"] + one["w"] <= other["x"], other["x"] + other["w"] <= one["x"])
        return not any((*apart, one["y"] + one["h"] <= other["y"], other["y"] + other["h"] <= one["y"]))

    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    assert [pair for pair in combinations(places, 2) if meet(*pair)] == []


def test_every_panel_says_what_it_shows_and_every_rule_what_to_do() -> None:
    assert [panel["title"] for panel in PANELS if not panel["description"]] == []
    for rule in RULES:
        assert rule["labels"]["severity"] in {"page", "warn"}
        assert rule["annotations"].keys() == {"summary", "description"}
    assert len({rule["alert"] for rule in RULES}) == len(RULES)


# What is to be copied into prometheus.yml (docs/operations.md) is what Prometheus reads, and asks for our figures.
def test_the_configuration_to_copy_is_one() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    (found,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    configuration = yaml.safe_load(found)
    (job,) = configuration["scrape_configs"]
    assert configuration["rule_files"] == ["alerts.yaml"]
    assert job.get("metrics_path", "/metrics") == "/metrics"
    assert job["authorization"].get("type", "Bearer") == "Bearer"
    assert job.keys() <= {"job_name", "scheme", "authorization", "static_configs"}
