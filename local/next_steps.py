"""What `make run` tells a newcomer once everything is up."""

import os
import sys
from pathlib import Path

from local.env_file import Surroundings

SETTINGS = "config/company.yaml"
A_CALL = "--to +34910000001 --from +34600000001 --press 1 --device client:ana=noanswer --device +34600111222=answer"


def next_steps(here: Surroundings) -> list[str]:
    """Lines that can be copied into another terminal, for the address and settings of this run."""
    url = here.variables.get("PUBLIC_URL", "")
    flask = _flask()
    settings = here.variables.get("COMPANY_FILE") or SETTINGS
    provider = here.variables.get("PROVIDER") or "twilio"
    webhook = [] if provider == "simulator" else [f"Set your number's voice webhook to {url}/voice/incoming", ""]
    return [
        "",
        f"Ringpath is up at http://127.0.0.1:{here.port}. Ctrl-C stops it.",
        "",
        *webhook,
        "Call the company, in another terminal:",
        f"  {flask} phone",
        f"  {flask} phone {A_CALL}",
        "",
        f"The settings are in {settings}. After a change, and before the next `make run`:",
        f"  {flask} company check",
        "",
    ]


def _flask() -> str:
    """The virtual environment's `flask`, as short as it can be written from here."""
    program = Path(sys.executable).parent / "flask"
    return os.path.relpath(program) if program.is_relative_to(Path.cwd()) else str(program)
