"""Steps as TwiML: whole, small enough, and within what each provider can do."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from twilio.twiml.voice_response import VoiceResponse

from config.menus import Prompt
from flows.calls import Call
from flows.places import AtForward, AtGroup, AtMenu, AtMessage, AtScreen, OnHold
from flows.steps import (
    Ask,
    Decline,
    Go,
    HangUp,
    Leg,
    Music,
    Nothing,
    Phrase,
    Ring,
    Say,
    Step,
    TakeMessage,
)
from local.house import PUBLIC_URL
from simulator import DIALECTS
from tests.voice.wire import MAIN, MOST_BYTES
from voice.document import _WRITERS, DECLARATION, Pen, _xml, write
from voice.profiles import PROFILES
from voice.urls import Urls

LONGEST = Prompt(say="«&<¡ñ" * 600)
"""As many characters as a prompt may have, and most of them long ones in XML or UTF-8."""

NAMES = tuple(f"{i:02}" + "g" * 38 for i in range(40))
MENU = AtMenu(step=9, then="responsible", groups=NAMES[:9], menu=NAMES[0], path=NAMES[:9], wrong=2)
GROUP = AtGroup(step=9, then="otherwise", groups=NAMES, group=NAMES[0], tried=2**1000 - 1, rang=2**999, since=10**9)
HOLD = OnHold(step=9, then="otherwise", groups=NAMES, group=NAMES[0], since=10**9, told=7)
FORWARD = AtForward(step=9, groups=NAMES, mailbox="group:" + NAMES[0], employee=NAMES[0], screened=1)
SCREEN = AtScreen(step=9, employee=NAMES[0])
SIPS = tuple(Leg(device=f"sip:{'u' * 120}{i}@{'d' * 120}.example.com", employee=NAMES[0]) for i in range(10))


def ring(legs: tuple[Leg, ...], **more: object) -> Ring:
    """A ring of these legs."""
    return Ring(legs=legs, seconds=25, caller_id=MAIN, place=GROUP, record=True, **more)  # type: ignore[arg-type]


LARGEST: dict[str, tuple[Step, ...]] = {
    "a menu": (Ask(heard=(Phrase("wrong_key"), LONGEST), digits=1, wait=5, place=MENU), Go(MENU)),
    "a greeting": (Say(Phrase("record_notice")), Ask(heard=(LONGEST,), digits=4, wait=3, place=MENU), Go(MENU)),
    "a hold": (
        Ask(
            heard=(
                Phrase("hold_position", {"position": 999}),
                Phrase("hold_message_key", {"key": "1"}),
                Music("https://x.example.com/" + "m" * 900),
            ),
            digits=1,
            wait=1,
            place=HOLD,
        ),
        Go(HOLD),
    ),
    "ten devices": (ring(SIPS),),
    "ten devices that are asked": (ring(SIPS, screen=SCREEN, last=True),),
    "a message": (
        Say(Phrase("leave_message")),
        TakeMessage(seconds=120, place=AtMessage(step=9, groups=NAMES, mailbox="group:" + NAMES[0])),
        Say(Phrase("goodbye")),
        HangUp(),
    ),
    "a refusal": (Decline("busy"),),
    "nothing": (Nothing(),),
}
CALLS = {
    "an ordinary call": Call(id="CA" + "1" * 32, number=MAIN, caller="+34600000001", called=MAIN),
    "a call with the longest id": Call(id="\U0001f4de" * 128, number="sip:" + "x" * 240, caller=None, called=""),
}


def document(steps: tuple[Step, ...], call: Call, provider: str) -> str:
    """The document of one provider."""
    urls = Urls(public_url=PUBLIC_URL, revision="0" * 12, retries=PROFILES[provider].retries)
    return write(steps, Pen(call=call, profile=PROFILES[provider], urls=urls, language="es-ES", voice="Polly.Lucia"))


# One document, under 64 kB (DESIGN section 5), whatever the settings and the provider make of it.
@pytest.mark.parametrize("provider", PROFILES)
@pytest.mark.parametrize("steps", LARGEST.values(), ids=LARGEST)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_largest_document_is_small_enough(provider: str, steps: tuple[Step, ...], call: Call) -> None:
    text = document(steps, call, provider)
    assert ET.fromstring(text).tag == "Response"
    assert text.startswith("<?xml")
    assert len(text.encode()) < MOST_BYTES


# The library builds a document; we write down what it has built, because its own way takes four times as long.
@pytest.mark.parametrize("provider", PROFILES)
@pytest.mark.parametrize("steps", LARGEST.values(), ids=LARGEST)
def test_a_document_is_written_as_the_library_writes_it(
    monkeypatch: pytest.MonkeyPatch, provider: str, steps: tuple[Step, ...]
) -> None:
    ours = document(steps, CALLS["an ordinary call"], provider)
    monkeypatch.setattr("voice.document._xml", lambda verb: verb.to_xml(xml_declaration=False))
    assert document(steps, CALLS["an ordinary call"], provider) == ours


@example("<a> & 'b'", '<a> & "b" \r\n\t')
@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_written_as_the_library_writes_it(said: str, voice: str) -> None:
    response = VoiceResponse()
    response.gather(num_digits=1, action_on_empty_result=True).say(said, voice=voice)
    response.hangup()
    assert DECLARATION + _xml(response) == str(response)


def test_every_step_is_tried_here_and_has_a_writer() -> None:
    assert {type(step) for steps in LARGEST.values() for step in steps} == set(_WRITERS)


# TwiML is written from the portable core; everything else is behind the profile (DESIGN section 5).
@pytest.mark.parametrize("provider", PROFILES)
@pytest.mark.parametrize("steps", LARGEST.values(), ids=LARGEST)
def test_a_document_has_only_what_the_provider_knows(provider: str, steps: tuple[Step, ...]) -> None:
    dialect = DIALECTS["twilio" if provider == "simulator" else provider]
    for element in ET.fromstring(document(steps, CALLS["an ordinary call"], provider)).iter():
        if element.tag != "Response":
            assert element.tag in dialect.attributes, element.tag
            known = dialect.attributes[element.tag]
            assert known is None or set(element.attrib) <= known, element.attrib


PROFILE_SAYS = [
    ("answer_on_bridge", "Dial", "answerOnBridge"),
    ("dial_recording", "Dial", "record"),
    ("leg_callbacks", "Sip", "statusCallback"),
    ("whisper", "Sip", "url"),
]


@pytest.mark.parametrize("provider", PROFILES)
@pytest.mark.parametrize(("ability", "element", "attribute"), PROFILE_SAYS)
def test_an_ability_is_used_where_there_is_one_and_nowhere_else(
    provider: str, ability: str, element: str, attribute: str
) -> None:
    text = document((ring(SIPS, screen=SCREEN, last=True),), CALLS["an ordinary call"], provider)
    found = [attribute in each.attrib for each in ET.fromstring(text).iter(element)]
    assert found
    assert set(found) == {getattr(PROFILES[provider], ability)}


# answerOnBridge on the last dial, so that callers hear real ringing (issue 2, part 5).
def test_only_the_last_dial_leaves_the_answering_to_the_callee() -> None:
    text = document((ring(SIPS[:1]),), CALLS["an ordinary call"], "twilio")
    [dial] = ET.fromstring(text).iter("Dial")
    assert "answerOnBridge" not in dial.attrib


# A <Dial> of Twilio's rings about five seconds longer than its timeout says (twiml.md 2.3), which is 5 to 600.
@pytest.mark.parametrize(
    ("seconds", "twilio", "signalwire"), [(5, "5", "5"), (12, "7", "12"), (25, "20", "25"), (120, "115", "120")]
)
def test_a_ring_lasts_as_long_as_the_settings_say(seconds: int, twilio: str, signalwire: str) -> None:
    for provider, timeout in (("twilio", twilio), ("signalwire", signalwire)):
        step = Ring(legs=SIPS[:1], seconds=seconds, caller_id=MAIN, place=FORWARD)
        [dial] = ET.fromstring(document((step,), CALLS["an ordinary call"], provider)).iter("Dial")
        assert dial.get("timeout") == timeout


# Relative addresses would be resolved against the document's own (twiml.md 1.1); ours are absolute.
@pytest.mark.parametrize("steps", LARGEST.values(), ids=LARGEST)
def test_every_address_is_absolute_and_ours(steps: tuple[Step, ...]) -> None:
    root = ET.fromstring(document(steps, CALLS["an ordinary call"], "twilio"))
    addresses = [
        value
        for element in root.iter()
        for name, value in element.attrib.items()
        if name in {"action", "url", "statusCallback", "recordingStatusCallback"}
    ] + [element.text or "" for element in root.iter("Redirect")]
    assert [address for address in addresses if not address.startswith(PUBLIC_URL + "/voice/")] == []
    assert all(element.get("method") == "POST" for element in root.iter() if "action" in element.attrib)


@pytest.mark.parametrize(
    "said",
    ['</Say><Dial>+34900</Dial><Say voice="x">', "]]>&bomb;<!-- <?x?>", "\u202e{0.__class__} %s ${x} \x85 \U0001f4a9"],
)
def test_what_the_settings_say_never_becomes_markup(said: str) -> None:
    root = ET.fromstring(document((Say(Prompt(say=said)),), CALLS["an ordinary call"], "twilio"))
    assert [each.tag for each in root] == ["Say"]
    assert root[0].text == said


# How long a <Dial> may ring differs: 5 to 600 seconds at Twilio, 5 to 120 at Telnyx (twiml.md 4).
@pytest.mark.parametrize("provider", PROFILES)
@pytest.mark.parametrize("seconds", [1, 120, 3600])
def test_no_ring_is_shorter_or_longer_than_the_provider_takes(provider: str, seconds: int) -> None:
    step = Ring(legs=SIPS[:1], seconds=seconds, caller_id=MAIN, place=FORWARD)
    [dial] = ET.fromstring(document((step,), CALLS["an ordinary call"], provider)).iter("Dial")
    least, most = DIALECTS["twilio" if provider == "simulator" else provider].dial_timeout
    assert least <= int(dial.get("timeout", "0")) <= most
