"""Messages of the carrier's media streams, as documented and as they should never be."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.carrier.media_stream import (
    AudioFrame,
    MalformedMessage,
    StreamStarted,
    StreamStopped,
    WrongFormat,
    read_message,
)

MULAW = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
CONNECTED = {"event": "connected", "protocol": "Call", "version": "1.0.0"}
START: dict[str, Any] = {
    "event": "start",
    "sequenceNumber": "1",
    "streamSid": "MZ1",
    "start": {
        "streamSid": "MZ1",
        "accountSid": "AC1",
        "callSid": "CA1",
        "tracks": ["inbound"],
        "customParameters": {"call_id": "call-1"},
        "mediaFormat": MULAW,
    },
}
STOP = {"event": "stop", "sequenceNumber": "9", "streamSid": "MZ1", "stop": {"accountSid": "AC1", "callSid": "CA1"}}


def media(payload: object = "/38A", track: object = "inbound", timestamp: object = "40") -> dict[str, Any]:
    part = {"track": track, "chunk": "1", "timestamp": timestamp, "payload": payload}
    return {"event": "media", "sequenceNumber": "2", "streamSid": "MZ1", "media": part}


def started(**changes: object) -> dict[str, Any]:
    return START | {"start": START["start"] | changes}


def test_every_documented_message() -> None:
    assert read_message(CONNECTED) is None
    assert read_message(START) == StreamStarted("MZ1", "CA1", "call-1")
    assert read_message(media()) == AudioFrame(b"\xff\x7f\x00", 40)
    assert read_message(STOP) == StreamStopped()
    assert read_message({"event": "dtmf", "dtmf": {"track": "inbound_track", "digit": "1"}}) is None
    assert read_message({"event": "mark", "mark": {"name": "a"}}) is None


def test_what_does_not_concern_us_is_passed_over() -> None:
    assert read_message({"event": "brand-new", "anything": [1]}) is None
    assert read_message(media(track="outbound")) is None
    assert read_message(media() | {"unknown": {}}) == AudioFrame(b"\xff\x7f\x00", 40)
    assert read_message(started(customParameters={})) == StreamStarted("MZ1", "CA1", "")


@given(st.binary(max_size=400), st.integers(0, 2**40))
def test_frames_of_any_length_come_through_whole(sound: bytes, at_ms: int) -> None:
    payload = base64.b64encode(sound).decode()
    assert read_message(media(payload, timestamp=str(at_ms))) == AudioFrame(sound, at_ms)


@pytest.mark.parametrize(
    "media_format",
    [
        MULAW | {"encoding": "audio/x-alaw"},
        MULAW | {"encoding": "audio/L16"},
        MULAW | {"sampleRate": 16000},
        MULAW | {"sampleRate": "8000"},
        MULAW | {"channels": 2},
        {},
    ],
)
def test_other_audio_is_refused(media_format: dict[str, object]) -> None:
    with pytest.raises(WrongFormat, match=r"must be audio/x-mulaw, 8000 Hz, 1 channel"):
        read_message(started(mediaFormat=media_format))


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        "media",
        1,
        {},
        {"event": None},
        {"event": 1},
        {"event": "media"},
        {"event": "media", "media": []},
        {"event": "start"},
        {"event": "start", "start": {}},
        started(mediaFormat=None),
        started(streamSid=""),
        started(callSid=None),
        started(callSid=["CA1"]),
        started(customParameters={"call_id": 1}),
        media(payload=None),
        media(payload=b"/38A"),
        media(payload="/38"),
        media(payload="/38A\n"),
        media(payload="_38-"),
        media(payload="é38A"),
        media(timestamp="soon"),
        media(timestamp=[]),
        media(timestamp=float("inf")),
        media(timestamp="9" * 5000),
    ],
)
def test_what_is_no_message_is_malformed(message: object) -> None:
    with pytest.raises(MalformedMessage):
        read_message(message)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
NAMES = ["streamSid", "callSid", "mediaFormat", "customParameters", "track", "payload", "timestamp", "encoding"]
PART = st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8) | JSON
MESSAGE = st.fixed_dictionaries(
    {}, optional={"event": st.sampled_from(["media", "start", "stop"]) | JSON, "media": PART, "start": PART}
)


@given(JSON | MESSAGE)
def test_no_json_raises_anything_but_malformed(message: object) -> None:
    try:
        read = read_message(message)
    except MalformedMessage:
        return
    assert read is None or isinstance(read, StreamStarted | AudioFrame | StreamStopped)
