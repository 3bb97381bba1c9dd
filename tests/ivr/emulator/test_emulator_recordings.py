"""Recordings: two channels, pauses, files, refusals."""

import numpy as np
import pytest

from tests.ivr.emulator.emulator_customer import Customer, channels_of, loud_s, run, say

LONG = 9


async def start(customer: Customer, call_sid: str, **form: str) -> str:
    report = {"RecordingStatusCallback": f"{customer.url}/opname"}
    reply = await customer.rest("POST", f"/Calls/{call_sid}/Recordings.json", **report, **form)
    assert (reply.status, reply.json["status"]) == (201, "in-progress")
    return str(reply.json["sid"])


async def stop(customer: Customer, call_sid: str) -> None:
    reply = await customer.rest("POST", f"/Calls/{call_sid}/Recordings/Twilio.CURRENT.json", Status="stopped")
    assert (reply.status, reply.json["status"]) == (200, "stopped")
    await customer.wait_webhook("/opname", event="completed")


@pytest.mark.slow
def test_the_caller_is_on_the_first_channel_and_all_others_on_the_second() -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = customer.room()
        await customer.phone({"wait_heard": "beller spreekt"}, {"say": "De medewerker antwoordt", "voice": "nl+f2"})
        call_sid = await customer.call({"wait_s": 1}, {"say": "De beller spreekt"}, {"wait_s": LONG})
        await customer.wait_for("joined", callSid=call_sid)
        await customer.ring_employee()
        await customer.wait_webhook("/conference-status", event="conference-start")
        sid = await start(customer, call_sid, RecordingChannels="dual")
        assert await start(customer, call_sid, RecordingChannels="dual") == sid  # a second start changes nothing
        await customer.wait_for("said", text="De medewerker antwoordt")
        path = f"/Conferences/{await customer.conference_sid()}.json"
        await customer.rest("POST", path, AnnounceUrl=f"{customer.url}/omroep")
        await customer.wait_for("prompt", completed=True)
        await stop(customer, call_sid)

        wav = (await customer.download(sid)).body
        caller, others = channels_of(wav)
        said = {event["text"]: event for event in await customer.events("said")}
        assert 0.8 < loud_s(caller) < 2.5
        assert loud_s(others) > 1.5
        caller_ends = int(np.flatnonzero(np.abs(caller.astype(int)) > 500)[-1])
        others_begin = int(np.flatnonzero(np.abs(others.astype(int)) > 500)[0])
        assert caller_ends < others_begin  # they spoke one after the other, and neither leaks into the other's channel
        assert len(said) == 2
        (report,) = customer.requests_to("/opname")
        assert report.genuine
        assert report.fields["RecordingChannels"] == "2"
        assert report.fields["RecordingSource"] == "StartCallRecordingAPI"
        assert report.fields["RecordingDuration"] == str(round(len(caller) / 8000))

        mono = await customer.download(sid, "?RequestedChannels=1")
        assert channels_of(mono.body).shape == (1, len(caller))
        assert (await customer.download(sid, "?RequestedChannels=3")).status == 400
        assert (await customer.rest("GET", f"/Recordings/{sid}.wav", token="wrong")).status == 401
        assert (await customer.rest("DELETE", f"/Recordings/{sid}.json")).status == 204
        assert (await customer.download(sid)).status == 404

    run(story, omroep=say("Een omroep."))


@pytest.mark.slow
def test_a_pause_is_silence_and_keeps_the_time_line() -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = customer.room()
        call_sid = await customer.call(*[{"say": f"Zin {number} gaat maar door"} for number in (1, 2, 3)])
        await customer.wait_for("joined", callSid=call_sid)
        sid = await start(customer, call_sid, RecordingTrack="inbound")
        await customer.wait_for("said", text="Zin 1 gaat maar door")
        path = f"/Calls/{call_sid}/Recordings/{sid}.json"
        assert (await customer.rest("POST", path, Status="paused")).json["status"] == "paused"
        assert (await customer.rest("GET", path)).json["status"] == "processing"
        await customer.wait_for("said", text="Zin 2 gaat maar door")
        assert (await customer.rest("POST", path, Status="in-progress")).json["status"] == "in-progress"
        await customer.wait_for("said", text="Zin 3 gaat maar door")
        await stop(customer, call_sid)
        (sound,) = channels_of((await customer.download(sid)).body)
        third = len(sound) // 3
        parts = [loud_s(sound[number * third : (number + 1) * third]) for number in range(3)]
        assert parts[0] > 1
        assert parts[1] < 0.3
        assert parts[2] > 1
        assert (await customer.download(sid, "?RequestedChannels=2")).status == 400  # there is no second channel
        assert (await customer.rest("POST", path, Status="paused")).json["code"] == 21220

    run(story)


def test_skip_cuts_the_pause_out() -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = customer.room()
        call_sid = await customer.call({"say": "Een zin"}, {"say": "Nog een langere zin om over te slaan"})
        await customer.wait_for("joined", callSid=call_sid)
        sid = await start(customer, call_sid)
        first = await customer.wait_for("said", text="Een zin")
        path = f"/Calls/{call_sid}/Recordings/{sid}.json"
        await customer.rest("POST", path, Status="paused", PauseBehavior="skip")
        second = await customer.wait_for("said", text="Nog een langere zin om over te slaan")
        await stop(customer, call_sid)
        length_s = channels_of((await customer.download(sid)).body).shape[1] / 8000
        assert first["completed"]
        assert second["completed"]
        assert length_s < 2

    run(story)


def test_the_end_of_the_call_ends_the_recording_and_the_file_can_be_late() -> None:
    async def story(customer: Customer) -> None:
        await customer.local("PUT", "faults", {"recording_late_s": 3600})
        customer.documents["/voice"] = customer.room()
        call_sid = await customer.call({"wait_s": 1}, {"hang_up": True})
        await customer.wait_for("joined", callSid=call_sid)
        sid = await start(customer, call_sid)
        assert (await customer.rest("DELETE", f"/Recordings/{sid}.json")).status == 400
        assert (await customer.download(sid)).status == 404
        await customer.wait_webhook("/opname", event="completed")
        assert (await customer.download(sid)).status == 404
        assert (await customer.rest("GET", f"/Recordings/{sid}.json")).json["status"] == "completed"

    run(story)


def test_too_short_a_recording_is_absent() -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = customer.room()
        call_sid = await customer.call()
        await customer.wait_for("joined", callSid=call_sid)
        sid = await start(customer, call_sid, RecordingStatusCallbackEvent="in-progress completed absent")
        await customer.rest("POST", f"/Calls/{call_sid}/Recordings/{sid}.json", Status="stopped")
        await customer.wait_webhook("/opname", event="absent")
        reports = {taken.fields["RecordingStatus"]: taken.fields for taken in customer.requests_to("/opname")}
        assert set(reports) == {"in-progress", "absent"}
        assert reports["absent"]["ErrorCode"] == "16101"

    run(story)
