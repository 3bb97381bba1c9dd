"""Documents -> TwiML text, no I/O."""

from collections.abc import Sequence
from dataclasses import dataclass

from twilio.twiml.voice_response import Dial, Gather, Start, VoiceResponse

from ivr.calls.leg import Ask, Document, HangUp, Room
from ivr.carrier.links import Links

DUTCH = "nl"
VOICES = {DUTCH: ("Polly.Laura-Neural", "nl-NL"), "en": ("Polly.Amy-Neural", "en-GB")}
"""The carrier's voice of each language and the language's name there; a language without one gets the Dutch voice."""
CONFERENCE_EVENTS = "start end join leave hold announcement"
STREAM_NAME = "caller"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is heard: the recording at `audio_url`, which says exactly `text`; without one the carrier's own voice."""

    text: str
    audio_url: str | None = None
    language: str = DUTCH


def leg(document: Document, call_id: str, spoken: Spoken, links: Links, *, opens_stream: bool = False) -> str:
    """The leg's next document. `spoken` is what an `Ask` says; `opens_stream` for the first one of a call: the stream
    begins before the greeting, so that nothing the caller says is missed."""
    response = VoiceResponse()
    if opens_stream:
        start = Start()
        stream = start.stream(
            url=links.stream(),
            name=STREAM_NAME,
            track="inbound_track",
            status_callback=links.stream_events(call_id),
            status_callback_method="POST",
        )
        stream.parameter(name="call_id", value=call_id)
        response.append(start)
    match document:
        case Ask(prompt, wait_s):
            response.append(_one_key([spoken], wait_s, links.leg_answered(call_id, prompt.prompt_id)))
        case Room():
            wait = {"wait_url": links.ringing(), "wait_method": "POST"}
            response.append(_room("caller", links.left_room(call_id), call_id, links, **wait))
        case HangUp():
            response.hangup()
    return str(response)


def employee_room(call_id: str, said: Sequence[Spoken], links: Links) -> str:
    """An employee's leg that has keys hears what is `said` and goes into the room, as the carrier's Participants would
    take it there."""
    response = VoiceResponse()
    for spoken in said:
        _speak(response, spoken)
    response.append(_room("employee", links.employee_left_room(call_id), call_id, links))
    return str(response)


def employee_question(said: Sequence[Spoken], wait_s: int, action: str) -> str:
    """A question to the employee alone; the one key goes to `action`, and so does it that there was none."""
    response = VoiceResponse()
    response.append(_one_key(said, wait_s, action))
    return str(response)


def hang_up(*said: Spoken) -> str:
    """Said, and over."""
    response = VoiceResponse()
    for spoken in said:
        _speak(response, spoken)
    response.hangup()
    return str(response)


def announcement(spoken: Spoken) -> str:
    """What is spoken into a conference."""
    response = VoiceResponse()
    _speak(response, spoken)
    return str(response)


def ringing(audio_url: str) -> str:
    """What the caller hears until the employee answers."""
    response = VoiceResponse()
    response.play(audio_url, loop=60)
    return str(response)


def nothing() -> str:
    """The answer to a status callback."""
    return str(VoiceResponse())


def _one_key(said: Sequence[Spoken], wait_s: int, action: str) -> Gather:
    gather = Gather(
        input="dtmf",
        num_digits=1,
        finish_on_key="",
        timeout=wait_s,
        action=action,
        method="POST",
        action_on_empty_result=True,
    )
    for spoken in said:
        _speak(gather, spoken)
    return gather


def _room(label: str, left: str, call_id: str, links: Links, **wait: str) -> Dial:
    """Keys are not reported inside a conference, but `*` leaves it and asks the action `left` what to do."""
    dial = Dial(hangup_on_star=True, action=left, method="POST")
    dial.conference(
        call_id,
        beep=False,
        start_conference_on_enter=True,
        end_conference_on_exit=False,
        participant_label=label,
        jitter_buffer_size="small",
        status_callback=links.conference_events(call_id),
        status_callback_method="POST",
        status_callback_event=CONFERENCE_EVENTS,
        **wait,
    )
    return dial


def _speak(into: VoiceResponse | Gather, spoken: Spoken) -> None:
    if spoken.audio_url is not None:
        into.play(spoken.audio_url)
        return
    voice, language = VOICES.get(spoken.language, VOICES[DUTCH])
    into.say(spoken.text, voice=voice, language=language)
