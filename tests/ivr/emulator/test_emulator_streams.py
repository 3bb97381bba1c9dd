"""Media streams: messages, tracks, life and death of the socket."""

import base64
from datetime import datetime

import numpy as np

from ivr.emulator.audio import decode_mulaw
from tests.ivr.emulator.emulator_customer import ACCOUNT_SID, Customer, run

PARAMETERS = "<Parameter name='agency' value='ind'/>"


def test_messages_have_the_documented_shapes() -> None:
    async def story(customer: Customer) -> None:
        stream = customer.stream("track='both_tracks'", PARAMETERS)
        customer.documents["/voice"] = (
            f"<Response>{stream}<Say language='nl-NL'>Hallo daar</Say><Pause length='1'/></Response>"
        )
        call_sid = await customer.call({"wait_s": 0.2}, {"say": "Ik praat ook"})
        await customer.wait_for("stream", event="stream-stopped")
        await customer.wait_webhook("/stroom", event="stream-stopped")
        assert customer.handshakes[0].genuine
        connected, start, *media, stop = [message for message in customer.streams[0] if message["event"] != "(closed)"]
        assert connected == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
        stream_sid = start["streamSid"]
        assert start == {
            "event": "start",
            "sequenceNumber": "1",
            "streamSid": stream_sid,
            "start": {
                "streamSid": stream_sid,
                "accountSid": ACCOUNT_SID,
                "callSid": call_sid,
                "tracks": ["inbound", "outbound"],
                "customParameters": {"agency": "ind"},
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            },
        }
        assert media[0] == {
            "event": "media",
            "sequenceNumber": "2",
            "streamSid": stream_sid,
            "media": {"track": "inbound", "chunk": "1", "timestamp": "0", "payload": media[0]["media"]["payload"]},
        }
        assert stop == {
            "event": "stop",
            "sequenceNumber": str(len(media) + 2),
            "streamSid": stream_sid,
            "stop": {"accountSid": ACCOUNT_SID, "callSid": call_sid},
        }
        assert [int(message["sequenceNumber"]) for message in media] == list(range(2, len(media) + 2))
        for track in ("inbound", "outbound"):
            frames = [message["media"] for message in media if message["media"]["track"] == track]
            assert [int(frame["timestamp"]) for frame in frames] == list(range(0, 20 * len(frames), 20))
            payloads = [base64.b64decode(frame["payload"]) for frame in frames]
            assert {len(payload) for payload in payloads} == {160}
            assert np.abs(decode_mulaw(b"".join(payloads)).astype(int)).max() > 3000
        reports = [taken.fields for taken in customer.requests_to("/stroom")]
        assert [fields["StreamEvent"] for fields in reports] == ["stream-started", "stream-stopped"]
        assert reports[0]["StreamName"] == "oor"
        assert datetime.fromisoformat(reports[0]["Timestamp"]).utcoffset() is not None

    run(story)


def test_the_callers_track_holds_the_caller_alone() -> None:
    async def story(customer: Customer) -> None:
        prompt = "<Say language='nl-NL'>Dit is alleen een prompt.</Say>"
        customer.documents["/voice"] = f"<Response>{customer.stream()}{prompt}</Response>"
        await customer.wait_ended(await customer.call())
        await customer.wait_for("stream", event="stream-stopped")
        media = [message["media"] for message in customer.streams[0] if message["event"] == "media"]
        sound = decode_mulaw(b"".join(base64.b64decode(frame["payload"]) for frame in media))
        assert len(sound) > 8000
        assert not sound.any()

    run(story)


def test_a_dropped_stream_leaves_the_call_alone_and_rest_restarts_it() -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = customer.room(start=customer.stream())
        await customer.local("PUT", "faults", {"stream": {"drop_after_s": 0.3}})
        call_sid = await customer.call()
        await customer.wait_webhook("/stroom", event="stream-error")
        assert not [message for message in customer.streams[0] if message["event"] == "stop"]
        url = customer.url.replace("http", "ws") + "/media"
        form = {"Url": url, "Name": "oor", "Parameter1.Name": "agency", "Parameter1.Value": "ind"}
        again = await customer.rest("POST", f"/Calls/{call_sid}/Streams.json", **form)
        assert (again.status, again.json["status"], again.json["name"]) == (200, "in-progress", "oor")
        assert (await customer.rest("POST", f"/Calls/{call_sid}/Streams.json", **form)).status == 400  # name is taken
        await customer.wait_for("stream", event="stream-started", streamSid=again.json["sid"])
        stopped = await customer.rest("POST", f"/Calls/{call_sid}/Streams/oor.json", Status="stopped")
        assert stopped.json["status"] == "stopped"
        await customer.wait_for("stream", event="stream-stopped", streamSid=again.json["sid"])
        assert customer.streams[1][1]["start"]["customParameters"] == {"agency": "ind"}
        assert (await customer.rest("GET", f"/Calls/{call_sid}.json")).json["status"] == "in-progress"

    run(story)


def test_a_receiver_that_hangs_up_does_not_disturb_the_call() -> None:
    async def story(customer: Customer) -> None:
        customer.close_stream_after = 5
        customer.documents["/voice"] = customer.room(start=customer.stream())
        call_sid = await customer.call()
        await customer.wait_for("stream", event="stream-stopped")
        assert (await customer.rest("GET", f"/Calls/{call_sid}.json")).json["status"] == "in-progress"

    run(story)


def test_a_refused_handshake_is_an_error_callback() -> None:
    async def story(customer: Customer) -> None:
        stream = customer.stream().replace("/media", "/geen-socket")
        customer.documents["/voice"] = customer.room(start=stream)
        await customer.call()
        await customer.wait_webhook("/stroom", event="stream-error")
        assert customer.requests_to("/stroom")[0].fields["StreamError"].startswith("31920")

    run(story)


def test_stop_ends_a_stream_by_its_name() -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = (
            f"<Response>{customer.stream()}<Say language='nl-NL'>Hoi</Say><Stop><Stream name='oor'/></Stop>"
            "<Pause length='20'/></Response>"
        )
        await customer.call()
        await customer.wait_for("stream", event="stream-stopped")
        assert not await customer.events("call", status="completed")

    run(story)


def test_wrong_signatures_and_the_trailing_slash() -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = f"<Response>{customer.stream()}<Say language='nl-NL'>Hoi</Say></Response>"
        for fault in ("wrong", "trailing-slash"):
            await customer.local("PUT", "faults", {"signature": fault})
            await customer.wait_ended(await customer.call())
        assert [taken.genuine for taken in customer.requests_to("/voice")] == [False, False]
        assert [taken.genuine for taken in customer.handshakes] == [False, False]

    run(story)
