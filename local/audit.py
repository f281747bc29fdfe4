"""What is installed, held against requirements.lock, and the lock against what is known of weaknesses: `make audit`.

The lock names every package that the app brings along, with the digest of each of its files; pip refuses any other.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
TOOL = "pip-audit==2.10.1"
"""Has an environment of its own: it brings thirty packages, and is no part of the app."""

INSTALLED_WITHIN, AUDITED_WITHIN = 90.0, 90.0
"""Seconds; where its data cannot be reached, CI does not wait for it."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What pip-audit found: weaknesses, each in a line, and how many packages its data told nothing of."""

    weaknesses: tuple[str, ...] = ()
    known: int = 0
    unknown: int = 0


def locked(text: str) -> dict[str, str]:
    """Read the versions of a lock that are meant for this Python and this system, by the name of the package."""
    lines = (line.rstrip("\\ ") for line in text.splitlines() if re.match(r"[a-z0-9]", line))
    wanted = [Requirement(line) for line in lines]
    return {
        named(each.name): str(each.specifier).removeprefix("==")
        for each in wanted
        if each.marker is None or each.marker.evaluate()
    }


def named(name: str) -> str:
    """Spell a package's name in the one way that all spellings come to (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> dict[str, str]:
    """The versions of what is installed beside this Python."""
    return {named(each.metadata["Name"]): each.version for each in metadata.distributions()}


def differences(lock: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """Say of each locked package that is not installed as it is locked; others, which tests need, may be there."""
    return [
        f"{name}: {found.get(name) or 'nothing'} is installed, and {version} is locked"
        for name, version in sorted(lock.items())
        if found.get(name) != version
    ]


def report_of(output: str) -> Report | None:
    """Read what pip-audit has printed; None when it is no report."""
    try:
        packages = json.loads(output)["dependencies"]
        weak = tuple(_weakness(each, flaw) for each in packages for flaw in each.get("vulns", ()))
        unknown = sum("skip_reason" in each for each in packages)
    except (ValueError, LookupError, TypeError):
        return None
    return Report(weaknesses=weak, known=len(packages) - unknown, unknown=unknown)


def _weakness(package: Mapping[str, str], flaw: Mapping[str, Any]) -> str:
    mended = ", ".join(flaw["fix_versions"]) or "no version"
    return f"{package['name']} {package['version']}: {flaw['id']}, mended in {mended}"


def audited(lock: Path, folder: Path) -> Report | None:
    """Ask pip-audit, which is installed under `folder` first; None when it cannot be had or does not answer."""
    command = (_tool(folder), "-r", str(lock), "--require-hashes", "--disable-pip", "--format", "json")
    try:
        if not Path(command[0]).exists():
            venv.create(folder, with_pip=True)
            _run((str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", TOOL), INSTALLED_WITHIN)
        return report_of(_run((*command, "--progress-spinner", "off"), AUDITED_WITHIN))
    except (OSError, subprocess.SubprocessError):
        return None


def _tool(folder: Path) -> str:
    return str(folder / "bin" / "pip-audit")


def _run(command: Sequence[str], seconds: float) -> str:
    """Run a program; what it prints. Its exit code says whether it has found something, which its report does too."""
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False).stdout  # noqa: S603


def main() -> int:
    """Print what was looked at; 1 when something is not as it should be."""
    lock = locked(LOCK.read_text("utf-8"))
    wrong = differences(lock, installed())
    print(
        "\n".join([*wrong, f"{len(lock) - len(wrong)} of {len(lock)} packages are installed as requirements.lock says"])
    )
    report = audited(LOCK, ROOT / "var" / "audit") or Report()
    print("\n".join([*report.weaknesses, _said(report, len(lock))]))
    return 1 if wrong or report.weaknesses else 0


def _said(report: Report, packages: int) -> str:
    if not report.known:
        return "weaknesses: pip-audit's data cannot be reached from here; only versions and digests are checked"
    untold = f", nothing of {report.unknown}" if report.unknown else ""
    return f"weaknesses: {len(report.weaknesses)} in {report.known} of {packages} packages that are known{untold}"


if __name__ == "__main__":
    sys.exit(main())
