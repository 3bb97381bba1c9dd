"""Calls: documents, keys, errors, and what REST does to a call."""

import asyncio
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from ivr.emulator.audio import samples_of
from ivr.emulator.voice import synthesise
from tests.ivr.emulator.emulator_customer import CALLER, Customer, channels_of, loud_s, run, say

GATHER = """<Response><Gather numDigits="1" timeout="2" action="/keuze">
<Say language="nl-NL">Welkom. Toets een 1 als u het gesprek opneemt.</Say></Gather>
<Say language="nl-NL">Geen toets.</Say></Response>"""


def test_first_request_of_a_call() -> None:
    async def story(customer: Customer) -> None:
        await customer.wait_ended(await customer.call())
        first = customer.requests_to("/voice")[0]
        assert first.genuine
        assert first.headers["User-Agent"] == "TwilioProxy/1.1"
        assert first.headers["I-Twilio-Idempotency-Token"]
        assert first.fields["CallStatus"] == "ringing"
        assert first.fields["From"] == first.fields["Caller"] == CALLER
        assert first.fields["Direction"] == "inbound"
        assert first.fields["FromCity"] == ""
        assert "LocalCarrierExtra" in first.fields
        await customer.wait_webhook("/call-status")
        end = customer.requests_to("/call-status")[0]
        assert end.genuine
        assert end.fields["CallStatus"] == "completed"
        assert end.fields["CallbackSource"] == "call-progress-events"
        assert parsedate_to_datetime(end.fields["Timestamp"]).tzinfo is not None

    run(story, voice="<Response><Hangup/></Response>")


def test_a_sip_caller_brings_sip_fields() -> None:
    async def story(customer: Customer) -> None:
        await customer.local("POST", "calls", {"from": "sip:balie@gemeente.example"})
        await customer.wait_webhook("/voice")
        assert customer.requests_to("/voice")[0].fields["SipDomain"] == "gemeente.example"

    run(story, voice="<Response><Hangup/></Response>")


def test_a_key_stops_the_prompt_and_leads_to_the_action() -> None:
    async def story(customer: Customer) -> None:
        call_sid = await customer.call({"wait_start_of": "welkom"}, {"press": "1"})
        await customer.wait_ended(call_sid)
        (action,) = customer.requests_to("/keuze")
        assert (action.fields["Digits"], action.fields["CallStatus"]) == ("1", "in-progress")
        (welcome,) = await customer.events("prompt", text="Welkom. Toets een 1 als u het gesprek opneemt.")
        assert not welcome["completed"]

    run(story, voice=GATHER)


def test_the_finishing_key_is_not_among_the_digits() -> None:
    async def story(customer: Customer) -> None:
        await customer.wait_ended(await customer.call({"wait_s": 0.1}, {"press": "12#"}))
        assert customer.requests_to("/keuze")[0].fields["Digits"] == "12"

    run(story, voice="<Response><Gather timeout='2' action='/keuze'/></Response>")


def test_without_a_key_the_next_verb_runs_or_the_action_if_asked_for() -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/tweede"] = (
            "<Response><Gather timeout='1' actionOnEmptyResult='true' action='/leeg'/></Response>"
        )
        await customer.wait_ended(await customer.call())
        assert customer.requests_to("/leeg")[0].fields["Digits"] == ""
        assert not customer.requests_to("/keuze")

    run(
        story,
        voice="<Response><Gather timeout='1' action='/keuze'/><Redirect>/tweede</Redirect></Response>",
    )


def test_reject_ends_an_unanswered_call() -> None:
    async def story(customer: Customer) -> None:
        call_sid = await customer.call()
        await customer.wait_for("call", callSid=call_sid, status="busy")
        assert not await customer.events("call", status="in-progress")

    run(story, voice="<Response><Reject reason='busy'/></Response>")


@pytest.mark.parametrize("document", ["<Response><Opnemen/></Response>", "<Response>", "<Antwoord/>"])
def test_a_document_that_cannot_be_done_ends_the_call_with_an_error(document: str) -> None:
    async def story(customer: Customer) -> None:
        call_sid = await customer.call({"wait_start_of": "application error"}, {"hang_up": True})
        await customer.wait_ended(call_sid)
        assert (await customer.events("error"))[0]["code"] == 12100

    run(story, voice=document)


def test_the_fallback_hears_what_failed() -> None:
    async def story(customer: Customer) -> None:
        customer.statuses["/voice"] = 500
        await customer.wait_ended(await customer.call())
        assert len(customer.requests_to("/voice")) == 1  # a 500 is not retried
        fields = customer.requests_to("/fallback")[0].fields
        assert (fields["ErrorCode"], fields["ErrorUrl"]) == ("11200", f"{customer.url}/voice")

    run(story, fallback="<Response><Hangup/></Response>")


def test_a_failed_connection_is_tried_twice_and_overrides_retry_a_500() -> None:
    async def story(customer: Customer) -> None:
        customer.statuses["/vol"] = 503
        await customer.wait_ended(await customer.call())
        attempts = [event["attempt"] for event in await customer.events("webhook", url="http://127.0.0.1:9/dicht")]
        assert attempts == [1, 2]
        tried = customer.requests_to("/vol")
        assert len(tried) == 3
        assert len({request.headers["I-Twilio-Idempotency-Token"] for request in tried}) == 1

    run(
        story,
        voice="<Response><Play>http://127.0.0.1:9/dicht</Play><Play>/vol#rc=2&amp;rp=5xx</Play></Response>",
    )


def test_new_twiml_replaces_what_runs_and_hang_up_by_rest_ends_it() -> None:
    async def story(customer: Customer) -> None:
        call_sid = await customer.call()
        await customer.wait_for("call", status="in-progress")
        moved = await customer.rest(
            "POST", f"/Calls/{call_sid}.json", Twiml="<Response><Pause length='60'/></Response>"
        )
        assert (moved.status, moved.json["status"]) == (200, "in-progress")
        ended = await customer.rest("POST", f"/Calls/{call_sid}.json", Status="completed")
        assert ended.json["status"] == "completed"
        for form in ({"Twiml": "<Response/>"}, {"Status": "completed"}):
            refused = await customer.rest("POST", f"/Calls/{call_sid}.json", **form)
            assert (refused.status, refused.json["code"]) == (400, 21220)
        refused = await customer.rest("POST", f"/Calls/{call_sid}/Recordings.json")
        assert refused.json == {
            "code": 21220,
            "message": refused.json["message"],
            "more_info": "https://www.twilio.com/docs/errors/21220",
            "status": 400,
        }

    run(story, voice="<Response><Say language='nl-NL' loop='0'>Een ogenblik.</Say></Response>")


def test_rest_wants_the_account_and_its_token() -> None:
    async def story(customer: Customer) -> None:
        refused = await customer.rest("GET", "/Conferences.json", token="wrong")
        assert (refused.status, refused.json["code"]) == (401, 20003)
        missing = await customer.rest("GET", f"/Calls/CA{'0' * 32}.json")
        assert (missing.status, missing.json["code"]) == (404, 20404)

    run(story)


def test_call_by_rest_rings_and_reports_in_order() -> None:
    async def story(customer: Customer) -> None:
        await customer.phone({"wait_heard": "hallo"}, {"hang_up": True})
        made = await customer.rest(
            "POST",
            "/Calls.json",
            From="+31201234567",
            To="client:medewerker",
            Twiml="<Response><Say language='nl-NL'>Hallo</Say><Pause length='9'/></Response>",
            StatusCallback=f"{customer.url}/voortgang",
            StatusCallbackEvent="initiated ringing answered completed",
        )
        assert (made.status, made.json["status"]) == (201, "queued")
        await customer.wait_ended(made.json["sid"])
        await customer.wait_webhook("/voortgang", event="completed")
        reports = sorted(customer.requests_to("/voortgang"), key=lambda taken: int(taken.fields["SequenceNumber"]))
        statuses = [taken.fields["CallStatus"] for taken in reports]
        assert statuses == ["initiated", "ringing", "in-progress", "completed"]

    run(story)


@pytest.mark.parametrize(
    ("answer", "status"), [("busy", "busy"), (False, "no-answer")], ids=["busy phone", "nobody answers"]
)
def test_dial_reports_why_nobody_was_reached(answer: object, status: str) -> None:
    async def story(customer: Customer) -> None:
        await customer.phone(answer=answer)
        await customer.wait_ended(await customer.call())
        assert customer.requests_to("/na")[0].fields["DialCallStatus"] == status

    run(story, voice="<Response><Dial action='/na' timeout='1'><Client>medewerker</Client></Dial></Response>")


def test_dial_bridges_two_parties() -> None:
    async def story(customer: Customer) -> None:
        await customer.phone({"wait_heard": "hallo"}, {"say": "Ja"}, {"hang_up": True})
        call_sid = await customer.call({"wait_s": 0.5}, {"say": "Hallo"}, {"wait_heard": "ja"})
        await customer.wait_ended(call_sid)
        fields = customer.requests_to("/na")[0].fields
        assert (fields["DialCallStatus"], fields["DialBridged"]) == ("completed", "true")
        assert not await customer.events("script-timeout")

    run(story, voice="<Response><Dial action='/na'><Client>medewerker</Client></Dial></Response>")


def test_a_party_records_on_its_own_telephone_what_both_say(tmp_path: Path) -> None:
    """From when it begins until the call ends; the other party's telephone is of no concern to it."""
    own = tmp_path / "beller.wav"

    async def story(customer: Customer) -> None:
        await customer.phone({"wait_heard": "hallo"}, {"say": "Ja, met de gemeente"}, {"hang_up": True})
        call_sid = await customer.call(
            {"wait_s": 0.5},
            {"record": str(own)},
            {"say": "Hallo"},
            {"wait_heard": "gemeente"},
            {"wait_s": 5},
        )
        await customer.wait_ended(call_sid)
        (samples,) = channels_of(own.read_bytes())
        hallo, answer = (synthesise(text, "nl+m3", words_per_minute=150) for text in ("Hallo", "Ja, met de gemeente"))
        assert loud_s(samples) > max(loud_s(samples_of(hallo)), loud_s(samples_of(answer)))

    run(story, voice="<Response><Dial action='/na'><Client>medewerker</Client></Dial></Response>")


def test_a_script_that_waits_in_vain_says_so_and_hangs_up() -> None:
    async def story(customer: Customer) -> None:
        call_sid = await customer.call({"wait_heard": "nooit", "timeout_s": 0.2}, {"say": "Te laat"})
        timeout = await customer.wait_for("script-timeout")
        assert (timeout["party"], timeout["step"]) == ("beller", {"wait_heard": "nooit"})
        await customer.wait_ended(call_sid)
        assert not await customer.events("said")

    run(story, voice="<Response><Say language='nl-NL'>Hoi</Say><Pause length='20'/></Response>")


def test_messages_are_delivered_and_told_about() -> None:
    async def story(customer: Customer) -> None:
        form = {"From": "+31201234567", "Body": "Uw kopie staat klaar.", "StatusCallback": f"{customer.url}/sms"}
        made = await customer.rest("POST", "/Messages.json", To=CALLER, **form)
        assert (made.status, made.json["status"]) == (201, "queued")
        await customer.wait_webhook("/sms", event="delivered")
        assert [taken.fields["MessageStatus"] for taken in customer.requests_to("/sms")] == ["sent", "delivered"]
        fetched = await customer.rest("GET", f"/Messages/{made.json['sid']}.json")
        assert fetched.json["status"] == "delivered"
        landline = await customer.rest("POST", "/Messages.json", To="+31201234567", **form)
        assert (landline.status, landline.json["code"]) == (400, 21614)
        long = await customer.rest("POST", "/Messages.json", To=CALLER, **{**form, "Body": "x" * 1601})
        assert long.json["code"] == 21617

    run(story)


def test_a_voice_speaks_its_own_language_only() -> None:
    async def story(customer: Customer) -> None:
        await customer.wait_ended(await customer.call())
        assert (await customer.events("error"))[0]["code"] == 13520
        assert not await customer.events("prompt")

    run(story, voice="<Response><Say language='fr-FR' voice='Polly.Laura-Neural'>Bonjour</Say></Response>")


def test_events_carry_their_number_and_time() -> None:
    async def story(customer: Customer) -> None:
        await customer.wait_ended(await customer.call())
        events = await customer.events("call")
        assert [event["n"] for event in events] == sorted({event["n"] for event in events})
        assert datetime.fromisoformat(events[0]["at"]).utcoffset() is not None
        await asyncio.gather(*(customer.events("call") for _ in range(3)))

    run(story, voice=say("Hoi"))


def test_a_call_never_outlives_a_document_that_fails_halfway() -> None:
    async def story(customer: Customer) -> None:
        await customer.wait_ended(await customer.call())
        assert "ValueError" in (await customer.wait_for("error"))["message"]

    run(story, voice="<Response><Gather numDigits='veel'/></Response>")
