"""The Lua scripts: each is one step in Redis, with its keys and arguments listed at its head."""

from pathlib import Path

from live import keys

FOLDER = Path(__file__).parent


def source(name: str) -> str:
    """Return the text of a script, with the constants of the map and what the scripts share before it."""
    lives = ", ".join(f"{what} = {seconds}" for what, seconds in keys.LIVES.items())
    settles = ", ".join(f"{what} = {ms}" for what, ms in keys.SETTLES.items())
    constants = f"local LIVES, SETTLES = {{{lives}}}, {{{settles}}}"
    return "\n".join([constants, *((FOLDER / f"{part}.lua").read_text("utf-8") for part in ("common", name))])
