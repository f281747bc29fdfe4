"""The reference of the settings is what the models say, of every key, with a meaning for each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from config.company import Company
from config.destinations import FORMS
from config.reference import Section, reference_text, sections
from config.schema import schema_text
from tests.moments import ROOT

PAGE = reference_text()
EVERY = [*sections(), *(Section(path=("destination", name), record=record) for name, record in FORMS.items())]


# Anything else: run `make schema`.
def test_the_page_is_the_one_that_the_models_make() -> None:
    assert (ROOT / "docs" / "settings.md").read_text("utf-8") == PAGE


@pytest.mark.parametrize("section", EVERY, ids=lambda each: each.name or "the file")
def test_every_key_has_a_meaning_a_value_and_a_default(section: Section) -> None:
    heading = f"### `{section.path[1]}`" if section.path[:1] == ("destination",) else f"## `{section.name}`"
    table = PAGE.split(f"\n{heading if section.path else '## The file'}\n", 1)[1].split("\n#", 1)[0]
    rows = [[cell.strip() for cell in re.split(r" (?<!\\)\| ", line.strip("| "))] for line in table.splitlines()]
    said = {row[0].strip("`"): row[1:] for row in rows if len(row) == 4}
    assert said.keys() - {"key"} == section.record.model_fields.keys()
    assert [key for key, cells in said.items() if not all(cells)] == []


def test_no_mapping_of_the_file_is_left_out() -> None:
    schema = json.loads(schema_text())
    assert {section.record.__name__ for section in EVERY} == {*schema["$defs"], Company.__name__}


def properties(schema: Any) -> Iterator[tuple[str, Any]]:
    for name, record in schema["$defs"].items():
        yield from ((f"{name}.{key}", found) for key, found in record["properties"].items())
    yield from schema["properties"].items()


# What an editor shows beside a key while the file is written.
def test_the_schema_describes_every_key() -> None:
    assert [name for name, found in properties(json.loads(schema_text())) if not found.get("description")] == []


def test_the_examples_are_those_of_the_file_that_ships() -> None:
    shipped = (ROOT / "config" / "company.yaml").read_text("utf-8")
    blocks = re.findall(r"```yaml\n(.*?)\n```", PAGE, re.S)
    assert [block for block in blocks if block + "\n" not in shipped] == []
    assert {block.partition(":")[0] for block in blocks} == {s.path[0] for s in sections() if s.path} - {"blocked"}


def test_a_link_leads_to_a_heading() -> None:
    headings = {
        "".join(c for c in heading.lower() if c.isalnum() or c in "-_ ").replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", PAGE, re.M)
    }
    assert set(re.findall(r"\]\(#([^)]*)\)", PAGE)) - headings == set()
