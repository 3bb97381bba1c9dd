"""PURE. Media Streams messages -> typed frames (Twilio "Media Streams: WebSocket messages").

Numbers arrive as strings in places; unknown events and fields are passed over, since the carrier adds them unasked.
"""

import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class MalformedMessage(ValueError):
    """Not a message of the protocol; the text says what is wrong with it."""


class WrongFormat(MalformedMessage):
    """The stream's audio is not 8 kHz mu-law mono: no later message can mend that."""


@dataclass(frozen=True, slots=True)
class StreamStarted:
    """The stream's first message that names the call."""

    stream_sid: str
    call_sid: str
    call_id: str


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """Raw G.711 mu-law, 8 000 Hz, mono, of any length; `at_ms` since the stream began."""

    payload: bytes
    at_ms: int


@dataclass(frozen=True, slots=True)
class StreamStopped:
    """The stream was stopped or the call ended."""


StreamMessage = StreamStarted | AudioFrame | StreamStopped


def read_message(message: Any) -> StreamMessage | None:
    """One decoded JSON object -> frame; None for what does not concern us (`connected`, the other track, unknown).

    Raises `MalformedMessage` for everything that is not a message of the protocol, `WrongFormat` for other audio.
    """
    if not isinstance(message, dict):
        raise MalformedMessage("a message is a JSON object")
    match message.get("event"):
        case "media":
            return _read_media(_part(message, "media"))
        case "start":
            return _read_start(message)
        case "stop":
            return StreamStopped()
        case str():
            return None
        case _:
            raise MalformedMessage("a message names its event")


def _read_media(media: Mapping[str, Any]) -> AudioFrame | None:
    if media.get("track") == "outbound":
        return None
    payload, at = media.get("payload"), media.get("timestamp")
    if not isinstance(payload, str):
        raise MalformedMessage("a media message carries a payload")
    try:
        return AudioFrame(binascii.a2b_base64(payload, strict_mode=True), int(at) if at is not None else 0)
    except (ValueError, TypeError, OverflowError) as fault:
        raise MalformedMessage(f"a media message that cannot be read: {fault}") from None


def _read_start(message: Mapping[str, Any]) -> StreamStarted:
    start = _part(message, "start")
    media_format = _part(start, "mediaFormat")
    shape = (media_format.get("encoding"), media_format.get("sampleRate"), media_format.get("channels"))
    if shape != ("audio/x-mulaw", 8000, 1):
        raise WrongFormat("the audio must be audio/x-mulaw, 8000 Hz, 1 channel")
    parameters = start.get("customParameters")
    call_id = parameters.get("call_id", "") if isinstance(parameters, dict) else ""
    ids = (start.get("streamSid"), start.get("callSid"), call_id)
    if not all(isinstance(value, str) for value in ids) or not ids[0] or not ids[1]:
        raise MalformedMessage("a start message names its stream and its call")
    return StreamStarted(str(ids[0]), str(ids[1]), str(call_id))


def _part(message: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = message.get(name)
    if not isinstance(part, dict):
        raise MalformedMessage(f"a message without its {name} part")
    return part
