"""Complaints about documents, and what is played all the same."""

import pytest

from simulator import DIALECTS, Caller
from simulator.grammar import VALUES
from simulator.markup import read
from tests.simulator.application import Application, Reply, wav

NUMBER = "+34910000001"
TWILIO = DIALECTS["twilio"]


def complaints(body: str) -> list[str]:
    return [problem.code for problem in read(f"<Response>{body}</Response>".encode(), TWILIO)[1]]


# What the provider plays without a word.
@pytest.mark.parametrize(
    "body",
    [
        "",
        "  <!-- nothing -->\n",
        '<Say voice="alice" language="es-ES" loop="2">Uno <break time="1s"/> <emphasis>dos</emphasis></Say>',
        '<Say voice="Polly.Conchita">Hola</Say><Play loop="0">https://a.example/x.wav</Play><Play digits="ww1"/>',
        '<Gather input="dtmf" action="next?x=1" method="GET" timeout="5" numDigits="4" finishOnKey="" '
        'actionOnEmptyResult="true" bargeIn="false"><Say>a</Say><Play>x.wav</Play><Pause length="2"/></Gather>',
        '<Gather finishOnKey="*"/>',
        '<Dial action="https://a.example/x" timeout="5" timeLimit="14400" hangupOnStar="true" answerOnBridge="true" '
        'callerId="+34910000001" record="record-from-answer-dual" recordingStatusCallback="/r" '
        'recordingStatusCallbackEvent="completed absent" ringTone="es" sequential="false" trim="do-not-trim">'
        '<Number url="/w" method="POST" statusCallback="/s" statusCallbackEvent="initiated ringing answered completed" '
        'machineDetection="Enable" machineDetectionTimeout="30">+34600111222</Number>'
        '<Client><Identity>ana</Identity><Parameter name="a" value="b"/></Client>'
        '<Sip username="u" password="p">sip:a@b.example</Sip></Dial>',
        "<Dial>+34600111222</Dial>",
        '<Record action="/r" maxLength="120" timeout="0" finishOnKey="12#" playBeep="false" trim="do-not-trim"/>',
        '<Redirect method="GET">/x</Redirect><Hangup/>',
        '<Reject reason="busy"/><Pause/>',
        '<Enqueue waitUrl="/w">support</Enqueue><Leave/>',
    ],
)
def test_sound_documents(body: str) -> None:
    assert complaints(body) == []


# Unknown verbs, attributes, text and nesting are 12200, names being case-sensitive; some have numbers of their own.
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<Speak>x</Speak>", "12200"),
        ("<say>x</say>", "12200"),
        ("Hello", "12200"),
        ('<Say Voice="alice">x</Say>', "12200"),
        ("<Say>x<Play>y</Play></Say>", "12200"),
        ("<Hangup>now</Hangup>", "12200"),
        ("<Redirect><Say>x</Say></Redirect>", "12200"),
        ('<Dial statusCallback="/s">+34600111222</Dial>', "12200"),
        ("<Dial>+34600111222<Client>ana</Client></Dial>", "12200"),
        ('<Gather><Play digits="1"/></Gather>', "12200"),
        ("<Gather><Dial>+34600111222</Dial></Gather>", "13320"),
        ("<Dial><Say>x</Say></Dial>", "13215"),
        (f"<Dial>{'<Client>a</Client>' * 11}</Dial>", "13250"),
        ("<Say></Say>", "13520"),
        (f"<Say>{'x' * 4097}</Say>", "13521"),
        ('<Gather input="speech" speechTimeout="auto"/>', "13335"),
        ('<Record transcribe="true" maxLength="121"/>', "13615"),
        ('<Gather><Say loop="x">y</Say></Gather>', "13322"),
        ('<Gather><Say voice="?">y</Say></Gather>', "13321"),
        ('<Dial><Number statusCallback="https://a_b.example/">+34600111222</Number></Dial>', "11100"),
        ('<Redirect method="get">/x</Redirect>', "13710"),
    ],
)
def test_unsound_documents(body: str, code: str) -> None:
    assert complaints(body) == [code]


# A wrong value has the number of its attribute.
WRONG = [
    ("Say", "voice", "robot", "13511"),
    ("Say", "language", "Spanish", "13512"),
    ("Say", "loop", "-1", "13510"),
    ("Play", "loop", "x", "13410"),
    ("Play", "digits", "1x", "13430"),
    ("Pause", "length", "0", "13910"),
    ("Gather", "input", "keys", "13326"),
    ("Gather", "method", "PUT", "13312"),
    ("Gather", "timeout", "0", "13313"),
    ("Gather", "numDigits", "0", "13314"),
    ("Gather", "finishOnKey", "x", "13310"),
    ("Gather", "finishOnKey", "12", "13311"),
    ("Gather", "actionOnEmptyResult", "yes", "13338"),
    ("Gather", "bargeIn", "1", "13332"),
    ("Gather", "action", "ftp://a.example/", "11100"),
    ("Gather", "speechTimeout", "soon", "13327"),
    ("Gather", "hints", "x" * 101, "13330"),
    ("Gather", "language", "x", "13331"),
    ("Gather", "profanityFilter", "no", "13333"),
    ("Gather", "partialResultCallbackMethod", "PUT", "13329"),
    ("Reject", "reason", "no", "13810"),
    ("Record", "method", "PUT", "13610"),
    ("Record", "timeout", "x", "13611"),
    ("Record", "maxLength", "1", "13612"),
    ("Record", "finishOnKey", "x", "13613"),
    ("Record", "transcribe", "x", "13614"),
    ("Record", "playBeep", "x", "13616"),
    ("Record", "trim", "x", "13699"),
    ("Record", "recordingTrack", "x", "13622"),
    ("Record", "recordingStatusCallbackEvent", "done", "13621"),
    ("Record", "recordingStatusCallback", "mailto:x", "13256"),
    ("Dial", "method", "PUT", "13210"),
    ("Dial", "timeout", "4", "13212"),
    ("Dial", "timeout", "601", "13212"),
    ("Dial", "timeout", "²", "13212"),
    ("Dial", "timeLimit", "0", "13216"),
    ("Dial", "hangupOnStar", "x", "13213"),
    ("Dial", "answerOnBridge", "True", "13219"),
    ("Dial", "record", "always", "13217"),
    ("Dial", "ringTone", "Spain", "13220"),
    ("Dial", "sequential", "x", "13218"),
]


@pytest.mark.parametrize(("verb", "attribute", "value", "code"), WRONG)
def test_wrong_values_count_as_absent(verb: str, attribute: str, value: str, code: str) -> None:
    text = "x" if verb in ("Say", "Play") else ""
    body = f'<Response><{verb} {attribute}="{value}">{text}</{verb}></Response>'
    elements, problems = read(body.encode(), TWILIO)
    assert [problem.code for problem in problems] == [code]
    assert attribute not in elements[0].attributes


def test_every_checked_attribute_is_known() -> None:
    for element, checks in VALUES.items():
        assert all(TWILIO.knows(element, attribute) for attribute in checks), element


# A schema problem is a warning: the offending thing is ignored and the call goes on.
def test_a_warning_does_not_stop_the_call(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = "<Shout>x</Shout><Say volume='11'>Hello</Say>"
    caller.dials(NUMBER).hears("hello").ended()
    faults = caller.exchange.faults
    assert [(fault.code, fault.level) for fault in faults] == [("12200", "warning")] * 2
    assert all(fault.sid == caller.call.sid and fault.url.endswith("/voice/incoming") for fault in faults)


# What the provider has and the simulator has not is said aloud, not skipped.
def test_verbs_that_are_not_simulated(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = "<Enqueue>support</Enqueue><Say>Hello</Say>"
    caller.dials(NUMBER).does_not_hear("hello").ended()
    assert [fault.code for fault in caller.exchange.faults] == ["unsimulated"]


# A Say lasts a second for fifteen characters, one at least; loop repeats it.
def test_how_long_a_prompt_lasts(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = f'<Say>{"x" * 150}</Say><Say>a</Say><Say loop="3">b</Say><Pause length="4"/>'
    caller.dials(NUMBER).ended()
    assert caller.call.duration == 10 + 1 + 3 + 4
    assert [line.at_seconds for line in caller.call.transcript if line.kind == "say"] == [0, 10, 11]


# A sound file lasts as long as it says, is fetched once per exchange, without the provider's parameters.
def test_sound_files(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = "<Play>/a.wav</Play><Play loop='2'>a.wav</Play>"
    application.pages["/a.wav"] = application.pages["/voice/a.wav"] = wav(7)
    caller.dials(NUMBER).hears_music().ended()
    assert caller.call.duration == 21
    caller.dials(NUMBER).ended()
    (asked,) = application.to("/a.wav")
    assert (asked.method, asked.query) == ("GET", "")
    assert caller.exchange.faults == []


# Sound that cannot be had, or is no sound, is a fault; the call goes on.
@pytest.mark.parametrize(
    ("reply", "verb", "code"),
    [
        (Reply(status=404), "<Play>/a.wav</Play>", "11200"),
        (Reply(body="x", content_type="text/html"), "<Play>/a.wav</Play>", "13420"),
        (Reply(body="x", content_type="audio/ogg"), "<Play>/a.wav</Play>", "13420"),
        (Reply(body="x", content_type="text/html"), "<Gather><Play>/a.wav</Play></Gather>", "13325"),
    ],
)
def test_bad_sound_files(application: Application, caller: Caller, reply: Reply, verb: str, code: str) -> None:
    application.pages["/voice/incoming"] = f"{verb}<Say>Hello</Say>"
    application.pages["/a.wav"] = reply
    caller.dials(NUMBER)
    caller.exchange.advance(11)
    caller.ended()
    assert [fault.code for fault in caller.exchange.faults] == [code]
    assert any(line.text == "Hello" for line in caller.call.transcript)


def test_sound_from_outside_is_out_of_reach(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = "<Play>https://media.example.com/a.wav</Play>"
    caller.dials(NUMBER)
    assert [fault.code for fault in caller.exchange.faults] == ["11200"]
