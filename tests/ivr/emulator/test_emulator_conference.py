"""Conferences: who hears whom, who leaves when, and what is told."""

import pytest

from tests.ivr.emulator.emulator_customer import EMPLOYEE, Customer, run, say

LONG = 9


async def both_in(customer: Customer, *script: object, **form: str) -> str:
    """A caller and an employee in one room; gives the caller's call sid."""
    steps = [step for step in script if isinstance(step, dict)]
    call_sid = await customer.call(*steps)
    await customer.wait_for("joined", callSid=call_sid)
    assert (await customer.ring_employee(**form)).status == 201
    await customer.wait_webhook("/conference-status", event="conference-start")
    return call_sid


def test_the_room_starts_with_two_and_ends_with_the_caller() -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = customer.room("endConferenceOnExit='true' participantLabel='beller'")
        await customer.phone({"say": "Goedemiddag"}, {"wait_heard": "dank"})
        call_sid = await customer.call({"wait_heard": "goedemiddag"}, {"say": "Dank u"}, {"hang_up": True})
        await customer.wait_for("joined", callSid=call_sid)
        assert (await customer.rest("GET", "/Conferences.json?FriendlyName=kamer")).json["conferences"][0][
            "status"
        ] == "init"
        made = await customer.ring_employee(Label="medewerker", ConferenceStatusCallback=f"{customer.url}/never")
        await customer.wait_webhook("/conference-status", event="conference-end")
        await customer.wait_ended(made.json["call_sid"])
        reports = sorted(customer.reports(), key=lambda fields: int(fields["SequenceNumber"]))
        assert [fields["StatusCallbackEvent"] for fields in reports] == [
            "participant-join",
            "participant-join",
            "conference-start",
            "participant-leave",
            "participant-leave",
            "conference-end",
        ]
        assert reports[1]["ParticipantLabel"] == "medewerker"
        assert reports[3]["ReasonParticipantLeft"] == "participant_hung_up"
        assert reports[4]["ReasonParticipantLeft"] == "moderator_ended_conference"
        assert reports[5]["CallSidEndingConference"] == call_sid
        assert reports[5]["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
        assert not customer.requests_to("/never")  # the first participant's settings win
        assert not await customer.events("script-timeout")

    run(story)


def test_an_announcement_is_heard_by_both_while_they_talk() -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = customer.room()
        await customer.phone({"wait_heard": "vraag"}, {"say": "Gehoord"})
        await both_in(customer, {"say": "Ik praat gewoon door terwijl er iets wordt omgeroepen"}, {"wait_s": LONG})
        conference_sid = await customer.conference_sid()
        await customer.rest("POST", f"/Conferences/{conference_sid}.json", AnnounceUrl=f"{customer.url}/vraag")
        await customer.wait_webhook("/conference-status", event="announcement-end")
        (prompt,) = await customer.events("prompt")
        assert (prompt["to"], prompt["completed"]) == (["beller", EMPLOYEE], True)
        await customer.wait_for("said", party=EMPLOYEE, text="Gehoord")
        (request,) = customer.requests_to("/vraag")
        assert (request.genuine, request.fields["ConferenceSid"]) == (True, conference_sid)

    run(story, vraag=say("Een vraag."))


def test_without_a_subscription_of_the_first_nothing_is_told() -> None:
    async def story(customer: Customer) -> None:
        room = customer.room().replace("hold modify announcement", "")
        customer.documents["/voice"] = room
        await customer.phone()
        await both_in(customer)
        conference_sid = await customer.conference_sid()
        await customer.rest("POST", f"/Conferences/{conference_sid}.json", AnnounceUrl=f"{customer.url}/vraag")
        await customer.wait_for("prompt", completed=True)
        await customer.rest("POST", f"/Conferences/{conference_sid}.json", Status="completed")
        await customer.wait_webhook("/conference-status", event="conference-end")
        assert "announcement-end" not in {fields["StatusCallbackEvent"] for fields in customer.reports()}

    run(story, vraag=say("Vraag"))


@pytest.mark.parametrize("how", ["Url", "Twiml"])
def test_new_twiml_takes_the_leg_out_of_the_room(how: str) -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = customer.room(dial="action='/na'")
        await customer.phone()
        call_sid = await both_in(customer)
        value = f"{customer.url}/apart" if how == "Url" else say("Apart")
        await customer.rest("POST", f"/Calls/{call_sid}.json", **{how: value})
        await customer.wait_for("left", callSid=call_sid, reason="participant_updated_via_api")
        await customer.wait_for("prompt", text="Apart", completed=True)
        assert not customer.requests_to("/na")

    run(story, apart=say("Apart"))


def test_star_leads_to_the_action_and_back_into_the_same_room() -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = customer.room(dial="action='/ster' hangupOnStar='true'")
        customer.documents["/terug"] = customer.room(dial="action='/einde'")
        await customer.phone({"wait_heard": "terug"}, {"hang_up": True})
        call_sid = await both_in(
            customer,
            {"wait_s": 0.3},
            {"press": "5*"},
            {"wait_start_of": "toets"},
            {"press": "1"},
            {"wait_s": 0.5},
            {"say": "Terug"},
            {"wait_s": 0.3},
            {"hang_up": True},
        )
        await customer.wait_ended(call_sid)
        (star,) = customer.requests_to("/ster")
        assert star.fields["DialCallStatus"] == "answered"
        assert "DialCallSid" not in star.fields
        assert customer.requests_to("/terug")[0].fields["Digits"] == "1"
        assert len(await customer.events("joined", callSid=call_sid)) == 2
        assert not await customer.events("script-timeout")
        await customer.wait_webhook("/einde")
        assert customer.requests_to("/einde")[0].fields["CallStatus"] == "completed"  # asked though nobody is there

    run(
        story,
        ster="<Response><Gather numDigits='1' action='/terug'><Say language='nl-NL'>Toets 1.</Say></Gather></Response>",
    )


def test_star_on_a_leg_that_was_rung_leads_out_of_the_room_and_back() -> None:
    """Made by the Calls API with a document of ours: it joins, leaves while it goes on, and joins again."""

    async def story(customer: Customer) -> None:
        label = "participantLabel='medewerker'"
        customer.documents["/voice"] = customer.room("participantLabel='beller'")
        customer.documents["/terug"] = customer.room(label)
        customer.documents["/toestel"] = customer.room(label, dial="action='/ster' hangupOnStar='true'")
        await customer.phone(
            {"wait_s": 0.3},
            {"press": "*"},
            {"wait_heard": "toets"},
            {"press": "3"},
            {"wait_s": 0.5},
            {"say": "Terug"},
            {"wait_s": LONG},
        )
        call_sid = await customer.call({"wait_s": LONG}, {"hang_up": True})
        await customer.wait_for("joined", callSid=call_sid)
        made = await customer.rest(
            "POST",
            "/Calls.json",
            From="+31201234567",
            To=EMPLOYEE,
            Url=f"{customer.url}/toestel",
            StatusCallback=f"{customer.url}/toestel-status",
        )
        employee_sid = made.json["sid"]
        assert (await customer.wait_for("said", text="Terug"))["to"] == ["beller"]
        (star,) = customer.requests_to("/ster")
        assert (star.fields["CallSid"], star.fields["CallStatus"]) == (employee_sid, "in-progress")
        assert customer.requests_to("/terug")[0].fields["Digits"] == "3"
        assert [prompt["to"] for prompt in await customer.events("prompt")] == [[EMPLOYEE]]
        await customer.rest("POST", f"/Calls/{employee_sid}.json", Status="completed")
        await customer.wait_webhook("/toestel-status", event="completed")
        about = [fields for fields in customer.reports() if fields.get("CallSid") == employee_sid]
        assert [
            (fields["StatusCallbackEvent"], fields.get("ParticipantCallStatus"))
            for fields in sorted(about, key=lambda fields: int(fields["SequenceNumber"]))
        ] == [
            ("participant-join", None),
            ("participant-leave", "in-progress"),
            ("participant-join", None),
            ("participant-leave", "completed"),
        ]

    run(
        story,
        ster="<Response><Gather numDigits='1' action='/terug'><Say language='nl-NL'>Toets 3.</Say></Gather></Response>",
    )


def test_hold_cuts_both_ways_and_mute_one() -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = customer.room("participantLabel='beller'")
        await customer.phone({"hold": True}, {"say": "Onder ons"}, {"hold": False}, {"say": "Daar ben ik"})
        call_sid = await both_in(customer, {"wait_heard": "daar ben ik"}, {"say": "Mooi"}, {"wait_s": LONG})
        assert (await customer.wait_for("said", text="Onder ons"))["to"] == []
        assert (await customer.wait_for("said", text="Mooi"))["to"] == [EMPLOYEE]
        held = [
            taken
            for taken in customer.requests_to("/conference-status")
            if "hold" in taken.fields["StatusCallbackEvent"]
        ]
        assert {taken.fields["CallSid"] for taken in held} == {call_sid}
        path = f"/Conferences/{await customer.conference_sid()}/Participants/beller.json"
        assert (await customer.rest("POST", path, Muted="true")).json["muted"] is True
        assert (await customer.rest("POST", path, Hold="misschien")).status == 400
        await customer.wait_webhook("/conference-status", event="participant-mute")

    run(story)


def test_a_label_is_used_once() -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = customer.room("participantLabel='beller'")
        call_sid = await customer.call()
        await customer.wait_for("joined", callSid=call_sid)
        refused = await customer.ring_employee(Label="beller")
        assert (refused.status, refused.json["code"]) == (400, 16025)
        second = await customer.call()
        await customer.wait_ended(second)  # does not join and runs the next verb: none

    run(story)


@pytest.mark.parametrize(("answer", "status"), [("busy", "busy"), (False, "no-answer"), (None, "failed")])
def test_an_employee_who_is_not_reached_is_told(answer: object, status: str) -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = customer.room()
        if answer is not None:
            await customer.phone(answer=answer)
        await customer.wait_for("joined", callSid=await customer.call())
        made = await customer.ring_employee(Timeout="1", StatusCallback=f"{customer.url}/leg")
        await customer.wait_webhook("/conference-status", event="participant-leave")
        await customer.wait_webhook("/leg")
        (left,) = [fields for fields in customer.reports() if fields["StatusCallbackEvent"] == "participant-leave"]
        assert (left["CallSid"], left["ParticipantCallStatus"]) == (made.json["call_sid"], status)
        assert left["ReasonParticipantLeft"] == "participant_add_failed"
        assert customer.requests_to("/leg")[0].fields["CallStatus"] == status

    run(story)


def test_removing_a_participant_ends_its_ringed_leg() -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = customer.room()
        await customer.phone()
        call_sid = await both_in(customer, Label="medewerker")
        base = f"/Conferences/{await customer.conference_sid()}/Participants"
        listed = (await customer.rest("GET", f"{base}.json")).json["participants"]
        assert listed[0]["call_sid"] == call_sid
        assert (await customer.rest("DELETE", f"{base}/medewerker.json")).status == 204
        await customer.wait_ended(listed[1]["call_sid"])
        assert (await customer.rest("GET", f"{base}/medewerker.json")).status == 404

    run(story)


def test_waiting_music_comes_from_the_wait_url() -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = customer.room().replace("waitUrl=''", "waitUrl='/wacht'")
        await customer.call({"wait_heard": "blijf"}, {"wait_heard": "blijf"}, {"hang_up": True})
        await customer.wait_webhook("/conference-status", event="conference-end")
        assert len(customer.requests_to("/wacht")) >= 2
        assert not await customer.events("script-timeout")

    run(story, wacht="<Response><Say language='nl-NL'>Blijf</Say><Redirect/></Response>")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"outcome": "fail"}, ["announcement-fail"]),
        ({"outcome": "silent"}, []),
        ({"outcome": "cut", "cut_after_s": 0.2}, []),
        ({"outcome": "cut", "cut_after_s": 0.2, "event": "announcement-end"}, ["announcement-end"]),
    ],
)
def test_a_broken_announcement(fault: dict[str, object], told: list[str]) -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = customer.room()
        await customer.local("PUT", "faults", {"announcements": [{"match": "/stuk", **fault}]})
        await customer.phone()
        await both_in(customer)
        path = f"/Conferences/{await customer.conference_sid()}.json"
        await customer.rest("POST", path, AnnounceUrl=f"{customer.url}/stuk")
        await customer.rest("POST", path, AnnounceUrl=f"{customer.url}/heel")
        await customer.wait_for("prompt", text="Heel", completed=True)
        await customer.wait_webhook("/conference-status", event="announcement-end")
        assert not await customer.events("prompt", text="Stuk", completed=True)
        about = [
            t.fields for t in customer.requests_to("/conference-status") if "/stuk" in t.fields.get("AnnounceUrl", "")
        ]
        assert [fields["StatusCallbackEvent"] for fields in about] == told

    run(story, stuk=say("Stuk"), heel=say("Heel"))


def test_callbacks_doubled_and_lost() -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = customer.room()
        faults = {"callbacks": [{"kind": "conference-status", "doubled": 1}, {"kind": "call-status", "lost": 1}]}
        await customer.local("PUT", "faults", faults)
        await customer.wait_ended(await customer.call({"wait_s": 0.3}, {"hang_up": True}))
        await customer.wait_for("callback-lost")
        await customer.wait_webhook("/conference-status", event="conference-end")
        numbers = [fields["SequenceNumber"] for fields in customer.reports()]
        assert numbers.count("1") == 2
        assert not customer.requests_to("/call-status")

    run(story)


def test_a_held_back_callback_arrives_after_its_successor() -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = customer.room()
        await customer.local(
            "PUT", "faults", {"seed": 2, "callbacks": [{"kind": "conference-status", "reordered": 0.5}]}
        )
        await customer.phone({"say": "Dag"}, {"hang_up": True})
        call_sid = await customer.call({"wait_heard": "dag"}, {"hang_up": True})
        await customer.wait_for("joined", callSid=call_sid)
        await customer.ring_employee()
        for event in ("participant-join", "participant-leave", "conference-start", "conference-end"):
            await customer.wait_webhook("/conference-status", event=event)
        numbers = [int(fields["SequenceNumber"]) for fields in customer.reports()]
        assert numbers != sorted(numbers)

    run(story)


def test_rest_faults_before_and_after_the_work() -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = customer.room()
        rest = [
            {"match": "POST .*/Participants", "status": 429},
            {"match": "POST .*/Participants", "status": 500, "after_effect": True},
        ]
        await customer.local("PUT", "faults", {"rest": rest})
        await customer.phone()
        await customer.wait_for("joined", callSid=await customer.call())
        busy = await customer.ring_employee()
        assert (busy.status, busy.json["code"]) == (429, 20429)
        assert len(await customer.events("call", direction="outbound-api")) == 0
        assert (await customer.ring_employee()).status == 500
        await customer.wait_webhook("/conference-status", event="conference-start")  # it rang all the same

    run(story)
