"""What the credentials state: what the log says of the recording, and nothing of who was in the call."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.copying.statement import About, course_of, differences, statement_of
from storage.records import Json
from tests.ivr.copying.copies import Recorded

ABOUT = About("Gemeente Voorbeeld", "example", "3", "c" * 64, "bellen.example/log", "d" * 64)


def stated(recorded: Recorded) -> dict[str, Json]:
    course = course_of(recorded.entries)
    assert course is not None
    return statement_of(course, ABOUT)


def seconds_of(told: dict[str, Json]) -> list[tuple[Json, Json]]:
    pauses = told["pauses"]
    assert isinstance(pauses, list)
    return [(one["from_s"], one["until_s"]) for one in pauses if isinstance(one, dict)]


def test_it_names_the_call_the_times_the_digests_and_the_entry() -> None:
    recorded = Recorded()
    assert stated(recorded) == {
        "schema": "spelregel-recording/1",
        "agency": "Gemeente Voorbeeld",
        "call": "call-1",
        "rules": {"profile": "example", "version": "3", "sha256": "c" * 64},
        "recording": {
            "began_at": "2026-11-03T13:05:01.000Z",
            "ended_at": "2026-11-03T13:05:13.500Z",
            "duration_s": "12.500",
            "samples": "100000",
            "sample_rate_hz": "8000",
            "channels": "1 caller, 2 employee and announcements",
            "sha256": recorded.row.digest,
            "pcm_sha256": recorded.facts["pcm_digest"],
        },
        "pauses": [],
        "whole": True,
        "completeness": "1.0000",
        "statement": "Nothing was left out of this recording but the pauses that are listed, which were announced.",
        "log": {"origin": "bellen.example/log", "entry": "103", "entry_hash": f"{3:064x}"},
    }


def test_pauses_are_those_of_the_log() -> None:
    told = stated(Recorded(pauses=[(2.0, 4.5, "on hold"), (6.0, 7.0, "something private")]))
    pauses = told["pauses"]
    assert isinstance(pauses, list)
    assert pauses[0] == {
        "from_s": "2.0",
        "until_s": "4.5",
        "began_at": "2026-11-03T13:05:03.000Z",
        "ended_at": "2026-11-03T13:05:05.500Z",
        "reason": "on hold",
    }
    assert seconds_of(told) == [("2.0", "4.5"), ("6.0", "7.0")]


def test_a_pause_that_nothing_ended_lasts_to_the_end() -> None:
    assert seconds_of(stated(Recorded(pauses=[(10.0, 99.0, "on hold")]))) == [("10.0", "12.5")]


def test_a_recording_that_lacks_something_says_so() -> None:
    told = stated(Recorded(is_whole=False, completeness=0.75))
    assert (told["whole"], told["completeness"]) == (False, "0.7500")
    assert "not whole" in str(told["statement"])


@pytest.mark.parametrize("lacking", ["recording:started", "recording:stopped", "recording:stored"])
def test_a_log_that_does_not_tell_all_of_it_states_nothing(lacking: str) -> None:
    assert course_of([entry for entry in Recorded().entries if entry.tag != lacking]) is None


NAMES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=3, max_size=30)


@settings(deadline=None)
@given(NAMES, st.from_regex(r"\+31[1-9]\d{8}", fullmatch=True), NAMES)
def test_whatever_the_log_keeps_of_people_the_credentials_do_not_hold_it(words: str, number: str, name: str) -> None:
    """Neither facts of other entries nor the personal values beside them go into the statement."""
    told: list[tuple[str, float, dict[str, Json]]] = [
        ("consent:given", 1.0, {"text": f"~{words}~", "channel": "speech"}),
        ("third-person:present", 2.0, {"who": f"~{name}~"}),
        ("employee:joined", 3.0, {"address": f"~{number}~"}),
    ]
    plain, full = Recorded(seconds=0.5), Recorded(seconds=0.5, more=told)
    text = json.dumps(stated(full), ensure_ascii=False)
    assert "~" not in text
    assert number not in text
    without_entry = [re.sub(r'"log": \{.*?\}', "", json.dumps(stated(one))) for one in (plain, full)]
    assert without_entry[0] == without_entry[1]


LEAVES = st.one_of(st.booleans(), st.text(max_size=5))
TREES = st.dictionaries(
    st.text("abc", min_size=1, max_size=1),
    st.one_of(LEAVES, st.dictionaries(st.text("xy", min_size=1, max_size=1), LEAVES, max_size=2)),
    max_size=3,
)


@given(TREES, TREES)
def test_two_statements_differ_where_and_only_where_they_are_not_the_same(
    one: dict[str, Json], other: dict[str, Json]
) -> None:
    assert (differences(one, other) == []) == (one == other)
    assert differences(one, one) == []


def test_a_difference_is_named_by_its_place() -> None:
    assert differences({"log": {"entry": "1", "x": "1"}, "a": "1"}, {"log": {"entry": "2", "x": "1"}}) == [
        "a",
        "log.entry",
    ]
