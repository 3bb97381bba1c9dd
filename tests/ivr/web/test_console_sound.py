"""Staff listen: a purpose first, a line in the log and in the trail, then the sound in ranges, for an hour."""

import re
from datetime import timedelta

import pytest

from config.policy import Role
from ivr.calls.jobs import JobKind
from ivr.calls.listening_in import LASTS, Purpose
from ivr.dialogue.events import ThirdPersonPresent
from storage.consent_log.tags import Tag
from storage.recordings.keys import recording_key
from tests.builders import CALL_SID, House, wav_of
from tests.fakes import RECORDING_SID
from tests.ivr.web.recorded import LENGTH_S, page_of, stored_call
from tests.ivr.web.signed_in import Colleague, sign_in

WHY = {"purpose": Purpose.RULES_KEPT}


@pytest.fixture
def stored(house: House) -> House:
    stored_call(house)
    return house


@pytest.fixture
def mia(stored: House) -> Colleague:
    return sign_in(stored, Role.SUPERVISOR)


def played(house: House) -> list[tuple[object, str | None]]:
    return [
        (entry.facts["purpose"], entry.personal.get("employee"))
        for entry in house.entries
        if entry.tag == Tag.RECORDING_PLAYED
    ]


def test_nobody_hears_anything_before_saying_why(stored: House, mia: Colleague) -> None:
    for suffix in ("/geluid", "/golfvorm.svg"):
        answer = mia.get(page_of(stored, suffix))
        assert (answer.status_code, answer.location) == (303, page_of(stored, "#luisteren"))
    page = mia.get(page_of(stored)).text
    assert "Waarom wilt u luisteren?" in page
    assert "<audio" not in page
    assert played(stored) == []


@pytest.mark.parametrize("purpose", ["", "complaint", "training", "<script>", "rules-kept\x00"])
def test_only_a_purpose_of_the_list_opens_the_player(stored: House, mia: Colleague, purpose: str) -> None:
    answer = mia.post(page_of(stored, "/luisteren"), {"purpose": purpose})
    assert answer.status_code == 422
    assert 'id="purpose-fault"' in answer.text
    assert "Kies waarom u wilt luisteren." in answer.text
    assert played(stored) == []


def test_who_listens_and_why_is_logged_before_the_first_byte(stored: House, mia: Colleague) -> None:
    answer = mia.post(page_of(stored, "/luisteren"), WHY)
    assert (answer.status_code, answer.location) == (303, page_of(stored, "#luisteren"))
    assert played(stored) == [("rules-kept", "leidinggevende")]
    entry = stored.entry(Tag.RECORDING_PLAYED)
    assert (entry.facts["role"], entry.occurred_at) == ("leidinggevende", stored.clock.now())
    with stored.wiring.database.reading() as unit:
        lines = unit.trail.list_object(stored.call.call_id, 10)
    assert [(line.action, line.result, line.agency) for line in lines] == [("listen", 303, "example")]
    page = mia.get(page_of(stored)).text
    assert "<audio" in page
    assert "Nagaan of het gesprek volgens de spelregels ging" in page


def test_the_sound_is_the_recording_whole_or_a_range(stored: House, mia: Colleague) -> None:
    mia.post(page_of(stored, "/luisteren"), WHY)
    sound = wav_of(LENGTH_S)
    whole = mia.get(page_of(stored, "/geluid"))
    assert (whole.status_code, whole.data, whole.mimetype) == (200, sound, "audio/wav")
    assert whole.headers["Cache-Control"] == "no-store"
    middle = mia.get(page_of(stored, "/geluid"), Range="bytes=160000-160999")
    assert (middle.status_code, middle.data) == (206, sound[160_000:161_000])
    assert middle.headers["Content-Range"] == f"bytes 160000-160999/{len(sound)}"
    assert mia.get(page_of(stored, "/geluid"), Range="bytes=9999999-").status_code == 416
    assert mia.client.head(page_of(stored, "/geluid"), base_url="http://localhost").content_length == len(sound)


def test_seeking_and_opening_again_is_one_time_within_the_hour(stored: House, mia: Colleague) -> None:
    for _ in range(2):
        mia.post(page_of(stored, "/luisteren"), WHY)
        mia.get(page_of(stored, "/geluid"), Range="bytes=0-99")
        stored.clock.pass_s(600)
    assert len(played(stored)) == 1
    mia.post(page_of(stored, "/luisteren"), {"purpose": Purpose.COMPARISON})
    assert played(stored)[1:] == [("comparison", "leidinggevende")]


def test_after_an_hour_the_purpose_is_asked_again(stored: House, mia: Colleague) -> None:
    mia.post(page_of(stored, "/luisteren"), WHY)
    stored.clock.pass_s((LASTS / 2).total_seconds() - 60)
    mia.get(page_of(stored))  # the session itself lasts half an hour without use
    stored.clock.pass_s(60)
    mia.get(page_of(stored))
    stored.clock.pass_s(1700)
    assert mia.get(page_of(stored, "/geluid")).status_code == 200
    stored.clock.pass_s(101)
    assert mia.get(page_of(stored, "/geluid")).status_code == 303
    mia.post(page_of(stored, "/luisteren"), WHY)
    assert len(played(stored)) == 2


def test_one_persons_player_is_nobody_elses(stored: House, mia: Colleague) -> None:
    mia.post(page_of(stored, "/luisteren"), WHY)
    colleague = sign_in(stored, Role.PRIVACY_OFFICER)
    assert colleague.get(page_of(stored, "/geluid")).status_code == 303
    assert "<audio" not in colleague.get(page_of(stored)).text


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.AUDITOR, Role.COMMITTEE, Role.ADMINISTRATOR])
def test_other_roles_hear_nothing(stored: House, role: Role) -> None:
    other = sign_in(stored, role)
    assert other.post(page_of(stored, "/luisteren"), WHY).status_code == 403
    assert other.get(page_of(stored, "/geluid")).status_code == 403
    assert other.get(page_of(stored, "/golfvorm.svg")).status_code == 403
    assert played(stored) == []


def test_a_recording_whose_term_is_over_counts_as_gone(stored: House, mia: Colleague) -> None:
    mia.post(page_of(stored, "/luisteren"), WHY)
    with stored.wiring.database.reading() as unit:
        row = unit.recordings.find_for_call(stored.call.call_id)
    assert row is not None
    stored.clock.at = row.destroy_after - timedelta(minutes=1)
    late = sign_in(stored, Role.SUPERVISOR, name="laat")
    assert late.post(page_of(stored, "/luisteren"), WHY).status_code == 303
    assert late.get(page_of(stored, "/geluid")).status_code == 200
    stored.clock.at = row.destroy_after
    assert late.get(page_of(stored, "/geluid")).status_code == 303
    assert late.post(page_of(stored, "/luisteren"), WHY).status_code == 404
    assert "Er kan niet meer worden geluisterd" in late.get(page_of(stored)).text


def test_a_recording_under_a_legal_hold_can_be_heard_after_its_term(stored: House) -> None:
    with stored.wiring.database.reading() as unit:
        row = unit.recordings.find_for_call(stored.call.call_id)
    assert row is not None
    stored.wiring.holds.place(stored.call.call_id, "Een rechtszaak.", "jurist")
    stored.clock.at = row.destroy_after + timedelta(days=1)
    late = sign_in(stored, Role.SUPERVISOR)
    assert late.post(page_of(stored, "/luisteren"), WHY).status_code == 303
    assert late.get(page_of(stored, "/geluid")).status_code == 200
    assert "Er geldt een bewaarplicht." in late.get(page_of(stored)).text


def test_a_call_without_a_recording_has_nothing_to_open(house: House) -> None:
    house.together()
    assert sign_in(house, Role.SUPERVISOR).post(page_of(house, "/luisteren"), WHY).status_code == 404
    assert played(house) == []


@pytest.mark.parametrize("harm", ["gone", "damaged"])
def test_a_recording_that_is_not_what_was_written_is_a_clear_error(stored: House, mia: Colleague, harm: str) -> None:
    mia.post(page_of(stored, "/luisteren"), WHY)
    path = stored.wiring.settings.recordings_dir / recording_key(RECORDING_SID)
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1])
    for suffix in ("/geluid", "/golfvorm.svg"):
        assert mia.get(page_of(stored, suffix)).status_code == 409
    assert mia.get(page_of(stored)).status_code == 200


def test_the_waveform_is_a_picture_of_two_channels(stored: House, mia: Colleague) -> None:
    mia.post(page_of(stored, "/luisteren"), WHY)
    answer = mia.get(page_of(stored, "/golfvorm.svg"))
    assert answer.mimetype == "image/svg+xml"
    assert answer.text.count("<path") == 2
    assert "Boven staat de beller" in mia.get(page_of(stored)).text


def test_lines_of_the_timeline_say_where_they_can_be_heard(house: House) -> None:
    """Time zero is the start of the recording; listening begins four seconds before the line was logged."""
    house.recorded()
    house.clock.pass_s(12.5)
    house.happens(ThirdPersonPresent("een kind", "caller"))
    house.clock.pass_s(7.5)
    house.carrier.files[RECORDING_SID] = wav_of(20)
    house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})
    house.recording("completed", RECORDING_SID)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    mia = sign_in(house, Role.SUPERVISOR)
    assert "data-seek" not in mia.get(page_of(house)).text
    mia.post(page_of(house, "/luisteren"), WHY)
    assert positions(mia.get(page_of(house)).text, house) == {
        Tag.RECORDING_STARTED: 0.0,
        Tag.THIRD_PERSON_PRESENT: 8.5,
        Tag.RECORDING_STOPPED: 16.0,
    }


def positions(page: str, house: House) -> dict[str, float]:
    tags = {str(entry.number): entry.tag for entry in house.entries}
    found = {}
    for line in page.split('<li id="regel-')[1:]:
        seek = re.search(r'data-seek="([0-9.]+)"', line)
        if seek is not None:
            found[tags[line.partition('"')[0]]] = float(seek[1])
    return found
