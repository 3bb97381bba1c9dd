"""The documents, word for word: the carrier does what stands here."""

import pytest

from ivr.calls.leg import Ask, Document, HangUp, Room
from ivr.carrier import twiml
from ivr.carrier.links import Links
from ivr.carrier.twiml import Spoken
from ivr.dialogue.effects import Prompt, PromptKey
from tests.builders import xml_of

LINKS = Links("https://spelregel.test", "wss://media.spelregel.test/media", "a secret")
VOICE = "https://spelregel.test/voice"
AGAIN = "#rc=3&amp;rp=ct,5xx"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'

STREAM = (
    f'<Start><Stream name="caller" statusCallback="{VOICE}/stream/c1{AGAIN}" statusCallbackMethod="POST" '
    'track="inbound_track" url="wss://media.spelregel.test/media"><Parameter name="call_id" value="c1" /></Stream>'
    "</Start>"
)


def gather(prompt_id: int, wait_s: int, text: str) -> str:
    return (
        f'<Gather action="{VOICE}/leg/c1/{prompt_id}{AGAIN}" actionOnEmptyResult="true" finishOnKey="" input="dtmf" '
        f'method="POST" numDigits="1" timeout="{wait_s}">'
        f'<Say language="nl-NL" voice="Polly.Laura-Neural">{text}</Say></Gather>'
    )


ROOM = (
    f'<Dial action="{VOICE}/left/c1{AGAIN}" hangupOnStar="true" method="POST"><Conference beep="false" '
    'endConferenceOnExit="false" jitterBufferSize="small" participantLabel="caller" startConferenceOnEnter="true" '
    f'statusCallback="{VOICE}/conference/c1{AGAIN}" '
    'statusCallbackEvent="start end join leave hold announcement" statusCallbackMethod="POST" '
    f'waitMethod="POST" waitUrl="{VOICE}/ringing">c1</Conference></Dial>'
)
GREETING = Ask(Prompt(1, PromptKey.GREETING), 1)
KEYPAD = Ask(Prompt(7, PromptKey.KEYPAD), 6)


@pytest.mark.parametrize(
    ("document", "text", "opens_stream", "expected"),
    [
        (GREETING, "Welkom.", True, STREAM + gather(1, 1, "Welkom.")),
        (KEYPAD, "Toets 1 voor ja.", False, gather(7, 6, "Toets 1 voor ja.")),
        (Ask(Prompt(9, PromptKey.GOODBYE), 1), "Tot ziens.", False, gather(9, 1, "Tot ziens.")),
        (Room(), "", False, ROOM),
        (HangUp(), "", False, "<Hangup />"),
    ],
)
def test_a_leg_document(document: Document, text: str, opens_stream: bool, expected: str) -> None:
    written = twiml.leg(document, "c1", Spoken(text), LINKS, opens_stream=opens_stream)
    assert written == f"{HEAD}<Response>{expected}</Response>"


def test_an_employees_leg_with_keys_goes_into_the_same_room() -> None:
    """Word for word as the caller's, but for its name, its way out, and who waits for whom."""
    written = twiml.employee_room("c1", [Spoken("Het is doorgegeven.")], LINKS)
    room = ROOM.replace("/left/c1", "/employee/c1/left").replace('"caller"', '"employee"')
    room = room.replace(f' waitMethod="POST" waitUrl="{VOICE}/ringing"', "")
    say = '<Say language="nl-NL" voice="Polly.Laura-Neural">Het is doorgegeven.</Say>'
    assert written == f"{HEAD}<Response>{say}{room}</Response>"


def test_a_question_to_the_employee_takes_one_key() -> None:
    action = LINKS.employee_answered("c1", "v", "acts")
    written = twiml.employee_question([Spoken("Kies uw reden.")], 6, action)
    expected = gather(1, 6, "Kies uw reden.").replace("/leg/c1/1", "/employee/c1/v/acts")
    assert written == f"{HEAD}<Response>{expected}</Response>"


def test_the_other_documents() -> None:
    say = '<Say language="nl-NL" voice="Polly.Laura-Neural">Dat mag.</Say>'
    assert twiml.announcement(Spoken("Dat mag.")) == f"{HEAD}<Response>{say}</Response>"
    assert twiml.hang_up(Spoken("Dat mag.")) == f"{HEAD}<Response>{say}<Hangup /></Response>"
    play = '<Play loop="60">https://spelregel.test/voice/ringing.wav</Play>'
    assert twiml.ringing("https://spelregel.test/voice/ringing.wav") == f"{HEAD}<Response>{play}</Response>"
    assert twiml.nothing() == f"{HEAD}<Response />"


DOCUMENTS = [
    twiml.leg(GREETING, "c1", Spoken("Welkom."), LINKS, opens_stream=True),
    twiml.leg(KEYPAD, "c1", Spoken("Toets 1."), LINKS),
    twiml.leg(Room(), "c1", Spoken(""), LINKS),
    twiml.leg(HangUp(), "c1", Spoken(""), LINKS),
    twiml.announcement(Spoken("Dat mag.")),
    twiml.hang_up(Spoken("Niet in gebruik.")),
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_address_is_absolute_and_every_word_has_a_voice(document: str) -> None:
    root = xml_of(document)
    assert len(document.encode()) < 64 * 1024
    for element in root.iter():
        for name, value in element.attrib.items():
            if name in ("url", "action", "waitUrl", "statusCallback"):
                assert value.startswith(("https://", "wss://")), (element.tag, name)
        if element.tag == "Say":
            assert element.attrib == {"language": "nl-NL", "voice": "Polly.Laura-Neural"}
        if element.tag == "Stream":
            assert "?" not in element.attrib["url"]


@pytest.mark.parametrize("text", ['<Hangup/> & "quotes"', "één, twee", "]]>", "a < b"])
def test_words_stay_words(text: str) -> None:
    """An agency's name with an ampersand is said, not read as a command."""
    assert xml_of(twiml.announcement(Spoken(text)))[0].text == text


AUDIO = Spoken("Dat mag.", "https://spelregel.test/voice/audio/0af.wav")


def test_a_recorded_voice_is_played_in_place_of_the_carriers() -> None:
    play = "<Play>https://spelregel.test/voice/audio/0af.wav</Play>"
    assert twiml.announcement(AUDIO) == f"{HEAD}<Response>{play}</Response>"
    assert twiml.hang_up(AUDIO) == f"{HEAD}<Response>{play}<Hangup /></Response>"
    gather = xml_of(twiml.leg(KEYPAD, "c1", AUDIO, LINKS))[0]
    assert [(child.tag, child.text) for child in gather] == [("Play", AUDIO.audio_url)]


def test_each_language_has_its_own_voice_and_an_unknown_one_the_dutch() -> None:
    spoken = [xml_of(twiml.announcement(Spoken("Hi.", language=language)))[0] for language in ("nl", "en", "fy")]
    assert [say.attrib["language"] for say in spoken] == ["nl-NL", "en-GB", "nl-NL"]
    assert [say.attrib["voice"] for say in spoken][1] == "Polly.Amy-Neural"
