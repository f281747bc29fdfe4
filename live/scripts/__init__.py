"""The Lua scripts: each is one step in Redis, with its keys and arguments listed at its head."""

import re
from functools import cache
from pathlib import Path

from live import keys

FOLDER = Path(__file__).parent

_CONSTANT = re.compile(r"\b(LIVES|SETTLES)\.(\w+)")


@cache
def source(name: str) -> str:
    """Return the text of a script, with what the scripts share before it, and the constants of the map in it."""
    text = "\n".join((FOLDER / f"{part}.lua").read_text("utf-8") for part in ("common", name))
    return _CONSTANT.sub(lambda found: str(getattr(keys, found[1])[found[2]]), text)
