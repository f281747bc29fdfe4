"""The house rules that a program can check: who may import whom, sizes, pins, docstrings, the map of Redis."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from live import keys
from tests.moments import ROOT

OURS = ("config", "flows", "voice", "live", "calls", "crm", "web", "simulator", "local", "commands", "app")

MAY_USE = {
    "config": frozenset[str](),
    "flows": frozenset({"config"}),
    "live": frozenset({"flows", "config"}),
    "calls": frozenset({"flows", "config"}),
    "voice": frozenset({"flows", "live", "calls", "config"}),
    # The simulator besides: the telephone in the browser plays a call, and shows what can happen in one (issue 4).
    "web": frozenset({"flows", "live", "calls", "config", "simulator"}),
    "crm": frozenset({"flows", "live", "calls", "config"}),
    "simulator": frozenset[str](),
    # These wire the parts together.
    "app": frozenset(OURS),
    "commands": frozenset(OURS),
    "local": frozenset(OURS),
}
"""DESIGN section 2, the arrows. A folder that is not listed here may not use anything of ours."""

ROOMS = {
    "provider": frozenset({"profiles", "urls", "webhook"}),
    "recordings": frozenset({"profiles", "provider"}),
    "ending": frozenset({"provider", "recordings"}),
}
"""What of voice/ its rooms may use besides themselves: none knows the door, which knows them."""

EXCEPTIONS = {("live/url.py", "local")}
"""Without REDIS_URL the address is the embedded server's, which only `local` knows; imported when it is needed."""

IMPURE = frozenset(
    {"asyncio", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil", "signal"}
    | {"socket", "sqlite3", "subprocess", "tempfile", "threading", "time", "urllib", "uuid"}
)
"""What reaches out of the process, keeps time or throws dice: none of it has a place in flows/."""

CLOCKS = frozenset({"now", "utcnow", "today"})

LIBRARIES = {
    "flows": frozenset[str](),
    "config": frozenset({"annotated_types", "pydantic", "pydantic_core", "yaml", "phonenumbers", "holidays"}),
    "live": frozenset({"redis", "hiredis", "rq", "dotenv", "pydantic_core", "sentry_sdk"}),
    "calls": frozenset({"sqlalchemy", "alembic", "psycopg", "pydantic_core", "cryptography", "obstore"}),
    "web": frozenset({"flask", "werkzeug", "markupsafe", "prometheus_client", "sqlalchemy", "redis"})
    | {
        "flask_wtf",
        "wtforms",
        "argon2",
        "limits",
        "itsdangerous",
        "babel",
        "secure",
        "phonenumbers",
        "simple_websocket",
    },
}
"""What each may use besides the standard library; a folder that is not listed is free to choose."""

FOLDERS = [name for name in OURS if (ROOT / name).is_dir()]
MODULES = [*sorted(path for name in FOLDERS for path in (ROOT / name).rglob("*.py")), ROOT / "app.py"]
FILES = [*MODULES, *sorted((ROOT / "tests").rglob("*.py")), ROOT / "gunicorn.conf.py"]


def short(path: Path) -> str:
    """A path as it is named in a message."""
    return str(path.relative_to(ROOT))


def folder_of(path: Path) -> str:
    """The part of the house that a module belongs to."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def modules_of(folder: str) -> dict[str, str]:
    """The text of every module of a part of the house, by its path."""
    return {short(path): path.read_text("utf-8") for path in MODULES if folder_of(path) == folder}


def imported(source: str) -> Iterator[str]:
    """Every name that a module imports, wherever it does; relative imports stay inside their folder."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def arrows(path: Path) -> set[str]:
    """The other parts of the house that a module imports."""
    tops = {name.partition(".")[0] for name in imported(path.read_text("utf-8"))}
    return (tops & {*OURS, "tests"}) - {folder_of(path)}


# Every rule below holds of a house in which nothing is found.
def test_every_part_of_the_house_is_looked_at() -> None:
    assert {folder_of(path) for path in MODULES} == {*OURS}
    assert {folder_of(path) for path in FILES} == {*OURS, "tests", "gunicorn.conf"}
    assert Path(__file__) in FILES
    assert all(modules_of(folder) for folder in LIBRARIES)
    assert SCRIPTS


# Imports point one way (DESIGN section 2).
def test_every_module_uses_only_the_parts_of_the_house_that_it_may() -> None:
    used = {(short(path), target) for path in MODULES for target in arrows(path) - MAY_USE.get(folder_of(path), set())}
    assert used - EXCEPTIONS == set()


def test_every_module_of_a_room_uses_only_what_of_its_folder_it_may() -> None:
    used = {
        (where, name)
        for where, text in modules_of("voice").items()
        for room in ROOMS.keys() & {Path(where).parts[1]}
        for name in imported(text)
        if name.partition(".")[0] == "voice" and not {*name.split(".")[1:2]} & {room, *ROOMS[room]}
    }
    assert used == set()
    assert all((ROOT / "voice" / room).is_dir() for room in ROOMS)


def test_no_exception_to_the_arrows_has_outlived_its_reason() -> None:
    assert {(where, target) for where, target in EXCEPTIONS if target in arrows(ROOT / where)} == EXCEPTIONS


# What wires the parts is not itself a part: nothing below imports the app.
def test_nobody_imports_the_app_but_what_serves_it() -> None:
    users = {short(path) for path in MODULES if "app" in arrows(path)}
    assert {Path(user).parts[0] for user in users} <= {"local", "commands"}


def test_the_arrows_are_seen_wherever_an_import_stands() -> None:
    source = "import a.b\nfrom c.d import e\nfrom . import f\ndef g():\n    from h import i\nif True:\n    import j"
    assert list(imported(source)) == ["a.b", "c.d", "h", "j"]


# flows/ is pure Python: no Flask, no Redis, no SQL, no TwiML (DESIGN section 2); config/ and live/ name what they use.
@pytest.mark.parametrize("folder", sorted(LIBRARIES))
def test_a_folder_uses_no_library_but_those_that_are_its_business(folder: str) -> None:
    known = sys.stdlib_module_names | frozenset(OURS) | LIBRARIES[folder]
    used = {(where, n.partition(".")[0]) for where, text in modules_of(folder).items() for n in imported(text)}
    assert {(where, name) for where, name in used if name not in known} == set()


# flows/ has no clock of its own (DESIGN section 2), and nothing else that would make an answer depend on the moment.
def test_flows_import_nothing_impure() -> None:
    used = {(where, n.partition(".")[0]) for where, text in modules_of("flows").items() for n in imported(text)}
    assert {(where, name) for where, name in used if name in IMPURE} == set()


def test_flows_never_ask_what_time_it_is() -> None:
    assert {(where, call) for where, text in modules_of("flows").items() for call in clock_calls(text)} == set()


def clock_calls(source: str) -> Iterator[str]:
    """Calls such as datetime.now() and date.today()."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            yield ast.unparse(node)


def test_a_clock_is_found_where_there_is_one() -> None:
    assert list(clock_calls("x = datetime.now(UTC); y = way.now; z = date.today()")) == [
        "datetime.now(UTC)",
        "date.today()",
    ]


# STYLE 11: small on purpose.
def test_no_file_is_longer_than_300_lines() -> None:
    lines = {short(path): len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert {name: count for name, count in lines.items() if count > 300} == {}


def test_every_module_says_what_it_is_for() -> None:
    assert {short(path) for path in FILES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))} == set()


# A pin that is not exact makes two installations of one version differ.
@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_exactly(name: str) -> None:
    lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text("utf-8").splitlines()]
    wanted = [line for line in lines if line and line != "-r requirements.txt"]
    assert wanted
    assert [line for line in wanted if not re.fullmatch(r"[a-z0-9-]+(\[[a-z]+\])?==\d+(\.[a-z0-9]+)*", line)] == []


WRITERS = {"whoever", "confirms", "mirrors", "the", "balance", "list", "calls", "crm", "lookup", "blocks", "limits"} | {
    "numbers",
    "refusals",
}
"""Words that name who writes a key that no script does."""


def redis_map() -> dict[str, str]:
    """What live/keys.py says of each key: the string after a constant, the docstring of a function."""
    body = ast.parse((ROOT / "live" / "keys.py").read_text("utf-8")).body
    found: dict[str, str] = {}
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.FunctionDef):
            found[node.name] = ast.get_docstring(node) or ""
        elif isinstance(node, ast.Assign) and "TAG +" in ast.unparse(node):
            said = after.value if isinstance(after, ast.Expr) else None
            found[ast.unparse(node.targets[0])] = str(said.value) if isinstance(said, ast.Constant) else ""
    return found


# Redis has a map: every key name in one module with its type, fields, lifetime and owner (DESIGN section 6).
@pytest.mark.parametrize(("key", "said"), redis_map().items(), ids=list(redis_map()))
def test_every_key_of_redis_has_a_type_a_lifetime_and_an_owner(key: str, said: str) -> None:
    assert re.match(r"(hash|zset|string|list|set)\b", said), key
    assert re.search(r"\bLives (\d+|a|as|like)\b", said), key
    assert re.search(r"[Ww]ritten by \w+", said), key


SCRIPTS = {path.stem: path.read_text("utf-8") for path in (ROOT / "live" / "scripts").glob("*.lua")}


def test_the_owners_of_the_keys_are_scripts_that_exist() -> None:
    owners = {key: re.search(r"[Ww]ritten by ([^.]*)\.", said) for key, said in redis_map().items()}
    named = {(key, word) for key, found in owners.items() if found for word in re.findall(r"[a-z_]+", found[1])}
    assert [key for key, found in owners.items() if not found] == []
    assert {(key, word) for key, word in named if word not in {*SCRIPTS, *WRITERS, "and"}} == set()


def test_every_field_of_a_call_that_a_script_writes_is_on_the_map() -> None:
    written: set[str] = set()
    for source in SCRIPTS.values():
        for arguments in re.findall(r"redis\.call\('HSET(?:NX)?', CALL, (.*)\)", source):
            written |= set(re.findall(r"(?:^|, )'([a-z]+)'", arguments))
        written |= set(re.findall(r"\bchange\('([a-z]+)'", source))
    said = redis_map()["call"]
    assert written
    assert [name for name in sorted(written) if not re.search(rf"\b{name}\b", said)] == []


def test_no_script_names_a_key_of_its_own() -> None:
    named = set(keys_in(r"redis\.call\('[A-Z]+', '([^']+)'"))
    built = {(name, key) for name, key in keys_in(r"q\.tag \.\. '([a-z]+):'") if key not in {"waiting", "seen"}}
    assert named | built == set()


def keys_in(pattern: str) -> Iterator[tuple[str, str]]:
    """What a pattern finds in the scripts, with the name of the script."""
    yield from ((name, key) for name, text in SCRIPTS.items() for key in re.findall(pattern, text))


# One hash tag, so that it also runs on a cluster (DESIGN section 6).
def test_all_keys_share_one_hash_tag() -> None:
    constants = [value for name, value in vars(keys).items() if name.isupper() and isinstance(value, str)]
    made = [keys.call("CA1"), keys.trace("CA1"), keys.waiting("sales"), keys.waiting_seen("sales"), keys.lookup("+34")]
    assert {key[: key.index("}") + 1] for key in (*constants, *made)} == {"{ringpath}"}
    assert len(set(redis_map())) == len(constants) - 1 + len(made)
