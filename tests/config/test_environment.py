"""The environment: every variable, every fault at once, and secrets that stay secret."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from config.environment import Environment, EnvironmentProblem, read
from config.storage import Bucket, Folder
from tests.moments import ROOT

NEEDED = {
    "PUBLIC_URL": "https://ringpath.example.com",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "a-token",
    "SECRET_KEY": "sixteen or more letters",
}

KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
"""The public key of the first example in RFC 8032, section 7.1."""

GOOD: list[tuple[str, str, Any]] = [
    ("PUBLIC_URL", "https://ringpath.example.com/", "https://ringpath.example.com"),
    ("PUBLIC_URL", "https://ringpath.example.com:8443", "https://ringpath.example.com:8443"),
    ("PUBLIC_URL", "https://user:pass@ringpath.example.com", "https://user:pass@ringpath.example.com"),
    ("PUBLIC_URL", "http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ("PUBLIC_URL", "http://localhost:8000", "http://localhost:8000"),
    ("PUBLIC_URL", "http://[::1]:8000", "http://[::1]:8000"),
    ("PROVIDER", "twilio", "twilio"),
    ("PROVIDER", "signalwire", "signalwire"),
    ("PROVIDER", "somleng", "somleng"),
    ("PROVIDER", "simulator", "simulator"),
    ("TELNYX_PUBLIC_KEY", KEY, KEY),
    ("TWILIO_ACCOUNT_SID", "AC1", "AC1"),
    ("TWILIO_AUTH_TOKEN", "another", "another"),
    ("TWILIO_API_TOKEN", "PTsecret", "PTsecret"),
    ("TWILIO_API_URL", "https://space.signalwire.com/api/laml/", "https://space.signalwire.com/api/laml"),
    ("TWILIO_API_URL", "http://127.0.0.1:9000", "http://127.0.0.1:9000"),
    ("REDIS_URL", "redis://localhost:6379/0", "redis://localhost:6379/0"),
    ("REDIS_URL", "rediss://:p@host:6380", "rediss://:p@host:6380"),
    ("REDIS_URL", "unix:///run/valkey.sock", "unix:///run/valkey.sock"),
    ("DATABASE_URL", "postgres://user:p%40ss@host/name", "postgres://user:p%40ss@host/name"),
    ("DATABASE_URL", "postgresql://host/name?sslmode=require", "postgresql://host/name?sslmode=require"),
    ("DATABASE_URL", "sqlite:////data/calls.sqlite", "sqlite:////data/calls.sqlite"),
    ("RECORDINGS_URL", "file:///srv/our%20recordings/", Folder(path=Path("/srv/our recordings"))),
    (
        "RECORDINGS_URL",
        "s3://KEY:a%2Fb%2Bc@s3.eu-south-2.amazonaws.com/acme-calls/ring/path?region=eu-south-2",
        Bucket(
            endpoint="https://s3.eu-south-2.amazonaws.com",
            **{"key": "KEY", "secret": "a/b+c", "name": "acme-calls", "prefix": "ring/path", "region": "eu-south-2"},
        ),
    ),
    (
        "RECORDINGS_URL",
        "s3+http://k:s@[::1]:9000/calls",
        Bucket(endpoint="http://[::1]:9000", name="calls", key="k", secret="s", region="us-east-1"),
    ),
    ("CRM", "contacts", "contacts"),
    ("CRM", "none", "none"),
    ("BITRIX24_PORTAL", "https://acme.bitrix24.com/", "https://acme.bitrix24.com"),
    ("BITRIX24_PORTAL", "http://127.0.0.1:9001", "http://127.0.0.1:9001"),
    ("BITRIX24_OAUTH_URL", "https://oauth.bitrix.info", "https://oauth.bitrix.info"),
    ("BITRIX24_CLIENT_ID", "local.5f0c3d", "local.5f0c3d"),
    ("BITRIX24_CLIENT_SECRET", "a-secret", "a-secret"),
    ("COMPANY_FILE", "/etc/company.yaml", Path("/etc/company.yaml")),
    ("SECRET_KEY", "a long secret with spaces", "a long secret with spaces"),
    ("LOG_LEVEL", "debug", "DEBUG"),
    ("LOG_LEVEL", "WARNING", "WARNING"),
    ("LOG_FORMAT", "JSON", "json"),
    ("METRICS_TOKEN", "sixteen or more letters", "sixteen or more letters"),
    ("SENTRY_DSN", "https://key@o1.ingest.sentry.io/2", "https://key@o1.ingest.sentry.io/2"),
    ("SENTRY_DSN", "http://key@127.0.0.1:9000/sentry/2", "http://key@127.0.0.1:9000/sentry/2"),
]


@pytest.mark.parametrize(("name", "text", "value"), GOOD)
def test_a_variable_is_read(name: str, text: str, value: object) -> None:
    assert getattr(read(NEEDED | {name: text}), name.lower()) == value
    assert getattr(read(NEEDED | {name: f"  {text}\n"}), name.lower()) == value


BAD = [
    ("LOG_FORMAT", "xml", "text, json"),
    ("METRICS_TOKEN", "short", "at least 16"),
    ("SENTRY_DSN", "https://o1.ingest.sentry.io/2", "https://KEY@HOST/1"),
    ("SENTRY_DSN", "http://key@sentry.example.com/2", "https://"),
    ("DATABASE_URL", "mysql://host/name", "postgres://"),
    ("RECORDINGS_URL", "/srv/recordings", "file:///"),
    ("RECORDINGS_URL", "file://srv/recordings", "such as file:///srv/recordings"),
    ("RECORDINGS_URL", "file:///", "such as file:///srv/recordings"),
    ("RECORDINGS_URL", "https://k:s@host/calls", "s3://"),
    ("RECORDINGS_URL", "s3://host/calls", "KEY:SECRET@"),
    ("RECORDINGS_URL", "s3://k:s@host", "/BUCKET"),
    ("RECORDINGS_URL", "s3://k:a/b@host/calls", "%2F"),
    ("RECORDINGS_URL", "s3://k:s@host:99999/calls", "%2F"),
    ("RECORDINGS_URL", "s3://k:s@host/calls/../other", "letters"),
    ("RECORDINGS_URL", "s3://k:s@host/calls?regoin=x", "region"),
    ("RECORDINGS_URL", "s3+http://k:s@minio.example.com/calls", "s3:// "),
    ("RECORDINGS_URL", "s3+http://k:s@localhost.example.com/calls", "s3:// "),
    ("CRM", "hubspot", "one of contacts, bitrix24, none"),
    ("BITRIX24_PORTAL", "http://acme.bitrix24.com", "https://"),
    ("BITRIX24_PORTAL", "acme.bitrix24.com", "such as https://acme.bitrix24.com"),
    ("BITRIX24_PORTAL", "https://acme.bitrix24.com/rest", "without a path"),
    ("BITRIX24_OAUTH_URL", "http://oauth.bitrix24.tech", "https://"),
    ("BITRIX24_CLIENT_SECRET", "two words", "without spaces"),
    ("PUBLIC_URL", "ringpath.example.com", "such as https://"),
    ("PUBLIC_URL", "http://ringpath.example.com", "https://"),
    ("PUBLIC_URL", "http://localhost.example.com", "https://"),
    ("PUBLIC_URL", "http://localhost@ringpath.example.com", "https://"),
    ("PUBLIC_URL", "https://ringpath.example.com/voice", "without a path"),
    ("PUBLIC_URL", "https://ringpath.example.com?x=1", "without a path"),
    ("PUBLIC_URL", "ftp://ringpath.example.com", "such as https://"),
    ("PUBLIC_URL", "https://", "such as https://"),
    ("PUBLIC_URL", "https://ringpath.example.com:port", "such as https://"),
    ("PUBLIC_URL", "https://ringpath.example.com:99999", "such as https://"),
    ("PUBLIC_URL", "https://[::1", "such as https://"),
    ("PROVIDER", "Twilio", "one of twilio, signalwire, somleng, telnyx, cloudonix, simulator"),
    ("PROVIDER", "plivo", "one of twilio"),
    ("TELNYX_PUBLIC_KEY", KEY[:-4], "32 bytes in base64"),
    ("TELNYX_PUBLIC_KEY", "-----BEGIN PUBLIC KEY-----", "32 bytes in base64"),
    ("TWILIO_ACCOUNT_SID", "AC 1", "without spaces"),
    ("TWILIO_AUTH_TOKEN", "two words", "without spaces"),
    ("SECRET_KEY", "changeme", "at least 16 characters"),
    ("TWILIO_API_URL", "api.twilio.com", "https://"),
    ("TWILIO_API_URL", "http://api.example.com/laml", "https:// (the account's secret travels there"),
    ("TWILIO_API_URL", "http://127.0.0.1@evil.example:80", "https:// (the account's secret travels there"),
    ("TWILIO_API_URL", "https://", "an address such as https://space"),
    ("TWILIO_API_URL", "https://example.com/?x=", "an address such as https://space"),
    ("REDIS_URL", "localhost:6379", "redis://"),
    ("REDIS_URL", "http://localhost:6379", "rediss://"),
    ("LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR"),
]


@pytest.mark.parametrize(("name", "text", "right"), BAD)
def test_a_malformed_variable_is_named_with_what_would_be_right(name: str, text: str, right: str) -> None:
    with pytest.raises(EnvironmentProblem) as problem:
        read(NEEDED | {name: text})
    [line] = str(problem.value).splitlines()
    assert line.startswith(f"{name} should be ")
    assert right in line


def test_every_variable_is_tried_here() -> None:
    assert {name for name, _, _ in GOOD} == {variable.name.upper() for variable in fields(Environment)}


# A missing or malformed value is named at start, all of them at once (DESIGN section 5).
def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(EnvironmentProblem) as problem:
        read({"PROVIDER": "pigeon", "LOG_LEVEL": "loud", "TWILIO_AUTH_TOKEN": "two words", "REDIS_URL": "x"})
    named = [line.partition(" ")[0] for line in str(problem.value).splitlines()]
    assert named == [
        "PUBLIC_URL",
        "PROVIDER",
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
        "REDIS_URL",
        "SECRET_KEY",
        "LOG_LEVEL",
    ]


BITRIX24 = {
    "CRM": "bitrix24",
    "BITRIX24_PORTAL": "https://acme.bitrix24.com",
    "BITRIX24_CLIENT_ID": "local.5f0c3d",
    "BITRIX24_CLIENT_SECRET": "a-secret",
}


# Without the key nobody could tell who sends webhooks; the app does not start.
def test_telnyx_needs_its_public_key() -> None:
    with pytest.raises(EnvironmentProblem, match="TELNYX_PUBLIC_KEY is missing: PROVIDER=telnyx needs it"):
        read(NEEDED | {"PROVIDER": "telnyx"})
    assert read(NEEDED | {"PROVIDER": "telnyx", "TELNYX_PUBLIC_KEY": KEY}).webhook_secret == KEY


# Cloudonix signs nothing: what it sends is all the proof there is, and must not be guessed.
def test_cloudonix_needs_a_secret_that_cannot_be_guessed() -> None:
    with pytest.raises(EnvironmentProblem, match="at least 16 characters") as problem:
        read(NEEDED | {"PROVIDER": "cloudonix", "TWILIO_AUTH_TOKEN": "fifteen-letters"})
    assert "fifteen-letters" not in str(problem.value)
    long = "x" * 16
    assert read(NEEDED | {"PROVIDER": "cloudonix", "TWILIO_AUTH_TOKEN": long}).webhook_secret == long


def test_a_crm_that_needs_more_says_what_is_missing() -> None:
    assert read(NEEDED | BITRIX24).crm == "bitrix24"
    with pytest.raises(EnvironmentProblem) as problem:
        read(NEEDED | {"CRM": "bitrix24", "BITRIX24_CLIENT_ID": "local.5f0c3d"})
    assert str(problem.value).splitlines() == [
        "BITRIX24_PORTAL is missing: CRM=bitrix24 needs it",
        "BITRIX24_CLIENT_SECRET is missing: CRM=bitrix24 needs it",
    ]


def test_a_malformed_variable_is_not_called_missing_too() -> None:
    with pytest.raises(EnvironmentProblem) as problem:
        read(NEEDED | BITRIX24 | {"BITRIX24_PORTAL": "acme"})
    assert str(problem.value).startswith("BITRIX24_PORTAL should be ")
    assert "missing" not in str(problem.value)


def test_a_missing_variable_is_named_with_what_it_is_for() -> None:
    with pytest.raises(EnvironmentProblem) as problem:
        read({})
    assert str(problem.value).splitlines() == [
        "PUBLIC_URL is missing: where the provider reaches the app",
        "TWILIO_ACCOUNT_SID is missing: the provider's account",
        "TWILIO_AUTH_TOKEN is missing: the secret that signs webhooks",
        "SECRET_KEY is missing: any long random text, which signs the links and forms of the web pages",
    ]


# An empty variable is one that is not set: hosts and .env files write them so.
@pytest.mark.parametrize("empty", ["", " ", "\t\n"])
def test_an_empty_variable_is_not_set(empty: str) -> None:
    names = [variable.name.upper() for variable in fields(Environment)]
    assert read(dict.fromkeys(names, empty) | NEEDED) == read(NEEDED)
    with pytest.raises(EnvironmentProblem, match="PUBLIC_URL is missing"):
        read(NEEDED | {"PUBLIC_URL": empty})


def test_what_need_not_be_set_has_a_default() -> None:
    found = read(NEEDED)
    assert (found.provider, found.log_level, found.company_file) == ("twilio", "INFO", Path("config/company.yaml"))
    assert (found.twilio_api_url, found.redis_url, found.database_url) == (None, None, None)


def test_variables_of_others_are_left_alone() -> None:
    assert read(NEEDED | {"PATH": "/bin", "provider": "pigeon", "DATABASE": "x"}) == read(NEEDED)


def test_the_process_is_asked_when_nothing_else_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in fields(Environment):
        monkeypatch.delenv(variable.name.upper(), raising=False)
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    assert read() == read(NEEDED)


# Secrets hide in repr and logs (DESIGN section 5).
SECRETS = {
    "TWILIO_AUTH_TOKEN": "hush-token",
    "REDIS_URL": "rediss://:hush-redis@h:1",
    "SECRET_KEY": "hush-key-of-this-test",
}
BUCKET = "s3://hush-id:hush-secret@h/calls"


def test_secrets_are_in_no_repr() -> None:
    found = read(NEEDED | SECRETS | {"RECORDINGS_URL": BUCKET})
    assert "hush" not in repr(found.recordings_url)
    for shown in (repr(found), str(found), f"{found}", f"{found!r}", repr([found])):
        assert "hush" not in shown
        assert "ringpath.example.com" in shown
    assert (found.twilio_auth_token, found.secret_key) == ("hush-token", "hush-key-of-this-test")


def test_a_malformed_secret_is_not_shown() -> None:
    with pytest.raises(EnvironmentProblem) as problem:
        read(
            NEEDED
            | {"TWILIO_AUTH_TOKEN": "hush hush", "REDIS_URL": "hush://hush", "LOG_LEVEL": "shown"}
            | {"RECORDINGS_URL": BUCKET + "?hush"}
        )
    assert "hush" not in str(problem.value)
    assert "(not 'shown')" in str(problem.value)


# A test compares the documented variables with the code (STYLE 14).
def test_the_example_has_every_variable() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    named = {line.partition("=")[0] for line in lines if "=" in line and not line.startswith("#")}
    assert {variable.name.upper() for variable in fields(Environment)} <= named
