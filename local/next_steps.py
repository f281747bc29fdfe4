"""What `make run` tells a newcomer once everything is up."""

import os
import re
import sys
from pathlib import Path

from local.env_file import Surroundings

SETTINGS = "config/company.yaml"
A_CALL = "--to +34910000001 --from +34600000001 --press 1 --device client:ana=noanswer --device +34600111222=answer"


WELCOME = re.compile(r"https?://\S+/welcome/\S+")


def first_link(said: str) -> str | None:
    """Find the link that makes the first administrator in what the release command says while there are no users."""
    found = WELCOME.search(said)
    return found[0] if found else None


def next_steps(here: Surroundings, link: str | None = None) -> list[str]:
    """Lines that can be copied into a browser or another terminal, for the address and settings of this run."""
    url = here.variables.get("PUBLIC_URL") or f"http://127.0.0.1:{here.port}"
    flask = _flask()
    settings = here.variables.get("COMPANY_FILE") or SETTINGS
    provider = here.variables.get("PROVIDER") or "twilio"
    webhook = [] if provider == "simulator" else [f"Set your number's voice webhook to {url}/voice/incoming", ""]
    return [
        "",
        f"Ringpath is up at http://127.0.0.1:{here.port}. Ctrl-C stops it.",
        "",
        *_pages(url, link, flask),
        "",
        *webhook,
        "Or call the company from another terminal:",
        f"  {flask} phone",
        f"  {flask} phone {A_CALL}",
        "",
        "Settings are changed on the pages, or in a file that is then published:",
        f"  {flask} company import {settings}",
        "",
    ]


def _pages(url: str, link: str | None, flask: str) -> list[str]:
    """Where the pages are: for the first person a link that is good once."""
    opened = (
        ["Open this address in a browser; it makes you the administrator, once:", f"  {link}"]
        if link
        else ["Open this address in a browser, and log in:", f"  {url}/"]
    )
    forgotten = [] if link else [f"  (forgotten? {flask} users reset NAME)"]
    return [
        *opened,
        *forgotten,
        "There, Telephone calls the company, Settings changes where calls go, Calls and Why say where they went.",
    ]


def _flask() -> str:
    """The virtual environment's `flask`, as short as it can be written from here."""
    program = Path(sys.executable).parent / "flask"
    return os.path.relpath(program) if program.is_relative_to(Path.cwd()) else str(program)
