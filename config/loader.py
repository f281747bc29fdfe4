"""From a settings file to a company that can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from config import advice, circles, dialled, reach, references, unseen
from config.company import Company
from config.draft import SECTIONS, Draft, canonical, entries_of, salvage, sound
from config.faults import problems_of
from config.problems import Problem, SettingsError, by_line, short
from config.source import MOST_BYTES, Source, read

CHECKS: tuple[Callable[[Draft], Iterable[Problem]], ...] = (
    references.missing_entries,
    references.same_keys,
    references.same_extensions,
    dialled.forbidden_numbers,
    dialled.mobiles_needed,
    circles.circles,
    advice.impossible_rules,
    advice.odd_numbers,
    advice.odd_groups,
    advice.odd_people,
    unseen.unseen_characters,
    reach.unreachable,
)
"""Everything that is checked once the parts have the right shape."""


def load(path: Path | str) -> Company:
    """Read a settings file; raises SettingsError with everything that is wrong with it."""
    return parse(read_text(path))


def parse(text: str) -> Company:
    """Make a company of the text of a settings file; raises SettingsError with everything that is wrong with it."""
    company, problems = examine(text)
    if company is None:
        raise SettingsError(problems)
    return company


def read_text(path: Path | str) -> str:
    """Read the text of a settings file; raises SettingsError where there is none."""
    try:
        with Path(path).open("rb") as file:
            return file.read(MOST_BYTES + 1).decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        message = f"{path} is not UTF-8 text (byte {fault.start}); save it as UTF-8"
    except FileNotFoundError:
        message = f"there is no file {path}; COMPANY_FILE names the settings"
    except (OSError, ValueError) as fault:
        message = f"{path} cannot be read: {getattr(fault, 'strerror', None) or fault}"
    raise SettingsError([Problem(path="", message=message)])


def examine(text: str) -> tuple[Company | None, list[Problem]]:
    """Check the text of a settings file: the company, unless there are errors, and every problem, by line."""
    source = read(text)
    draft, faults = _shape(source)
    problems = source.problems + source.unfit + faults
    if draft is not None:
        problems += [problem for check in CHECKS for problem in check(draft)]
    spelled = _spellings(source.document)
    problems = sorted((_with_line(problem, source, spelled) for problem in problems), key=by_line)
    sound_draft = draft if not any(problem.level == "error" for problem in problems) else None
    return (sound_draft.company if sound_draft else None), problems


def with_lines(problems: Iterable[Problem], text: str) -> list[Problem]:
    """Find the lines of problems, in their order, that were found after the text of a settings file was examined."""
    source = read(text)
    spelled = _spellings(source.document)
    return [_with_line(problem, source, spelled) for problem in problems]


def _shape(source: Source) -> tuple[Draft | None, list[Problem]]:
    """Hold a document against the schema; what has faults is left out of the draft."""
    document = source.document
    if not isinstance(document, dict):
        return None, [] if source.problems else [_no_settings(document)]
    try:
        return sound(Company.model_validate(document), document), []
    except ValidationError as error:
        return salvage(document, error), problems_of(error, source.written)


def _no_settings(document: object) -> Problem:
    if document is None:
        return Problem(path="", message="the file is empty; config/company.yaml in the repository is an example")
    return Problem(path="", value=short(document), message="the settings are a mapping of keys, such as company: Acme")


def _spellings(document: object) -> dict[str, str]:
    """Map the path of each entry that the company knows by another spelling to its path in the file."""
    sections = ((s, entries_of(document, s)) for s in SECTIONS) if isinstance(document, dict) else ()
    return {f"{s}.{canonical(s, k)}": f"{s}.{k}" for s, entries in sections for k in entries if canonical(s, k) != k}


def _with_line(problem: Problem, source: Source, spelled: dict[str, str]) -> Problem:
    if problem.line is not None:
        return problem
    path = problem.path
    for ours, theirs in spelled.items():
        if path == ours or path.startswith(ours + "."):
            path = theirs + path[len(ours) :]
    return replace(problem, line=source.line(path))
