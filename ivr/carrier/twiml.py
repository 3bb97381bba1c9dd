"""Documents -> TwiML text, no I/O."""

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
            gather = Gather(
                input="dtmf",
                num_digits=1,
                finish_on_key="",
                timeout=wait_s,
                action=links.leg_answered(call_id, prompt.prompt_id),
                method="POST",
                action_on_empty_result=True,
            )
            _speak(gather, spoken)
            response.append(gather)
        case Room():
            # Keys are not reported inside a conference, but `*` leaves it and asks the action what to do.
            dial = Dial(hangup_on_star=True, action=links.left_room(call_id), method="POST")
            dial.conference(
                call_id,
                beep=False,
                start_conference_on_enter=True,
                end_conference_on_exit=False,
                participant_label="caller",
                jitter_buffer_size="small",
                wait_url=links.ringing(),
                wait_method="POST",
                status_callback=links.conference_events(call_id),
                status_callback_method="POST",
                status_callback_event=CONFERENCE_EVENTS,
            )
            response.append(dial)
        case HangUp():
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


def not_in_service(spoken: Spoken) -> str:
    """For a number that no profile has: said, and over."""
    response = VoiceResponse()
    _speak(response, spoken)
    response.hangup()
    return str(response)


def nothing() -> str:
    """The answer to a status callback."""
    return str(VoiceResponse())


def _speak(into: VoiceResponse | Gather, spoken: Spoken) -> None:
    if spoken.audio_url is not None:
        into.play(spoken.audio_url)
        return
    voice, language = VOICES.get(spoken.language, VOICES[DUTCH])
    into.say(spoken.text, voice=voice, language=language)
