"""On every page of the documentation the commands, links, variables, keys and addresses that it names exist."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from app import create_app
from commands import create_app as create_commands
from config.company import Company
from config.expected import expected_at
from local.house import house_environment
from tests.moments import ROOT
from voice.guard import NAME

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def short(page: Path) -> str:
    return str(page.relative_to(ROOT))


def code_of(page: Path) -> list[str]:
    """What is written as code: the lines of blocks for a shell, and everything between backticks."""
    text = page.read_text("utf-8")
    blocks = re.findall(r"```(\w*)\n(.*?)```", text, re.S)
    plain = re.sub(r"```.*?```", "", text, flags=re.S)
    shell = [line for kind, block in blocks if kind in {"sh", "bash", "console"} for line in block.splitlines()]
    return [*shell, *(" ".join(span.split()) for span in re.findall(r"`([^`]+)`", plain))]


every_page = pytest.mark.parametrize("page", PAGES, ids=short)


@cache
def commands() -> click.Group:
    """Every command of `flask …`."""
    return create_commands().cli


def commands_named(code: str) -> Iterator[list[str]]:
    """The commands that a piece of code names, in words; of "calls list|show" two."""
    for said in re.findall(r"(?:^|[\s/(\"])flask ([a-z][^`\n;&>)]*)", code):
        first, *rest = said.split()
        seconds = rest[0].split("|") if rest and re.fullmatch(r"[a-z][a-z|-]*", rest[0]) else [""]
        yield from ([first, *filter(None, [second]), *rest[1:]] for second in seconds)


def wrong_with(words: list[str]) -> str | None:
    """Say what is wrong with a command, None when it is one of ours, with its options."""
    command: click.Command | None = commands().commands.get(words[0])
    rest = words[1:]
    if command is None:
        return f"there is no flask {words[0]}"
    if isinstance(command, click.Group) and rest and re.fullmatch(r"[a-z][a-z-]*", rest[0]):
        command, rest = command.commands.get(rest[0]), rest[1:]
        if command is None:
            return f"there is no flask {' '.join(words[:2])}"
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)} | {"--help"}
    unknown = [word for word in rest if word.startswith("--") and word.partition("=")[0] not in known]
    return f"flask {' '.join(words)}: no option {unknown}" if unknown else None


@every_page
def test_every_flask_command_that_a_page_names_exists(page: Path) -> None:
    named = [words for code in code_of(page) if not code.startswith("…") for words in commands_named(code)]
    assert [wrong for words in named if (wrong := wrong_with(words))] == []


@every_page
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    named = {target for code in code_of(page) for target in re.findall(r"(?:^|\s)make ([a-z][a-z-]*)", code)}
    assert named - targets == set()


def anchors(page: Path) -> set[str]:
    """What the headings of a page may be linked by."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@every_page
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    lost = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        if "://" in link:
            continue
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


def test_every_page_and_picture_of_the_documentation_is_in_its_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    pages = {page.relative_to(ROOT / "docs").as_posix() for page in PAGES if page.is_relative_to(ROOT / "docs")}
    assert {page for page in pages - {"README.md"} if f"]({page})" not in index} == set()
    texts = "".join(page.read_text("utf-8") for page in PAGES)
    assert [each.name for each in (ROOT / "docs").glob("*.svg") if f"({each.name})" not in texts] == []


@cache
def sources() -> str:
    """Everything that is no page: code, tests and files of configuration."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    names = [name for name in listed.stdout.split("\n") if name and not name.endswith((".md", ".png", ".wav", ".lock"))]
    return "\n".join((ROOT / name).read_text("utf-8", errors="replace") for name in names if (ROOT / name).is_file())


# A variable of the app stands in config/environment.py as `name`, one of a tool as it is.
@every_page
def test_every_variable_that_a_page_names_is_read_somewhere(page: Path) -> None:
    spans = [code for code in code_of(page) if re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+(=.*)?", code)]
    names = {code.partition("=")[0] for code in spans}
    words = set(re.findall(r"\b[A-Z][A-Z0-9_]+\b", sources()))
    assert {name for name in names if name not in words} == set()


def known_key(path: str) -> bool:
    """Whether the settings have such a key, such as groups.*.hold or forwarding.accept."""
    parts = path.replace("[]", ".0").split(".")
    above = expected_at([int(part) if part.isdigit() else part for part in parts[:-1]])
    return above.record is not None and parts[-1] in above.record.model_fields


@every_page
def test_every_key_of_the_settings_that_a_page_names_with_dots_exists(page: Path) -> None:
    keys = [code for code in code_of(page) if re.fullmatch(r"[a-z_]+(\.(\*|[a-z_]+))+", code)]
    ours = [key for key in keys if key.split(".")[0] in Company.model_fields and not key.endswith((".py", ".md", ".*"))]
    assert [key for key in ours if not known_key(key)] == []


@every_page
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    spans = {code for code in code_of(page) if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", code)}
    files = {code for code in spans if "/" in code and re.search(r"/$|\.(py|lua|md|yaml|json|svg|po)$", code)}
    made = {"var/", "crm/acme/crm.py"}  # by the app, and by whoever follows the page
    assert {code for code in files - made if not code.startswith("var/") and not (ROOT / code).exists()} == set()


@pytest.fixture(scope="module")
def addresses(redis_url: str, sample: Company) -> list[str]:
    """The rules of the URL map, with what varies in them cut off."""
    portal = {"bitrix24_portal": "https://acme.bitrix24.com", "bitrix24_client_id": "local.1", "secret_key": "k"}
    environment = house_environment(redis_url, "twilio", crm="bitrix24", bitrix24_client_secret="s", **portal)
    app = create_app(environment, company=sample)
    rules = [*app.url_map.iter_rules(), *app.extensions[NAME].url_map.iter_rules()]
    return [rule.rule.partition("<")[0] for rule in rules]


@every_page
def test_every_address_of_the_app_that_a_page_names_exists(page: Path, addresses: list[str]) -> None:
    code = [re.sub(r"^PUBLIC_URL", "", code) for code in code_of(page)]
    code = [each for each in code if not re.match(r"/(var|etc|srv|opt|usr|run|home|tmp|dev)\b", each)]
    named = {re.split(r"[?#…<]", each)[0] for each in code if re.match(r"/[a-z]", each) and " " not in each}
    assert [each for each in named if not any(_is_at(each, rule) for rule in addresses)] == []


def _is_at(named: str, rule: str) -> bool:
    """Whether an address is one of a rule, or the beginning of its addresses."""
    named = named.rstrip("/")
    inside = rule.endswith("/") and rule != "/" and named.startswith(rule)
    return inside or named == rule.rstrip("/") or rule.startswith(named + "/")


# A broken page must be seen: the same looks at a page of mistakes.
def test_mistakes_are_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "`flask company chekc`, `flask calls list|shwo`, `.venv/bin/flask calls list --crmm x`, `flask nothing`\n"
        "```sh\nflask users frist   # no\n```\n"
    )
    wrong = [wrong_with(words) for code in code_of(page) for words in commands_named(code)]
    assert len(wrong) == 6
    assert [each for each in wrong if each is None] == [None]
    assert not known_key("forwarding.minimum_balances")
    assert not known_key("groups.*.holds")
    assert known_key("groups.*.hold")
    assert known_key("contacts[].number")
