"""What is kept of a password."""

from __future__ import annotations

import pytest

from tests.kept import REAL_HASHER
from web import passwords

PASSWORD = "correct horse battery"


# OWASP, Password Storage Cheat Sheet: "m=19456 (19 MiB), t=2, p=1". Tests work with less (tests/kept.py).
def test_a_password_is_kept_as_dearly_as_it_should_be(monkeypatch: pytest.MonkeyPatch) -> None:
    less = passwords.hashed(PASSWORD)
    monkeypatch.setattr(passwords, "_HASHER", REAL_HASHER)
    assert passwords.hashed(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.fits(PASSWORD, less)
    assert passwords.is_outdated(less)
