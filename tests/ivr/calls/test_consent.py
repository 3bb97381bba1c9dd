"""The consent record: the fields of ISO/IEC TS 27560 in terms of DPV, for every way in which a call can end."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import ValidationError

import config.policy
from config.policy import AgencyPolicy
from config.policy_file import load_policies
from ivr.calls.consent import consent_record
from ivr.calls.consent_processes import ACTIVITY_STATUS, BASES, CONSENT_STATUS, OWN_USE
from ivr.calls.exporting import Format
from ivr.calls.jsonld import CONTEXT, OWN, with_context
from ivr.dialogue.events import Heard, LegAnswered, ObjectionRaised, ObjectionWithdrawn, PauseAsked
from ivr.dialogue.states import AgencyRecording, CallerRecording, Dialogue, Refusal
from storage.consent_log.tags import Tag
from storage.records import CallRecord, Json, LoggedEntry
from tests.builders import BEGAN, CALL_SID, CALLER, House
from tests.ivr.calls.linked_data import (
    RESERVED,
    TERMS,
    check_schema,
    come_and_gone,
    expand,
    iris,
    nothing_is_fetched,
    parse_once,
    triples,
)

POLICIES = load_policies(Path(config.policy.__file__).parent / "policies").by_slug
EXAMPLE = POLICIES["example"]
CALL_ID = "4f0c8b6a2d3e4a5b8c7d9e0f1a2b3c4d"
RULES_URL = "https://spelregel.example/spelregels/example"
HASH = "0" * 64


def record_of(
    dialogue: Dialogue, entries: list[LoggedEntry], policy: AgencyPolicy = EXAMPLE, *, closed: bool = True
) -> dict[str, Any]:
    ended = BEGAN + timedelta(minutes=5) if closed else None
    call = CallRecord(CALL_ID, CALL_SID, policy.slug, policy.digest, BEGAN, dialogue.to_json(), closed_at=ended)
    return with_context(consent_record(call, policy, entries, RULES_URL))


def kept(house: House) -> dict[str, Any]:
    record: dict[str, Any] = house.wiring.consent_record(house.call.call_id)
    return record


def entry(number: int, tag: str, facts: Mapping[str, Json], personal: Mapping[str, str]) -> LoggedEntry:
    at = BEGAN + timedelta(seconds=number)
    return LoggedEntry(number, CALL_ID, number, f"event-{number}", tag, at, facts, personal, HASH)


def process(record: Mapping[str, Any], name: str) -> dict[str, Any]:
    for one in record["pii_processing"]:
        if str(one["@id"]).endswith(f"#{name}"):
            found: dict[str, Any] = one
            return found
    pytest.fail(f"there is no process {name}")


# ---------------------------------------------------------------- every call

refusals = st.builds(
    Refusal,
    reason=st.sampled_from(["privacy", "anders", "keukentafelgesprek", "vroeger-zo"]),
    alternative=st.sampled_from(["verslag", "bestaat-niet"]),
    reason_text=st.text(max_size=5),
    by_kind=st.booleans(),
)
dialogues = st.builds(
    Dialogue,
    caller_recording=st.sampled_from(CallerRecording),
    agency_recording=st.sampled_from(AgencyRecording),
    refusal=st.none() | refusals,
    kind=st.sampled_from(["", "gewoon"]),
    third_person=st.booleans(),
    language=st.sampled_from(["nl", "en"]),
    consent_entry=st.none() | st.integers(0, 99),
)
values = st.text(max_size=8) | st.integers(0, 2**53 - 1) | st.booleans()
facts = st.dictionaries(
    st.sampled_from(["key", "text", "reason", "channel", "digit", "case", "@id", "language", "a b"]), values, max_size=4
)
entries = st.lists(
    st.tuples(st.sampled_from(Tag), facts, st.dictionaries(st.sampled_from(["words", "text", "who"]), st.text())),
    max_size=8,
).map(lambda told: [entry(number, *one) for number, one in enumerate(told)])


@given(dialogues, entries, st.sampled_from(sorted(POLICIES)), st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_record_of_any_call_has_every_field_that_the_standard_asks(
    dialogue: Dialogue, told: list[LoggedEntry], slug: str, closed: bool
) -> None:
    check_schema(record_of(_spoken(dialogue), _speaking(told), POLICIES[slug], closed=closed))


@given(dialogues, entries)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_of_any_record_is_lost_when_it_is_read_as_linked_data(
    dialogue: Dialogue, told: list[LoggedEntry]
) -> None:
    record = record_of(dialogue, _speaking(told))
    assert come_and_gone(record) == record


@given(dialogues, entries)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_name_in_any_record_is_a_term_of_the_vocabulary_or_of_ours(
    dialogue: Dialogue, told: list[LoggedEntry]
) -> None:
    for iri in iris(expand(record_of(dialogue, _speaking(told)))):
        own = iri.startswith(
            (OWN, UUID(CALL_ID).urn, RULES_URL, *RESERVED, "http://www.w3.org/2004/02/skos/core#broader")
        )
        assert own or iri in TERMS, iri


def _speaking(told: list[LoggedEntry]) -> list[LoggedEntry]:
    """As the log has them: a prompt says in which of the agency's languages it was spoken."""
    return [
        replace(one, facts={**one.facts, "language": "nl"}) if one.tag.startswith("prompt:") else one for one in told
    ]


def _spoken(dialogue: Dialogue) -> Dialogue:
    return replace(dialogue, language="nl")


def test_every_state_of_both_recordings_has_a_term() -> None:
    assert set(CONSENT_STATUS) == set(CallerRecording)
    assert set(ACTIVITY_STATUS) == set(AgencyRecording) - {AgencyRecording.NONE}


# ---------------------------------------------------------------- every outcome, as it happens


def declined(house: House) -> None:
    house.together()
    house.hears(Heard.REQUEST, "ik neem op")
    house.announced(3)
    house.hears(Heard.NO, "nee")


def hung_up(house: House) -> None:
    house.together()
    house.hears(Heard.REQUEST, "ik neem op")
    house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})


def objected(house: House) -> None:
    house.recorded()
    house.happens(ObjectionRaised("privacy", "verslag", employee="balie 3"))


def allowed_again(house: House) -> None:
    objected(house)
    house.announced(5)
    house.happens(ObjectionWithdrawn("balie 3"))


def withdrawn(house: House) -> None:
    house.recorded()
    house.hears(Heard.STOP, "stop de opname")


Story = Callable[[House], object]
OUTCOMES: list[tuple[Story, str, str, list[str]]] = [
    (House.dial_in, "none", "Unknown", []),
    (House.confirmed, "confirmed", "Given", ["Requested", "Requested", "Given"]),
    (declined, "declined", "Refused", ["Requested", "Requested", "Refused"]),
    (hung_up, "unconfirmed", "Unknown", ["Requested", "Requested", "Unknown"]),
    (objected, "objected", "Refused", ["Requested", "Requested", "Given", "Refused"]),
    (allowed_again, "confirmed", "Given", ["Requested", "Requested", "Given", "Refused", "Renewed"]),
    (withdrawn, "withdrawn", "Withdrawn", ["Requested", "Requested", "Given", "Withdrawn"]),
]


@pytest.mark.parametrize(("story", "state", "status", "events"), OUTCOMES)
def test_each_outcome_of_a_call_has_its_status(
    house: House, story: Story, state: str, status: str, events: list[str]
) -> None:
    story(house)
    record = kept(house)
    check_schema(record)
    assert come_and_gone(record) == record
    callers = process(record, "callers-recording")
    assert (callers["state"], callers["consent_status"]) == (state, f"dpv:Consent{status}")
    states = [one["event_state"] for one in record["events"]]
    assert [
        one.removeprefix("dpv:").replace("RenewedConsentGiven", "Renewed").removeprefix("Consent") for one in states
    ] == events


def test_an_objection_names_reason_alternative_and_complaint_and_nobody(house: House) -> None:
    objected(house)
    record = kept(house)
    objection = process(record, "callers-recording")["objection"]
    assert objection["@type"] == "dpv:ObjectingToProcess"
    reason, alternative = EXAMPLE.find_reason("privacy"), EXAMPLE.find_alternative("verslag")
    assert reason is not None
    assert alternative is not None
    assert objection["justification"] == {
        "@type": "dpv:Justification", "reason": "privacy", "description": reason.text["nl"]
    }  # fmt: skip
    assert objection["alternative_text"] == alternative.text["nl"]
    assert objection["complaint"] == {
        "who": EXAMPLE.complaint.who["nl"],
        "where": EXAMPLE.complaint.where,
        "url": EXAMPLE.complaint.url,
        "term_days": 42,
    }
    told = json.dumps({**record, "log_entries": []})
    assert "balie 3" not in told


def test_pauses_are_told_with_their_times(house: House) -> None:
    house.recorded()
    house.recording("in-progress", "RE0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a")
    house.clock.pass_s(5)
    house.happens(PauseAsked())
    house.clock.pass_s(7)
    record = kept(house)
    (pause,) = process(record, "agencys-recording")["pauses"]
    assert pause == {"from": "2026-11-03T13:05:05.000000Z", "reason": "something private"}


def test_a_covert_recording_is_a_process_of_its_own_and_nobody_announced_it() -> None:
    record = record_of(Dialogue(), [entry(0, "covert:registered", {"case": "c1"}, {})])
    check_schema(record)
    covert = process(record, "covert-recording")
    assert (covert["state"], covert["consent_status"], covert["lawful_basis"]) == (
        "discovered", "dpv:ConsentUnknown", OWN_USE,
    )  # fmt: skip
    assert str(covert["indicated_by"]).endswith("#agency")
    assert process(record, "callers-recording")["state"] == "none"


def test_a_wish_on_another_channel_is_told_as_it_was_registered() -> None:
    told = ["channel-request:registered", "channel-request:refused"]
    record = record_of(Dialogue(), [entry(number, tag, {}, {}) for number, tag in enumerate(told)])
    check_schema(record)
    assert [(one["event_type"], one["event_state"]) for one in record["events"]] == [
        ("announcement", "dpv:ConsentRequested"), ("objection", "dpv:ConsentRefused"),
    ]  # fmt: skip


def test_a_copy_is_a_process_with_the_caller_as_its_recipient(house: House) -> None:
    house.stopped(20)
    wanted = [*house.entries, entry(99, "copy:sent", {"channel": "sms"}, {})]
    record = record_of(house.dialogue, wanted)
    check_schema(record)
    copy = process(record, "copy")
    assert (copy["processing_method"], copy["state"]) == (["dpv:Copy"], "sent")
    assert [str(one).rpartition("#")[2] for one in copy["recipient_third_parties"]] == ["caller"]


def test_a_question_that_was_not_heard_out_is_no_notice_that_was_communicated(house: House) -> None:
    hung_up(house)
    record = kept(house)
    told = {str(one.get("prompt")): one["notice_status"] for one in record["privacy_notice"] if isinstance(one, dict)}
    assert told["greeting"] == "dpv:NoticeCommunicated"
    assert told["confirm"] == "dpv:NoticeGenerated"


def test_how_the_caller_said_it_is_told(house: House) -> None:
    house.dial_in()
    speaking = house.dialogue.speaking
    assert speaking is not None
    house.happens(LegAnswered(speaking.prompt_id, "1"))
    record = kept(house)
    methods = [one.get("event_method") for one in record["events"]]
    assert "toets 1" in methods


# ---------------------------------------------------------------- who answers for it


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
def test_the_record_names_the_controller_and_the_basis_of_the_profile(policy: AgencyPolicy) -> None:
    record = record_of(Dialogue(), [], policy)
    check_schema(record)
    agency = next(one for one in record["party_identification"] if one["@type"] == "dpv:DataController")
    controller = policy.controller
    assert (agency["party_name"], agency["party_address"], agency["party_contact"]) == (
        controller.name, controller.address, controller.contact,
    )  # fmt: skip
    own, parallel = process(record, "callers-recording"), process(record, "agencys-recording")
    assert (own["lawful_basis"], parallel["lawful_basis"]) == (OWN_USE, BASES[policy.lawful_basis])
    assert parallel["basis_article"] == f"AVG {policy.lawful_basis}"
    assert parallel["storage"] == {
        "@type": "dpv:StorageCondition",
        "storage_locations": ["loc:NL"],
        "retention_period": f"P{policy.retention.recording_days}D",
    }


def test_the_number_of_the_caller_is_in_no_record(house: House) -> None:
    house.stopped(20)
    assert CALLER not in json.dumps(kept(house))


# ---------------------------------------------------------------- the file


def test_a_graph_of_records_explains_itself_and_names_no_key_twice(house: House) -> None:
    house.stopped(20)
    (exported,) = [b"".join(house.wiring.exporter.export([house.call.call_id], Format.JSON_LD, personal=True))]
    graph = parse_once(exported)
    assert graph["@context"] == CONTEXT
    assert len(triples(graph)) == len(set(triples(graph))) > 200
    (record,) = graph["@graph"]
    check_schema(record)
    assert with_context(record) == kept(house)


def test_the_context_imports_nothing() -> None:
    with pytest.raises(AssertionError, match="a consent record needs"):
        nothing_is_fetched("https://example.org/context", {})
    assert '"@import"' not in json.dumps(CONTEXT)
    assert expand({"@context": CONTEXT, "@id": "urn:uuid:x", "record_id": "1"})


@pytest.mark.parametrize(
    "harm",
    [
        {"record_id": "call-1"},
        {"pii_processing": []},
        {"party_identification": []},
        {"privacy_notice": []},
        {"schema_version": "https://w3id.org/dpv/schema/dpv-27560#record"},
        {"number": CALLER},
    ],
)
def test_the_schema_refuses_a_record_that_lacks_or_adds_something(harm: dict[str, Json]) -> None:
    with pytest.raises(ValidationError):
        check_schema({**record_of(Dialogue(), []), **harm})
