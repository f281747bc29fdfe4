"""Which commit is at work, as the log of errors, /metrics and the page Operation say it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from config.release import DIGITS, ROOT, commit_of, number_of, version

COMMIT = "4beed24a1b0c4beed24a1b0c4beed24a1b0c4bee"


@pytest.mark.parametrize("name", ["RINGPATH_COMMIT", "HEROKU_BUILD_COMMIT", "HEROKU_SLUG_COMMIT"])
def test_a_host_that_has_no_git_names_it(tmp_path: Path, name: str) -> None:
    assert commit_of({name: COMMIT}, tmp_path) == COMMIT[:DIGITS]


@pytest.mark.parametrize("said", ["", "main", "../etc", "abc", "é", "4beed2 "])
def test_what_is_no_commit_is_not_told(tmp_path: Path, said: str) -> None:
    assert commit_of({"RINGPATH_COMMIT": said}, tmp_path) is None


def git(folder: Path, *words: str) -> str:
    """Run git, with nobody's own settings."""
    mine = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false"]
    command = [str(shutil.which("git")), "-C", str(folder), *mine, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")
def test_git_is_read_however_it_keeps_the_commit(tmp_path: Path) -> None:
    home, further = tmp_path / "home", tmp_path / "further"
    home.mkdir()
    git(home, "init", "--quiet")
    assert commit_of({}, home) is None, "there is none yet"
    git(home, "commit", "--quiet", "--allow-empty", "--message", "one")
    commit = git(home, "rev-parse", "HEAD")[:DIGITS]
    assert commit_of({}, home) == commit
    git(home, "pack-refs", "--all")
    assert commit_of({}, home) == commit
    git(home, "worktree", "add", "--quiet", str(further))
    assert commit_of({}, further) == commit
    git(home, "checkout", "--quiet", "--detach")
    assert commit_of({}, home) == commit


def test_the_version_has_it() -> None:
    number, _, commit = version().partition("+")
    assert number.count(".") == 2
    assert commit == (commit_of({}, ROOT) or "")


# Of what was copied to a host, only what answers calls may be there.
def test_nothing_stops_for_want_of_a_version(tmp_path: Path) -> None:
    assert number_of(tmp_path) == "0"
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_bytes(b"\xff\xff")
    assert commit_of({}, tmp_path) is None
