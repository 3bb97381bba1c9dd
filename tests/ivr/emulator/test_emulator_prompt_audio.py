"""Recorded prompts at the local carrier: played in a Gather and into a conference, with keys and answers meanwhile."""

import pytest

from tests.ivr.emulator.emulator_customer import EMPLOYEE, Customer, run
from tests.voices import voice_wav

PATH = "/voice/audio/0a.wav"
PLAY = f"<Play>{PATH}</Play>"
VOICE = voice_wav("Welkom. U mag dit gesprek opnemen. Toets dan een 1.")
GATHER = f"<Response><Gather numDigits='1' timeout='2' actionOnEmptyResult='true' action='/keuze'>{PLAY}</Gather>"


def test_a_recorded_prompt_is_heard_and_told_by_its_address() -> None:
    async def story(customer: Customer) -> None:
        customer.sounds[PATH] = VOICE
        await customer.wait_ended(await customer.call({"wait_heard": "audio/0a"}, {"say": "Dank u"}))
        (prompt,) = await customer.events("prompt")
        assert (prompt["text"], prompt["to"], prompt["completed"]) == (f"{customer.url}{PATH}", ["beller"], True)
        (request,) = customer.requests_to(PATH)
        assert request.fields == {}
        assert customer.requests_to("/keuze")[0].fields["Digits"] == ""
        assert not await customer.events("script-timeout")

    run(story, voice=f"{GATHER}</Response>")


def test_a_key_stops_a_recorded_prompt() -> None:
    async def story(customer: Customer) -> None:
        customer.sounds[PATH] = VOICE
        await customer.wait_ended(await customer.call({"wait_start_of": "audio/0a"}, {"press": "1"}))
        assert customer.requests_to("/keuze")[0].fields["Digits"] == "1"
        (prompt,) = await customer.events("prompt")
        assert not prompt["completed"]

    run(story, voice=f"{GATHER}</Response>")


def test_a_recorded_announcement_is_heard_by_both_and_answered_meanwhile() -> None:
    async def story(customer: Customer) -> None:
        customer.sounds[PATH] = VOICE
        customer.documents["/voice"] = customer.room()
        await customer.phone({"wait_s": 60})
        await customer.call({"wait_start_of": "audio/0a"}, {"say": "Ja"}, {"wait_heard": "audio/0a"}, {"wait_s": 60})
        await customer.wait_for("joined", party="beller")
        await customer.ring_employee()
        await customer.wait_for("joined", party=EMPLOYEE)
        conference_sid = await customer.conference_sid()
        await customer.rest("POST", f"/Conferences/{conference_sid}.json", AnnounceUrl=f"{customer.url}/vraag")
        await customer.wait_webhook("/conference-status", event="announcement-end")
        (prompt,) = await customer.events("prompt")
        assert (prompt["text"], prompt["completed"]) == (f"{customer.url}{PATH}", True)
        assert sorted(prompt["to"]) == ["beller", EMPLOYEE]
        said = await customer.wait_for("said", party="beller", text="Ja")
        assert said["started_at"] < prompt["ended_at"]

    run(story, vraag=f"<Response>{PLAY}</Response>")


@pytest.mark.parametrize("sound", [b"", b"geen geluid"])
def test_a_sound_that_cannot_be_played_is_an_error_and_the_keys_still_work(sound: bytes) -> None:
    async def story(customer: Customer) -> None:
        customer.sounds[PATH] = sound
        await customer.wait_ended(await customer.call({"wait_s": 0.3}, {"press": "1"}))
        assert (await customer.events("error"))[0]["code"] == 12400
        assert customer.requests_to("/keuze")[0].fields["Digits"] == "1"

    run(story, voice=f"{GATHER}</Response>")
