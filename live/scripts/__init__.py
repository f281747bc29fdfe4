"""The Lua scripts: each is one step in Redis, with its keys and arguments listed at its head."""

from pathlib import Path

FOLDER = Path(__file__).parent


def source(name: str) -> str:
    """Return the text of a script, with what the scripts share before it."""
    return "\n".join((FOLDER / f"{part}.lua").read_text("utf-8") for part in ("common", name))
