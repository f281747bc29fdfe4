"""The JSON Schema of the settings file, with which editors complete and check it while it is written."""

from __future__ import annotations

import json
from typing import Any

from config.company import Company

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_HEAD = {"$schema": DIALECT, "title": "Ringpath company settings"}
_NUMBER_KEY = r"^(\+[0-9 ().\-/]{7,}|sips?:\S+)$"


def schema_text() -> str:
    """Write the JSON Schema of the settings, keys in the order of the models."""
    schema = _closed(Company.model_json_schema())
    schema["properties"]["numbers"]["propertyNames"] = {"pattern": _NUMBER_KEY}  # pydantic leaves out keys of two kinds
    return json.dumps(_HEAD | {k: v for k, v in schema.items() if k != "title"}, indent=2, ensure_ascii=False) + "\n"


def _closed(schema: Any) -> Any:
    """Refuse keys that match no pattern: pydantic states the pattern and leaves other keys open."""
    if isinstance(schema, dict):
        closed = {key: _closed(part) for key, part in schema.items()}
        return closed | {"additionalProperties": False} if "patternProperties" in closed else closed
    return [_closed(part) for part in schema] if isinstance(schema, list) else schema
