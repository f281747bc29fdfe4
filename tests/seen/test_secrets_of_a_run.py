"""Whatever fails in a whole run, no line of a log and no report has a secret; and the figures tell of it."""

from __future__ import annotations

import re

import pytest

from calls.outcomes import OUTCOMES
from tests.seen.conftest import HUSH, Running, figures, form
from tests.seen.running import NOBODY_RANG


@pytest.fixture(scope="module")
def everything_fails(run: Running) -> Running:
    """A call with a recording that nobody can fetch, an end, a fault at the provider, and a portal that is away."""
    sid, opens = "CA-all", "https://api.twilio.com/R.wav?X-Amz-Signature=hush-signature-12&X-Amz-Credential=hush-13"
    run.web.webhook("/voice/incoming", form(NOBODY_RANG))
    run.web.webhook("/voice/status", form(NOBODY_RANG, CallStatus="canceled"))
    run.web.webhook("/voice/incoming", form(sid))
    told = form(sid, RecordingSid="RE1", RecordingUrl=opens, RecordingStatus="completed", RecordingDuration="9")
    run.web.webhook("/voice/recording", told)
    run.web.webhook("/voice/fallback", form(sid, ErrorCode="11200", ErrorUrl=f"https://joe:hush-14@{opens[8:]}"))
    run.web.webhook("/voice/status", form(sid, CallStatus="completed", CallDuration="12"))
    run.web.webhook("/voice/status", form("CA-never-began", CallStatus="completed", CallDuration="12"))
    for path in ("/reset/hush-token-of-a-link-15", "/welcome/hush-16", "/readyz"):
        run.web.ask(path, headers={"Cookie": "session=hush-17"})
    run.worker.says(r'ringpath\.crm.*"call": "CA-')
    return run


# Secrets never: in no line of a whole run, at any level, whatever has failed.
def test_no_line_and_no_report_has_a_secret_or_a_caller_s_number(everything_fails: Running) -> None:
    run = everything_fails
    for said in (run.gunicorn.said, run.worker.said, run.sentry.raw):
        assert said
        assert re.findall(rf".{{0,60}}{HUSH}.{{0,60}}", said) == []
        assert re.findall(r".{0,60}(?:600111999|600999001|910000001).{0,60}", said) == []
        assert re.findall(r".{0,60}X-Twilio-Signature['\"]?[:=].{0,60}", said) == []


# Prometheus: calls by outcome, CRM backlog and its oldest entry, jobs, and what was wrong (issue 5, part 7).
def test_the_figures_tell_what_has_happened(everything_fails: Running) -> None:
    found = figures(everything_fails)
    outcomes = {name: calls for name, calls in found.items() if name.startswith("ringpath_calls_total")}
    assert len(outcomes) == len(OUTCOMES)
    assert sum(outcomes.values()) >= 1
    assert found["ringpath_crm_pending"] >= 1
    assert found["ringpath_crm_oldest_seconds"] > 0
    assert found['ringpath_workers{queue="ringpath"}'] == 1
    assert found['ringpath_up{part="redis"}'] == found['ringpath_up{part="sql"}'] == 1
    assert found['ringpath_webhook_seconds_count{place="fallback"}'] >= 1
